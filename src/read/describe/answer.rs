//! One answer: the value under one top-level key, and the page it stands on.

use super::field::Fault;
use super::scope::{Owner, of_arn, region_of_zone};
use super::split::{Page, parse, refuse};
use super::{Capture, ReadError};
use crate::network::{About, AnyResource, At, Resource, Scope};
use serde::Deserialize;
use serde_json::value::RawValue;

pub(super) struct Answer<'a> {
    pub page: &'a Page<'a>,
    pub key: &'a str,
    pub raw: &'a RawValue,
}

impl<'a> Answer<'a> {
    /// Hands every element to `read`; an object alone is one element. A fault becomes an error at
    /// the element's place.
    pub fn each<T: Deserialize<'a>>(
        &self,
        mut read: impl FnMut(T) -> Result<(), Fault>,
    ) -> Result<(), ReadError> {
        let rows: Vec<T> = match self.raw.get().starts_with('{') {
            true => vec![self.value()?],
            false => self.value::<Option<Vec<T>>>()?.unwrap_or_default(),
        };
        for (index, row) in rows.into_iter().enumerate() {
            read(row).map_err(|fault| refuse(self.page, self.key, self.raw, index, &fault))?;
        }
        Ok(())
    }

    /// The value itself.
    pub fn value<T: Deserialize<'a>>(&self) -> Result<T, ReadError> {
        parse(self.page.document, self.raw).map_err(|mut error| {
            error.message = format!("`{}` is not as AWS writes it: {}", self.key, error.message);
            error
        })
    }

    pub fn at(&self) -> At {
        self.page.at()
    }

    /// What the folders say.
    pub fn folders(&self) -> &'a Scope {
        &self.page.document.scope
    }
}

/// What an element says of its account and Region.
#[derive(Default)]
pub(super) struct Origin<'a> {
    pub owner: Option<&'a str>,
    pub arn: Option<&'a str>,
    pub zone: Option<&'a str>,
}

impl Capture {
    /// A resource that may be another account's, which shares it.
    pub fn about(
        &mut self,
        answer: &Answer<'_>,
        name: Option<String>,
        origin: &Origin<'_>,
    ) -> About {
        self.about_of(answer, name, origin, Owner::Anyone)
    }

    /// A resource of the account that made the call, by its ARN.
    pub fn about_own(&mut self, answer: &Answer<'_>, name: Option<String>, arn: &str) -> About {
        let origin = Origin { arn: Some(arn), ..Origin::default() };
        self.about_of(answer, name, &origin, Owner::Caller)
    }

    /// Adds a resource that several accounts may have told of. The owner's view stands (SH-02): the
    /// others' has its ids too, but not its tags, and names zones in their own way (SH-01).
    pub fn insert<T: Resource + Into<AnyResource>>(&mut self, resource: T) {
        let before = self.network.about(T::KIND, resource.id_text());
        if self.scopes.replaces(resource.about(), before) {
            self.network.insert(resource);
        }
    }

    fn about_of(
        &mut self,
        answer: &Answer<'_>,
        name: Option<String>,
        origin: &Origin<'_>,
        owner: Owner,
    ) -> About {
        let folders = answer.folders();
        let arn = origin.arn.and_then(of_arn);
        let stated = origin.owner.or(arn.map(|(_, account)| account));
        let account = stated.and_then(|text| self.scopes.account(folders, text, owner));
        let zone = origin.zone.and_then(region_of_zone);
        let region = zone.or(arn.map(|(region, _)| region));
        let region = region.and_then(|text| self.scopes.region(folders, text));
        About { name, scope: Scope { account, region }, at: Some(answer.at()) }
    }
}

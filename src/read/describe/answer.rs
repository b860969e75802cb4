//! One answer: the value under one top-level key, and the page it stands on.

use super::field::{Fault, List, Tag, tags_of};
use super::scope::{Owner, of_arn, region_of_zone};
use super::split::{Page, misfit, refuse};
use super::{Capture, ReadError};
use crate::network::{About, AnyResource, At, Resource, Scope, Tags};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

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
        let mut first = None;
        if self.raw.get().starts_with('{') {
            first = read(self.value()?).err().map(|fault| (0, fault));
        } else {
            let mut index = 0;
            // After a fault, the rest has to be as AWS writes it, too.
            let mut each = |row| {
                if first.is_none() {
                    first = read(row).err().map(|fault| (index, fault));
                }
                index += 1;
            };
            let json = &mut serde_json::Deserializer::from_str(self.raw.get());
            Elements { each: &mut each }
                .deserialize(json)
                .map_err(|error| self.not_as_aws(&error))?;
        }
        match first {
            Some((index, fault)) => Err(refuse(self.page, self.key, self.raw, index, &fault)),
            None => Ok(()),
        }
    }

    /// The value itself.
    pub fn value<T: Deserialize<'a>>(&self) -> Result<T, ReadError> {
        serde_json::from_str(self.raw.get()).map_err(|error| self.not_as_aws(&error))
    }

    fn not_as_aws(&self, error: &serde_json::Error) -> ReadError {
        let mut error = misfit(self.page.document, self.raw, error);
        error.message = format!("`{}` is not as AWS writes it: {}", self.key, error.message);
        error
    }

    pub fn at(&self) -> At {
        self.page.at()
    }

    /// What the folders say.
    pub fn folders(&self) -> &'a Scope {
        &self.page.document.scope
    }
}

/// Hands over the elements of a list one by one, so that none waits for the others; null has none.
struct Elements<'e, T> {
    each: &'e mut dyn FnMut(T),
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Elements<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element()? {
            (self.each)(element);
        }
        Ok(())
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
        let (scope, at) = (Scope { account, region }, Some(answer.at()));
        About { name, scope, at, tags: Tags::default() }
    }

    /// Tags, which resources with the same ones share.
    pub fn tags(&mut self, tags: &List<Tag>) -> Tags {
        let text = tags_of(tags).text().as_deref().map(|text| self.scopes.word(text));
        Tags::of_text(text)
    }

    /// The same of an answer that lists them only when asked to.
    pub fn tags_if_told(&mut self, tags: Option<&List<Tag>>) -> Tags {
        match tags {
            Some(tags) if tags.0.is_empty() => Tags::of_text(Some(self.scopes.word(""))),
            Some(tags) => self.tags(tags),
            None => Tags::default(),
        }
    }
}

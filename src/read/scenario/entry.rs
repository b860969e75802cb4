//! What every entry of a section may say of itself: its id, its name, its account and Region.

use super::draft::Draft;
use super::node::{Key, Node, Value};
use crate::network::{Kind, NAME, SubnetId, TAGGED, Tags, VpcId};
use crate::read::ReadError;
use std::sync::Arc;

/// One entry of a section, its common keys taken out.
pub(super) struct Entry<'n> {
    pub key: &'n Key,
    pub node: Node,
    /// `id`: AWS's own, where the key is a name.
    pub id: Option<String>,
    /// `name`, where the key is an id.
    pub name: Option<String>,
    /// `account`, and `region`: nothing where they are said to be unknown.
    pub owner: Owner,
    /// `tags`, of the kinds that keep them.
    pub tags: Tags,
}

/// An account and a Region, each as far as it is stated.
#[derive(Clone, Debug, Default)]
pub(super) struct Owner {
    pub account: Option<Option<Arc<str>>>,
    pub region: Option<Option<Arc<str>>>,
}

impl<'n> Entry<'n> {
    pub(super) fn of(kind: Option<Kind>, key: &'n Key, node: &Node) -> Result<Self, ReadError> {
        let (mut id, mut name, mut owner) = (None, None, Owner::default());
        let mut tags = Tags::default();
        let mut node = node.clone();
        if let Value::Mapping(entries) = &mut node.value {
            let mut others = Vec::with_capacity(entries.len());
            for (field, value) in std::mem::take(entries) {
                let what = format!("`{}` of `{}`", field.text, key.text);
                let text = || value.text(&what).map(str::to_owned);
                match field.text.as_str() {
                    "id" => id = Some(text()?),
                    "name" => name = Some(text()?),
                    "account" => owner.account = Some(known(&value, super::account)?),
                    "region" => owner.region = Some(known(&value, super::region)?),
                    "tags" if kind.is_some_and(|kind| TAGGED.contains(&kind)) => {
                        tags = tags_of(&value, &what)?
                    }
                    _ => others.push((field, value)),
                }
            }
            *entries = others;
        }
        Ok(Self { key, node, id, name, owner, tags })
    }

    /// The VPC that it is in, as far as its keys tell.
    pub(super) fn vpc(&self, draft: &Draft) -> Option<VpcId> {
        let Value::Mapping(entries) = &self.node.value else { return None };
        let first = |wanted: &str| {
            let (_, value) = entries.iter().find(|(key, _)| key.text == wanted)?;
            value.one_or_more().first()?.text("").ok()
        };
        let id = |kind, key| draft.names.find(kind, first(key)?);
        if let Some(vpc) = id(Kind::Vpc, "vpc") {
            return Some(vpc.into());
        }
        let subnet = id(Kind::Subnet, "subnet").or_else(|| id(Kind::Subnet, "subnets"));
        let subnet = subnet.and_then(|id| draft.subnet(&SubnetId::from(id)));
        let table = || {
            let id = id(Kind::RouteTable, "route_tables")?;
            let tables = draft.put.route_tables.get(id);
            tables.or_else(|| draft.base.route_tables.get(id)).map(|table| table.vpc.clone())
        };
        subnet.map(|subnet| subnet.vpc.clone()).or_else(table)
    }
}

/// `tags: { env: prod }`; `{}` says that there are none.
fn tags_of(node: &Node, what: &str) -> Result<Tags, ReadError> {
    let mut tags = Vec::new();
    for (key, value) in node.entries(what)? {
        if key.text == NAME {
            let message = format!("{what}: the tag `{NAME}` is what a thing is called");
            return Err(ReadError::at(&key.at, message)
                .hint("write it as the entry's key, or as its `name`"));
        }
        if key.text.is_empty() || matches!(value.value, Value::Null) {
            let message = format!("the tag `{}` in {what} is empty", key.text);
            return Err(ReadError::at(&key.at, message)
                .hint("write a value after the colon; `\"\"` where the tag has none"));
        }
        let of = format!("the tag `{}` in {what}", key.text);
        tags.push((key.text.as_str(), value.text(&of)?));
    }
    Ok(if tags.is_empty() { Tags::none() } else { Tags::of(tags) })
}

/// A text that is checked, or `unknown`.
pub(super) fn known(
    node: &Node,
    check: fn(&Node) -> Result<&str, ReadError>,
) -> Result<Option<Arc<str>>, ReadError> {
    match &node.value {
        Value::Scalar(text) if text == "unknown" => Ok(None),
        _ => check(node).map(|text| Some(text.into())),
    }
}

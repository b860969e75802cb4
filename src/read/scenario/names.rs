//! What the names in a scenario file mean.

use super::node::{Key, Node};
use crate::network::{At, Kind, Network, closest};
use crate::read::ReadError;
use std::collections::{BTreeMap, BTreeSet};

/// The names of the file and of its base. A name is unique per kind.
#[derive(Debug, Default)]
pub(super) struct Names {
    stated: BTreeMap<(Kind, String), Stated>,
    base: Network,
    /// Whether a name that nothing has is an id of something that the file does not hold.
    pub open: bool,
}

#[derive(Debug)]
struct Stated {
    id: String,
    at: At,
}

impl Names {
    /// The names of the base: its ids, and the labels that mean one thing only.
    pub(super) fn of(base: &Network) -> Self {
        Self { base: base.clone(), ..Self::default() }
    }

    /// Notes that the file states a resource. Its id is the stated one, else its name, unless it
    /// restates a resource of the base, whose id it keeps. It may be named by either.
    pub(super) fn state(
        &mut self,
        kind: Kind,
        key: &Key,
        id: Option<&str>,
    ) -> Result<(), ReadError> {
        if key.text.trim().is_empty() {
            return Err(ReadError::at(&key.at, "a name cannot be empty"));
        }
        let id = id.or_else(|| self.in_base(kind, &key.text)).unwrap_or(&key.text).to_owned();
        let names = [Some(&key.text), (id != key.text).then_some(&id)];
        for name in names.into_iter().flatten() {
            let entry = (kind, name.clone());
            if let Some(first) = self.stated.get(&entry) {
                let line = first.at.line.map_or(String::new(), |line| format!(" (line {line})"));
                return Err(ReadError::at(
                    &key.at,
                    format!("two {}s are called `{name}`", noun(kind)),
                )
                .hint(format!("give this one or the first{line} another name")));
            }
            self.stated.insert(entry, Stated { id: id.clone(), at: key.at.clone() });
        }
        Ok(())
    }

    fn in_base<'n>(&'n self, kind: Kind, name: &'n str) -> Option<&'n str> {
        if self.base.has(kind, name) {
            return Some(name);
        }
        // Few files name much of their base: what an index costs is seldom won back.
        let labelled = |&(of, _, label): &(Kind, &str, &str)| of == kind && label == name;
        let mut meant = self.base.resources().filter(labelled).map(|(_, id, _)| id);
        meant.next().filter(|_| meant.next().is_none())
    }

    /// The id of what a name means.
    pub(super) fn find<'n>(&'n self, kind: Kind, name: &'n str) -> Option<&'n str> {
        match self.stated.get(&(kind, name.to_owned())) {
            Some(stated) => Some(&stated.id),
            None => self.in_base(kind, name),
        }
    }

    /// The id of what a node names, or an error that says what may have been meant.
    pub(super) fn need<Id: for<'a> From<&'a str>>(
        &self,
        kind: Kind,
        node: &Node,
        what: &str,
    ) -> Result<Id, ReadError> {
        let text = node.text(what)?;
        match self.find(kind, text) {
            Some(id) => Ok(Id::from(id)),
            None if self.open => Ok(Id::from(text)),
            None => Err(self.dangling(&[kind], node, text)),
        }
    }

    /// The ids of what the items of a list name.
    pub(super) fn need_all<Id: for<'a> From<&'a str>, All: FromIterator<Id>>(
        &self,
        kind: Kind,
        nodes: &[Node],
        what: &str,
    ) -> Result<All, ReadError> {
        nodes.iter().map(|node| self.need(kind, node, what)).collect()
    }

    /// The error for a name that means nothing.
    pub(super) fn dangling(&self, kinds: &[Kind], node: &Node, text: &str) -> ReadError {
        let nouns: Vec<String> = kinds.iter().map(|&kind| noun(kind)).collect();
        let stated = self.stated.keys().map(|(kind, name)| (*kind, name.as_str()));
        let of_base = self.base.resources().map(|(kind, _, label)| (kind, label));
        let names: BTreeSet<(Kind, &str)> =
            stated.chain(of_base).filter(|(kind, _)| kinds.contains(kind)).collect();
        let names = names.iter().map(|(_, name)| *name);
        let hint = match closest(text, names.clone()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => match names.take(8).collect::<Vec<_>>().as_slice() {
                [] => "there is none at all".to_owned(),
                some => format!("there is {}", some.join(", ")),
            },
        };
        ReadError::at(&node.at, format!("there is no {} `{text}`", nouns.join(" or "))).hint(hint)
    }
}

/// What a kind is called in a message.
pub(super) fn noun(kind: Kind) -> String {
    match kind {
        Kind::Vpc => "VPC".to_owned(),
        Kind::NetworkAcl => "network ACL".to_owned(),
        Kind::NatGateway => "NAT gateway".to_owned(),
        Kind::EgressOnlyGateway => "egress-only internet gateway".to_owned(),
        Kind::PeeringConnection => "peering connection".to_owned(),
        Kind::NetworkInterface => "interface".to_owned(),
        Kind::DhcpOptions => "DHCP option set".to_owned(),
        other => other.word().replace('-', " "),
    }
}

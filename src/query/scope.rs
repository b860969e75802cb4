//! Many at once: all of a VPC or an account, whoever carries a tag, and everybody else than somebody.

use super::client::{Client, internet, reference};
use super::merge::fare_alike;
use super::{AskError, World};
use crate::answer::{Answer, Missing, Place, Query};
use crate::models;
use crate::network::{
    InterfaceRole, Kind, NetworkInterface, NetworkInterfaceId, Resource, Vpc, VpcId,
};
use std::collections::BTreeSet;

/// Interfaces that have something in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All of a VPC.
    Vpc(VpcId),
    /// All of an account.
    Account(String),
    /// These.
    Interfaces(BTreeSet<NetworkInterfaceId>),
}

impl World {
    /// What a text names that is no resource, and many: an account, or whoever carries a tag.
    pub(super) fn many(&self, text: &str) -> Result<Option<Scope>, AskError> {
        match self.account(text)? {
            Some(account) => Ok(Some(account)),
            None => self.tagged(text),
        }
    }

    /// The account that a text names: `account/111122223333`.
    fn account(&self, text: &str) -> Result<Option<Scope>, AskError> {
        let Some(account) = text.strip_prefix("account/") else { return Ok(None) };
        let all = self.network.interfaces.values();
        let known: BTreeSet<&str> =
            all.filter_map(|one| one.about.scope.account.as_deref()).collect();
        match known.contains(account) {
            true => Ok(Some(Scope::Account(account.to_owned()))),
            false => Err(AskError {
                message: format!("no interface here is of account {account}"),
                hint: Some("name one of the accounts of the network".to_owned()),
                candidates: known.iter().map(|account| format!("account/{account}")).collect(),
            }),
        }
    }

    /// The interfaces of a scope, existing and planned. Gateways' own are nobody to talk to.
    pub(super) fn members(&self, scope: &Scope) -> Vec<&NetworkInterface> {
        let member = |one: &&NetworkInterface| match scope {
            Scope::Vpc(vpc) => one.vpc == *vpc,
            Scope::Account(account) => one.about.scope.account.as_deref() == Some(account),
            Scope::Interfaces(ids) => ids.contains(&one.id),
        };
        let all = self.network.interfaces.values();
        all.filter(|one| !one.role.is_gateway()).filter(member).collect()
    }

    /// Whether a query's end means all of something.
    pub(super) fn is_scope(&self, text: &str) -> bool {
        ["account/", "tag/"].iter().any(|begin| text.starts_with(begin))
            || matches!(self.find(text), Ok(Some(found)) if found.kind == Kind::Vpc)
    }

    /// What is missing to know everybody whom a query means: whom the input does not list, nobody
    /// can be said to reach, or not to.
    pub(super) fn unlisted(&self, query: &Query) -> Option<Missing> {
        let ends = [&query.source.text, &query.destination.text];
        let many = ends.map(|text| ["account/", "tag/"].iter().any(|it| text.starts_with(it)));
        let selected =
            ends.map(|text| self.find(text).ok().flatten().filter(|one| one.kind == Kind::Vpc));
        let everywhere = query.only || many.contains(&true);
        let meant = |vpc: &&Vpc| {
            let named = selected.iter().flatten().any(|one| one.id == vpc.id.as_str());
            everywhere || named
        };
        let mut vpcs = self.network.vpcs.values().filter(meant);
        let covers =
            |vpc: &Vpc| self.network.coverage.covers(&vpc.about.scope, Kind::NetworkInterface);
        let Some(open) = vpcs.find(|vpc| !covers(vpc)) else {
            return ends.iter().find_map(|text| self.tags_not_told(text));
        };
        let command =
            models::call(Kind::NetworkInterface.word()).map(|call| call.command.to_owned());
        Some(Missing { fact: format!("the interfaces of vpc {}", open.label()), command })
    }

    /// Who sends from a scope.
    pub(super) fn scope_clients(&self, scope: &Scope) -> Vec<Client> {
        self.senders(self.members(scope))
    }

    /// Everybody but whom `place` means, and but whom the question is about: all interfaces that
    /// send, and the internet.
    pub(super) fn others(&self, place: &Place, asked: &Place) -> Result<Vec<Client>, AskError> {
        let mut meant = self.ids_of(place)?;
        if let Ok(own) = self.ids_of(asked) {
            meant.extend(own);
        }
        let all = self.network.interfaces.values();
        let others = all.filter(|one| !one.role.is_gateway() && !meant.contains(one.id.as_str()));
        let mut clients = self.senders(others.collect());
        if place.text != "internet" {
            clients.push(internet(&self.network));
        }
        Ok(clients)
    }

    fn ids_of(&self, place: &Place) -> Result<BTreeSet<String>, AskError> {
        let clients = self.clients(place)?;
        let ids = clients.iter().filter_map(|client| client.party.interface());
        Ok(ids.map(str::to_owned).collect())
    }

    /// Those of some interfaces that send by themselves; endpoints only answer.
    fn senders(&self, interfaces: Vec<&NetworkInterface>) -> Vec<Client> {
        let senders = interfaces.into_iter().filter(|one| one.role != InterfaceRole::Endpoint);
        senders.map(|one| self.interface_client(one, reference(one))).collect()
    }
}

/// Joins the answers of clients in one subnet that fare alike for the same reasons.
pub(super) fn joined(answers: Vec<Answer>) -> Vec<Answer> {
    let mut kept: Vec<(Answer, u64)> = Vec::new();
    for answer in answers {
        match kept.iter_mut().find(|(one, _)| alike(one, &answer)) {
            Some((one, count)) => {
                *count += 1;
                if let Some(subnet) = &one.source.subnet {
                    one.source.resource = subnet.clone();
                }
                one.source.addresses = format!("{count} of its addresses");
            }
            None => kept.push((answer, 1)),
        }
    }
    kept.into_iter().map(|(answer, _)| answer).collect()
}

fn alike(one: &Answer, other: &Answer) -> bool {
    one.source.subnet.is_some()
        && one.source.subnet == other.source.subnet
        && one.destination == other.destination
        && fare_alike(one, other)
}

//! Load balancers that keep the addresses of their clients.

use super::client::{Client, internet};
use super::named::Named;
use super::{AskError, World};
use crate::answer::{Answer, Code, Finding, Party, Place, Query, QueryAnswer, Verdict};
use crate::ecs::{client_addresses, legs};
use crate::header::{Family, Protocol};
use crate::network::{AddressFamily, Kind, Listener, LoadBalancer, Selected};
use std::collections::BTreeSet;
use std::sync::Arc;

impl World {
    /// NLB-01, LBT-09: the nodes of a load balancer as the targets of a service see them: in the
    /// family of each target group between them.
    pub(super) fn as_targets_see(&self, clients: Vec<Client>, place: &Place) -> Vec<Client> {
        let selected = self.find(&place.text).ok().flatten();
        let service = selected
            .filter(|selected| selected.kind == Kind::Service)
            .and_then(|selected| self.network.services.get(selected.id.as_str()));
        let Some(service) = service else { return clients };
        let seen = |client: Client| {
            let Some(balancer) = self.balancer_of(&client) else { return vec![client] };
            let between = legs(&self.network, service).into_iter();
            let between = between.filter(|leg| leg.balancer.id == balancer.id);
            let ways: BTreeSet<_> =
                between.map(|leg| (leg.group.family, leg.keeps_client_addresses())).collect();
            if ways.is_empty() {
                return vec![client];
            }
            ways.into_iter().map(|way| self.as_targets_of(&client, way)).collect()
        };
        clients.into_iter().flat_map(seen).collect()
    }

    /// A node as the targets of a group see it: of which family the group is, and whether it keeps
    /// the addresses of clients.
    pub(super) fn as_targets_of(
        &self,
        client: &Client,
        (family, keeps): (AddressFamily, bool),
    ) -> Client {
        let family = match family {
            AddressFamily::V4 => Family::V4,
            AddressFamily::V6 => Family::V6,
        };
        let client = client.within(family);
        if keeps { self.forwarding(client, family) } else { client }
    }

    /// LBC-01: the internet's way to a listener of a load balancer.
    ///
    /// # Errors
    /// As [`World::ask`].
    pub fn ask_clients(
        &self,
        balancer: &LoadBalancer,
        listener: &Listener,
    ) -> Result<QueryAnswer, AskError> {
        let place = |text: String, port, protocol| Place { text, port, protocol };
        let protocol = match listener.protocol.as_str() {
            "UDP" | "QUIC" => Protocol::Udp,
            _ => Protocol::Tcp,
        };
        let text = format!("{}/{}", Kind::LoadBalancer, balancer.id);
        let query = Query {
            source: place("internet".to_owned(), None, None),
            destination: place(text, Some(listener.port), Some(protocol)),
            only: false,
        };
        let clients = [internet(&self.network)];
        let answer = self.answer(&query, &clients, &Named::Resource(Selected::of(balancer)))?;
        Ok(among_clients(answer))
    }

    pub(super) fn balancer_of(&self, client: &Client) -> Option<&LoadBalancer> {
        let resource = &client.end.resource;
        let balancer = resource.kind == Kind::LoadBalancer.word();
        self.network.load_balancers.get(resource.id.as_str()).filter(|_| balancer)
    }

    /// A node that sends with the addresses of its clients. Clients of the other family show the
    /// node's own, as health checks do (NLB-01).
    fn forwarding(&self, client: Client, family: Family) -> Client {
        let own = if family == Family::V6 { client.ipv6.as_ref() } else { Some(&client.party) };
        let (Some(balancer), Some(Party::Interface { id, .. })) = (self.balancer_of(&client), own)
        else {
            return client;
        };
        let (addresses, symbol) = client_addresses(&self.network, balancer, family);
        let mut forwarding = client.clone();
        forwarding.end.addresses = match symbol {
            Some(_) => "any public address".to_owned(),
            None => "any private address".to_owned(),
        };
        let party = Party::Forwarder { id: Arc::clone(id), addresses, symbol };
        match family {
            Family::V4 => (forwarding.party, forwarding.ipv6) = (party, None),
            Family::V6 => forwarding.ipv6 = Some(party),
        }
        // Which ports the clients use is not known (NA-06).
        forwarding.ports_certain = false;
        forwarding
    }
}

/// The answers for clients that nothing lists.
pub(super) fn among_clients(answer: QueryAnswer) -> QueryAnswer {
    let answers: Vec<Answer> = answer.answers.into_iter().map(limited).collect();
    let verdict = Verdict::of_all(answers.iter().map(|one| one.verdict));
    QueryAnswer { verdict, answers, ..answer }
}

/// Whom the rules admit of clients that nothing lists is a choice, not a fault: what only some of
/// their addresses pass is reachable for those.
fn limited(mut answer: Answer) -> Answer {
    let by_source = |part: &String| part.starts_with("source addresses ");
    if answer.verdict != Verdict::Intermittent
        || !answer.missing.is_empty()
        || !answer.fails_for.iter().all(by_source)
    {
        return answer;
    }
    let what = answer.blockers.first().map(|one| format!("{} {}", one.resource.label(), one.what));
    answer.findings.push(Finding {
        code: Code::new("CLIENTS_LIMITED"),
        text: format!(
            "only some clients get through, and not those from {}: {}",
            answer.fails_for.join(", ").replace("source addresses ", ""),
            what.unwrap_or_default()
        ),
    });
    answer.verdict = Verdict::Reachable;
    answer.failure = None;
    answer.blockers.clear();
    answer.fails_for.clear();
    answer
}

//! A network, ready to be asked.

use super::AskError;
use super::client::Client;
use super::families::{Tried, as_tried};
use super::forwarding::among_clients;
use super::meant::Meant;
use super::merge::merged;
use super::named::{Named, aws_service};
use super::resolutions::Resolutions;
use super::scope::joined;
use super::server::Server;
use crate::answer::{
    Answer, Assumption, Direction, End, Failure, Missing, Party, Place, Query, QueryAnswer,
    ResourceRef, RuleId, Verdict,
};
use crate::complete::complete;
use crate::ecs::Sender;
use crate::ecs::health::family;
use crate::graph::{Changed, Graph, Touched, touched};
use crate::models;
use crate::network::{AddressFamily, Kind, LoadBalancer, Network, Resource, Selected, Service};
use crate::solve::{Ends, answer, solve};

/// A completed network and its graph.
#[derive(Clone, Debug)]
pub struct World {
    /// The network, with what is planned.
    pub network: Network,
    /// The network, lowered.
    pub graph: Graph,
    /// What names lead to on this network.
    pub(super) resolutions: Resolutions,
    /// What texts mean on this network.
    pub(super) meant: Meant,
}

impl World {
    /// Completes and lowers a network.
    #[must_use]
    pub fn new(network: Network) -> Self {
        let network = complete(network);
        let graph = Graph::new(&network);
        Self { network, graph, resolutions: Resolutions::default(), meant: Meant::default() }
    }

    /// What [`World::new`] makes of `after`, for far less where little was edited. `before` is what
    /// this one was made of.
    #[must_use]
    pub fn edited(&self, before: &Network, after: Network) -> Self {
        let touched = touched(before, &after);
        if touched.everything || !self.completes(before) {
            return Self::new(after);
        }
        let mut world = self.clone();
        let change = |network: &mut Network| {
            network.security_groups = after.security_groups.clone();
            network.network_acls = after.network_acls.clone();
            network.route_tables = after.route_tables.clone();
            network.transit_gateway_route_tables = after.transit_gateway_route_tables.clone();
        };
        match world.edit(&touched, change) {
            Some(_) => world,
            None => Self::new(after),
        }
    }

    /// Whether nothing was added to what an edit in place changes.
    fn completes(&self, given: &Network) -> bool {
        self.network.security_groups == given.security_groups
            && self.network.network_acls == given.network_acls
            && self.network.route_tables == given.route_tables
            && self.network.transit_gateway_route_tables == given.transit_gateway_route_tables
    }

    /// Edits the completed network in place, and tells anew what that touches: no more than
    /// `touched` says. `None` where more is touched than can be told anew: this world is of no use
    /// then, and another one has to be made of the edited network.
    pub fn edit(
        &mut self,
        touched: &Touched,
        change: impl FnOnce(&mut Network),
    ) -> Option<Changed> {
        change(&mut self.network);
        (self.resolutions, self.meant) = (Resolutions::default(), Meant::default());
        self.graph.relower(&self.network, touched)
    }

    /// Answers a question.
    ///
    /// # Errors
    /// When a name means nothing or too much, or when a port is needed and not given.
    pub fn ask(&self, query: &Query) -> Result<QueryAnswer, AskError> {
        let many = query.only || self.is_scope(&query.source.text);
        let clients = match query.only {
            true => self.others(&query.source, &query.destination)?,
            false => self.clients(&query.source)?,
        };
        if let (Some(missing), [first, ..]) = (self.unlisted(query), clients.as_slice()) {
            let answers = vec![not_known(first, &query.destination, &missing)];
            return Ok(QueryAnswer {
                query: query.to_string(),
                verdict: Verdict::Unknown,
                answers,
            });
        }
        let clients = self.as_targets_see(clients, &query.destination);
        let kept = clients.iter().any(|one| matches!(one.party, Party::Forwarder { .. }));
        let named = self.named(&query.destination.text)?;
        let mut answer = self.answer(query, &clients, &named)?;
        if many {
            answer.answers = joined(answer.answers);
        }
        Ok(if kept { among_clients(answer) } else { answer })
    }

    /// Answers for what a load balancer's nodes send to a target, at the port and protocol of
    /// `destination`: requests, in which `keeping` says whether they keep the clients' addresses,
    /// or health checks, in which they never do (NLB-01, NLB-03).
    ///
    /// # Errors
    /// As [`World::ask`].
    pub fn ask_nodes<R: Resource>(
        &self,
        balancer: &LoadBalancer,
        target: &R,
        destination: Place,
        (family, keeping): (AddressFamily, bool),
    ) -> Result<QueryAnswer, AskError> {
        let clients = self.clients_of(&Selected::of(balancer))?;
        let clients: Vec<Client> =
            clients.iter().map(|one| self.as_targets_of(one, (family, keeping))).collect();
        let text = format!("{}/{}", Kind::LoadBalancer, balancer.id);
        let source = Place { text, port: None, protocol: None };
        let query = Query { source, destination, only: false };
        let answer = self.answer(&query, &clients, &Named::Resource(Selected::of(target)))?;
        Ok(if keeping { among_clients(answer) } else { answer })
    }

    /// Answers for everything that a service's tasks, or the hosts that they run on, send from.
    ///
    /// # Errors
    /// As [`World::ask`].
    pub fn ask_from(
        &self,
        service: &Service,
        sender: Sender,
        destination: Place,
    ) -> Result<QueryAnswer, AskError> {
        let named = self.named(&destination.text)?;
        self.ask_senders(service, sender, destination, &named)
    }

    /// The same for a service of AWS, by name or host name, whatever else may be called so.
    ///
    /// # Errors
    /// As [`World::ask`].
    pub fn ask_for_service(
        &self,
        service: &Service,
        sender: Sender,
        destination: Place,
    ) -> Result<QueryAnswer, AskError> {
        match aws_service(&destination.text) {
            Some(named) => self.ask_senders(service, sender, destination, &named),
            None => self.ask_from(service, sender, destination),
        }
    }

    fn ask_senders(
        &self,
        service: &Service,
        sender: Sender,
        destination: Place,
        named: &Named,
    ) -> Result<QueryAnswer, AskError> {
        let clients = match sender {
            Sender::Task => self.service_clients(service)?,
            Sender::Host => self.host_clients(service),
        };
        let source = Place {
            text: service.about.name.clone().unwrap_or_else(|| service.id.to_string()),
            port: None,
            protocol: None,
        };
        self.answer(&Query { source, destination, only: false }, &clients, named)
    }

    pub(super) fn answer(
        &self,
        query: &Query,
        clients: &[Client],
        named: &Named,
    ) -> Result<QueryAnswer, AskError> {
        let mut answers: Vec<Answer> = Vec::new();
        let mut port = query.destination.port;
        for client in clients {
            if let Some(missing) = &client.missing {
                answers.push(not_known(client, &query.destination, missing));
                continue;
            }
            let mut of_client = Vec::new();
            for server in self.servers(client, &query.destination, named)? {
                port = port.or(server.end.port);
                let family = Tried { ipv6: server.by_ipv6, guess: server.guess.clone() };
                of_client.push((family, self.judge(client, server)));
            }
            answers.extend(merged(as_tried(of_client)));
        }
        for missing in answers.iter_mut().flat_map(|answer| &mut answer.missing) {
            self.explain_missing(missing);
        }
        let asked =
            Query { destination: Place { port, ..query.destination.clone() }, ..query.clone() };
        Ok(QueryAnswer {
            query: asked.to_string(),
            verdict: Verdict::of_all(answers.iter().map(|answer| answer.verdict)),
            answers,
        })
    }

    pub(super) fn judge(&self, client: &Client, server: Server) -> Answer {
        let mut source = client.end.clone();
        if let Some(addresses) = &server.source {
            source.addresses.clone_from(addresses);
        }
        let ends = Ends {
            source,
            destination: server.end.clone(),
            client_ports_certain: client.ports_certain,
            symptom,
        };
        let mut judged = match &server.flow {
            Some(flow) => answer(flow, &solve(&self.graph, flow), &ends),
            None => bare(&ends.source, &ends.destination, Verdict::Reachable),
        };
        judged.name = server.name;
        judged.findings.extend(client.findings.iter().cloned());
        judged.findings.extend(server.findings);
        if let Some(flow) = &server.flow {
            super::policy::add_findings(&self.network, flow, &mut judged);
            super::wrong_endpoint::add_finding(&self.network, flow, &mut judged);
            super::path_mtu::add_findings(&self.network, flow, &mut judged);
            super::limits::add_findings(&self.network, flow, &mut judged);
        }
        for assumption in server.assumptions.into_iter().chain(client.assumptions.iter().cloned()) {
            if !judged.assumptions.contains(&assumption) {
                judged.assumptions.push(assumption);
            }
        }
        let mut first = 0;
        for mut blocker in server.blockers {
            blocker.symptom =
                symptom(&judged.source, &judged.destination, blocker.failure).map(str::to_owned);
            // What stops the name or the listener stops every packet.
            judged.verdict = Verdict::Blocked;
            judged.fails_for.clear();
            match server.flow {
                Some(_) => judged.blockers.push(blocker),
                None => {
                    judged.blockers.insert(first, blocker);
                    first += 1;
                }
            }
            judged.failure = judged.blockers.first().map(|blocker| blocker.failure);
        }
        if let Some(missing) = server.missing {
            judged.missing.push(missing);
            if judged.verdict == Verdict::Reachable {
                judged.verdict = Verdict::Unknown;
            }
        }
        self.heard_from_the_router(&mut judged);
        judged.assumptions.sort();
        // That some addresses are not reached says nothing of others.
        let by_name = judged.blockers.first().is_some_and(|one| one.failure == Failure::NoName);
        if let Some(missing) = server.unless_reached
            && judged.verdict != Verdict::Reachable
            && !by_name
        {
            judged.verdict = Verdict::Unknown;
            judged.failure = None;
            judged.missing.insert(0, missing);
        }
        if let Some(word) = self.balancer_of(client).and_then(|one| family(&one.balancer_type)) {
            show(&mut judged, word);
        }
        judged
    }

    /// PW-11, open: what the client hears of a router that has no route.
    fn heard_from_the_router(&self, judged: &mut Answer) {
        let name = "ROUTER_SENDS_NO_ICMP";
        if self.network.assumptions.holds(name) {
            return;
        }
        for (index, blocker) in judged.blockers.iter_mut().enumerate() {
            let by_route =
                ["NO_ROUTE_TO_DESTINATION", "BAD_STATE_ROUTE"].contains(&&*blocker.code.0);
            // What is lost on the way back is told to the server.
            if !by_route || blocker.direction == Direction::Return {
                continue;
            }
            blocker.failure = Failure::Unreachable;
            blocker.symptom = models::symptom("no route").map(str::to_owned);
            if index == 0 {
                judged.failure = Some(blocker.failure);
                judged.assumptions.push(Assumption {
                    name: name.into(),
                    value: "false".into(),
                    rule: RuleId::new("PW-11"),
                });
            }
        }
    }
}

/// What a load balancer shows of what stops it, by the cases of `models/symptoms.tsv` that begin
/// with these words.
pub(crate) fn show(answer: &mut Answer, case: &str) {
    for blocker in &mut answer.blockers {
        if let Some(text) = models::symptom(&format!("{case} {}", blocker.failure)) {
            blocker.symptom = Some(text.to_owned());
        }
    }
}

/// An answer without evidence.
fn bare(source: &End, destination: &End, verdict: Verdict) -> Answer {
    Answer {
        source: source.clone(),
        destination: destination.clone(),
        name: None,
        verdict,
        failure: None,
        hops: Vec::new(),
        return_hops: Vec::new(),
        blockers: Vec::new(),
        missing: Vec::new(),
        findings: Vec::new(),
        assumptions: Vec::new(),
        fails_for: Vec::new(),
    }
}

/// The answer for a client of which too little is known to send anything.
fn not_known(client: &Client, place: &Place, missing: &Missing) -> Answer {
    let destination = End {
        resource: ResourceRef::new("place", &place.text, None),
        subnet: None,
        addresses: "not asked for".to_owned(),
        port: place.port,
        ports: None,
    };
    Answer {
        missing: vec![missing.clone()],
        findings: client.findings.clone(),
        assumptions: client.assumptions.clone(),
        ..bare(&client.end, &destination, Verdict::Unknown)
    }
}

/// What the client, ECS or the load balancer shows.
fn symptom(source: &End, destination: &End, failure: Failure) -> Option<&'static str> {
    let task =
        source.resource.kind == Kind::Service.word() || source.resource.kind == Kind::Task.word();
    let case = failure.to_string();
    let to_aws = destination.resource.kind == "aws-service";
    let special = (task && to_aws && failure == Failure::Dropped)
        .then(|| models::symptom(&destination.resource.id))
        .flatten();
    special.or_else(|| models::symptom(&case))
}

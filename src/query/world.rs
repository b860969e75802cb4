//! A network, ready to be asked.

use super::AskError;
use super::merge::merged;
use super::server::Server;
use crate::answer::{Answer, End, Failure, Place, Query, QueryAnswer, Verdict};
use crate::complete::complete;
use crate::graph::Graph;
use crate::models;
use crate::network::{Kind, Network};
use crate::solve::{Ends, answer, solve};

/// A completed network and its graph.
#[derive(Clone, Debug)]
pub struct World {
    /// The network, with what is planned.
    pub network: Network,
    /// The network, lowered.
    pub graph: Graph,
}

impl World {
    /// Completes and lowers a network.
    #[must_use]
    pub fn new(network: Network) -> Self {
        let network = complete(network);
        let graph = Graph::new(&network);
        Self { network, graph }
    }

    /// Answers a question.
    ///
    /// # Errors
    /// When a name means nothing or too much, or when a port is needed and not given.
    pub fn ask(&self, query: &Query) -> Result<QueryAnswer, AskError> {
        let clients = self.clients(&query.source)?;
        let named = self.named(&query.destination.text)?;
        let mut answers: Vec<Answer> = Vec::new();
        let mut port = query.destination.port;
        for client in &clients {
            let mut of_client = Vec::new();
            for server in self.servers(client, &query.destination, &named)? {
                port = port.or(server.end.port);
                of_client.push(self.judge(client, server));
            }
            answers.extend(merged(of_client));
        }
        let asked = Query {
            source: query.source.clone(),
            destination: Place { port, ..query.destination.clone() },
        };
        Ok(QueryAnswer {
            query: asked.to_string(),
            verdict: Verdict::of_all(answers.iter().map(|answer| answer.verdict)),
            answers,
        })
    }

    fn judge(&self, client: &super::client::Client, server: Server) -> Answer {
        let ends = Ends {
            source: client.end.clone(),
            destination: server.end.clone(),
            client_ports_certain: client.ports_certain,
            symptom,
        };
        let mut judged = match &server.flow {
            Some(flow) => answer(flow, &solve(&self.graph, flow), &ends),
            None => Answer {
                source: ends.source.clone(),
                destination: ends.destination.clone(),
                name: None,
                verdict: Verdict::Reachable,
                failure: None,
                hops: Vec::new(),
                return_hops: Vec::new(),
                blockers: Vec::new(),
                missing: Vec::new(),
                findings: Vec::new(),
                assumptions: Vec::new(),
                fails_for: Vec::new(),
            },
        };
        judged.name = server.name;
        judged.findings.extend(client.findings.iter().cloned());
        judged.findings.extend(server.findings);
        for assumption in server.assumptions {
            if !judged.assumptions.contains(&assumption) {
                judged.assumptions.push(assumption);
            }
        }
        judged.assumptions.sort();
        if let Some(mut blocker) = server.blocker {
            blocker.symptom =
                symptom(&judged.source, &judged.destination, blocker.failure).map(str::to_owned);
            // What stops the name or the listener stops every packet.
            judged.verdict = Verdict::Blocked;
            judged.fails_for.clear();
            match server.flow {
                Some(_) => judged.blockers.push(blocker),
                None => judged.blockers.insert(0, blocker),
            }
            judged.failure = judged.blockers.first().map(|blocker| blocker.failure);
        }
        if let Some(missing) = server.missing {
            judged.missing.push(missing);
            if judged.verdict == Verdict::Reachable {
                judged.verdict = Verdict::Unknown;
            }
        }
        judged
    }
}

/// What the client, ECS or the load balancer shows.
fn symptom(source: &End, destination: &End, failure: Failure) -> Option<&'static str> {
    let balancer = source.resource.kind == Kind::LoadBalancer.word();
    let task =
        source.resource.kind == Kind::Service.word() || source.resource.kind == Kind::Task.word();
    let case = failure.to_string();
    let special = match () {
        () if balancer => models::symptom(&format!("load-balancer {case}")),
        () if task && failure == Failure::Dropped && destination.resource.kind == "aws-service" => {
            models::symptom(&destination.resource.id)
        }
        () => None,
    };
    special.or_else(|| models::symptom(&case))
}

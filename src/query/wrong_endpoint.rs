//! Names that lead to the endpoint of another service.

use crate::answer::{Answer, Assumption, Code, Finding, Flow, RuleId, Verdict};
use crate::models;
use crate::network::{Network, Resource};

/// What the client sees of it.
const MISMATCH: &str = "WRONG_ENDPOINT_TLS_MISMATCH";

/// DN-16: a zone of one's own may lead a service's name to any endpoint.
pub(super) fn add_finding(network: &Network, flow: &Flow, answer: &mut Answer) {
    let Some(server) = flow.destination.interface().filter(|_| answer.verdict != Verdict::Blocked)
    else {
        return;
    };
    let asked = answer.name.as_ref().and_then(|name| models::service_of_host(&name.name));
    let mut endpoints = network.vpc_endpoints.referring_to(server);
    let endpoint = endpoints.find(|one| one.interfaces.iter().any(|id| id.as_str() == server));
    let (Some(asked), Some(endpoint)) = (asked, endpoint) else { return };
    let serves = models::service(&endpoint.service_name);
    if serves.is_none_or(|serves| serves.name == asked.service.name) {
        return;
    }
    let value = network.assumptions.value(MISMATCH);
    let shows = match value {
        "true" => "its certificate does not fit the name, and TLS fails",
        _ => "what answers is not the service, with an error of its own",
    };
    let text = format!(
        "the name of {} leads to endpoint {}, which is for {}: {shows} (DN-16)",
        asked.service.name,
        endpoint.label(),
        endpoint.service_name
    );
    answer.findings.push(Finding { code: Code::new("ENDPOINT_OF_OTHER_SERVICE"), text });
    answer.assumptions.push(Assumption {
        name: MISMATCH.into(),
        value: value.into(),
        rule: RuleId::new("DN-16"),
    });
}

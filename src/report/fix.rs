//! What to do about what stops a packet.

use super::group::listed;
use super::ordered::Ordered;
use super::words;
use crate::answer::{Answer, Blocker, Direction, End};
use crate::header::{Protocol, public_ipv4};
use crate::models;
use crate::network::Kind;
use std::net::Ipv4Addr;

/// A sentence for each blocker; what is the same for several places is told once.
pub(super) fn fixes(answer: &Answer, protocol: Protocol) -> Vec<String> {
    let mut fixes: Vec<(String, Vec<String>)> = Vec::new();
    // What stops the question to a name server is of another flow than the one that was asked for:
    // the server's own remedy names the ports.
    let asked = answer.blockers.iter().position(|one| one.code.0 == "NAME_SERVER_UNREACHABLE");
    for blocker in answer.blockers.iter().take(asked.map_or(usize::MAX, |first| first + 1)) {
        let situation = Situation { answer, blocker };
        let (fix, place) = match models::fix(&blocker.code.0, |word| situation.holds(word)) {
            // It says itself where.
            Some(fix) => (situation.fill(fix, protocol), None),
            None => {
                let Some(entry) = models::code(&blocker.code.0) else { continue };
                (entry.remedy.to_owned(), Some(words::resource(&blocker.resource)))
            }
        };
        match fixes.iter_mut().find(|(other, _)| *other == fix) {
            Some((_, places)) => places.extend(place.filter(|place| !places.contains(place))),
            None => fixes.push((fix, place.into_iter().collect())),
        }
    }
    let alone = fixes.len() == 1;
    let told = fixes.into_iter().map(|(fix, places)| match alone || places.is_empty() {
        true => fix,
        false => format!("{}: {fix}", listed(&places)),
    });
    told.collect()
}

/// A sentence for what stops several answers; what differs only in the ends is told once.
pub(super) fn shared_fixes(stopped: &[(&Answer, &Blocker)]) -> Vec<String> {
    let mut fixes = Ordered::new();
    for &(answer, blocker) in stopped {
        let situation = Situation { answer, blocker };
        let fix = match models::fix(&blocker.code.0, |word| situation.holds(word)) {
            Some(fix) => situation.fill_but_ends(fix, Protocol::Tcp),
            None => match models::code(&blocker.code.0) {
                Some(entry) => entry.remedy.to_owned(),
                None => continue,
            },
        };
        let (_, sources, destinations) =
            fixes.at(fix.clone(), || (fix, Ordered::new(), Ordered::new()));
        for (ends, end) in [(sources, &answer.source), (destinations, &answer.destination)] {
            let end = far_end(end);
            ends.at(end.clone(), || end);
        }
    }
    let told = fixes.into_values().into_iter().map(|(fix, sources, destinations)| {
        let (sources, destinations) = (sources.into_values(), destinations.into_values());
        fix.replace("{source}", &listed(&sources)).replace("{destination}", &listed(&destinations))
    });
    told.collect()
}

/// What the rows of `models/fixes.tsv` may ask of a blocker.
struct Situation<'a> {
    answer: &'a Answer,
    blocker: &'a Blocker,
}

impl Situation<'_> {
    fn holds(&self, word: &str) -> bool {
        let Answer { source, destination, findings, .. } = self.answer;
        let said = |word: &str| self.blocker.what.split(' ').any(|other| other == word);
        let inward = said("inbound") || said("in");
        let far = if inward { source } else { destination };
        match word {
            "request" => self.blocker.direction == Direction::Forward,
            "reply" => self.blocker.direction == Direction::Return,
            "in" => inward,
            "out" => said("outbound") || said("out"),
            "public" => is_public(far),
            "address" => far.resource.kind == "address",
            "service" => self.service().is_some(),
            "gateway-endpoint" => self.service().is_some_and(|one| one.has_gateway_endpoint),
            "on-instance" => findings.iter().any(|one| one.code.0 == "STARTUP_FROM_INSTANCE"),
            "from-internet" => source.resource.kind == "internet",
            "behind-nat" => self.nat().is_some(),
            "other-region" => findings.iter().any(|one| one.code.0 == "SERVICE_IN_OTHER_REGION"),
            "private-dns-off" => {
                findings.iter().any(|one| one.code.0 == "ENDPOINT_PRIVATE_DNS_OFF")
            }
            _ => false,
        }
    }

    fn service(&self) -> Option<&'static models::Service> {
        let resource = &self.answer.destination.resource;
        (resource.kind == "aws-service").then(|| models::service(&resource.id))?
    }

    /// The last NAT gateway that the request has passed.
    fn nat(&self) -> Option<String> {
        let hops = self.answer.hops.iter().rev().map(|hop| &hop.resource);
        let is_nat = |kind: &str| Kind::from_word(kind) == Some(Kind::NatGateway);
        hops.into_iter().find(|one| is_nat(&one.kind)).map(words::resource)
    }

    fn fill(&self, fix: &str, protocol: Protocol) -> String {
        let Answer { source, destination, .. } = self.answer;
        self.fill_but_ends(fix, protocol)
            .replace("{source}", &far_end(source))
            .replace("{destination}", &far_end(destination))
    }

    fn fill_but_ends(&self, fix: &str, protocol: Protocol) -> String {
        let resource = &self.blocker.resource;
        let several = resource.label().contains(", ") && resource.id.contains(',');
        let one_of = if several { "one of " } else { "" };
        let port = self.answer.destination.port.map(|port| format!(" {port}")).unwrap_or_default();
        fix.replace("{resource}", &format!("{one_of}{}", words::resource(resource)))
            .replace("{flow}", &format!("{protocol}{port}"))
            .replace("{protocol}", &protocol.to_string())
            .replace("{nat}", &self.nat().unwrap_or_default())
    }
}

/// Whether an end is outside of every private network, as far as its words tell.
fn is_public(end: &End) -> bool {
    let first = end.addresses.split([',', '/', '-']).next().unwrap_or_default();
    match first.parse::<Ipv4Addr>() {
        Ok(address) => public_ipv4().contains(u32::from(address)),
        Err(_) => end.addresses.contains("public address"),
    }
}

fn far_end(end: &End) -> String {
    match end.resource.kind.as_ref() {
        "internet" => "the internet".to_owned(),
        _ => words::resource(&end.resource),
    }
}

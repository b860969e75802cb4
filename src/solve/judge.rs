//! From regions to a verdict with its evidence.

use super::{Region, Solution};
use crate::answer::{
    Answer, Assumption, Blocker, Code, Direction, End, Failure, Finding, Flow, Hop, Missing,
    Outcome, Verdict,
};
use crate::graph::{Note, Stop};
use crate::header::{AddressSet, PortSet, Symbol};
use std::sync::Arc;

/// What the judge is told about a flow besides its regions.
#[derive(Clone, Debug)]
pub struct Ends {
    /// The client.
    pub source: End,
    /// The server.
    pub destination: End,
    /// Whether the client surely uses all the ports of the flow. Where it does not, a port that
    /// fails is worth a finding, not a verdict (NA-06).
    pub client_ports_certain: bool,
    /// What is shown when the flow is dropped or refused.
    pub symptom: fn(&End, &End, Failure) -> Option<&'static str>,
}

/// The symbol of the internet at large: not one unlisted set of addresses among others, but all of
/// them.
const INTERNET: &str = "internet";

/// Judges a decided flow.
#[must_use]
pub fn answer(flow: &Flow, solution: &Solution, ends: &Ends) -> Answer {
    let mut findings = Vec::new();
    let mut regions: Vec<&Region> = solution.regions.iter().collect();
    if !ends.client_ports_certain {
        spare_uncertain_ports(flow, &mut regions, &mut findings);
    }
    let failing: Vec<&Region> = with(&regions, |outcome| matches!(outcome, Outcome::Stopped(_)));
    let open: Vec<&Region> = with(&regions, |outcome| matches!(outcome, Outcome::Unknown { .. }));
    let mut missing = distinct(open.iter().flat_map(|region| region.missing.iter().cloned()));
    let mut verdict = Verdict::of_all(regions.iter().map(|region| match region.outcome() {
        Outcome::Delivered => Verdict::Reachable,
        Outcome::Stopped(_) => Verdict::Blocked,
        Outcome::Unknown { .. } => Verdict::Unknown,
    }));
    if let Some(fact) = cut_symbol(flow, &failing).filter(|_| verdict == Verdict::Intermittent) {
        verdict = Verdict::Unknown;
        missing.push(fact);
    }
    // The evidence shown is that of the headers that decided the verdict.
    let shown = match verdict {
        Verdict::Blocked | Verdict::Intermittent => failing.first(),
        Verdict::Unknown => open.first().or(failing.first()),
        Verdict::Reachable => regions.first(),
    };
    let hops = |pick: fn(&Region) -> &[Arc<Note>]| {
        shown.map(|region| pick(region).iter().filter_map(hop).collect()).unwrap_or_default()
    };
    let blockers = match verdict {
        Verdict::Reachable => Vec::new(),
        _ => distinct(
            failing
                .iter()
                .flat_map(|region| &region.stops)
                .map(|(direction, stop)| blocker(*direction, stop, ends)),
        ),
    };
    let notes = regions.iter().flat_map(|region| {
        let stops = region.stops.iter().map(|(_, stop)| &stop.note);
        region.hops.iter().chain(&region.return_hops).chain(stops)
    });
    let mut assumptions: Vec<Assumption> =
        distinct(notes.filter_map(|note| note.assumption.clone()));
    assumptions.sort();
    Answer {
        source: ends.source.clone(),
        destination: ends.destination.clone(),
        name: None,
        verdict,
        failure: match verdict {
            Verdict::Blocked | Verdict::Intermittent => blockers.first().map(|b| b.failure),
            _ => None,
        },
        hops: hops(|region| &region.hops),
        return_hops: hops(|region| &region.return_hops),
        blockers,
        missing,
        findings,
        assumptions,
        fails_for: match verdict {
            Verdict::Intermittent => fails_for(flow, &failing),
            _ => Vec::new(),
        },
    }
}

fn with<'r>(regions: &[&'r Region], keep: fn(&Outcome) -> bool) -> Vec<&'r Region> {
    regions.iter().copied().filter(|region| keep(&region.outcome())).collect()
}

fn distinct<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

fn hop(note: &Arc<Note>) -> Option<Hop> {
    // An assumption is told as such, not as a step of the way.
    note.assumption.is_none().then(|| Hop {
        resource: note.resource.clone(),
        what: note.what.clone(),
        rule: note.rule.clone(),
        location: note.location.clone(),
    })
}

fn blocker(direction: Direction, stop: &Stop, ends: &Ends) -> Blocker {
    Blocker {
        direction,
        code: stop.code.clone(),
        resource: stop.note.resource.clone(),
        what: stop.note.what.clone(),
        rule: stop.note.rule.clone(),
        location: stop.note.location.clone(),
        failure: stop.failure,
        symptom: (ends.symptom)(&ends.source, &ends.destination, stop.failure).map(str::to_owned),
    }
}

/// Leaves out the client ports that fail when others do not: nobody knows whether this client uses
/// them (NA-06).
fn spare_uncertain_ports(flow: &Flow, regions: &mut Vec<&Region>, findings: &mut Vec<Finding>) {
    let bad = regions
        .iter()
        .filter(|region| matches!(region.outcome(), Outcome::Stopped(_)))
        .fold(PortSet::empty(), |all, region| all.union(&region.headers.0.source_port));
    let good = flow.client_ports.difference(&bad);
    if bad.is_empty() || good.is_empty() {
        return;
    }
    regions.retain(|region| !region.headers.0.source_port.intersection(&good).is_empty());
    findings.push(Finding {
        code: Code::new("CLIENT_PORTS_UNCERTAIN"),
        text: format!(
            "connections from client ports {bad} fail: whether this client uses them is not known"
        ),
    });
}

/// When some addresses of an unlisted set fail and others do not: the list that would settle it.
fn cut_symbol(flow: &Flow, failing: &[&Region]) -> Option<Missing> {
    let symbol: &Symbol = flow.destination.symbol().filter(|symbol| &*symbol.0 != INTERNET)?;
    let failing = failing
        .iter()
        .fold(AddressSet::empty(), |all, region| all.union(&region.headers.0.destination));
    let every = flow.destination.addresses().is_subset(&failing);
    (!every).then(|| Missing {
        fact: format!("the public addresses of {symbol}: those in {} fail", shortened(&failing)),
        command: None,
    })
}

/// Which part of the flow fails, for each dimension that does not fail as a whole.
fn fails_for(flow: &Flow, failing: &[&Region]) -> Vec<String> {
    let mut parts = Vec::new();
    let union = |pick: fn(&Region) -> &AddressSet| {
        failing.iter().fold(AddressSet::empty(), |all, region| all.union(pick(region)))
    };
    let source = union(|region| &region.headers.0.source);
    if !flow.source.addresses().is_subset(&source) {
        parts.push(format!("source addresses {}", shortened(&source)));
    }
    let destination = union(|region| &region.headers.0.destination);
    if !flow.destination.addresses().is_subset(&destination) {
        parts.push(format!("destination addresses {}", shortened(&destination)));
    }
    let ports = failing
        .iter()
        .fold(PortSet::empty(), |all, region| all.union(&region.headers.0.source_port));
    if !flow.client_ports.is_subset(&ports) {
        parts.push(format!("client ports {ports}"));
    }
    let ports = failing
        .iter()
        .fold(PortSet::empty(), |all, region| all.union(&region.headers.0.destination_port));
    if !flow.destination_ports.is_subset(&ports) {
        parts.push(format!("destination ports {ports}"));
    }
    let picks = distinct(failing.iter().flat_map(|region| region.headers.0.picks.iter().cloned()));
    if parts.is_empty() && !picks.is_empty() {
        parts.push(format!("connections for which AWS picks {}", picks.join(" or ")));
    }
    if parts.is_empty() {
        let translated = failing.iter().flat_map(|region| &region.headers.0.translations);
        let ports = translated.fold(PortSet::empty(), |all, (_, ports)| all.union(ports));
        parts.push(format!("connections that the NAT gateway gives source ports {ports}"));
    }
    parts
}

/// A set in words that fit on a line.
fn shortened(set: &AddressSet) -> String {
    let whole = set.to_string();
    let parts: Vec<&str> = whole.split(", ").collect();
    match parts.as_slice() {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first}, {second}, {third} and {} more ranges", rest.len())
        }
        _ => whole,
    }
}

//! Network Firewall: what its endpoints do with packets.

use super::{Lowering, reference};
use crate::answer::{Failure, Missing};
use crate::graph::{Action, Each, Guard, GuardId, Inspection, Note, Sieve, Stop};
use crate::header::Protocol;
use crate::network::{
    Firewall, FirewallPolicy, Kind, StatefulAction, StatefulDefault, StatelessAction, Tuple,
    VpcEndpoint,
};
use std::collections::BTreeSet;
use std::sync::Arc;

impl<'n> Lowering<'n> {
    /// The firewall behind an endpoint (NF-01).
    pub(super) fn firewall_of(&self, endpoint: &VpcEndpoint) -> Option<&'n Firewall> {
        let mut firewalls = self.network.firewalls.values();
        firewalls.find(|firewall| firewall.endpoints.contains_key(&endpoint.id))
    }

    /// What a firewall asks of packets at one of its endpoints.
    pub(super) fn firewall_guards(
        &mut self,
        firewall: &'n Firewall,
        endpoint: &VpcEndpoint,
    ) -> Vec<GuardId> {
        let at = firewall.about.at.as_ref();
        let mut guards = Vec::new();
        let state = firewall.endpoints.get(&endpoint.id).map(|own| own.state.as_str());
        if let Some(state) = state.filter(|state| *state != "READY") {
            let what = format!("is not ready at endpoint {}: {state}", reference(endpoint).label());
            let note = Note::new(reference(firewall), what, "NF-01", at);
            guards.push(self.always(Action::Stop(Stop::dropped("BAD_STATE", note))));
        }
        let label = reference(firewall).label().to_owned();
        let guard = match &firewall.policy {
            Some(policy) => Guard::Inspection(Box::new(inspection(firewall, policy, &label))),
            None => {
                let fact = format!("the policy of firewall {label}");
                let mut missing = self.missing(fact, Kind::Firewall, &firewall.about.scope);
                missing.command = Some("aws network-firewall describe-firewall-policy".to_owned());
                Guard::Always { action: Action::Unknown(missing), requests_only: true }
            }
        };
        guards.push(self.guard(guard));
        guards
    }
}

/// Whether some packets pass a firewall without being remembered (NF-02).
pub(super) fn may_forget(firewall: &Firewall) -> bool {
    firewall.policy.as_ref().is_none_or(|policy| {
        let actions = policy.stateless.iter().map(|rule| rule.action);
        actions.chain([policy.stateless_default]).any(|action| action == StatelessAction::Pass)
    })
}

fn inspection(firewall: &Firewall, policy: &FirewallPolicy, label: &str) -> Inspection {
    let missing = |fact: String| Missing { fact, command: None };
    let at = firewall.about.at.as_ref();
    let note = |what: String, rule, own: Option<&crate::network::At>| {
        Note::new(reference(firewall), what, rule, own.or(at))
    };
    let passes = |what: String, rule, own| Action::Pass(Some(Arc::new(note(what, rule, own))));
    let drops = |what: String, rule, own| {
        Action::Stop(Stop::dropped("FIREWALL_RULES_RESTRICTION", note(what, rule, own)))
    };
    let open = |name: &str| {
        Action::Unknown(missing(format!("whether {name} of firewall {label} means this packet")))
    };
    let each = |action, what: &str, own| match action {
        StatelessAction::Pass => {
            Each::Decided(passes(format!("passes it by {what}"), "NF-02", own))
        }
        StatelessAction::Drop => Each::Decided(drops(format!("drops it by {what}"), "NF-02", own)),
        StatelessAction::Forward => Each::Connection,
    };
    // NF-02
    let mut stateless: Vec<_> = policy.stateless.iter().collect();
    stateless.sort_by_key(|rule| rule.priority);
    let mut packets: Vec<_> = stateless
        .into_iter()
        .map(|rule| {
            let action = match rule.certain {
                true => each(rule.action, &rule.name, rule.at.as_ref()),
                // NF-04
                false => Each::Decided(open(&rule.name)),
            };
            sieve(&rule.tuple, false, action)
        })
        .collect();
    let default = each(policy.stateless_default, "its stateless default", None);
    packets.push(sieve(&Tuple::all(), false, default));
    // NF-03
    let mut stateful: Vec<_> = policy.stateful.iter().collect();
    stateful.sort_by_key(|rule| match policy.strict {
        true => (StatefulAction::Pass, false, rule.priority),
        false => (rule.action, !rule.certain, rule.priority),
    });
    let connections = stateful.into_iter().map(|rule| {
        let own = rule.at.as_ref();
        let action = match (rule.certain, rule.action) {
            (false, _) => open(&rule.name),
            (true, StatefulAction::Pass) => {
                passes(format!("passes it by {}", rule.name), "NF-03", own)
            }
            (true, StatefulAction::Drop) => {
                drops(format!("drops it by {}", rule.name), "NF-03", own)
            }
            (true, StatefulAction::Reject) => {
                match drops(format!("rejects it by {}", rule.name), "NF-03", own) {
                    Action::Stop(stop) => Action::Stop(Stop { failure: Failure::Refused, ..stop }),
                    other => other,
                }
            }
        };
        sieve(&rule.tuple, rule.both_ways, action)
    });
    let strict = if policy.strict { policy.stateful_default } else { StatefulDefault::Pass };
    let of_tcp = Tuple { protocols: BTreeSet::from([Protocol::Tcp]), ..Tuple::all() };
    let defaults = match strict {
        StatefulDefault::Pass => Vec::new(),
        StatefulDefault::Drop => {
            let what = "drops what no stateful rule passes".to_owned();
            vec![sieve(&Tuple::all(), false, drops(what, "NF-03", None))]
        }
        StatefulDefault::DropEstablished => {
            let what = "lets the handshake pass and drops what follows: no stateful rule passes it";
            let fact = format!("what the default of firewall {label} makes of this protocol");
            vec![
                sieve(&of_tcp, false, drops(what.to_owned(), "NF-03", None)),
                sieve(&Tuple::all(), false, Action::Unknown(missing(fact))),
            ]
        }
    };
    Inspection {
        each: packets,
        connections: connections.collect(),
        defaults,
        half: missing(format!(
            "what the stateful engine of firewall {label} does with a connection of which it sees one way only"
        )),
        against: missing(format!(
            "whether firewall {label} drops the replies, which a rule for the other direction matches"
        )),
    }
}

fn sieve<A>(tuple: &Tuple, both_ways: bool, action: A) -> Sieve<A> {
    Sieve {
        protocols: tuple.protocols.clone(),
        source: tuple.source.clone(),
        source_ports: tuple.source_ports.clone(),
        destination: tuple.destination.clone(),
        destination_ports: tuple.destination_ports.clone(),
        both_ways,
        action,
    }
}

//! What a Network Firewall does with one packet.

use super::journal::{Go, named};
use super::peer::{Address, Match};
use super::walk::Walker;
use crate::answer::Direction;
use crate::header::{AddressSet, Protocol, public_ipv4};
use crate::network::{
    Firewall, FirewallPolicy, StatefulAction, StatefulDefault, StatelessAction, Tuple,
    VpcEndpointId,
};

/// A packet's ends and ports.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    pub(super) source: (Address<'a>, u16),
    pub(super) destination: (Address<'a>, u16),
}

impl Header<'_> {
    fn reversed(self) -> Self {
        Self { source: self.destination, destination: self.source }
    }
}

/// What the stateless rules say.
enum Said {
    Action(StatelessAction),
    Unknown(String),
}

/// What the stateful rules say.
enum Judged {
    Rule(StatefulAction),
    None,
    Unknown(String),
}

impl<'a> Walker<'a> {
    /// The firewall behind an endpoint (NF-01).
    pub(super) fn firewall_at(&self, endpoint: &VpcEndpointId) -> Option<&'a Firewall> {
        let mut all = self.network.firewalls.values();
        all.find(|firewall| firewall.endpoints.keys().any(|id| id == endpoint))
    }

    pub(super) fn inspect(
        &mut self,
        firewall: &'a Firewall,
        endpoint: &VpcEndpointId,
        header: Header<'a>,
    ) -> Go {
        if firewall.endpoints.get(endpoint).is_some_and(|own| own.state != "READY") {
            return self.drop("BAD_STATE", named(firewall), "NF-01");
        }
        let Some(policy) = &firewall.policy else {
            if self.direction == Direction::Forward {
                self.unsure(named(firewall), format!("the policy of {}", firewall.id), "NF-02");
            }
            return Ok(());
        };
        let this = self.stateless(policy, header);
        match (&this, self.direction) {
            (Said::Unknown(fact), _) => {
                self.unsure(named(firewall), fact.clone(), "NF-02");
                return Ok(());
            }
            (Said::Action(StatelessAction::Drop), _) => {
                return self.drop("FIREWALL_RULES_RESTRICTION", named(firewall), "NF-02");
            }
            (Said::Action(_), Direction::Return) => return Ok(()),
            (Said::Action(_), Direction::Forward) => {}
        }
        let back = self.stateless(policy, header.reversed());
        if let Said::Action(StatelessAction::Pass) = this {
            if let Said::Action(StatelessAction::Forward) = back {
                self.unsure(named(firewall), "it remembers one way only", "NF-02");
            }
            self.note(named(firewall), "passes it", "NF-02");
            return Ok(());
        }
        self.stateful(firewall, policy, header)?;
        if let Said::Action(StatelessAction::Pass) = back {
            self.unsure(named(firewall), "it sees one way only", "NF-02");
        }
        Ok(())
    }

    /// NF-02: the first rule by priority, else the default.
    fn stateless(&self, policy: &FirewallPolicy, header: Header<'_>) -> Said {
        let mut rules: Vec<_> = policy.stateless.iter().collect();
        rules.sort_by_key(|rule| rule.priority);
        for rule in rules {
            match self.matches(&rule.tuple, header) {
                Match::No => {}
                Match::Yes if rule.certain => return Said::Action(rule.action),
                // NF-04
                _ => return Said::Unknown(format!("whether {} matches", rule.name)),
            }
        }
        Said::Action(policy.stateless_default)
    }

    /// NF-03
    fn stateful(&mut self, firewall: &Firewall, policy: &FirewallPolicy, header: Header<'_>) -> Go {
        match self.judge(policy, header) {
            Judged::Unknown(fact) => self.unsure(named(firewall), fact, "NF-03"),
            Judged::Rule(StatefulAction::Pass) => {
                self.note(named(firewall), "passes it", "NF-03");
            }
            Judged::Rule(StatefulAction::Drop) => {
                return self.drop("FIREWALL_RULES_RESTRICTION", named(firewall), "NF-03");
            }
            Judged::Rule(StatefulAction::Reject) => {
                return self.refuse("FIREWALL_RULES_RESTRICTION", named(firewall), "NF-03");
            }
            Judged::None => match policy.stateful_default {
                StatefulDefault::Drop if policy.strict => {
                    return self.drop("FIREWALL_RULES_RESTRICTION", named(firewall), "NF-03");
                }
                StatefulDefault::DropEstablished if policy.strict => {
                    if self.packet.protocol == Protocol::Tcp {
                        return self.drop("FIREWALL_RULES_RESTRICTION", named(firewall), "NF-03");
                    }
                    self.unsure(named(firewall), "when such a flow is established", "NF-03");
                }
                _ => {
                    // A rule for the other direction may match the reply.
                    match self.judge(policy, header.reversed()) {
                        Judged::None | Judged::Rule(StatefulAction::Pass) => {}
                        _ => self.unsure(named(firewall), "whether it drops the reply", "NF-03"),
                    }
                }
            },
        }
        Ok(())
    }

    /// The rule that decides: the first in strict order, else the mightiest action.
    fn judge(&self, policy: &FirewallPolicy, header: Header<'_>) -> Judged {
        let held = |tuple: &Tuple, both_ways: bool| match self.matches(tuple, header) {
            Match::No if both_ways => self.matches(tuple, header.reversed()),
            other => other,
        };
        let mut rules: Vec<_> = policy.stateful.iter().collect();
        rules.sort_by_key(|rule| rule.priority);
        let all = [StatefulAction::Pass, StatefulAction::Drop, StatefulAction::Reject];
        let turns: Vec<_> = match policy.strict {
            true => rules,
            false => all
                .iter()
                .flat_map(|action| {
                    let of = rules.iter().copied().filter(move |rule| rule.action == *action);
                    let (sure, unsure): (Vec<_>, Vec<_>) = of.partition(|rule| rule.certain);
                    sure.into_iter().chain(unsure)
                })
                .collect(),
        };
        for rule in turns {
            match held(&rule.tuple, rule.both_ways) {
                Match::No => {}
                Match::Yes if rule.certain => return Judged::Rule(rule.action),
                _ => return Judged::Unknown(format!("whether {} matches", rule.name)),
            }
        }
        Judged::None
    }

    fn matches(&self, tuple: &Tuple, header: Header<'_>) -> Match {
        let protocol = self.packet.protocol;
        if !tuple.protocols.is_empty() && !tuple.protocols.contains(&protocol) {
            return Match::No;
        }
        let ports = !protocol.has_ports()
            || tuple.source_ports.contains(header.source.1)
                && tuple.destination_ports.contains(header.destination.1);
        let ends = [
            holds(&tuple.source, header.source.0),
            holds(&tuple.destination, header.destination.0),
        ];
        match ends {
            _ if !ports => Match::No,
            [Match::No, _] | [_, Match::No] => Match::No,
            [Match::Yes, Match::Yes] => Match::Yes,
            _ => Match::Maybe,
        }
    }
}

fn holds(set: &AddressSet, address: Address<'_>) -> Match {
    match address {
        Address::Known(address) | Address::Of(_, address) => set.contains(address).into(),
        Address::Unlisted => {
            let common = set.v4.intersection(public_ipv4());
            match common.is_empty() {
                true => Match::No,
                false if common == *public_ipv4() => Match::Yes,
                false => Match::Maybe,
            }
        }
    }
}

/// Whether a policy may pass packets that it does not remember.
pub(super) fn forgets(firewall: &Firewall) -> bool {
    let Some(policy) = &firewall.policy else { return true };
    policy.stateless_default == StatelessAction::Pass
        || policy.stateless.iter().any(|rule| rule.action == StatelessAction::Pass)
}

//! NAT gateways as address translators.

use super::leads::Lead;
use super::{Lowering, acls, reference};
use crate::answer::Missing;
use crate::graph::{
    Action, Guard, GuardId, Note, Place, PublicOwner, Selector, Stop, TranslatorFacts,
    TranslatorIndex, Way,
};
use crate::header::{AddressSet, Family, PortSet};
use crate::network::{Connectivity, NatAddress, NatGateway, Subnet};
use ipnet::IpNet;
use petgraph::graph::NodeIndex;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// The source ports that a NAT gateway picks from (NG-06), and a NAT instance (NG-16).
pub(super) const TRANSLATED_PORTS: (u16, u16) = (1024, 65_535);

/// The open point of PW-05.
const BESIDE_SKIPS_ACL: &str = "NAT_IN_CLIENT_SUBNET_SKIPS_NACL";

/// NG-02: the addresses that a NAT gateway can use.
pub(super) fn usable(nat: &NatGateway) -> impl Iterator<Item = &NatAddress> + Clone {
    let works = |one: &&NatAddress| one.status.as_deref().is_none_or(|is| is == "succeeded");
    nat.addresses.iter().filter(works)
}

impl<'n> Lowering<'n> {
    /// NAT gateways that have a subnet to send from, by its table (RT-17).
    pub(super) fn add_translators(&mut self) {
        for nat in self.network.nat_gateways.values() {
            let subnet = nat.subnet.as_ref().and_then(|id| self.network.subnets.get(id));
            for address in nat.addresses.iter().filter_map(|address| address.public) {
                self.public_owners.insert(address, PublicOwner::Closed(Self::no_inbound(nat)));
            }
            if nat.subnet.is_none() {
                self.add_regional(nat);
            }
            let Some(subnet) = subnet else { continue };
            let index =
                TranslatorIndex::try_from(self.translators.len()).unwrap_or(TranslatorIndex::MAX);
            let place = self.places.add_node(Place::Translator(index));
            let back = self.back_to_neighbours(place, subnet);
            let local = self.local(&subnet.vpc);
            let usable = || usable(nat);
            let mut free = None;
            let mut sets = |private: Option<Ipv4Addr>| match private {
                Some(address) => AddressSet::single(IpAddr::V4(address)),
                None => free.get_or_insert_with(|| self.free(subnet)).clone(),
            };
            let union = |all: AddressSet, one: AddressSet| all.union(&one);
            let public = usable().filter(|a| {
                // NG-04
                a.public.is_some() && nat.connectivity == Connectivity::Public
            });
            let private = usable().map(|a| sets(a.private)).fold(AddressSet::empty(), union);
            let open = public.clone().map(|a| sets(a.private)).fold(AddressSet::empty(), union);
            let known_public = public
                // Of several whose private address is not known, nothing tells which is which.
                .filter(|a| a.private.is_some() || usable().count() == 1)
                .filter_map(|a| Some((a.public?, sets(a.private))))
                .collect();
            Arc::make_mut(&mut self.translators).push(TranslatorFacts {
                place,
                back,
                wire: self.kept.subnets[&subnet.id].wire,
                local,
                returned_to: true,
                ports: PortSet::from_range(TRANSLATED_PORTS.0, TRANSLATED_PORTS.1),
                private,
                public: open,
                known_public,
            });
            self.kept.translator(Arc::from(nat.id.as_str()), index);
            Arc::make_mut(&mut self.kept.gateway_translators).insert(index);
            let places = self.kept.subnets[&subnet.id];
            let inside = subnet.addresses();
            let outside = AddressSet::all().difference(&inside);
            self.connect(place, places.wire, Selector::addresses(inside), Vec::new(), Way::Inside);
            self.connect(
                place,
                places.router,
                Selector::addresses(outside),
                Vec::new(),
                Way::Inside,
            );
        }
    }

    /// PW-05: where replies come out of a NAT gateway in `subnet`. Clients there may be behind the
    /// subnet's ACL.
    fn back_to_neighbours(&mut self, place: NodeIndex, subnet: &'n Subnet) -> NodeIndex {
        if self.network.assumptions.holds(BESIDE_SKIPS_ACL) {
            return place;
        }
        let back = self.places.add_node(Place::Exit);
        let places = self.kept.subnets[&subnet.id];
        let acls = [acls::Direction::Outbound, acls::Direction::Inbound]
            .map(|direction| self.acl_guard(subnet, direction));
        let inside = subnet.addresses();
        let outside = AddressSet::all().difference(&inside);
        let (inside, outside) = (Selector::addresses(inside), Selector::addresses(outside));
        self.connect(back, places.wire, inside, acls.to_vec(), Way::Inside);
        self.connect(back, places.router, outside, Vec::new(), Way::Inside);
        back
    }

    /// What something new in a subnet may get: what it can assign, and nobody there has.
    fn free(&self, subnet: &Subnet) -> AddressSet {
        let here = self.network.interfaces.values().filter(|one| one.subnet == subnet.id);
        let held = here.flat_map(|one| {
            let own = one.addresses.iter().map(|one| IpNet::from(one.address));
            own.chain(one.prefixes.iter().copied())
        });
        subnet.assignable().difference(&AddressSet::from_nets(&held.collect::<Vec<_>>()))
    }

    /// NG-07
    pub(super) fn no_inbound(nat: &NatGateway) -> Stop {
        let what = "takes no connections from outside";
        let note = Note::new(reference(nat), what, "NG-07", nat.about.at.as_ref());
        Stop::dropped("NAT_NO_INBOUND", note).ending()
    }

    pub(super) fn translator_is_in(&self, translator: TranslatorIndex, subnet: &Subnet) -> bool {
        let place = self.translators[translator as usize].place;
        self.places.find_edge(place, self.kept.subnets[&subnet.id].router).is_some()
    }

    /// NG-02, NG-05, NG-13, NG-17: what every NAT gateway asks.
    pub(super) fn nat_guards(
        &mut self,
        nat: &NatGateway,
        translator: TranslatorIndex,
        none_usable: bool,
        family: Family,
    ) -> Vec<GuardId> {
        let at = nat.about.at.as_ref();
        let again = Note::new(
            reference(nat),
            "gets its own packets back: its subnet's route leads to itself",
            "NG-17",
            at,
        );
        let mut guards = vec![self.guard(Guard::FirstVisit {
            translator,
            otherwise: Stop::dropped("NEXT_HOP_LOOP", again).ending(),
        })];
        guards.extend(self.undocumented(nat, &nat.undocumented));
        let state = match nat.state.as_str() {
            "available" => Action::Pass(None),
            "deleting" => {
                let what = "is being deleted: it may still pass packets, and stops soon";
                Action::Pass(Some(Arc::new(Note::new(reference(nat), what, "NG-02", at))))
            }
            state => {
                let note = Note::new(reference(nat), format!("is {state}"), "NG-02", at);
                Action::Stop(Stop::dropped("BAD_STATE", note))
            }
        };
        guards.push(self.always_for_requests(state));
        if none_usable {
            let note = Note::new(reference(nat), "has no usable address", "NG-02", at);
            let stop = Stop::dropped("BAD_STATE", note).ending();
            guards.push(self.always_for_requests(Action::Stop(stop)));
        }
        if family == Family::V6 {
            guards.push(self.only_embedded(nat));
            guards.push(self.no_icmp_between(nat));
        }
        guards
    }

    /// NG-01 … NG-07, NG-17. Its subnet's ACL sees the client, and behind it the gateway (NA-10).
    pub(super) fn lead_to_translator(
        &mut self,
        subnet: &'n Subnet,
        nat: &'n NatGateway,
        translator: TranslatorIndex,
        family: Family,
    ) -> Lead {
        let at = nat.about.at.as_ref();
        let facts = &self.translators[translator as usize];
        let (to, none_free) = (facts.place, facts.private.is_empty());
        let mut guards = self.nat_guards(nat, translator, usable(nat).next().is_none(), family);
        let own = self.translator_is_in(translator, subnet);
        let skips = self.network.assumptions.value(BESIDE_SKIPS_ACL);
        let beside = own && skips == "true";
        let rests = own.then(|| {
            let what = match beside {
                true => "is in the client's subnet, with no ACL between them",
                false => "is in the client's subnet, behind its ACL",
            };
            let note = Note::new(reference(nat), what, "PW-05", at);
            let note = note.assuming(BESIDE_SKIPS_ACL, skips, "PW-05");
            self.always(Action::Pass(Some(Arc::new(note))))
        });
        // Before the ACL that it is about; where there is none, before all else.
        guards.extend(rests.filter(|_| beside));
        if !beside
            && (family == Family::V4 || self.network.assumptions.holds(super::ipv6::ACL_SEES_V6))
            && let Some(nat_subnet) =
                nat.subnet.as_ref().and_then(|id| self.network.subnets.get(id))
        {
            guards.push(self.acl_guard(nat_subnet, acls::Direction::Inbound));
        }
        let what = match nat.connectivity {
            Connectivity::Public => "translates the source to its own address",
            Connectivity::Private => "translates the source to its own private address",
        };
        let note = Note::new(reference(nat), what, "NG-03", at);
        guards.push(self.always_for_requests(Action::Pass(Some(Arc::new(note)))));
        if family == Family::V6 && !own {
            let value = self.network.assumptions.value(super::ipv6::ACL_SEES_V6);
            let note = Note::new(reference(nat), "translates IPv6 to IPv4", "NG-13", at).assuming(
                super::ipv6::ACL_SEES_V6,
                value,
                "NG-13",
            );
            guards.push(self.always_for_requests(Action::Pass(Some(Arc::new(note)))));
        }
        let mut to = to;
        if none_free && usable(nat).next().is_some() {
            let label = reference(nat).label().to_owned();
            let fact = format!("the private address of {label}: its subnet has none to spare");
            guards.push(self.always(Action::Unknown(Missing { fact, command: None })));
            to = self.kept.end;
        }
        Lead { beside, rests: rests.filter(|_| !beside), ..Lead::new(to, guards, Way::OneWay) }
    }
}

//! NAT gateways as address translators.

use super::leads::Lead;
use super::{Lowering, acls, reference};
use crate::graph::{
    Action, Guard, Note, Place, PublicOwner, Selector, Stop, TranslatorFacts, TranslatorIndex, Way,
};
use crate::header::{AddressSet, Family, PortSet};
use crate::network::{Connectivity, NatGateway, Subnet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// The source ports that a NAT gateway picks from (NG-06), and a NAT instance (NG-16).
pub(super) const TRANSLATED_PORTS: (u16, u16) = (1024, 65_535);

impl<'n> Lowering<'n> {
    /// NAT gateways that have a subnet to send from, by its table (RT-17).
    pub(super) fn add_translators(&mut self) {
        for nat in self.network.nat_gateways.values() {
            let subnet = nat.subnet.as_ref().and_then(|id| self.network.subnets.get(id));
            for address in nat.addresses.iter().filter_map(|address| address.public) {
                self.public_owners.insert(address, PublicOwner::Closed(Self::no_inbound(nat)));
            }
            let Some(subnet) = subnet else { continue };
            let index =
                TranslatorIndex::try_from(self.translators.len()).unwrap_or(TranslatorIndex::MAX);
            let place = self.places.add_node(Place::Translator(index));
            let local = self.local(&subnet.vpc);
            let usable = || {
                // NG-02
                nat.addresses
                    .iter()
                    .filter(|a| a.status.as_deref().is_none_or(|s| s == "succeeded"))
            };
            let sets = |private: Option<Ipv4Addr>| match private {
                Some(address) => AddressSet::single(IpAddr::V4(address)),
                None => subnet.assignable(),
            };
            let union = |all: AddressSet, one: AddressSet| all.union(&one);
            let public = usable().filter(|a| {
                // NG-04
                a.public.is_some() && nat.connectivity == Connectivity::Public
            });
            self.translators.push(TranslatorFacts {
                place,
                wire: self.subnets[&subnet.id].wire,
                local,
                returned_to: true,
                ports: PortSet::from_range(TRANSLATED_PORTS.0, TRANSLATED_PORTS.1),
                private: usable().map(|a| sets(a.private)).fold(AddressSet::empty(), union),
                public: public.clone().map(|a| sets(a.private)).fold(AddressSet::empty(), union),
                known_public: public
                    // Of several whose private address is not known, nothing tells which is which.
                    .filter(|a| a.private.is_some() || usable().count() == 1)
                    .filter_map(|a| Some((a.public?, sets(a.private))))
                    .collect(),
            });
            self.translator_by_id.insert(nat.id.as_str(), index);
            let places = self.subnets[&subnet.id];
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

    /// NG-07
    pub(super) fn no_inbound(nat: &NatGateway) -> Stop {
        let what = "takes no connections from outside";
        let note = Note::new(reference(nat), what, "NG-07", nat.about.at.as_ref());
        Stop::dropped("NAT_NO_INBOUND", note).ending()
    }

    pub(super) fn translator_is_in(&self, translator: TranslatorIndex, subnet: &Subnet) -> bool {
        let place = self.translators[translator as usize].place;
        self.places.find_edge(place, self.subnets[&subnet.id].router).is_some()
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
        let (to, none_usable) = (facts.place, facts.private.is_empty());
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
        let own = self.translator_is_in(translator, subnet);
        if !own
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
        Lead { beside: own, ..Lead::new(to, guards, Way::OneWay) }
    }
}

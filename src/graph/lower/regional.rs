//! Regional NAT gateways: in no subnet, with a table of their own (NG-15).

use super::leads::Lead;
use super::routes::{Turn, choices, turns};
use super::translators::{TRANSLATED_PORTS, usable};
use super::{Lowering, reference};
use crate::answer::Missing;
use crate::graph::{
    Action, Effect, GuardId, Note, Passage, Place, Selector, Stop, TranslatorFacts,
    TranslatorIndex, Way,
};
use crate::header::{AddressSet, Family, PortSet};
use crate::network::{
    Kind, NatAddress, NatGateway, NatGatewayId, RouteTable, RouteTarget, Subnet, SubnetId,
};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Regional NAT gateways as the subnets meet them that lead to one, by both ids.
pub(super) type Regional = BTreeMap<(NatGatewayId, SubnetId), TranslatorIndex>;

/// Whether such a gateway serves a zone.
enum Serves {
    /// With addresses that it has there.
    Here,
    /// From another zone, until it has any there.
    Elsewhere,
    /// Not at all.
    Never,
    /// That is not known.
    Unknown,
}

impl<'n> Lowering<'n> {
    /// One translator for each subnet whose table leads to it: which addresses it uses depends on
    /// the subnet's zone.
    pub(super) fn add_regional(&mut self, nat: &'n NatGateway) {
        let network = self.network;
        for subnet in network.subnets.values() {
            let leads = |table: &RouteTable| {
                let targets = table.routes.iter().map(|route| &route.target);
                targets.into_iter().any(|to| *to == RouteTarget::NatGateway(nat.id.clone()))
            };
            if !self.table_of(subnet).is_some_and(leads) {
                continue;
            }
            let index =
                TranslatorIndex::try_from(self.translators.len()).unwrap_or(TranslatorIndex::MAX);
            let place = self.places.add_node(Place::Translator(index));
            let back = self.places.add_node(Place::Router);
            let wire = self.places.add_node(Place::Subnet);
            let local = self.places.add_node(Place::Local);
            let (_, addresses) = serving(nat, subnet);
            let known: Vec<_> = addresses.iter().filter_map(|one| one.public).collect();
            let single = |public| AddressSet::single(IpAddr::V4(public));
            let union = |all: AddressSet, one: AddressSet| all.union(&one);
            let own = known.iter().copied().map(single).fold(AddressSet::empty(), union);
            self.connect(local, wire, Selector::addresses(own.clone()), Vec::new(), Way::Inside);
            Arc::make_mut(&mut self.translators).push(TranslatorFacts {
                place,
                back,
                wire,
                local,
                returned_to: false,
                ports: PortSet::from_range(TRANSLATED_PORTS.0, TRANSLATED_PORTS.1),
                private: own.clone(),
                public: own,
                known_public: known.into_iter().map(|public| (public, single(public))).collect(),
            });
            self.kept.regional.insert((nat.id.clone(), subnet.id.clone()), index);
            Arc::make_mut(&mut self.kept.gateway_translators).insert(index);
        }
    }

    /// What they send goes by their own table, and so do the replies that they turn back (RT-17).
    pub(super) fn add_regional_routes(&mut self) {
        let network = self.network;
        for ((nat, subnet), index) in self.kept.regional.clone() {
            let nat = network.nat_gateways.get(&nat);
            let (Some(nat), Some(subnet)) = (nat, network.subnets.get(&subnet)) else { continue };
            self.add_entry(nat, index);
            let table = nat.route_table.as_ref().and_then(|id| network.route_tables.get(id));
            let Some(table) = table else { continue };
            let facts = &self.translators[index as usize];
            let (place, back) = (facts.place, facts.back);
            for (choice, selector) in choices(network, table) {
                for Turn { choice, pick, assumed } in turns(table, &choice) {
                    let rests = self.rests_on(table, &assumed);
                    let (route, passes) = match self.route_of(table, &choice) {
                        Ok(found) => found,
                        Err(lead) => {
                            let guards: Vec<GuardId> =
                                rests.iter().copied().chain(lead.guards).collect();
                            for from in [place, back] {
                                let effect = Effect { pick: pick.clone(), ..Effect::default() };
                                let (selects, effect) =
                                    (Arc::new(selector.clone()), Arc::new(effect));
                                let guards = guards.iter().copied().collect();
                                let (departure, way) = (0, lead.way);
                                let passage = Passage { selects, guards, departure, way, effect };
                                self.add_passage(from, lead.to, passage);
                            }
                            continue;
                        }
                    };
                    let forth = match &route.target {
                        RouteTarget::InternetGateway(id) => {
                            let facing = self.facing_of(nat, subnet);
                            let (family, at) = (Family::V4, (subnet, table, None));
                            let mut lead = self.lead_to_internet(at, id, family, facing.1);
                            lead.guards.splice(0..0, facing.0);
                            lead
                        }
                        _ => self.address_unknown(nat),
                    };
                    let forth = (place, selector.of_family(Family::V4), forth);
                    let home = match &route.target {
                        RouteTarget::Local => {
                            Lead::new(self.local(&nat.vpc), Vec::new(), Way::Inside)
                        }
                        RouteTarget::InternetGateway(_) => {
                            Lead::new(self.kept.internet, Vec::new(), Way::Outside)
                        }
                        _ => self.address_unknown(nat),
                    };
                    for (from, selector, lead) in [forth, (back, selector.clone(), home)] {
                        let before = rests.iter().copied().chain([passes]);
                        let guards = before.chain(lead.guards).collect();
                        let effect = Arc::new(Effect { pick: pick.clone(), ..lead.effect });
                        let (selects, way) = (Arc::new(selector), lead.way);
                        let passage = Passage { selects, guards, departure: 0, way, effect };
                        self.add_passage(from, lead.to, passage);
                    }
                }
            }
        }
    }

    /// The way of replies from the internet.
    fn add_entry(&mut self, nat: &NatGateway, index: TranslatorIndex) {
        let local = self.translators[index as usize].local;
        let attached = |id: &String| {
            let gateway = self.network.internet_gateways.get(id.as_str());
            gateway.is_some_and(|one| super::internet::is_attached(&one.attachments, &nat.vpc))
        };
        let mut tables = self.network.route_tables.values();
        let all = Selector::addresses(AddressSet::all());
        let entry = match tables.find(|table| table.gateways.iter().any(attached)) {
            None => self.connect(self.kept.internet, local, all, Vec::new(), Way::Inside),
            Some(table) => {
                let label = reference(nat).label().to_owned();
                let of = reference(table).label().to_owned();
                let fact = format!("how rtb {of} leads replies to regional NAT gateway {label}");
                let open = self.always(Action::Unknown(Missing { fact, command: None }));
                self.connect(self.kept.internet, self.kept.end, all, vec![open], Way::End)
            }
        };
        self.entries.entry(local).or_default().push(entry);
    }

    /// Which private address one sends from within a network is not described.
    fn address_unknown(&mut self, nat: &NatGateway) -> Lead {
        let label = reference(nat).label().to_owned();
        let fact = format!(
            "how regional NAT gateway {label} sends to what is not on the internet: from which \
             address, and past which ACL"
        );
        self.dead_end(Action::Unknown(Missing { fact, command: None }))
    }

    /// BP-02: which subnet's exclusion lets it out; by the open point, none at all.
    fn facing_of(
        &mut self,
        nat: &NatGateway,
        subnet: &'n Subnet,
    ) -> (Option<GuardId>, Option<&'n Subnet>) {
        let name = "REGIONAL_NAT_NEEDS_VPC_EXCLUSION";
        let value = self.network.assumptions.value(name);
        let matters = self.blocks_both_ways(&nat.vpc);
        let what = match value {
            "true" => "is in no subnet, so that only an exclusion of the VPC lets it out",
            _ => "is in no subnet, and let out by an exclusion of the client's",
        };
        let note = Note::new(reference(nat), what, "NG-15", nat.about.at.as_ref());
        let note = note.assuming(name, value, "NG-15");
        let told = matters.then(|| self.always(Action::Pass(Some(Arc::new(note)))));
        (told, (value != "true").then_some(subnet))
    }

    /// NG-02, NG-05, NG-13, NG-15
    pub(super) fn lead_to_regional(
        &mut self,
        subnet: &'n Subnet,
        nat: &'n NatGateway,
        family: Family,
    ) -> Lead {
        let at = nat.about.at.as_ref();
        let Some(&translator) = self.kept.regional.get(&(nat.id.clone(), subnet.id.clone())) else {
            let (id, kind) = (nat.vpc.as_str(), Kind::Vpc);
            let missing = self.missing(format!("vpc {id}"), kind, &nat.about.scope);
            return Lead { way: Way::OneWay, ..self.dead_end(Action::Unknown(missing)) };
        };
        let to = self.translators[translator as usize].place;
        let none_usable = self.translators[translator as usize].private.is_empty();
        let mut guards = self.nat_guards(nat, translator, none_usable, family);
        guards.extend(self.zone_guard(nat, subnet));
        let name = "REGIONAL_NAT_HAS_NO_NACL";
        let value = self.network.assumptions.value(name);
        let acl = match value {
            "true" => {
                let what = "is in no subnet, with no ACL before it";
                let note = Note::new(reference(nat), what, "NG-15", at);
                Action::Pass(Some(Arc::new(note.assuming(name, value, "NG-15"))))
            }
            _ => {
                let label = reference(nat).label().to_owned();
                let fact = format!("which ACL regional NAT gateway {label} is behind ({name})");
                Action::Unknown(Missing { fact, command: None })
            }
        };
        guards.push(self.always_for_requests(acl));
        let known =
            nat.route_table.as_ref().filter(|id| self.network.route_tables.contains_key(*id));
        if known.is_none() {
            let fact = format!("the route table of NAT gateway {}", reference(nat).label());
            let missing = self.missing(fact, Kind::RouteTable, &nat.about.scope);
            guards.push(self.always(Action::Unknown(missing)));
            return Lead::new(self.kept.end, guards, Way::OneWay);
        }
        let what = "translates the source to a public address of its own";
        let note = Note::new(reference(nat), what, "NG-15", at);
        guards.push(self.always_for_requests(Action::Pass(Some(Arc::new(note)))));
        Lead::new(to, guards, Way::OneWay)
    }

    /// NG-15: whether it serves the zone of the subnet that leads to it.
    fn zone_guard(&mut self, nat: &NatGateway, subnet: &Subnet) -> Option<GuardId> {
        let at = nat.about.at.as_ref();
        let action = match serving(nat, subnet).0 {
            Serves::Here => return None,
            Serves::Elsewhere => {
                let what = format!(
                    "has no address in {}, and serves it from another zone until it has",
                    subnet.zone
                );
                Action::Pass(Some(Arc::new(Note::new(reference(nat), what, "NG-15", at))))
            }
            Serves::Never => {
                let what = format!(
                    "has no address in {}, where the packet comes from, and does not expand to it",
                    subnet.zone
                );
                let note = Note::new(reference(nat), what, "NG-15", at);
                Action::Stop(Stop::dropped("REGIONAL_NGW_ROUTE_AZ_RESTRICTION", note).ending())
            }
            Serves::Unknown => {
                let label = reference(nat).label().to_owned();
                let fact = format!("whether regional NAT gateway {label} serves {}", subnet.zone);
                Action::Unknown(self.missing(fact, Kind::NatGateway, &nat.about.scope))
            }
        };
        Some(self.always_for_requests(action))
    }
}

/// Whether a gateway serves the zone of a subnet, and with which of its addresses.
fn serving<'a>(nat: &'a NatGateway, subnet: &Subnet) -> (Serves, Vec<&'a NatAddress>) {
    let all: Vec<&NatAddress> = usable(nat).filter(|one| one.public.is_some()).collect();
    let here = |one: &&NatAddress| {
        let ids = one.zone.id.as_ref().zip(subnet.zone.id.as_ref());
        let names = one.zone.name.as_ref().zip(subnet.zone.name.as_ref());
        // SH-01: names say the same in one account only.
        let names = names.filter(|_| nat.about.scope.account == subnet.about.scope.account);
        ids.or(names).map(|(own, theirs)| own == theirs)
    };
    let surely = all.iter().any(|one| here(one) == Some(true));
    let perhaps = all.iter().any(|one| here(one).is_none());
    match (surely, perhaps, nat.expands) {
        (true, ..) => {
            let own = all.into_iter().filter(|one| here(one) != Some(false)).collect();
            (Serves::Here, own)
        }
        (false, true, Some(true)) => (Serves::Here, all),
        (false, false, Some(true)) => (Serves::Elsewhere, all),
        (false, false, Some(false)) => (Serves::Never, all),
        (false, true, Some(false)) | (false, _, None) => (Serves::Unknown, all),
    }
}

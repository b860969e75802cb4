//! What packets are routed through: hosts that forward, and the appliances behind Gateway Load
//! Balancer endpoints.

use super::firewalls::may_forget;
use super::leads::{Arriving, Lead};
use super::translators::TRANSLATED_PORTS;
use super::{Lowering, acls, groups, reference};
use crate::answer::Missing;
use crate::graph::{
    Action, Crossing, Effect, Guard, GuardId, Note, Place, Selector, Stop, Through,
    TranslatorFacts, TranslatorIndex, Way,
};
use crate::header::{AddressSet, Family, PortSet, public_ipv4};
use crate::network::{
    Attached, EndpointType, Forwarding, Kind, NetworkInterface, NetworkInterfaceId, RouteTable,
    Subnet, VpcEndpoint, VpcEndpointId,
};
use petgraph::graph::NodeIndex;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

/// Whose table leads to a middlebox.
pub(super) struct Sender<'a> {
    table: &'a RouteTable,
    /// The subnet whose packets it routes; of a gateway's own table, none.
    subnet: Option<&'a Subnet>,
    arriving: Option<&'a Arriving>,
}

impl<'a> Sender<'a> {
    pub(super) fn gate(table: &'a RouteTable) -> Self {
        Self { table, subnet: None, arriving: None }
    }

    pub(super) fn subnet(
        subnet: &'a Subnet,
        table: &'a RouteTable,
        arriving: Option<&'a Arriving>,
    ) -> Self {
        Self { table, subnet: Some(subnet), arriving }
    }
}

impl<'n> Lowering<'n> {
    /// NG-16
    pub(super) fn add_nat_instances(&mut self) {
        let network = self.network;
        let assumed = network.assumptions.holds("PUBLIC_FORWARDER_IS_NAT_INSTANCE");
        for interface in network.interfaces.values() {
            let has_public = || !super::interfaces::public(interface).is_empty();
            let translates = match interface.forwards {
                Some(Forwarding::Nat) => true,
                Some(_) => false,
                None => assumed && !interface.source_dest_check && has_public(),
            };
            let Some(subnet) = network.subnets.get(&interface.subnet).filter(|_| translates) else {
                continue;
            };
            let index =
                TranslatorIndex::try_from(self.translators.len()).unwrap_or(TranslatorIndex::MAX);
            let place = self.places.add_node(Place::Translator(index));
            let places = self.kept.subnets[&subnet.id];
            let local = self.local(&subnet.vpc);
            let known = super::interfaces::known_public(interface).into_iter();
            Arc::make_mut(&mut self.translators).push(TranslatorFacts {
                place,
                back: place,
                wire: places.wire,
                local,
                // NG-09: unique to NAT gateways.
                returned_to: false,
                ports: PortSet::from_range(TRANSLATED_PORTS.0, TRANSLATED_PORTS.1),
                private: interface.own_addresses().of_family(Family::V4),
                public: super::interfaces::public(interface),
                known_public: known
                    .map(|(public, private)| (public, AddressSet::single(IpAddr::V4(private))))
                    .collect(),
            });
            self.kept.translator(Arc::from(interface.id.as_str()), index);
            self.leave(place, places.router, interface, subnet);
        }
    }

    /// Out of a host that forwards: by its subnet's router. RT-14: not to its own subnet.
    fn leave(
        &mut self,
        place: NodeIndex,
        router: NodeIndex,
        interface: &NetworkInterface,
        subnet: &Subnet,
    ) {
        let inside = subnet.addresses();
        let outside = AddressSet::all().difference(&inside);
        let label = reference(interface).label().to_owned();
        let fact = format!("what {label} does with packets for a host of its own subnet");
        let unknown = self.always(Action::Unknown(Missing { fact, command: None }));
        self.connect(place, self.kept.end, Selector::addresses(inside), vec![unknown], Way::End);
        self.connect(place, router, Selector::addresses(outside), Vec::new(), Way::Inside);
    }

    /// RT-14: where a route to an interface leads, by destination.
    pub(super) fn leads_to_interface(
        &mut self,
        sender: &Sender<'_>,
        id: &NetworkInterfaceId,
        selector: Arc<Selector>,
    ) -> Vec<(Arc<Selector>, Lead)> {
        let network = self.network;
        let Some(interface) = network.interfaces.get(id) else {
            let (kind, id) = (Kind::NetworkInterface, id.as_str());
            let lead = self.not_found("interface", id, kind, Way::Through, sender.table);
            return vec![(selector, lead)];
        };
        let Some(subnet) = network.subnets.get(&interface.subnet) else {
            let (kind, id) = (Kind::Subnet, interface.subnet.as_str());
            let lead = self.not_found("subnet", id, kind, Way::Through, sender.table);
            return vec![(selector, lead)];
        };
        let translated = match interface.forwards {
            Some(_) => AddressSet::all().of_family(Family::V4),
            None => AddressSet::from_v4(public_ipv4().clone()),
        };
        let rest = AddressSet::all().difference(&translated);
        let Some(&translator) = self.kept.translator_by_id.get(interface.id.as_str()) else {
            let has_public = !super::interfaces::public(interface).is_empty();
            if interface.forwards.is_some() || interface.source_dest_check || !has_public {
                return vec![(selector, self.lead_through(sender, interface, subnet))];
            }
            let name = "PUBLIC_FORWARDER_IS_NAT_INSTANCE";
            let what = "has a public address of its own, and leaves the source as it is";
            let note = Note::new(reference(interface), what, "NG-16", interface.about.at.as_ref());
            let note = note.assuming(name, network.assumptions.value(name), "NG-16");
            let mut outward = self.lead_through(sender, interface, subnet);
            outward.guards.insert(0, self.always(Action::Pass(Some(Arc::new(note)))));
            let inward = self.lead_through(sender, interface, subnet);
            let part = |set| Arc::new(selector.within(set));
            return vec![(part(&translated), outward), (part(&rest), inward)];
        };
        let nat = self.lead_to_instance(sender, interface, subnet, translator);
        let part = |set| Arc::new(selector.within(set));
        let mut leads = vec![(part(&translated), nat)];
        if interface.forwards.is_some() {
            let label = reference(interface).label().to_owned();
            let fact = format!("what NAT instance {label} does with IPv6");
            let lead = self.dead_end(Action::Unknown(Missing { fact, command: None }));
            let beside = sender.subnet.is_some_and(|from| from.id == subnet.id);
            leads.push((part(&rest), Lead { beside, way: Way::Through, ..lead }));
        } else {
            let lead = self.lead_through(sender, interface, subnet);
            leads.push((part(&rest), lead));
        }
        leads
    }

    /// NG-16, NG-17
    fn lead_to_instance(
        &mut self,
        sender: &Sender<'_>,
        interface: &'n NetworkInterface,
        subnet: &'n Subnet,
        translator: TranslatorIndex,
    ) -> Lead {
        let at = interface.about.at.as_ref();
        let again = Note::new(reference(interface), "gets its own packets back", "NG-17", at);
        let mut guards = vec![self.guard(Guard::FirstVisit {
            translator,
            otherwise: Stop::dropped("NEXT_HOP_LOOP", again).ending(),
        })];
        guards.extend(self.host_guards(sender, interface, subnet));
        let what = "translates the source to its own address";
        let mut note = Note::new(reference(interface), what, "NG-16", at);
        if interface.forwards.is_none() {
            note = note.assuming("PUBLIC_FORWARDER_IS_NAT_INSTANCE", "true", "NG-16");
        }
        guards.push(self.always_for_requests(Action::Pass(Some(Arc::new(note)))));
        let to = self.translators[translator as usize].place;
        let beside = sender.subnet.is_some_and(|from| from.id == subnet.id);
        Lead { beside, ..Lead::new(to, guards, Way::OneWay) }
    }

    /// RT-14: through a host that passes packets on unchanged.
    fn lead_through(
        &mut self,
        sender: &Sender<'_>,
        interface: &'n NetworkInterface,
        subnet: &'n Subnet,
    ) -> Lead {
        let at = interface.about.at.as_ref();
        let label = reference(interface).label().to_owned();
        let mut guards = self.host_guards(sender, interface, subnet);
        let note = Note::new(reference(interface), "passes it on unchanged", "RT-14", at);
        let assumption = "APPLIANCE_FORWARDS_UNCHANGED";
        let action = match (interface.forwards, self.network.assumptions.holds(assumption)) {
            (Some(_), _) => Action::Pass(Some(Arc::new(note))),
            (None, true) => {
                Action::Pass(Some(Arc::new(note.assuming(assumption, "true", "RT-14"))))
            }
            (None, false) => {
                let fact =
                    format!("what {label} does with packets that are for others ({assumption})");
                Action::Unknown(Missing { fact, command: None })
            }
        };
        guards.push(self.always(action));
        let fact =
            format!("whether {label} has to see both ways of a connection: here it sees only one");
        let open = Action::Unknown(Missing { fact, command: None });
        let (missed, unexpected) = match interface.forwards {
            Some(Forwarding::Stateful) => {
                let stop = Action::Stop(one_way(reference(interface), at));
                (stop.clone(), stop)
            }
            Some(Forwarding::Unchanged) => (Action::Pass(None), open),
            _ => (open.clone(), open),
        };
        let to = self.behind(interface.id.as_str(), sender, subnet, Some(interface));
        let effect = self.effect(sender, interface.id.as_str(), &label, missed, unexpected);
        let beside = sender.subnet.is_some_and(|from| from.id == subnet.id);
        Lead { beside, effect, ..Lead::new(to, guards, Way::Through) }
    }

    /// What a host asks of what it is to pass on: PW-13, PW-03, RT-14, and its groups, in and out.
    fn host_guards(
        &mut self,
        sender: &Sender<'_>,
        interface: &'n NetworkInterface,
        subnet: &'n Subnet,
    ) -> Vec<GuardId> {
        let at = interface.about.at.as_ref();
        let mut guards = Vec::new();
        if sender.subnet.is_none_or(|from| from.id != subnet.id) {
            guards.push(self.acl_guard(subnet, acls::Direction::Inbound));
        }
        let public = super::interfaces::public(interface);
        let stops = [
            (
                !interface.usable,
                "BAD_STATE",
                "is not in use: detached, or its instance is not running",
                "PW-13",
            ),
            (
                interface.source_dest_check,
                "ENI_SOURCE_DEST_CHECK_RESTRICTION",
                "has its source/destination check on, so it takes only what is for itself",
                "PW-03",
            ),
            (
                sender.subnet.is_none() && public.is_empty(),
                "INGRESS_RTB_NO_PUBLIC_IP",
                "has no public address, which what comes in by an internet gateway needs",
                "RT-14",
            ),
        ];
        for (_, code, what, rule) in stops.into_iter().filter(|(stops, ..)| *stops) {
            let note = Note::new(reference(interface), what, rule, at);
            guards.push(self.always(Action::Stop(Stop::dropped(code, note))));
        }
        let groups = self.groups_of(interface);
        guards.extend(self.group_guard(interface, &groups, groups::Direction::Ingress));
        guards.extend(self.group_guard(interface, &groups, groups::Direction::Egress));
        let label = reference(interface).label().to_owned();
        guards.extend(self.not_back_to_nat(sender, subnet, &label));
        guards
    }

    /// RT-14: AWS does not support middleboxes on the way back to a NAT gateway of the same VPC.
    fn not_back_to_nat(
        &mut self,
        sender: &Sender<'_>,
        subnet: &Subnet,
        label: &str,
    ) -> Option<GuardId> {
        sender.subnet?;
        let network = self.network;
        let here = network.nat_gateways.values().filter(|nat| {
            let own = nat.subnet.as_ref().and_then(|id| network.subnets.get(id));
            own.is_some_and(|own| own.vpc == subnet.vpc)
        });
        let to: BTreeSet<TranslatorIndex> = here
            .filter_map(|nat| self.kept.translator_by_id.get(nat.id.as_str()).copied())
            .collect();
        let fact = format!(
            "whether {label} passes replies on to a NAT gateway of its own VPC, which AWS does not \
             support"
        );
        let action = Action::Unknown(Missing { fact, command: None });
        (!to.is_empty()).then(|| self.guard(Guard::RepliesTo { to, action }))
    }

    /// GL-01, GL-02, GL-03, GL-04
    pub(super) fn lead_to_appliance(&mut self, sender: &Sender<'_>, id: &VpcEndpointId) -> Lead {
        let network = self.network;
        let through = |lead: Lead| Lead { way: Way::Through, ..lead };
        let Some(endpoint) = network.vpc_endpoints.get(id) else {
            let (kind, id) = (Kind::VpcEndpoint, id.as_str());
            return self.not_found("endpoint", id, kind, Way::Through, sender.table);
        };
        let label = reference(endpoint).label().to_owned();
        let subnet = endpoint.subnets.first().and_then(|id| network.subnets.get(id));
        let Some(subnet) =
            subnet.filter(|_| endpoint.endpoint_type == EndpointType::GatewayLoadBalancer)
        else {
            let fact = format!("how endpoint {label} takes what is routed to it");
            return through(self.dead_end(Action::Unknown(Missing { fact, command: None })));
        };
        let at = endpoint.about.at.as_ref();
        let mut guards = vec![
            self.acl_guard(subnet, acls::Direction::Inbound),
            self.endpoint_state(endpoint, "hands it to its appliance", "GL-02"),
        ];
        guards.extend(self.not_back_to_nat(sender, subnet, &label));
        let stop = Action::Stop(one_way(reference(endpoint), at));
        let half = match self.firewall_of(endpoint) {
            Some(firewall) => {
                guards.extend(self.firewall_guards(firewall, endpoint));
                match may_forget(firewall) {
                    true => {
                        let fact = format!(
                            "whether firewall {} has to see both ways of this connection",
                            reference(firewall).label()
                        );
                        Action::Unknown(Missing { fact, command: None })
                    }
                    false => stop,
                }
            }
            None => {
                guards.push(self.appliance(endpoint));
                stop
            }
        };
        let to = self.behind(endpoint.id.as_str(), sender, subnet, None);
        let effect = self.effect(sender, endpoint.id.as_str(), &label, half.clone(), half);
        Lead { effect, ..Lead::new(to, guards, Way::Through) }
    }

    /// GL-03: what an appliance does is stated, or assumed, or not known.
    fn appliance(&mut self, endpoint: &VpcEndpoint) -> GuardId {
        let assumption = "GWLB_APPLIANCE_PASSES";
        let assumed = self.network.assumptions.value(assumption);
        let at = endpoint.about.at.as_ref();
        let note = Note::new(reference(endpoint), "has an appliance that passes it", "GL-03", at);
        let action = match (endpoint.appliance_passes, assumed) {
            (true, _) => Action::Pass(Some(Arc::new(note))),
            (false, "true") => {
                Action::Pass(Some(Arc::new(note.assuming(assumption, assumed, "GL-03"))))
            }
            (false, _) => {
                let label = reference(endpoint).label().to_owned();
                let fact =
                    format!("what the appliance behind endpoint {label} does ({assumption})");
                Action::Unknown(self.missing(fact, Kind::Firewall, &endpoint.about.scope))
            }
        };
        self.always_for_requests(action)
    }

    /// The place where packets come out of a middlebox, at its own subnet (RT-17).
    fn behind(
        &mut self,
        id: &str,
        sender: &Sender<'_>,
        subnet: &'n Subnet,
        host: Option<&NetworkInterface>,
    ) -> NodeIndex {
        let foreign = sender.arriving.is_some();
        let key = (Arc::from(id), foreign);
        if let Some(&place) = self.kept.middleboxes.get(&key) {
            return place;
        }
        let place = self.places.add_node(Place::Exit);
        self.kept.middleboxes.insert(key, place);
        let places = self.kept.subnets[&subnet.id];
        let router = if foreign { self.places.add_node(Place::Router) } else { places.router };
        match host {
            // It stays, whatever becomes of the routes that lead to it.
            Some(host) => _ = self.owning(|own| own.leave(place, router, host, subnet)),
            None => {
                let inside = subnet.addresses();
                let outside = Selector::addresses(AddressSet::all().difference(&inside));
                let inside = Selector::addresses(inside);
                self.connect(place, places.wire, inside, Vec::new(), Way::Inside);
                self.connect(place, router, outside, Vec::new(), Way::Inside);
            }
        }
        if foreign {
            self.add_routes_of(router, subnet, Some(Arriving { by: None }));
        }
        place
    }

    /// SG-12, PW-10, RT-16, TG-05
    fn effect(
        &self,
        sender: &Sender<'_>,
        id: &str,
        label: &str,
        mut missed: Action,
        mut unexpected: Action,
    ) -> Effect {
        if sender.subnet.is_none() {
            let what = format!(
                "sends what comes in through {label}, past which the other way of the connection goes"
            );
            let at = sender.table.about.at.as_ref();
            let note = Note::new(reference(sender.table), what, "RT-16", at);
            let stop = Stop::dropped("INGRESS_RTB_TRAFFIC_REDIRECTION", note).ending();
            if matches!(unexpected, Action::Stop(_)) {
                unexpected = Action::Stop(stop.clone());
            }
            missed = Action::Stop(stop);
        }
        if let (Some(hub), Some(subnet), Action::Stop(_)) =
            (sender.arriving.and_then(|arriving| arriving.by.as_ref()), sender.subnet, &unexpected)
        {
            let mut attachments = self.network.transit_gateway_attachments.values();
            let own = attachments.find(|one| {
                one.transit_gateway == *hub
                    && matches!(&one.attached, Attached::Vpc { vpc, .. } if *vpc == subnet.vpc)
            });
            if let Some(own) = own.filter(|own| own.appliance_mode != Some(true)) {
                let what = format!(
                    "is not in appliance mode, so the reply comes to another zone's appliance ({label})"
                );
                let note = Note::new(reference(own), what, "TG-05", own.about.at.as_ref());
                let stop = Stop::dropped("TGW_ATTACH_VPC_AZ_RESTRICTION", note).ending();
                unexpected = Action::Stop(stop);
            }
        }
        let through = Through { id: Arc::from(id), missed, unexpected };
        Effect {
            crossing: Crossing::Forwarded,
            through: Some(Arc::new(through)),
            ..Effect::default()
        }
    }
}

/// PW-10
fn one_way(resource: crate::answer::ResourceRef, at: Option<&crate::network::At>) -> Stop {
    let what = "sees only one way of the connection, and drops what it does not know";
    Stop::dropped("RETURN_PATH_ASYMMETRIC", Note::new(resource, what, "PW-10", at)).ending()
}

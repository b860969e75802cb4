//! Where routes lead: each choice of a table as a passage out of a router.

use super::middleboxes::Sender;
use super::routes::{Choice, Turn, assumption_note, choices, turns};
use super::{Lowering, acls, reference, scope_of};
use crate::answer::Missing;
use crate::graph::{
    Action, Clause, Effect, Guard, GuardId, Note, Order, Passage, PeerTest, Place, RuleSet,
    Selector, Side, Stop, Way,
};
use crate::header::{AddressSet, Family, IcmpMessage, PortSet, Protocol, ProtocolMatch};
use crate::network::{
    Kind, Resource, Route, RouteState, RouteTable, RouteTarget, Subnet, TransitGatewayId,
    VpcEndpoint, VpcEndpointId, VpcId,
};
use petgraph::graph::NodeIndex;
use smallvec::SmallVec;
use std::sync::Arc;

/// One passage out of a router, before the router is known: shared by the subnets of a table.
pub(super) struct Lead {
    pub(super) to: NodeIndex,
    pub(super) guards: Vec<GuardId>,
    pub(super) way: Way,
    /// Whether it leads to a neighbour in the router's own subnet, with no ACL between (PW-05).
    pub(super) beside: bool,
    /// The open point by which the router's own ACL is in between.
    pub(super) rests: Option<GuardId>,
    pub(super) effect: Effect,
}

/// How packets come that are from another VPC.
#[derive(Clone, Debug)]
pub(in crate::graph) struct Arriving {
    /// The transit gateway that brings them, when nothing has passed them on since.
    pub(super) by: Option<TransitGatewayId>,
}

/// What a table says of each destination.
pub(super) struct Choices {
    pub(super) whole: Vec<(Choice, Selector)>,
    /// The same by family.
    parts: Vec<(Choice, Family, Arc<Selector>)>,
}

impl Lead {
    pub(super) fn new(to: NodeIndex, guards: Vec<GuardId>, way: Way) -> Self {
        Self { to, guards, way, beside: false, rests: None, effect: Effect::default() }
    }
}

impl<'n> Lowering<'n> {
    /// Every route of every subnet's table, as a passage out of its router.
    pub(super) fn add_routes(&mut self) {
        for subnet in self.network.subnets.values() {
            let router = self.kept.subnets[&subnet.id].router;
            self.add_routes_of(router, subnet, None);
        }
    }

    /// What a table says, told once.
    pub(super) fn choices_of(&mut self, table: &RouteTable) -> Arc<Choices> {
        if let Some(known) = self.choices.get(&table.id) {
            return Arc::clone(known);
        }
        let whole = choices(self.network, table);
        let parts = whole.iter().cloned().flat_map(super::ipv6::by_family);
        let parts = parts.map(|(choice, family, selector)| (choice, family, Arc::new(selector)));
        let parts = parts.collect();
        let choices = Arc::new(Choices { whole, parts });
        self.choices.insert(table.id.clone(), Arc::clone(&choices));
        choices
    }

    /// The same out of one router, all of whose packets may be `arriving` from another VPC.
    pub(super) fn add_routes_of(
        &mut self,
        router: NodeIndex,
        subnet: &'n Subnet,
        arriving: Option<Arriving>,
    ) {
        let routers = self.kept.routers.entry(subnet.id.clone()).or_default();
        routers.push((router, arriving.clone()));
        let (_, guards) = self.owning(|own| own.tell_routes(router, subnet, arriving.as_ref()));
        if let Some(table) = self.table_of(subnet) {
            self.kept.of_table.entry(table.id.clone()).or_default().extend(guards);
        }
    }

    pub(super) fn tell_routes(
        &mut self,
        router: NodeIndex,
        subnet: &'n Subnet,
        arriving: Option<&Arriving>,
    ) {
        let acl = self.acl_guard(subnet, acls::Direction::Outbound);
        self.departures.insert(router, acl);
        let Some(table) = self.table_of(subnet) else {
            let fact = format!("the route table of subnet {}", reference(subnet).label());
            let missing = self.missing(fact, Kind::RouteTable, scope_of(subnet));
            let unknown = self.always(Action::Unknown(missing));
            let all = Selector::addresses(AddressSet::all());
            self.connect(router, self.kept.end, all, [acl, unknown], Way::End);
            return;
        };
        for (choice, family, selector) in &self.choices_of(table).parts {
            let turns = self.turns(subnet, table, choice, *family, selector, arriving);
            for (selects, lead) in turns {
                let mut guards = SmallVec::from_iter(lead.rests);
                guards.extend((!lead.beside).then_some(acl));
                let departure = guards.len();
                guards.extend(lead.guards);
                let (way, effect) = (lead.way, Arc::new(lead.effect));
                let passage = Passage { selects, guards, departure, way, effect };
                self.add_passage(router, lead.to, passage);
            }
        }
    }

    /// RT-02, RT-14: the place where a gateway's own table routes what comes in.
    pub(super) fn gate(&mut self, vpc: &VpcId, table: &'n RouteTable) -> NodeIndex {
        let place = self.places.add_node(Place::Junction);
        let gates = self.kept.gates.entry(table.id.clone()).or_default();
        gates.push((vpc.clone(), place));
        let (_, guards) = self.owning(|own| own.tell_gate(place, vpc, table));
        self.kept.of_table.entry(table.id.clone()).or_default().extend(guards);
        place
    }

    pub(super) fn tell_gate(&mut self, place: NodeIndex, vpc: &VpcId, table: &'n RouteTable) {
        let choices = self.choices_of(table);
        let all = choices.parts.iter().flat_map(|(choice, family, selector)| {
            let turns = turns(table, choice).into_iter();
            turns.map(move |turn| (turn, *family, Arc::clone(selector)))
        });
        for (Turn { choice, pick, assumed }, family, selects) in all {
            let rests = self.rests_on(table, &assumed);
            let (route, passes) = match self.route_of(table, &choice) {
                Ok(found) => found,
                Err(lead) => {
                    let guards = rests.into_iter().chain(lead.guards).collect();
                    let effect = Arc::new(Effect { pick, ..lead.effect });
                    let passage = Passage { selects, guards, departure: 0, way: lead.way, effect };
                    self.add_passage(place, lead.to, passage);
                    continue;
                }
            };
            // BP-02: what is led to a middlebox faces the gateway there.
            let facing = match &route.target {
                RouteTarget::Interface(id) => {
                    self.network.interfaces.get(id).map(|one| &one.subnet)
                }
                RouteTarget::LoadBalancerEndpoint(id) => {
                    self.network.vpc_endpoints.get(id).and_then(|one| one.subnets.first())
                }
                _ => None,
            };
            let facing = facing.and_then(|id| self.network.subnets.get(id));
            let public = match &route.target {
                RouteTarget::Local => self.public_ingress(vpc),
                target => facing.and_then(|subnet| self.public_ingress_at(vpc, subnet, target)),
            };
            let leads = match &route.target {
                RouteTarget::Local => {
                    vec![(selects, Lead::new(self.local(vpc), Vec::new(), Way::Inside))]
                }
                RouteTarget::Interface(id) => {
                    self.leads_to_interface(&Sender::gate(table), id, selects)
                }
                RouteTarget::LoadBalancerEndpoint(_) if family == Family::V6 => {
                    vec![(selects, self.ipv6_through(&route.target))]
                }
                RouteTarget::LoadBalancerEndpoint(id) => {
                    vec![(selects, self.lead_to_appliance(&Sender::gate(table), id))]
                }
                other => {
                    let fact = format!("how a gateway's table leads to {other}");
                    let missing = Missing { fact, command: None };
                    vec![(selects, self.dead_end(Action::Unknown(missing)))]
                }
            };
            for (selects, lead) in leads {
                let before = rests.iter().copied().chain([passes]).chain(public);
                let guards = before.chain(lead.guards).collect();
                // They come before it matters what stands there.
                let departure = rests.len() + 1 + usize::from(public.is_some());
                let Lead { way, effect, .. } = lead;
                let effect = Arc::new(Effect { pick: pick.clone(), ..effect });
                let passage = Passage { selects, guards, departure, way, effect };
                self.add_passage(place, lead.to, passage);
            }
        }
    }

    /// Where a choice of a table leads, each of its ways, for packets of a subnet.
    fn turns(
        &mut self,
        subnet: &'n Subnet,
        table: &'n RouteTable,
        choice: &Choice,
        family: Family,
        selector: &Arc<Selector>,
        arriving: Option<&Arriving>,
    ) -> Vec<(Arc<Selector>, Lead)> {
        let mut all = Vec::new();
        for Turn { choice, pick, assumed } in turns(table, choice) {
            let rests = self.rests_on(table, &assumed);
            let selector = Arc::clone(selector);
            let leads = self.leads(subnet, table, &choice, family, selector, arriving);
            for (part, mut lead) in leads {
                lead.guards.splice(0..0, rests.iter().copied());
                lead.effect.pick = lead.effect.pick.or_else(|| pick.clone());
                all.push((part, lead));
            }
        }
        all
    }

    /// Guards that tell the open points on which a choice rests.
    pub(super) fn rests_on(
        &mut self,
        table: &RouteTable,
        assumed: &[&'static str],
    ) -> Vec<GuardId> {
        let network = self.network;
        let notes = assumed.iter().map(|name| Arc::new(assumption_note(network, table, name)));
        notes.map(|note| self.always(Action::Pass(Some(note)))).collect()
    }

    /// The route that a choice of a table is, with the guard that names it.
    pub(super) fn route_of(
        &mut self,
        table: &'n RouteTable,
        choice: &Choice,
    ) -> Result<(&'n Route, GuardId), Lead> {
        let index = match choice {
            Choice::Route(index) => *index,
            Choice::None => {
                let note = Note::new(
                    reference(table),
                    "has no route for it",
                    "RT-12",
                    table.about.at.as_ref(),
                );
                let stop = Action::Stop(Stop::dropped("NO_ROUTE_TO_DESTINATION", note));
                return Err(self.dead_end(stop));
            }
            Choice::Unknown(missing) => {
                return Err(self.dead_end(Action::Unknown(missing.clone())));
            }
            Choice::Several(..) | Choice::Assumed(..) => {
                let fact = format!("which route of rtb {} is used", reference(table).label());
                return Err(self.dead_end(Action::Unknown(Missing { fact, command: None })));
            }
        };
        let route = &table.routes[index];
        let at = route.at.as_ref().or(table.about.at.as_ref());
        let words = |what: &str| Note::new(reference(table), what, "RT-04", at);
        let shown = self.route_words(route);
        if route.state != RouteState::Active {
            let mut note = words(&match &route.state {
                RouteState::Other(state) => format!("{shown}, which is {state}"),
                _ => format!("{shown}, a blackhole: that target is gone or not active"),
            });
            note.rule = crate::answer::RuleId::new("RT-11");
            return Err(self.dead_end(Action::Stop(Stop::dropped("BAD_STATE_ROUTE", note))));
        }
        Ok((route, self.always(Action::Pass(Some(Arc::new(words(&shown)))))))
    }

    /// Where a choice of a table leads, for packets of a subnet: by destination, where that
    /// matters.
    fn leads(
        &mut self,
        subnet: &'n Subnet,
        table: &'n RouteTable,
        choice: &Choice,
        family: Family,
        selector: Arc<Selector>,
        arriving: Option<&Arriving>,
    ) -> Vec<(Arc<Selector>, Lead)> {
        let (route, passes) = match self.route_of(table, choice) {
            Ok(found) => found,
            Err(lead) => return vec![(selector, lead)],
        };
        let mut leads = match &route.target {
            RouteTarget::Interface(id) => {
                self.leads_to_interface(&Sender::subnet(subnet, table, arriving), id, selector)
            }
            RouteTarget::LoadBalancerEndpoint(_) if family == Family::V6 => {
                vec![(selector, self.ipv6_through(&route.target))]
            }
            _ => vec![(selector, self.lead(subnet, table, route, family, arriving))],
        };
        for (_, lead) in &mut leads {
            lead.guards.insert(0, passes);
        }
        leads
    }

    /// Where a route leads, for packets of a subnet.
    fn lead(
        &mut self,
        subnet: &'n Subnet,
        table: &'n RouteTable,
        route: &'n Route,
        family: Family,
        arriving: Option<&Arriving>,
    ) -> Lead {
        match &route.target {
            RouteTarget::Local => {
                let to = self.local(&subnet.vpc);
                Lead::new(to, Vec::new(), Way::Inside)
            }
            RouteTarget::NatGateway(id) => {
                let network = self.network;
                let nat = network.nat_gateways.get(id);
                match (nat, self.kept.translator_by_id.get(id.as_str()).copied()) {
                    (Some(nat), Some(translator)) => {
                        self.lead_to_translator(subnet, nat, translator, family)
                    }
                    (Some(nat), None) if nat.subnet.is_none() => {
                        self.lead_to_regional(subnet, nat, family)
                    }
                    (Some(nat), None) => {
                        let fact = format!("the subnet of NAT gateway {}", reference(nat).label());
                        let missing = self.missing(fact, Kind::Subnet, &nat.about.scope);
                        Lead { way: Way::OneWay, ..self.dead_end(Action::Unknown(missing)) }
                    }
                    (None, _) => self.not_found(
                        "NAT gateway",
                        id.as_str(),
                        Kind::NatGateway,
                        Way::OneWay,
                        table,
                    ),
                }
            }
            RouteTarget::InternetGateway(id) => {
                self.lead_to_internet((subnet, table, arriving), id, family, Some(subnet))
            }
            RouteTarget::EgressOnlyGateway(id) => {
                self.lead_outward(subnet, table, id, family, arriving)
            }
            RouteTarget::GatewayEndpoint(id) => {
                self.lead_to_endpoint(subnet, table, id, family, arriving)
            }
            RouteTarget::Peering(id) => self.lead_to_peer(subnet, table, id),
            RouteTarget::TransitGateway(id) => self.lead_to_transit(subnet, table, id, arriving),
            RouteTarget::LoadBalancerEndpoint(id) => {
                self.lead_to_appliance(&Sender::subnet(subnet, table, arriving), id)
            }
            RouteTarget::Interface(id) => {
                let (kind, id) = (Kind::NetworkInterface, id.as_str());
                self.not_found("interface", id, kind, Way::Through, table)
            }
            RouteTarget::Other { kind, id } => {
                self.lead_beyond(subnet, (kind, id), arriving.is_some())
            }
        }
    }

    pub(super) fn dead_end(&mut self, action: Action) -> Lead {
        let guards = vec![self.always(action)];
        Lead::new(self.kept.end, guards, Way::End)
    }

    /// A target that the network lacks: nothing is known of it but its kind.
    pub(super) fn not_found(
        &mut self,
        what: &str,
        id: &str,
        kind: Kind,
        way: Way,
        table: &RouteTable,
    ) -> Lead {
        let missing = self.missing(format!("{what} {id}"), kind, &table.about.scope);
        Lead { way, ..self.dead_end(Action::Unknown(missing)) }
    }

    /// GE-01, GE-05. The destination stays public, and no public address is needed (GE-04).
    fn lead_to_endpoint(
        &mut self,
        subnet: &Subnet,
        table: &RouteTable,
        id: &VpcEndpointId,
        family: Family,
        arriving: Option<&Arriving>,
    ) -> Lead {
        let Some(endpoint) = self.network.vpc_endpoints.get(id) else {
            return self.not_found(
                "gateway endpoint",
                id.as_str(),
                Kind::VpcEndpoint,
                Way::OneWay,
                table,
            );
        };
        // GE-06
        if !endpoint.families.has(family) {
            let fact = format!("what endpoint {} does with {family}", reference(endpoint).label());
            let lead = self.dead_end(Action::Unknown(Missing { fact, command: None }));
            return Lead { way: Way::OneWay, ..lead };
        }
        let mut guards = Vec::new();
        if arriving.is_some() {
            let what = "serves only what comes from its own VPC";
            let at = endpoint.about.at.as_ref();
            let note = Note::new(reference(endpoint), what, "GE-03", at);
            let stop = Stop::dropped("GATEWAY_ENDPOINT_SOURCE_OUTSIDE_VPC", note).ending();
            guards.push(self.always_for_requests(Action::Stop(stop)));
        }
        // GE-03: what a NAT gateway sends is of its own VPC, as far as is known.
        let uses = self.network.assumptions.value("GE_POST_NAT_USES_ENDPOINT");
        let assuming = |what: &str| {
            let note = Note::new(reference(endpoint), what, "GE-03", endpoint.about.at.as_ref());
            note.assuming("GE_POST_NAT_USES_ENDPOINT", uses, "GE-03")
        };
        let translated = match uses {
            "true" => Action::Pass(Some(Arc::new(assuming("carries what a NAT gateway sends")))),
            _ => Action::Stop(Stop::dropped(
                "GATEWAY_ENDPOINT_SOURCE_OUTSIDE_VPC",
                assuming("does not carry what a NAT gateway sends"),
            )),
        };
        let by = Arc::clone(&self.kept.translators);
        guards.push(self.guard(Guard::Translated { by, yes: translated, no: Action::Pass(None) }));
        let carries = "carries it to the service";
        guards.extend([
            self.endpoint_state(endpoint, carries, "GE-01"),
            self.endpoint_protocol(endpoint),
        ]);
        Lead::new(self.service(&subnet.vpc), guards, Way::OneWay)
    }

    /// What is behind the gateway endpoints of a VPC.
    fn service(&mut self, vpc: &VpcId) -> NodeIndex {
        if let Some(&place) = self.kept.services.get(vpc) {
            return place;
        }
        let place = self.places.add_node(Place::Service);
        self.kept.services.insert(vpc.clone(), place);
        let local = self.local(vpc);
        self.connect(place, local, Selector::addresses(AddressSet::all()), [], Way::Inside);
        place
    }

    pub(super) fn endpoint_state(
        &mut self,
        endpoint: &VpcEndpoint,
        carries: &str,
        rule: &'static str,
    ) -> GuardId {
        let at = endpoint.about.at.as_ref();
        let carries = || Note::new(reference(endpoint), carries, rule, at);
        let action = match endpoint.state.to_ascii_lowercase().as_str() {
            "available" => Action::Pass(Some(Arc::new(carries()))),
            "partial" => {
                let usable = self.network.assumptions.value("VPCE_PARTIAL_USABLE");
                let assuming = |note: Note| note.assuming("VPCE_PARTIAL_USABLE", usable, rule);
                match usable {
                    "true" => Action::Pass(Some(Arc::new(assuming(carries())))),
                    _ => {
                        let note = Note::new(reference(endpoint), "is partial", rule, at);
                        Action::Stop(Stop::dropped("BAD_STATE", assuming(note)))
                    }
                }
            }
            state => {
                let note = Note::new(reference(endpoint), format!("is {state}"), rule, at);
                Action::Stop(Stop::dropped("BAD_STATE", note))
            }
        };
        self.always(action)
    }

    fn endpoint_protocol(&mut self, endpoint: &VpcEndpoint) -> GuardId {
        let what = "takes TCP and pings only";
        let note = Note::new(reference(endpoint), what, "GE-05", endpoint.about.at.as_ref());
        self.guard(Guard::Rules(RuleSet {
            side: Side::Destination,
            order: Order::First,
            requests_only: true,
            clauses: [
                (Protocol::Tcp, PortSet::all()),
                (Protocol::Icmp, PortSet::single(IcmpMessage::echo(false).0.port())),
                (Protocol::Icmpv6, PortSet::single(IcmpMessage::echo(true).0.port())),
            ]
            .map(|(protocol, ports)| Clause {
                protocol: ProtocolMatch::Only(protocol),
                ports,
                peer: PeerTest::Any,
                action: Action::Pass(None),
            })
            .to_vec(),
            otherwise: Action::Stop(Stop::dropped("VPCE_GATEWAY_PROTOCOL_RESTRICTION", note)),
        }))
    }

    /// `routes 0.0.0.0/0 to nat-a`
    fn route_words(&self, route: &Route) -> String {
        let network = self.network;
        let destination = match &route.destination {
            crate::network::Destination::Cidr(cidr) => cidr.to_string(),
            crate::network::Destination::PrefixList(id) => {
                network.prefix_lists.get(id).map_or(id.as_str(), Resource::label).to_owned()
            }
        };
        let target = match &route.target {
            RouteTarget::Local => return format!("routes {destination} locally"),
            RouteTarget::NatGateway(id) => {
                network.nat_gateways.get(id).map_or(id.as_str(), Resource::label).to_owned()
            }
            RouteTarget::InternetGateway(id) => {
                network.internet_gateways.get(id).map_or(id.as_str(), Resource::label).to_owned()
            }
            RouteTarget::EgressOnlyGateway(id) => {
                network.egress_only_gateways.get(id).map_or(id.as_str(), Resource::label).to_owned()
            }
            RouteTarget::GatewayEndpoint(id) => {
                let found = network.vpc_endpoints.get(id);
                format!("endpoint {}", found.map_or(id.as_str(), Resource::label))
            }
            RouteTarget::Peering(id) => {
                let found = network.peerings.get(id);
                format!("peering {}", found.map_or(id.as_str(), Resource::label))
            }
            RouteTarget::TransitGateway(id) => {
                let found = network.transit_gateways.get(id);
                format!("transit gateway {}", found.map_or(id.as_str(), Resource::label))
            }
            RouteTarget::Interface(id) => {
                let found = network.interfaces.get(id);
                format!("interface {}", found.map_or(id.as_str(), Resource::label))
            }
            RouteTarget::LoadBalancerEndpoint(id) => {
                let found = network.vpc_endpoints.get(id);
                format!("endpoint {}", found.map_or(id.as_str(), Resource::label))
            }
            other @ RouteTarget::Other { .. } => other.to_string(),
        };
        format!("routes {destination} to {target}")
    }
}

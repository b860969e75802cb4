//! Where routes lead: local, NAT gateways, internet gateways, gateway endpoints.

use super::routes::{Choice, choices};
use super::{Lowering, acls, reference, scope_of};
use crate::answer::{Missing, ResourceRef};
use crate::graph::{
    Action, Clause, Guard, GuardId, Note, Order, Passage, PeerTest, Place, PublicOwner, RuleSet,
    Selector, Side, Stop, TranslatorFacts, TranslatorIndex, Way,
};
use crate::header::{AddressSet, PortSet, Protocol, ProtocolMatch};
use crate::network::{
    Connectivity, InternetGateway, InternetGatewayId, Kind, NatGateway, Resource, Route,
    RouteState, RouteTable, RouteTarget, Subnet, VpcEndpoint, VpcEndpointId, VpcId,
};
use ipnet::{IpNet, Ipv4Net};
use petgraph::graph::NodeIndex;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// RFC 1918 and RFC 6598: what an internet gateway does not carry (IG-04).
const NOT_CARRIED: [(&str, [u8; 4], u8); 4] = [
    ("IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", [10, 0, 0, 0], 8),
    ("IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", [172, 16, 0, 0], 12),
    ("IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", [192, 168, 0, 0], 16),
    ("IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS", [100, 64, 0, 0], 10),
];

/// The source ports that a NAT gateway picks from (NG-06).
const TRANSLATED_PORTS: (u16, u16) = (1024, 65_535);

/// One passage out of a router, before the router is known: shared by the subnets of a table.
struct Lead {
    to: NodeIndex,
    guards: Vec<GuardId>,
    way: Way,
    /// The translator it leads to.
    translator: Option<TranslatorIndex>,
}

impl<'n> Lowering<'n> {
    /// NAT gateways that have a subnet to send from.
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
                local,
                ports: PortSet::from_range(TRANSLATED_PORTS.0, TRANSLATED_PORTS.1),
                private: usable().map(|a| sets(a.private)).fold(AddressSet::empty(), union),
                public: public.clone().map(|a| sets(a.private)).fold(AddressSet::empty(), union),
                known_public: public.filter_map(|a| Some((a.public?, a.private?))).collect(),
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

    /// The ways from the internet into each VPC (IG-03, RT-02).
    pub(super) fn add_entries(&mut self) {
        for (vpc, local) in self.locals.clone() {
            let gateways: Vec<&InternetGateway> = self
                .network
                .internet_gateways
                .values()
                .filter(|gateway| attached(gateway, &vpc))
                .collect();
            let found = self.network.vpcs.get(&vpc);
            let label = found.map_or(vpc.as_str(), Resource::label);
            let scope = found.map(|found| found.about.scope.clone()).unwrap_or_default();
            let resource = ResourceRef::new(Kind::Vpc.word(), vpc.as_str(), Some(label));
            let attachment = match gateways.first() {
                Some(gateway) => {
                    let note = Note::new(
                        reference(*gateway),
                        "is attached",
                        "IG-01",
                        gateway.about.at.as_ref(),
                    );
                    Action::Pass(Some(Arc::new(note)))
                }
                None if self.network.coverage.covers(&scope, Kind::InternetGateway) => {
                    let what = "has no internet gateway attached";
                    Action::Stop(Stop::dropped(
                        "BAD_STATE_ATTACHMENT",
                        Note::new(resource.clone(), what, "IG-01", None),
                    ))
                }
                None => {
                    let fact = format!("the internet gateway of vpc {label}");
                    Action::Unknown(self.missing(fact, Kind::InternetGateway, &scope))
                }
            };
            let mut guards = vec![self.always_for_requests(attachment)];
            let resource = gateways.first().map_or(resource, |gateway| reference(*gateway));
            let passes = "translates the public address to the private one";
            let stops = "finds no public address on the destination";
            guards.push(self.guard(Guard::PublicAddress {
                side: Side::Destination,
                note: Arc::new(Note::new(resource.clone(), passes, "IG-03", None)),
                otherwise: Stop::dropped(
                    "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
                    Note::new(resource, stops, "IG-03", None),
                ),
                requests_only: true,
            }));
            let edge_table = self.network.route_tables.values().find(|table| {
                gateways.iter().any(|gateway| table.gateways.contains(gateway.id.as_str()))
            });
            if let Some(table) = edge_table {
                let fact = format!(
                    "how the gateway route table {} redirects: this version does not follow those",
                    reference(table).label()
                );
                let unknown = self.always(Action::Unknown(Missing { fact, command: None }));
                guards.push(unknown);
            } else {
                guards.extend(self.block_public_access(&vpc));
            }
            let (to, way) = match edge_table {
                Some(_) => (self.end, Way::End),
                None => (local, Way::Inside),
            };
            let all = Selector::addresses(AddressSet::all());
            let entry = self.connect(self.internet, to, all, guards, way);
            self.entries.insert(local, entry);
        }
    }

    /// Every route of every subnet's table, as a passage out of its router.
    pub(super) fn add_routes(&mut self) {
        let mut by_table: BTreeMap<&str, Vec<(Choice, Selector)>> = BTreeMap::new();
        for subnet in self.network.subnets.values() {
            let router = self.subnets[&subnet.id].router;
            let acl = self.acl_guard(subnet, acls::Direction::Outbound);
            let Some(table) = self.table_of(subnet) else {
                let fact = format!("the route table of subnet {}", reference(subnet).label());
                let missing = self.missing(fact, Kind::RouteTable, scope_of(subnet));
                let unknown = self.always(Action::Unknown(missing));
                let all = Selector::addresses(AddressSet::all());
                self.connect(router, self.end, all, vec![acl, unknown], Way::End);
                continue;
            };
            let network = self.network;
            let choices = by_table
                .entry(table.id.as_str())
                .or_insert_with(|| choices(network, table))
                .clone();
            for (choice, selector) in choices {
                let lead = self.lead(subnet, table, &choice);
                let own = lead
                    .translator
                    .is_some_and(|translator| self.translator_is_in(translator, subnet));
                // PW-05: no ACL between a NAT gateway and a client in its own subnet.
                let mut guards = if own { Vec::new() } else { vec![acl] };
                let departure = guards.len();
                guards.extend(lead.guards);
                let selects = Arc::new(selector);
                let passage = Passage { selects, guards, departure, way: lead.way };
                self.places.add_edge(router, lead.to, passage);
            }
        }
    }

    fn translator_is_in(&self, translator: TranslatorIndex, subnet: &Subnet) -> bool {
        let place = self.translators[translator as usize].place;
        self.places.find_edge(place, self.subnets[&subnet.id].router).is_some()
    }

    /// Where a choice of a table leads, for packets of a subnet.
    fn lead(&mut self, subnet: &'n Subnet, table: &'n RouteTable, choice: &Choice) -> Lead {
        let index = match choice {
            Choice::Route(index) => *index,
            Choice::None => {
                let note = Note::new(
                    reference(table),
                    "has no route for it",
                    "RT-12",
                    table.about.at.as_ref(),
                );
                return self.dead_end(Action::Stop(Stop::dropped("NO_ROUTE_TO_DESTINATION", note)));
            }
            Choice::Unknown(missing) => return self.dead_end(Action::Unknown(missing.clone())),
        };
        let route = &table.routes[index];
        let at = route.at.as_ref().or(table.about.at.as_ref());
        let words = |what: &str| Note::new(reference(table), what, "RT-04", at);
        let shown =
            format!("{} → {}", self.destination_words(route), self.target_words(&route.target));
        if route.state == RouteState::Blackhole {
            let mut note =
                words(&format!("{shown} is a blackhole: its target is gone or not active"));
            note.rule = crate::answer::RuleId::new("RT-11");
            return self.dead_end(Action::Stop(Stop::dropped("BAD_STATE_ROUTE", note)));
        }
        let passes = self.always(Action::Pass(Some(Arc::new(words(&shown)))));
        let mut lead = match &route.target {
            RouteTarget::Local => {
                let to = self.local(&subnet.vpc);
                Lead { to, guards: Vec::new(), way: Way::Inside, translator: None }
            }
            RouteTarget::NatGateway(id) => {
                let network = self.network;
                let nat = network.nat_gateways.get(id);
                match (nat, self.translator_by_id.get(id.as_str()).copied()) {
                    (Some(nat), Some(translator)) => {
                        self.lead_to_translator(subnet, nat, translator)
                    }
                    (Some(nat), None) => {
                        let label = reference(nat).label().to_owned();
                        let fact = match &nat.subnet {
                            Some(subnet) => format!("subnet {subnet} of NAT gateway {label}"),
                            None => format!(
                                "how regional NAT gateway {label} forwards: this version follows zonal ones only"
                            ),
                        };
                        let missing = self.missing(fact, Kind::Subnet, &nat.about.scope);
                        self.dead_end(Action::Unknown(missing))
                    }
                    (None, _) => {
                        self.not_found("NAT gateway", id.as_str(), Kind::NatGateway, table)
                    }
                }
            }
            RouteTarget::InternetGateway(id) => self.lead_to_internet(subnet, table, id),
            RouteTarget::GatewayEndpoint(id) => self.lead_to_endpoint(subnet, table, id),
            RouteTarget::Other { kind, id } => {
                let fact = format!(
                    "what lies behind {kind} {id}: this version does not follow that kind of route"
                );
                self.dead_end(Action::Unknown(Missing { fact, command: None }))
            }
        };
        lead.guards.insert(0, passes);
        lead
    }

    fn dead_end(&mut self, action: Action) -> Lead {
        let guards = vec![self.always(action)];
        Lead { to: self.end, guards, way: Way::End, translator: None }
    }

    fn not_found(&mut self, what: &str, id: &str, kind: Kind, table: &RouteTable) -> Lead {
        let missing = self.missing(format!("{what} {id}"), kind, &table.about.scope);
        self.dead_end(Action::Unknown(missing))
    }

    /// NG-01 … NG-07, NG-17
    fn lead_to_translator(
        &mut self,
        subnet: &'n Subnet,
        nat: &'n NatGateway,
        translator: TranslatorIndex,
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
            "available" | "deleting" => Action::Pass(None),
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
        let own = self.translator_is_in(translator, subnet);
        if !own
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
        Lead { to, guards, way: Way::OneWay, translator: Some(translator) }
    }

    /// IG-01, IG-02, IG-04
    fn lead_to_internet(
        &mut self,
        subnet: &Subnet,
        table: &RouteTable,
        id: &InternetGatewayId,
    ) -> Lead {
        let Some(gateway) = self.network.internet_gateways.get(id) else {
            return self.not_found("internet gateway", id.as_str(), Kind::InternetGateway, table);
        };
        let at = gateway.about.at.as_ref();
        let note = |what: &str, rule| Note::new(reference(gateway), what, rule, at);
        let mut guards = Vec::new();
        if !attached(gateway, &subnet.vpc) {
            let note = note("is not attached to the VPC", "IG-01");
            guards.push(self.always(Action::Stop(Stop::dropped("BAD_STATE_ATTACHMENT", note))));
        }
        guards.push(self.guard(Guard::PublicAddress {
            side: Side::Source,
            note: Arc::new(note("gives the source its public address", "IG-02")),
            otherwise: Stop::dropped(
                "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
                note("drops it: the source has no public address", "IG-02"),
            ),
            requests_only: false,
        }));
        let not_carried = NOT_CARRIED.into_iter().filter_map(|(code, base, length)| {
            let net = Ipv4Net::new(base.into(), length).ok()?;
            let note = note(&format!("does not carry packets to {net}"), "IG-04");
            Some(Clause {
                protocol: ProtocolMatch::Any,
                ports: PortSet::all(),
                peer: PeerTest::Addresses(AddressSet::from_net(IpNet::V4(net))),
                action: Action::Stop(Stop::dropped(code, note)),
            })
        });
        let rules = RuleSet {
            side: Side::Destination,
            order: Order::First,
            requests_only: false,
            clauses: not_carried.collect(),
            otherwise: Action::Pass(None),
        };
        guards.push(self.guard(Guard::Rules(rules)));
        guards.extend(self.block_public_access(&subnet.vpc));
        Lead { to: self.internet, guards, way: Way::Outside, translator: None }
    }

    /// BP-01: read, not followed yet.
    fn block_public_access(&mut self, vpc: &VpcId) -> Option<GuardId> {
        let found = self.network.others.values().find(|o| o.kind == "vpc block public access");
        if let Some(found) = found {
            let fact = format!(
                "what VPC Block Public Access ({}) lets through: this version does not follow it",
                found.id
            );
            return Some(
                self.always_for_requests(Action::Unknown(Missing { fact, command: None })),
            );
        }
        let scope = self.network.vpcs.get(vpc).map(|vpc| &vpc.about.scope)?;
        if self.network.coverage.covers(scope, Kind::BlockPublicAccess) {
            return None;
        }
        let resource =
            ResourceRef::new("account", scope.account.as_deref().unwrap_or("this account"), None);
        let note = Note::new(
            resource,
            "is taken not to block public access: the capture does not say",
            "BP-01",
            None,
        )
        .assuming("BLOCK_PUBLIC_ACCESS_OFF_WHEN_NOT_CAPTURED", "true", "BP-01");
        Some(self.always_for_requests(Action::Pass(Some(Arc::new(note)))))
    }

    /// GE-01, GE-05
    fn lead_to_endpoint(
        &mut self,
        subnet: &Subnet,
        table: &RouteTable,
        id: &VpcEndpointId,
    ) -> Lead {
        let Some(endpoint) = self.network.vpc_endpoints.get(id) else {
            return self.not_found("gateway endpoint", id.as_str(), Kind::VpcEndpoint, table);
        };
        let guards = vec![self.endpoint_state(endpoint), self.endpoint_protocol(endpoint)];
        let place = self.places.add_node(Place::Service);
        let local = self.local(&subnet.vpc);
        let all = Selector::addresses(AddressSet::all());
        self.connect(place, local, all, Vec::new(), Way::Inside);
        Lead { to: place, guards, way: Way::OneWay, translator: None }
    }

    fn endpoint_state(&mut self, endpoint: &VpcEndpoint) -> GuardId {
        let at = endpoint.about.at.as_ref();
        let action = match endpoint.state.eq_ignore_ascii_case("available") {
            true => {
                let note = Note::new(reference(endpoint), "carries it to the service", "GE-01", at);
                Action::Pass(Some(Arc::new(note)))
            }
            false => {
                let note =
                    Note::new(reference(endpoint), format!("is {}", endpoint.state), "GE-01", at);
                Action::Stop(Stop::dropped("BAD_STATE", note))
            }
        };
        self.always(action)
    }

    fn endpoint_protocol(&mut self, endpoint: &VpcEndpoint) -> GuardId {
        let what = "takes TCP only";
        let note = Note::new(reference(endpoint), what, "GE-05", endpoint.about.at.as_ref());
        self.guard(Guard::Rules(RuleSet {
            side: Side::Destination,
            order: Order::First,
            requests_only: false,
            clauses: vec![Clause {
                protocol: ProtocolMatch::Only(Protocol::Tcp),
                ports: PortSet::all(),
                peer: PeerTest::Any,
                action: Action::Pass(None),
            }],
            otherwise: Action::Stop(Stop::dropped("VPCE_GATEWAY_PROTOCOL_RESTRICTION", note)),
        }))
    }

    fn destination_words(&self, route: &Route) -> String {
        match &route.destination {
            crate::network::Destination::Cidr(cidr) => cidr.to_string(),
            crate::network::Destination::PrefixList(id) => {
                self.network.prefix_lists.get(id).map_or(id.as_str(), Resource::label).to_owned()
            }
        }
    }

    fn target_words(&self, target: &RouteTarget) -> String {
        let network = self.network;
        match target {
            RouteTarget::NatGateway(id) => {
                network.nat_gateways.get(id).map_or(id.as_str(), Resource::label).to_owned()
            }
            RouteTarget::InternetGateway(id) => {
                network.internet_gateways.get(id).map_or(id.as_str(), Resource::label).to_owned()
            }
            RouteTarget::GatewayEndpoint(id) => {
                network.vpc_endpoints.get(id).map_or(id.as_str(), Resource::label).to_owned()
            }
            other => other.to_string(),
        }
    }
}

/// IG-01: AWS documents `attached` and answers `available`.
fn attached(gateway: &InternetGateway, vpc: &VpcId) -> bool {
    gateway
        .attachments
        .iter()
        .any(|(to, state)| to == vpc && (state == "available" || state == "attached"))
}

//! Internet gateways, outward and inward.

use super::leads::{Arriving, Lead};
use super::{Lowering, reference};
use crate::answer::ResourceRef;
use crate::graph::{
    Action, Clause, Guard, Note, Order, PeerTest, RuleSet, Selector, Side, Stop, Way,
};
use crate::header::{AddressSet, Family, PortSet, ProtocolMatch};
use crate::network::{
    InternetGateway, InternetGatewayId, Kind, Resource, RouteTable, Subnet, VpcId,
};
use ipnet::{IpNet, Ipv4Net};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// RFC 1918 and RFC 6598: what an internet gateway does not carry (IG-04).
const NOT_CARRIED: [(&str, [u8; 4], u8); 4] = [
    ("IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", [10, 0, 0, 0], 8),
    ("IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", [172, 16, 0, 0], 12),
    ("IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", [192, 168, 0, 0], 16),
    ("IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS", [100, 64, 0, 0], 10),
];

impl<'n> Lowering<'n> {
    /// The ways from the internet into each VPC (IG-03, RT-02).
    pub(super) fn add_entries(&mut self) {
        let mut by_vpc: BTreeMap<&VpcId, Vec<&InternetGateway>> = BTreeMap::new();
        for gateway in self.network.internet_gateways.values() {
            let vpcs: BTreeSet<&VpcId> = gateway.attachments.iter().map(|(vpc, _)| vpc).collect();
            for vpc in vpcs.into_iter().filter(|vpc| attached(gateway, vpc)) {
                by_vpc.entry(vpc).or_default().push(gateway);
            }
        }
        let tables = self.network.route_tables.values();
        let of_gateways: Vec<&RouteTable> =
            tables.filter(|table| !table.gateways.is_empty()).collect();
        for (vpc, local) in self.kept.locals.clone() {
            let gateways = by_vpc.get(&vpc).map(Vec::as_slice).unwrap_or_default();
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
            let attachment = self.always_for_requests(attachment);
            let resource = gateways.first().map_or(resource, |gateway| reference(*gateway));
            let passes = "translates the public address to the private one";
            let stops = "finds no public address on the destination";
            let translates = self.guard(Guard::PublicAddress {
                side: Side::Destination,
                note: Arc::new(Note::new(resource.clone(), passes, "IG-03", None)),
                otherwise: Stop::dropped(
                    "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
                    Note::new(resource.clone(), stops, "IG-03", None),
                ),
                requests_only: true,
            });
            let edge_table = of_gateways.iter().copied().find(|table| {
                gateways.iter().any(|gateway| table.gateways.contains(gateway.id.as_str()))
            });
            let keeps = self.carried_in(&resource);
            let (to, open) = match edge_table {
                Some(table) => (self.gate(&vpc, table), None),
                None => (local, self.public_ingress(&vpc)),
            };
            for (family, own) in [(Family::V4, translates), (Family::V6, keeps)] {
                let selects = Selector::addresses(AddressSet::all().of_family(family));
                let guards = [attachment, own].into_iter().chain(open);
                let entry = self.connect(self.kept.internet, to, selects, guards, Way::Inside);
                self.entries.entry(local).or_default().push(entry);
            }
        }
    }

    /// IG-01, IG-02, IG-04. `facing` is the subnet that stands before the gateway (BP-02).
    pub(super) fn lead_to_internet(
        &mut self,
        (subnet, table, arriving): (&Subnet, &RouteTable, Option<&Arriving>),
        id: &InternetGatewayId,
        family: Family,
        facing: Option<&Subnet>,
    ) -> Lead {
        let Some(gateway) = self.network.internet_gateways.get(id) else {
            return self.not_found(
                "internet gateway",
                id.as_str(),
                Kind::InternetGateway,
                Way::Outside,
                table,
            );
        };
        let at = gateway.about.at.as_ref();
        let note = |what: &str, rule| Note::new(reference(gateway), what, rule, at);
        let mut guards = Vec::new();
        if !attached(gateway, &subnet.vpc) {
            let note = note("is not attached to the VPC", "IG-01");
            guards.push(self.always(Action::Stop(Stop::dropped("BAD_STATE_ATTACHMENT", note))));
        }
        if arriving.is_some() {
            let note = note("carries only what comes from its own VPC", "IG-02");
            let stop = Stop::dropped("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", note);
            guards.push(self.always(Action::Stop(stop.ending())));
        }
        if family == Family::V6 {
            guards.extend(self.carried_out(&subnet.vpc, reference(gateway), at));
            guards.extend(self.public_egress(&subnet.vpc, facing));
            return Lead::new(self.kept.internet, guards, Way::Outside);
        }
        guards.push(self.guard(Guard::PublicAddress {
            side: Side::Source,
            note: Arc::new(note("gives the source its public address", "IG-02")),
            otherwise: Stop::dropped(
                "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
                note("finds no public address on the source", "IG-02"),
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
        guards.extend(self.public_egress(&subnet.vpc, facing));
        Lead::new(self.kept.internet, guards, Way::Outside)
    }
}

/// IG-01: AWS documents `attached` and answers `available`.
fn attached(gateway: &InternetGateway, vpc: &VpcId) -> bool {
    is_attached(&gateway.attachments, vpc)
}

pub(super) fn is_attached(attachments: &[(VpcId, String)], vpc: &VpcId) -> bool {
    attachments.iter().any(|(to, state)| to == vpc && (state == "available" || state == "attached"))
}

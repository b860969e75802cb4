//! What could be tried: from what stops a packet, and from where it goes.

use super::ground::{Ground, Way};
use super::{answers, edges, endpoints, filters, firewalls, ipv6, reroutes, routes, transit};
use crate::answer::{
    Answer, Blocker, Code, Direction, End, Failure, QueryAnswer, ResourceRef, RuleId, Verdict,
};
use crate::header::Protocol;
use crate::network::{Kind, Network};
use std::collections::BTreeSet;

/// An answer to a question, and where it was asked.
pub(super) struct Candidates<'a> {
    pub network: &'a Network,
    pub protocol: Protocol,
    failing: Vec<&'a Answer>,
    /// What cannot be told to pass or to fail.
    unknown: Vec<&'a Answer>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(network: &'a Network, protocol: Protocol, answer: &'a QueryAnswer) -> Self {
        let failing = answer.answers.iter().filter(|one| !one.blockers.is_empty()).collect();
        let unknown = answer.answers.iter().filter(|one| one.verdict == Verdict::Unknown).collect();
        Self { network, protocol, failing, unknown }
    }

    /// Ways to go on from what stops the flow first; of several answers that the same stops, each
    /// alone and all together.
    pub(super) fn first(&self) -> Vec<Way> {
        let Some(first) = self.failing.first() else { return Vec::new() };
        let mut ways = self.of(first);
        let code = first.blockers.first().map(|blocker| &blocker.code);
        let alike = self.failing.iter().skip(1).filter(|one| {
            one.blockers.first().map(|blocker| &blocker.code) == code
                && one.blockers.first().map(|it| &it.resource)
                    != first.blockers.first().map(|it| &it.resource)
        });
        let others: Vec<Vec<Way>> = alike.map(|one| self.of(one)).collect();
        if !others.is_empty() {
            let together: Vec<Way> = ways
                .iter()
                .enumerate()
                .map(|(index, way)| {
                    let rest = others.iter().filter_map(|ways| ways.get(index)).flatten();
                    let mut all: Way = Vec::new();
                    for edit in way.iter().chain(rest) {
                        if !all.iter().any(|known| known.key == edit.key) {
                            all.push(edit.clone());
                        }
                    }
                    all
                })
                .collect();
            ways.extend(together);
        }
        ways
    }

    /// Ways to go on from everything that stops any answer, and every other way to lead the packets.
    pub(super) fn all(&self) -> Vec<Way> {
        let mut ways = self.first();
        for answer in &self.failing {
            let grounds = answer.blockers.iter().map(|blocker| self.ground(answer, blocker));
            ways.extend(grounds.clone().flat_map(|it| against(&it)));
            ways.extend(grounds.take(1).flat_map(|it| reroutes::ways(&it)));
        }
        // A rule of one group lets in what another's unknown ones may not.
        for answer in &self.unknown {
            let suspects = self.suspects(answer);
            let grounds = suspects.iter().map(|blocker| self.ground(answer, blocker));
            ways.extend(grounds.flat_map(|it| filters::groups(&it)));
        }
        let mut seen = BTreeSet::new();
        let key = |way: &Way| way.iter().map(|edit| edit.key.clone()).collect::<Vec<_>>();
        ways.retain(|way| seen.insert(key(way)));
        ways
    }

    /// The groups of both ends, as if their rules stopped the packet.
    fn suspects(&self, answer: &Answer) -> Vec<Blocker> {
        let suspect = |(end, word): (&End, &str)| {
            let groups = &self.network.interfaces.get(end.resource.id.as_str())?.groups;
            let ids: Vec<&str> = groups.iter().map(|id| id.as_str()).collect();
            Some(Blocker {
                direction: Direction::Forward,
                code: Code::new("ENI_SG_RULES_MISMATCH"),
                resource: ResourceRef::new(Kind::SecurityGroup.word(), &ids.join(","), None),
                what: format!("may have no {word} rule that allows this packet"),
                rule: RuleId::new("SG-06"),
                failure: Failure::Dropped,
                location: None,
                symptom: None,
            })
        };
        let ends = [(&answer.source, "outbound"), (&answer.destination, "inbound")];
        ends.into_iter().filter_map(suspect).collect()
    }

    fn ground<'g>(&'g self, answer: &'g Answer, blocker: &'g Blocker) -> Ground<'g> {
        let (network, protocol) = (self.network, self.protocol);
        Ground { network, failing: &self.failing, answer, blocker, protocol }
    }

    fn of(&self, answer: &Answer) -> Vec<Way> {
        // What stops the question for the name comes before what stops the flow itself.
        let count = match answer.blockers.first().map(|one| one.code.0.as_ref()) {
            Some("NAME_SERVER_UNREACHABLE") => 2,
            _ => 1,
        };
        let blockers = answer.blockers.iter().take(count);
        blockers.flat_map(|blocker| against(&self.ground(answer, blocker))).collect()
    }
}

/// Ways to go on from one thing that stops a packet.
fn against(it: &Ground<'_>) -> Vec<Way> {
    match it.blocker.code.0.as_ref() {
        "ENI_SG_RULES_MISMATCH" | "SG_HAS_NO_RULES" => filters::groups(it),
        "SUBNET_ACL_RESTRICTION" => filters::acls(it),
        "FIREWALL_RULES_RESTRICTION" => firewalls::rules(it),
        "NO_ROUTE_TO_DESTINATION" => [endpoints::ways(it), routes::no_route(it)].concat(),
        "BAD_STATE_ROUTE" | "BAD_STATE" => {
            [endpoints::ways(it), routes::no_route(it), routes::around(it)].concat()
        }
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS" => {
            [routes::no_public_address(it), endpoints::ways(it)].concat()
        }
        "NAME_WITHOUT_IPV6" => ipv6::dns64(it).into_iter().collect(),
        "IPV6_ADDRESS_NOT_PUBLIC" => ipv6::astray(it),
        "RETURN_PATH_ASYMMETRIC" => [transit::way_back(it), routes::around(it)].concat(),
        "TGW_ROUTE_AZ_RESTRICTION" => transit::zones(it),
        "TGW_ATTACH_VPC_AZ_RESTRICTION" => transit::appliance_mode(it),
        "ENI_SOURCE_DEST_CHECK_RESTRICTION" => routes::forwarding(it),
        "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT" | "TGW_RTB_BAD_STATE_ROUTE" => transit::hub_routes(it),
        "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION" => transit::associations(it),
        "LISTENER_ON_LOOPBACK"
        | "LISTENER_ON_OTHER_ADDRESS"
        | "LISTENER_OTHER_FAMILY"
        | "NOTHING_LISTENS" => answers::listeners(it),
        "LB_NO_LISTENER" => edges::listeners(it),
        "VPC_BLOCK_PUBLIC_ACCESS_ENABLED" => edges::exclusions(it),
        "BAD_STATE_ATTACHMENT" => [edges::attachments(it), routes::no_public_address(it)].concat(),
        "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS" => routes::public_address(it.destination()),
        "NEXT_HOP_LOOP"
        | "INGRESS_RTB_NO_PUBLIC_IP"
        | "INGRESS_RTB_TRAFFIC_REDIRECTION"
        | "GATEWAY_ENDPOINT_SOURCE_OUTSIDE_VPC"
        | "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"
        | "VPC_LOCAL_ROUTE_CIDR_RESTRICTION" => routes::around(it),
        "SG_REFERENCES_NOT_PRESERVED" => filters::groups(it),
        "VPC_DNS_SUPPORT_OFF" => answers::dns_support(it),
        "PHZ_NO_SUCH_NAME" | "PHZ_NO_ADDRESS" => [answers::zones(it), endpoints::ways(it)].concat(),
        _ => Vec::new(),
    }
}

//! What may belong to what: one table and one ACL per subnet, everything within one VPC.

use super::super::{
    At, Coverage, Destination, Network, Resource, RouteOrigin, RouteTarget, SecurityGroupId,
    SubnetId, VpcId,
};
use super::Problem;
use std::collections::BTreeMap;
use std::fmt;

pub(super) fn check(network: &Network, problems: &mut Vec<Problem>) {
    route_tables(network, problems);
    network_acls(network, problems);
    internet_gateways(network, problems);
    peerings(network, problems);
    within_one_vpc(network, problems);
    if network.coverage == Coverage::Stated {
        super::edges::check(network, problems);
    }
}

/// PC-05: a peering connection joins two VPCs whose blocks lie apart.
fn peerings(network: &Network, problems: &mut Vec<Problem>) {
    for peering in network.peerings.values() {
        let at = peering.about.at.as_ref();
        let [one, other] = &peering.ends;
        if one.vpc == other.vpc {
            let message = format!("peering `{}` joins a VPC with itself", peering.label());
            problems.push(Problem::new(at, message, "name two VPCs"));
            continue;
        }
        if peering.state != "active" {
            continue;
        }
        let cidrs = |vpc| network.vpcs.get(vpc).map(|vpc| vpc.cidrs.as_slice()).unwrap_or_default();
        let pairs =
            cidrs(&one.vpc).iter().flat_map(|a| cidrs(&other.vpc).iter().map(move |b| (a, b)));
        for (a, b) in pairs.filter(|(a, b)| a.contains(*b) || b.contains(*a)) {
            problems.push(Problem::new(
                at,
                format!(
                    "peering `{}` joins VPCs whose blocks overlap: {a} and {b}",
                    peering.label()
                ),
                "give the two VPCs blocks that lie apart",
            ));
        }
    }
}

/// Things of which there may be only one per owner, as (owner, what, where), in any order.
fn only_one<'a>(
    mut claims: Vec<(&'a str, &'a str, Option<&'a At>)>,
    message: impl Fn(&str, &str, &str) -> String,
    hint: &str,
    problems: &mut Vec<Problem>,
) {
    claims.sort_by_key(|(_, name, at)| (*at, *name));
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for (owner, name, at) in claims {
        match first.get(owner) {
            Some(before) => problems.push(Problem::new(at, message(owner, before, name), hint)),
            None => {
                first.insert(owner, name);
            }
        }
    }
}

fn route_tables(network: &Network, problems: &mut Vec<Problem>) {
    let tables = || network.route_tables.values();
    for table in tables() {
        let mut seen: BTreeMap<&Destination, Option<&At>> = BTreeMap::new();
        // RT-05: a propagated route may stand beside a static one.
        let propagated = [RouteOrigin::EnableVgwRoutePropagation, RouteOrigin::Advertisement];
        for route in table.routes.iter().filter(|route| !propagated.contains(&route.origin)) {
            if let Some(before) = seen.insert(&route.destination, route.at.as_ref()) {
                let line = before.and_then(|at| at.line);
                problems.push(Problem::new(
                    route.at.as_ref(),
                    format!(
                        "route table `{}` has two routes for {}",
                        table.label(),
                        route.destination
                    ),
                    match line {
                        Some(line) => format!("the other is at line {line}: keep one"),
                        None => "keep one".to_owned(),
                    },
                ));
            }
        }
    }
    let claims = tables().flat_map(|table| {
        table.subnets.iter().map(|id| (id.as_str(), table.label(), table.about.at.as_ref()))
    });
    only_one(
        claims.collect(),
        |subnet, a, b| format!("subnet `{subnet}` is in two route tables, `{a}` and `{b}`"),
        "a subnet has one route table",
        problems,
    );
    let mains = tables().filter(|table| table.main);
    let mains = mains.map(|table| (table.vpc.as_str(), table.label(), table.about.at.as_ref()));
    only_one(
        mains.collect(),
        |vpc, a, b| format!("VPC `{vpc}` has two main route tables, `{a}` and `{b}`"),
        "say `main: true` of one of them",
        problems,
    );
}

fn network_acls(network: &Network, problems: &mut Vec<Problem>) {
    let acls = || network.network_acls.values();
    for acl in acls() {
        for (direction, entries) in [("ingress", &acl.ingress), ("egress", &acl.egress)] {
            let mut seen = BTreeMap::new();
            for entry in entries {
                if seen.insert(entry.number, ()).is_some() {
                    problems.push(Problem::new(
                        entry.at.as_ref(),
                        format!(
                            "network ACL `{}` has two {direction} entries with number {}",
                            acl.label(),
                            entry.number
                        ),
                        "give each entry of one direction a number of its own",
                    ));
                }
            }
        }
    }
    let claims = acls().flat_map(|acl| {
        acl.subnets.iter().map(|id| (id.as_str(), acl.label(), acl.about.at.as_ref()))
    });
    only_one(
        claims.collect(),
        |subnet, a, b| format!("subnet `{subnet}` is in two network ACLs, `{a}` and `{b}`"),
        "a subnet has one network ACL",
        problems,
    );
    let defaults = acls().filter(|acl| acl.is_default);
    let defaults = defaults.map(|acl| (acl.vpc.as_str(), acl.label(), acl.about.at.as_ref()));
    only_one(
        defaults.collect(),
        |vpc, a, b| format!("VPC `{vpc}` has two default network ACLs, `{a}` and `{b}`"),
        "say `default: true` of one of them",
        problems,
    );
}

fn internet_gateways(network: &Network, problems: &mut Vec<Problem>) {
    let gateways = || network.internet_gateways.values();
    let claims = gateways().flat_map(|gateway| {
        let at = gateway.about.at.as_ref();
        gateway.attachments.iter().map(move |(vpc, _)| (vpc.as_str(), gateway.label(), at))
    });
    only_one(
        claims.collect(),
        |vpc, a, b| format!("VPC `{vpc}` has two internet gateways, `{a}` and `{b}`"),
        "a VPC has one internet gateway",
        problems,
    );
    for gateway in gateways().filter(|gateway| gateway.attachments.len() > 1) {
        problems.push(Problem::new(
            gateway.about.at.as_ref(),
            format!("internet gateway `{}` is attached to two VPCs", gateway.label()),
            "an internet gateway is attached to one VPC",
        ));
    }
}

/// One thing, and the VPC it is in, to be held against the VPCs of what it names.
struct Owner<'a> {
    network: &'a Network,
    kind: &'a str,
    label: &'a str,
    vpc: &'a VpcId,
    at: Option<&'a At>,
}

impl<'o> Owner<'o> {
    fn of(
        network: &'o Network,
        kind: &'o str,
        resource: &'o impl Resource,
        vpc: &'o VpcId,
    ) -> Self {
        Self { network, kind, label: resource.label(), vpc, at: resource.about().at.as_ref() }
    }

    fn other(
        &self,
        vpc: &VpcId,
        what: fmt::Arguments<'_>,
        at: Option<&At>,
        problems: &mut Vec<Problem>,
    ) {
        if vpc != self.vpc {
            let Self { kind, label, vpc: own, .. } = self;
            problems.push(Problem::new(
                at.or(self.at),
                format!("{kind} `{label}` is in VPC `{own}`, and its {what} is in VPC `{vpc}`"),
                "both must be in the same VPC",
            ));
        }
    }

    fn subnets<'a>(
        &self,
        subnets: impl IntoIterator<Item = &'a SubnetId>,
        problems: &mut Vec<Problem>,
    ) {
        for subnet in subnets.into_iter().filter_map(|id| self.network.subnets.get(id)) {
            self.other(&subnet.vpc, format_args!("subnet `{}`", subnet.label()), None, problems);
        }
    }

    /// SG-19: a group may be associated with further VPCs, which only a capture could tell.
    fn groups<'a>(
        &self,
        groups: impl IntoIterator<Item = &'a SecurityGroupId>,
        problems: &mut Vec<Problem>,
    ) {
        if self.network.coverage != Coverage::Stated {
            return;
        }
        for group in groups.into_iter().filter_map(|id| self.network.security_groups.get(id)) {
            self.other(
                &group.vpc,
                format_args!("security group `{}`", group.label()),
                None,
                problems,
            );
        }
    }
}

fn within_one_vpc(network: &Network, problems: &mut Vec<Problem>) {
    for table in network.route_tables.values() {
        let owner = Owner::of(network, "route table", table, &table.vpc);
        owner.subnets(&table.subnets, problems);
        for route in &table.routes {
            let at = route.at.as_ref();
            match &route.target {
                RouteTarget::NatGateway(id) => {
                    if let Some(nat) = network.nat_gateways.get(id) {
                        owner.other(&nat.vpc, format_args!("NAT gateway `{id}`"), at, problems);
                    }
                }
                RouteTarget::GatewayEndpoint(id) | RouteTarget::LoadBalancerEndpoint(id) => {
                    if let Some(endpoint) = network.vpc_endpoints.get(id) {
                        owner.other(&endpoint.vpc, format_args!("endpoint `{id}`"), at, problems);
                    }
                }
                RouteTarget::Interface(id) => {
                    if let Some(interface) = network.interfaces.get(id) {
                        owner.other(&interface.vpc, format_args!("interface `{id}`"), at, problems);
                    }
                }
                RouteTarget::InternetGateway(id) => {
                    // A detached gateway is allowed: its routes are blackholes (RT-11).
                    let gateway = network.internet_gateways.get(id);
                    let vpcs = gateway.into_iter().flat_map(|gateway| &gateway.attachments);
                    for (vpc, _) in vpcs {
                        owner.other(vpc, format_args!("internet gateway `{id}`"), at, problems);
                    }
                }
                RouteTarget::EgressOnlyGateway(id) => {
                    let gateway = network.egress_only_gateways.get(id);
                    let vpcs = gateway.into_iter().flat_map(|gateway| &gateway.attachments);
                    for (vpc, _) in vpcs {
                        let what = format_args!("egress-only internet gateway `{id}`");
                        owner.other(vpc, what, at, problems);
                    }
                }
                RouteTarget::Peering(id) => {
                    let ends = network.peerings.get(id).map(|peering| &peering.ends);
                    if ends.is_some_and(|ends| ends.iter().all(|end| end.vpc != table.vpc)) {
                        problems.push(Problem::new(
                            at,
                            format!(
                                "route table `{}` is in VPC `{}`, which peering `{id}` does not join",
                                table.label(),
                                table.vpc
                            ),
                            "a route leads to a peering connection of its own VPC",
                        ));
                    }
                }
                RouteTarget::Local | RouteTarget::TransitGateway(_) | RouteTarget::Other { .. } => {
                }
            }
        }
    }
    for acl in network.network_acls.values() {
        Owner::of(network, "network ACL", acl, &acl.vpc).subnets(&acl.subnets, problems);
    }
    for nat in network.nat_gateways.values() {
        let owner = Owner::of(network, "NAT gateway", nat, &nat.vpc);
        owner.subnets(&nat.subnet, problems);
        let table = nat.route_table.as_ref().and_then(|id| network.route_tables.get(id));
        if let Some(table) = table {
            owner.other(
                &table.vpc,
                format_args!("route table `{}`", table.label()),
                None,
                problems,
            );
        }
    }
    for endpoint in network.vpc_endpoints.values() {
        let owner = Owner::of(network, "endpoint", endpoint, &endpoint.vpc);
        owner.subnets(&endpoint.subnets, problems);
        owner.groups(&endpoint.groups, problems);
        for table in endpoint.route_tables.iter().filter_map(|id| network.route_tables.get(id)) {
            owner.other(
                &table.vpc,
                format_args!("route table `{}`", table.label()),
                None,
                problems,
            );
        }
    }
    for interface in network.interfaces.values() {
        let owner = Owner::of(network, "interface", interface, &interface.vpc);
        owner.subnets([&interface.subnet], problems);
        owner.groups(&interface.groups, problems);
    }
    for balancer in network.load_balancers.values() {
        let owner = Owner::of(network, "load balancer", balancer, &balancer.vpc);
        owner.subnets(&balancer.subnets, problems);
        owner.groups(&balancer.groups, problems);
    }
    for service in network.services.values() {
        // PLC-01: one VPC, that of its first subnet.
        let first = service.subnets.iter().find_map(|id| network.subnets.get(id));
        let Some(first) = first else { continue };
        let owner = Owner::of(network, "service", service, &first.vpc);
        owner.subnets(&service.subnets, problems);
        owner.groups(&service.groups, problems);
    }
}

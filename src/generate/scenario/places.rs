//! VPCs, subnets, route tables, gateways, endpoints and interfaces.

use super::{block, group, groups, interface, list, map, pairs, subnet, table};
use crate::generate::plan::Plan;
use crate::generate::space::{Place, Tier};
use crate::generate::vpc::{ENDPOINTS, Role, Target, VpcPlan};
use crate::generate::{S3_BLOCKS, account_id, zone};

type Entries = Vec<(String, String)>;

/// An entry of each VPC that has one.
fn each(vpcs: &[VpcPlan], entry: impl Fn(&VpcPlan) -> Option<(String, String)>) -> Entries {
    vpcs.iter().filter_map(entry).collect()
}

/// Several entries of each VPC.
fn all<'v, I: IntoIterator<Item = (String, String)>>(
    vpcs: &'v [VpcPlan],
    entries: impl Fn(&'v VpcPlan) -> I,
) -> Entries {
    vpcs.iter().flat_map(entries).collect()
}

pub(super) fn vpcs(plan: &Plan, vpcs: &[VpcPlan]) -> Entries {
    each(vpcs, |vpc| {
        let span = plan.span(vpc.vpc);
        let mut fields = vec![("cidr", block(span.v4))];
        fields.extend(plan.dual_stack().then(|| ("ipv6_cidr", block(span.v6))));
        fields.push(("account", format!("\"{}\"", account_id(vpc.account))));
        Some((vpc.name.clone(), map(&fields)))
    })
}

pub(super) fn subnets(plan: &Plan, vpcs: &[VpcPlan]) -> Entries {
    all(vpcs, |vpc| {
        vpc.places().map(move |place| {
            let span = plan.subnet(vpc.vpc, place);
            let mut fields = vec![("vpc", vpc.name.clone()), ("cidr", block(span.v4))];
            fields.extend(plan.dual_stack().then(|| ("ipv6_cidr", block(span.v6))));
            fields.push(("az", zone(place.zone).to_owned()));
            fields.extend(vpc.table_of(place).map(|own| ("route_table", table(vpc, own))));
            (subnet(vpc, place), map(&fields))
        })
    })
}

fn of_vpc(vpc: &VpcPlan, suffix: &str) -> (String, String) {
    (format!("{}-{suffix}", vpc.name), map(&[("vpc", vpc.name.clone())]))
}

pub(super) fn internet_gateways(_: &Plan, vpcs: &[VpcPlan]) -> Entries {
    each(vpcs, |vpc| vpc.kind.has_internet().then(|| of_vpc(vpc, "igw")))
}

pub(super) fn egress_only_gateways(_: &Plan, vpcs: &[VpcPlan]) -> Entries {
    each(vpcs, |vpc| vpc.has_egress_only().then(|| of_vpc(vpc, "eigw")))
}

fn nat(vpc: &VpcPlan, zone: u8) -> String {
    format!("{}-nat-{}", vpc.name, char::from(b'a' + zone))
}

pub(super) fn nat_gateways(plan: &Plan, vpcs: &[VpcPlan]) -> Entries {
    all(vpcs, |vpc| {
        (0..vpc.nats).map(move |zone| {
            let place = Place { tier: Tier::Edge, zone };
            let host = plan.space().last(place);
            let fields = [
                ("subnet", subnet(vpc, place)),
                ("private_ip", plan.host(vpc.vpc, place, host).to_string()),
                ("public_ip", plan.space().public(vpc.vpc, place, host).to_string()),
            ];
            (nat(vpc, zone), map(&fields))
        })
    })
}

fn peering(plan: &Plan, one: u32, other: u32) -> String {
    format!("{}-{}", plan.name(one.min(other)), plan.name(one.max(other)))
}

pub(super) fn peerings(plan: &Plan, _: &[VpcPlan]) -> Entries {
    let entry = |&(one, other): &(u32, u32)| {
        let ends = list([plan.name(one), plan.name(other)]);
        (peering(plan, one, other), map(&[("vpcs", ends)]))
    };
    plan.peerings().iter().map(entry).collect()
}

pub(super) fn prefix_lists(_: &Plan, _: &[VpcPlan]) -> Entries {
    vec![("s3".to_owned(), map(&[("entries", list(S3_BLOCKS))]))]
}

pub(super) fn route_tables(plan: &Plan, vpcs: &[VpcPlan]) -> Entries {
    all(vpcs, |vpc| {
        vpc.tables.iter().map(move |one| {
            let routes = one.routes.iter().map(|&(cidr, target)| {
                let target = match target {
                    Target::InternetGateway => format!("igw/{}-igw", vpc.name),
                    Target::EgressOnlyGateway => format!("eigw/{}-eigw", vpc.name),
                    Target::Nat(zone) => format!("nat/{}", nat(vpc, zone)),
                    Target::TransitGateway(gateway) => {
                        format!("tgw/{}", plan.gateway_name(gateway))
                    }
                    Target::Peering(other) => format!("pcx/{}", peering(plan, vpc.vpc, other)),
                };
                (block(cidr), target)
            });
            let fields = [("vpc", vpc.name.clone()), ("routes", pairs(routes))];
            (table(vpc, one.table), map(&fields))
        })
    })
}

pub(super) fn endpoints(_: &Plan, vpcs: &[VpcPlan]) -> Entries {
    all(vpcs, |vpc| {
        let services = ENDPOINTS.iter().enumerate().take(vpc.endpoints);
        let interfaces = services.map(move |(position, service)| {
            let role = Role::Endpoint(position);
            let own = || vpc.in_role(role);
            let fields = [
                ("service", (*service).to_owned()),
                ("subnets", list(own().map(|one| subnet(vpc, one.place)))),
                ("security_groups", groups(vpc, own().take(1).flat_map(|one| &one.groups))),
                ("interfaces", list(own().map(|one| interface(vpc, one)))),
            ];
            (format!("{}-{service}", vpc.name), map(&fields))
        });
        let tables = vpc.tables.iter().filter(|one| one.s3).map(|one| table(vpc, one.table));
        let gateway = vpc.has_s3().then(|| {
            let fields = [("service", "s3".to_owned()), ("route_tables", list(tables))];
            (format!("{}-s3", vpc.name), map(&fields))
        });
        interfaces.chain(gateway)
    })
}

pub(super) fn interfaces(plan: &Plan, vpcs: &[VpcPlan]) -> Entries {
    all(vpcs, |vpc| {
        vpc.interfaces.iter().map(move |one| {
            let own = one.groups.iter().map(|&own| group(&vpc.name, own));
            let address = plan.host(vpc.vpc, one.place, one.host);
            let mut fields = vec![
                ("subnet", subnet(vpc, one.place)),
                ("address", address.to_string()),
                ("security_groups", list(own)),
            ];
            if plan.has_v6(one.role) {
                let address = plan.space().host_v6(vpc.vpc, one.place, one.host);
                fields.push(("ipv6_address", format!("\"{address}\"")));
            }
            if one.public {
                let address = plan.space().public(vpc.vpc, one.place, one.host);
                fields.push(("public_ip", address.to_string()));
            }
            let role = match one.role {
                Role::Front => Some("load-balancer"),
                Role::Endpoint(_) => Some("endpoint"),
                Role::Task(_) if plan.has_services() => Some("task"),
                Role::Data | Role::Task(_) => None,
            };
            fields.extend(role.map(|role| ("role", role.to_owned())));
            (interface(vpc, one), map(&fields))
        })
    })
}

//! Security groups and network ACLs.

use super::{block, group, list, map, subnet};
use crate::generate::filters::{Entry, Group, Peer, Ports, Rules};
use crate::generate::plan::Plan;
use crate::generate::space::Tier;
use crate::generate::vpc::VpcPlan;

fn port((from, to): (u16, u16)) -> String {
    if from == to { from.to_string() } else { format!("\"{from}-{to}\"") }
}

fn rules(plan: &Plan, key: &str, rules: &Rules) -> String {
    let rule = |(ports, peers): &(Ports, Vec<Peer>)| {
        let peers = peers.iter().map(|peer| match *peer {
            Peer::Cidr(cidr) => block(cidr),
            Peer::Group { vpc, group: own } => group(&plan.name(vpc), own),
            Peer::S3 => "s3".to_owned(),
        });
        let mut fields = vec![(key, list(peers))];
        fields.extend(ports.map(|ports| ("port", port(ports))));
        map(&fields)
    };
    list(rules.0.iter().map(rule))
}

/// Every group but the default one, which goes without saying.
pub(super) fn groups(plan: &Plan, vpcs: &[VpcPlan]) -> Vec<(String, String)> {
    let of_vpc = |vpc: &VpcPlan| {
        let stated = vpc.groups.iter().filter(|one| one.group != Group::Default);
        let entries = stated.map(|one| {
            let fields = [
                ("vpc", vpc.name.clone()),
                ("ingress", rules(plan, "from", &one.ingress)),
                ("egress", rules(plan, "to", &one.egress)),
            ];
            (group(&vpc.name, one.group), map(&fields))
        });
        entries.collect::<Vec<_>>()
    };
    vpcs.iter().flat_map(of_vpc).collect()
}

/// The ACLs that are not the default ones.
pub(super) fn acls(_: &Plan, vpcs: &[VpcPlan]) -> Vec<(String, String)> {
    let entry = |one: &Entry| {
        let action = if one.allow { "allow" } else { "deny" };
        let mut fields = vec![("rule", one.number.to_string()), (action, block(one.cidr))];
        fields.extend(one.ports.map(|ports| ("port", port(ports))));
        map(&fields)
    };
    let of_vpc = |vpc: &VpcPlan| {
        let entries = vpc.acl.as_ref()?;
        let side = |egress| list(entries.iter().filter(|one| one.egress == egress).map(entry));
        let places = vpc.places().filter(|place| place.tier == Tier::Work);
        let fields = [
            ("vpc", vpc.name.clone()),
            ("subnets", list(places.map(|place| subnet(vpc, place)))),
            ("ingress", side(false)),
            ("egress", side(true)),
        ];
        Some((format!("{}-work", vpc.name), map(&fields)))
    };
    vpcs.iter().filter_map(of_vpc).collect()
}

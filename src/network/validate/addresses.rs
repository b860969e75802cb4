//! Blocks and addresses.

use super::super::{About, At, Coverage, InterfaceRole, Network, PublicAddress, Resource, Vpc};
use super::Problem;
use crate::header::AddressSet;
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Where a subnet was stated, and its label.
type Stated<'a> = (Option<&'a At>, &'a str);

/// An owner of addresses: its kind, as it is called in messages, its label, and the rest.
type Named<'a> = (&'static str, &'a str, &'a About);

pub(super) fn check(network: &Network, problems: &mut Vec<Problem>) {
    for vpc in network.vpcs.values() {
        blocks_of_vpc(vpc, problems);
    }
    subnets(network, problems);
    if network.coverage == Coverage::Stated {
        own_addresses(network, problems);
    }
    owned_twice(network, problems);
}

fn contains(outer: &IpNet, inner: &IpNet) -> bool {
    match (outer, inner) {
        (IpNet::V4(outer), IpNet::V4(inner)) => outer.contains(inner),
        (IpNet::V6(outer), IpNet::V6(inner)) => outer.contains(inner),
        _ => false,
    }
}

/// Pairs of blocks that overlap. Two blocks are either apart or nested, so that in sorted order
/// only the last wide one can hold the next.
fn overlaps<T>(mut blocks: Vec<(IpNet, T)>) -> Vec<((IpNet, T), (IpNet, T))>
where
    T: Clone + Ord,
{
    blocks.sort_by(|a, b| {
        (a.0.network(), a.0.prefix_len(), &a.1).cmp(&(b.0.network(), b.0.prefix_len(), &b.1))
    });
    let mut pairs = Vec::new();
    let mut wide: Option<(IpNet, T)> = None;
    for block in blocks {
        match &wide {
            Some(outer) if contains(&outer.0, &block.0) => pairs.push((outer.clone(), block)),
            _ => wide = Some(block),
        }
    }
    pairs
}

/// AWS takes IPv4 blocks from /16 to /28, for VPCs and for subnets.
fn size(what: &str, cidr: &IpNet, at: Option<&At>, problems: &mut Vec<Problem>) {
    if let IpNet::V4(net) = cidr
        && !(16..=28).contains(&net.prefix_len())
    {
        problems.push(Problem::new(
            at,
            format!("{what} has the block {net}, and AWS allows /16 to /28"),
            "choose a prefix length from 16 to 28",
        ));
    }
}

fn blocks_of_vpc(vpc: &Vpc, problems: &mut Vec<Problem>) {
    let at = vpc.about.at.as_ref();
    let what = format!("VPC `{}`", vpc.label());
    for cidr in &vpc.cidrs {
        size(&what, cidr, at, problems);
    }
    for ((a, _), (b, _)) in overlaps(vpc.cidrs.iter().map(|&cidr| (cidr, ())).collect()) {
        problems.push(Problem::new(
            at,
            format!("two blocks of {what} overlap: {a} and {b}"),
            "give the VPC blocks that lie apart",
        ));
    }
}

fn subnets(network: &Network, problems: &mut Vec<Problem>) {
    let mut by_vpc: BTreeMap<_, Vec<(IpNet, Stated<'_>)>> = BTreeMap::new();
    for subnet in network.subnets.values() {
        let at = subnet.about.at.as_ref();
        let what = format!("subnet `{}`", subnet.label());
        let vpc = network.vpcs.get(&subnet.vpc);
        for cidr in &subnet.cidrs {
            size(&what, cidr, at, problems);
            by_vpc.entry(&subnet.vpc).or_default().push((*cidr, (at, subnet.label())));
            if let Some(vpc) = vpc
                && !vpc.cidrs.iter().any(|block| contains(block, cidr))
            {
                let blocks: Vec<String> = vpc.cidrs.iter().map(ToString::to_string).collect();
                problems.push(Problem::new(
                    at,
                    format!("{what} ({cidr}) lies outside its VPC `{}`", vpc.label()),
                    format!("the VPC has {}: choose a block within it", blocks.join(", ")),
                ));
            }
        }
    }
    for blocks in by_vpc.into_values() {
        for (a, b) in overlaps(blocks) {
            // The later one is at fault.
            let (first, second) = if b.1 < a.1 { (&b, &a) } else { (&a, &b) };
            let (at, label) = second.1;
            let message = match first.1 == second.1 {
                true => format!(
                    "two blocks of subnet `{}` overlap: {} and {}",
                    label, first.0, second.0
                ),
                false => format!(
                    "subnet `{}` ({}) overlaps subnet `{}` ({})",
                    label, second.0, first.1.1, first.0
                ),
            };
            problems.push(Problem::new(at, message, "give each subnet a block of its own"));
        }
    }
}

/// PW-07: an address lies in its subnet, and is none of the five that AWS keeps.
fn own_addresses(network: &Network, problems: &mut Vec<Problem>) {
    let interfaces = network.interfaces.values().flat_map(|interface| {
        let addresses = interface.addresses.iter().map(|address| address.address);
        let what = format!("interface `{}`", interface.label());
        addresses.map(move |one| (what.clone(), &interface.about, &interface.subnet, one))
    });
    let gateways = network.nat_gateways.values().flat_map(|nat| {
        let addresses = nat.addresses.iter().filter_map(|address| address.private);
        let what = format!("NAT gateway `{}`", nat.label());
        let subnet = nat.subnet.as_ref();
        addresses.filter_map(move |one| Some((what.clone(), &nat.about, subnet?, IpAddr::V4(one))))
    });
    for (what, about, subnet, address) in interfaces.chain(gateways) {
        let Some(subnet) = network.subnets.get(subnet) else { continue };
        let blocks: Vec<String> = subnet.cidrs.iter().map(ToString::to_string).collect();
        let blocks = blocks.join(", ");
        let at = about.at.as_ref();
        if !subnet.addresses().contains(address) {
            problems.push(Problem::new(
                at,
                format!("{what} has {address}, outside its subnet `{}`", subnet.label()),
                format!("the subnet has {blocks}"),
            ));
        } else if !subnet.assignable().union(&subnet.assignable_v6()).contains(address) {
            problems.push(Problem::new(
                at,
                format!("{what} has {address}, which AWS reserves in subnet `{}`", subnet.label()),
                format!(
                    "of {blocks}, the first four and the last address are reserved; {} is free to \
                     use",
                    range(&match address {
                        IpAddr::V4(_) => subnet.assignable(),
                        IpAddr::V6(_) => subnet.assignable_v6(),
                    })
                ),
            ));
        }
    }
}

/// `10.0.1.4 to 10.0.1.254`
fn range(addresses: &AddressSet) -> String {
    let v4 = addresses.v4.ranges().iter();
    let v4 = v4.map(|&(low, high)| (IpAddr::V4(low.into()), IpAddr::V4(high.into())));
    let v6 = addresses.v6.ranges().iter();
    let v6 = v6.map(|&(low, high)| (IpAddr::V6(low.into()), IpAddr::V6(high.into())));
    let ends: Vec<String> = v4.chain(v6).map(|(low, high)| format!("{low} to {high}")).collect();
    ends.join(", ")
}

/// One private address per VPC, one public address at all. In a capture, a NAT gateway's addresses
/// are listed once more with its interface.
fn owned_twice(network: &Network, problems: &mut Vec<Problem>) {
    let mut owners: Vec<((Option<&str>, IpAddr), Named<'_>)> = Vec::new();
    for interface in network.interfaces.values() {
        if interface.role == InterfaceRole::NatGateway {
            continue;
        }
        let owner = ("interface", interface.label(), &interface.about);
        for address in &interface.addresses {
            owners.push(((Some(interface.vpc.as_str()), address.address), owner));
            if let Some(PublicAddress::Known(public)) = address.public {
                owners.push(((None, IpAddr::V4(public)), owner));
            }
        }
    }
    for nat in network.nat_gateways.values() {
        let owner = ("NAT gateway", nat.label(), &nat.about);
        for address in &nat.addresses {
            if let Some(private) = address.private {
                owners.push(((Some(nat.vpc.as_str()), IpAddr::V4(private)), owner));
            }
            if let Some(public) = address.public {
                owners.push(((None, IpAddr::V4(public)), owner));
            }
        }
    }
    // As a rule each is alone: only where several share an address does their order matter.
    owners.sort_by_key(|(address, _)| *address);
    for owners in owners.chunk_by(|(a, _), (b, _)| a == b).filter(|owners| owners.len() > 1) {
        let mut owners = owners.to_vec();
        owners.sort_by(|(_, a), (_, b)| a.2.at.cmp(&b.2.at));
        if let [((_, address), first), (_, second), ..] = owners.as_slice() {
            problems.push(Problem::new(
                second.2.at.as_ref(),
                format!(
                    "{} `{}` has {address}, which {} `{}` has already",
                    second.0, second.1, first.0, first.1
                ),
                "give each an address of its own",
            ));
        }
    }
}

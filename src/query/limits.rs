//! What runs out while things run: connections that work one by one and fail when there are too
//! many of them.

use super::tracking::{host, is_untracked};
use crate::answer::{Answer, Code, Finding, Flow, Party, Verdict};
use crate::models;
use crate::network::{Kind, NatGateway, Network, Resource, RouteTable, RouteTarget, Subnet, VpcId};
use std::collections::BTreeMap;

/// Tells what a flow that gets through may come to lack.
pub(super) fn add_findings(network: &Network, flow: &Flow, answer: &mut Answer) {
    if answer.verdict == Verdict::Blocked {
        return;
    }
    let nats = answer.hops.iter().filter(|hop| hop.resource.kind == Kind::NatGateway.word());
    let nats = nats.filter_map(|hop| network.nat_gateways.get(hop.resource.id.as_str()));
    let found: Vec<Finding> = nats
        .filter_map(|nat| too_many(network, nat, flow))
        .chain(tracked(network, flow, answer))
        .collect();
    for finding in found {
        if !answer.findings.contains(&finding) {
            answer.findings.push(finding);
        }
    }
}

/// NG-11: to one address and port, all hosts behind a NAT gateway share what it holds.
fn too_many(network: &Network, nat: &NatGateway, flow: &Flow) -> Option<Finding> {
    flow.destination.addresses().as_single().filter(|_| flow.destination.symbol().is_none())?;
    let each = models::path_limit("connections of nat-gateway")?;
    let works = |status: &Option<String>| status.as_deref().is_none_or(|one| one == "succeeded");
    let addresses = nat.addresses.iter().filter(|one| works(&one.status)).count();
    let room = each.saturating_mul(u64::try_from(addresses).ok()?);
    let main = network.route_tables.values().filter(|table| table.main);
    // The first of a VPC, should it have several.
    let mains: BTreeMap<&VpcId, &RouteTable> =
        main.rev().map(|table| (&table.vpc, table)).collect();
    let leads = |subnet: &Subnet| {
        let own = network.route_tables.referring_to(subnet.id.as_str()).next();
        let main = || mains.get(&subnet.vpc).copied();
        let to_nat = |table: &RouteTable| {
            table.routes.iter().any(|one| one.target == RouteTarget::NatGateway(nat.id.clone()))
        };
        own.or_else(main).is_some_and(to_nat)
    };
    let behind =
        network.interfaces.values().filter(|one| host(network, Some(one.id.as_str())).is_some());
    let behind = behind.filter(|one| network.subnets.get(&one.subnet).is_some_and(leads)).count();
    let ranges = flow.client_ports.ranges().iter();
    let ports: u64 = ranges.map(|(low, high)| u64::from(*high) - u64::from(*low) + 1).sum();
    let wanted = ports.saturating_mul(u64::try_from(behind).ok()?);
    (behind > 1 && wanted > room).then(|| Finding {
        code: Code::new("NAT_CONNECTION_LIMIT"),
        text: format!(
            "NAT gateway {} holds {room} connections at once to one address and port \
             ({addresses} x {each}), and the {behind} interfaces whose routes lead to it could \
             open more: further ones fail until others end (NG-11)",
            nat.label()
        ),
    })
}

/// SG-20: what comes from everywhere, connection by connection, has to be remembered by the host.
fn tracked(network: &Network, flow: &Flow, answer: &Answer) -> Option<Finding> {
    let Party::Elsewhere { symbol: Some(_), .. } = flow.source else { return None };
    let server = host(network, flow.destination.interface())?;
    let tracks = flow.protocol.has_ports() && !is_untracked(network, server, flow, answer);
    tracks.then(|| Finding {
        code: Code::new("CONNECTION_TRACKING_LIMIT"),
        text: format!(
            "the groups of {} keep track of every connection from the internet: how many it can \
             hold depends on its instance type, and further ones are dropped (SG-20)",
            server.label()
        ),
    })
}

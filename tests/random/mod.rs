//! Random networks, flows through them, and packets of those flows.
//!
//! A [`plan::Plan`] is a handful of choices: a network that mostly works, one flow, and a few
//! tweaks to it. Proptest draws and shrinks plans; [`build`] turns one into a network. The packets
//! are drawn from the edges that the network itself states: both ends of every prefix and range of
//! ports, and their neighbours.

mod build;
mod draw;
mod edges;
mod faults;
mod flow;
mod ipv6;
mod middle;
mod overlap;
mod packets;
mod pieces;
mod plan;
mod transit;
mod tweaks;

use proptest::prelude::*;
use std::fmt;
use vpc_reach::answer::{Flow, Party};
use vpc_reach::header::Packet;
use vpc_reach::network::Network;
use vpc_reach::read::scenario;

/// Every code that a packet can be stopped with.
pub const CODES: [&str; 19] = [
    "BAD_STATE",
    "BAD_STATE_ATTACHMENT",
    "BAD_STATE_ROUTE",
    "ENI_SG_RULES_MISMATCH",
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS",
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS",
    "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
    "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    "LISTENER_ON_LOOPBACK",
    "LISTENER_ON_OTHER_ADDRESS",
    "NAT_NO_INBOUND",
    "NEXT_HOP_LOOP",
    "NOTHING_LISTENS",
    "NO_ROUTE_TO_DESTINATION",
    "PROXY_UPSTREAM_NOT_LISTENING",
    "RETURN_PATH_ASYMMETRIC",
    "SG_HAS_NO_RULES",
    "SUBNET_ACL_RESTRICTION",
    "VPC_LOCAL_ROUTE_CIDR_RESTRICTION",
];

/// Codes that only a part of the networks can show.
pub const RARE: [&str; 26] = [
    "DELIVERED_TO_OTHER_HOST",
    "ENDPOINT_ANSWERS_NO_PING",
    "ENI_ADDRESS_RESTRICTION",
    "ENI_SOURCE_DEST_CHECK_RESTRICTION",
    "FIREWALL_RULES_RESTRICTION",
    "GATEWAY_ENDPOINT_SOURCE_OUTSIDE_VPC",
    "IGW_TRAFFIC_DENIED",
    "INGRESS_RTB_NO_PUBLIC_IP",
    "INGRESS_RTB_TRAFFIC_REDIRECTION",
    "IPV6_ADDRESS_NOT_PUBLIC",
    "LISTENER_OTHER_FAMILY",
    "NAT_TRANSLATES_NO_OTHER_IPV6",
    "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
    "PROTOCOL_RESTRICTION",
    "REGIONAL_NGW_ROUTE_AZ_RESTRICTION",
    "SG_REFERENCES_NOT_PRESERVED",
    "TGW_ATTACHMENT_WITHOUT_IPV6",
    "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION",
    "TGW_ATTACH_VPC_AZ_RESTRICTION",
    "TGW_ROUTE_AZ_RESTRICTION",
    "TGW_RTB_BAD_STATE_ROUTE",
    "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
    "VPCE_GATEWAY_PROTOCOL_RESTRICTION",
    "VPCE_INTRA_VPC_TRAFFIC",
    "VPC_BLOCK_PUBLIC_ACCESS_ENABLED",
    "VPC_DNS_SUPPORT_OFF",
];

/// A completed network, a flow, and some of the flow's packets.
#[derive(Clone)]
pub struct Case {
    pub network: Network,
    pub flow: Flow,
    pub packets: Vec<Packet>,
}

/// Random cases. Most networks work, or have one or two faults.
pub fn case() -> impl Strategy<Value = Case> {
    draw::plan().prop_map(|plan| {
        let draft = build::build(&plan);
        let flow = flow::flow(&plan, &draft);
        let packets = packets::packets(&draft.net, &flow, plan.seed);
        Case { network: draft.net, flow, packets }
    })
}

/// The scenario, the flow, and the packets one per line.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Flow { source, destination, protocol, destination_ports, client_ports } = &self.flow;
        writeln!(f, "\n{}", scenario::write(&self.network))?;
        writeln!(f, "flow: {}\n   -> {}", end(source), end(destination))?;
        writeln!(f, "   {protocol} to ports {destination_ports} from ports {client_ports}")?;
        for packet in &self.packets {
            let Packet { source, source_port, destination, destination_port, translations, .. } =
                packet;
            write!(f, "packet: {source}:{source_port} -> {destination}:{destination_port}")?;
            write!(f, " picks {:?}", packet.picks)?;
            for (address, port) in translations {
                write!(f, " as {address}:{port}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn end(party: &Party) -> String {
    let addresses = party.addresses();
    match (party.interface(), party.symbol()) {
        (Some(id), _) => format!("{id} {addresses}"),
        (None, Some(symbol)) => format!("any address of {symbol}"),
        (None, None) => format!("elsewhere {addresses}"),
    }
}

//! Transit gateways, their attachments and tables.

use super::vpcs::named;
use super::{Put, ids};
use crate::generate::plan::Plan;
use crate::generate::transit::Way;
use crate::generate::vpc::VpcPlan;
use crate::generate::{REGION, account_id};
use serde_json::{Value, json};
use std::io;

/// Says what an account sees of some kind.
type Elements = fn(&Plan, u32, &[VpcPlan], &mut Put<'_>) -> io::Result<()>;

pub(super) const LISTS: [(&str, &str, Elements); 5] = [
    ("describe-transit-gateways", "TransitGateways", gateways),
    ("describe-transit-gateway-attachments", "TransitGatewayAttachments", attachments),
    ("describe-transit-gateway-vpc-attachments", "TransitGatewayVpcAttachments", vpc_attachments),
    (
        "describe-transit-gateway-peering-attachments",
        "TransitGatewayPeeringAttachments",
        peering_attachments,
    ),
    ("describe-transit-gateway-route-tables", "TransitGatewayRouteTables", tables),
];

/// Whether a transit gateway is an account's own.
fn is_own(plan: &Plan, gateway: u32, account: u32) -> bool {
    plan.gateway_account(gateway) == account
}

/// An account sees its own, and those that its VPCs are attached to.
fn gateways(plan: &Plan, account: u32, vpcs: &[VpcPlan], put: &mut Put<'_>) -> io::Result<()> {
    for gateway in 0..plan.gateways() {
        let attached = vpcs.iter().any(|vpc| plan.gateway(vpc.vpc) == Some(gateway));
        if !attached && !is_own(plan, gateway, account) {
            continue;
        }
        let (id, owner) = (ids::gateway(gateway), plan.gateway_account(gateway));
        put(json!({
            "TransitGatewayId": id, "OwnerId": account_id(owner), "State": "available",
            "TransitGatewayArn": ids::arn("ec2", owner, &format!("transit-gateway/{id}")),
            "Options": {
                "AmazonSideAsn": 64512 + gateway, "AutoAcceptSharedAttachments": "enable",
                "DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable",
                "DnsSupport": "enable", "VpnEcmpSupport": "enable", "MulticastSupport": "disable",
                "SecurityGroupReferencingSupport": "disable",
            },
            // Tags are told to the owner only.
            "Tags": if owner == account { named(&plan.gateway_name(gateway)) } else { json!([]) },
        }))?;
    }
    Ok(())
}

/// The VPCs whose attachments an account sees, with their transit gateways: its own, and all of
/// its own transit gateways.
fn attached(plan: &Plan, account: u32) -> impl Iterator<Item = (u32, u32)> {
    let owned: Vec<u32> = (0..plan.gateways()).filter(|&one| is_own(plan, one, account)).collect();
    let others = (0..plan.order().vpcs).filter(move |&vpc| {
        let gateway = plan.gateway(vpc).filter(|gateway| owned.contains(gateway));
        gateway.is_some() && plan.account(vpc) != account
    });
    let all = plan.vpcs_of(account).chain(others);
    all.filter_map(|vpc| Some((vpc, plan.gateway(vpc)?)))
}

/// The peerings of an account's own transit gateways.
fn peerings(plan: &Plan, account: u32) -> impl Iterator<Item = u32> {
    let own = move |gateway: u32| is_own(plan, gateway, account);
    plan.transit_peerings().filter(move |&one| own(one) || own(one + 1))
}

/// The table of a VPC's attachment, as its association says.
fn association(table: Option<u32>) -> Value {
    let table = table.map(ids::transit_table);
    json!({ "State": "associated", "TransitGatewayRouteTableId": table })
}

fn attachments(plan: &Plan, account: u32, _: &[VpcPlan], put: &mut Put<'_>) -> io::Result<()> {
    for (vpc, gateway) in attached(plan, account) {
        put(json!({
            "TransitGatewayAttachmentId": ids::attachment(vpc), "TransitGatewayId": ids::gateway(gateway),
            "TransitGatewayOwnerId": account_id(plan.gateway_account(gateway)),
            "ResourceOwnerId": account_id(plan.account(vpc)), "ResourceType": "vpc",
            "ResourceId": ids::vpc(vpc), "State": "available",
            "Association": association(plan.transit_table(vpc)), "Tags": named(&plan.name(vpc)),
        }))?;
    }
    for peering in peerings(plan, account) {
        // Each owner is told of its own end.
        for end in [peering, peering + 1].into_iter().filter(|&one| is_own(plan, one, account)) {
            let other = if end == peering { peering + 1 } else { peering };
            put(json!({
                "TransitGatewayAttachmentId": ids::transit_peering(peering),
                "TransitGatewayId": ids::gateway(end),
                "TransitGatewayOwnerId": account_id(plan.gateway_account(end)),
                "ResourceOwnerId": account_id(plan.gateway_account(other)),
                "ResourceType": "peering", "ResourceId": ids::gateway(other), "State": "available",
                "Association": association(Some(end)), "Tags": named(&plan.gateway_name(other)),
            }))?;
        }
    }
    Ok(())
}

fn vpc_attachments(plan: &Plan, account: u32, _: &[VpcPlan], put: &mut Put<'_>) -> io::Result<()> {
    for (vpc, gateway) in attached(plan, account) {
        let subnets = plan.transit_places(vpc).map(|place| json!(ids::subnet(vpc, place)));
        let v6 = if plan.dual_stack() { "enable" } else { "disable" };
        put(json!({
            "TransitGatewayAttachmentId": ids::attachment(vpc), "TransitGatewayId": ids::gateway(gateway),
            "VpcId": ids::vpc(vpc), "VpcOwnerId": account_id(plan.account(vpc)), "State": "available",
            "SubnetIds": subnets.collect::<Vec<_>>(), "Tags": named(&plan.name(vpc)),
            "Options": {
                "DnsSupport": "enable", "Ipv6Support": v6, "ApplianceModeSupport": "disable",
                "SecurityGroupReferencingSupport": "disable",
            },
        }))?;
    }
    Ok(())
}

fn peering_attachments(
    plan: &Plan,
    account: u32,
    _: &[VpcPlan],
    put: &mut Put<'_>,
) -> io::Result<()> {
    let end = |gateway: u32| {
        json!({
            "TransitGatewayId": ids::gateway(gateway), "Region": REGION,
            "OwnerId": account_id(plan.gateway_account(gateway)),
        })
    };
    for peering in peerings(plan, account) {
        let (one, other) = (plan.gateway_name(peering), plan.gateway_name(peering + 1));
        put(json!({
            "TransitGatewayAttachmentId": ids::transit_peering(peering), "State": "available",
            "RequesterTgwInfo": end(peering), "AccepterTgwInfo": end(peering + 1),
            "Tags": named(&format!("{one}-{other}")),
        }))?;
    }
    Ok(())
}

fn tables(plan: &Plan, account: u32, _: &[VpcPlan], put: &mut Put<'_>) -> io::Result<()> {
    for gateway in (0..plan.gateways()).filter(|&one| is_own(plan, one, account)) {
        for table in plan.transit_tables(gateway) {
            put(json!({
                "TransitGatewayRouteTableId": ids::transit_table(table.number),
                "TransitGatewayId": ids::gateway(table.gateway), "State": "available",
                "DefaultAssociationRouteTable": false, "DefaultPropagationRouteTable": false,
                "Tags": named(&table.name),
            }))?;
        }
    }
    Ok(())
}

fn vpc_end(vpc: u32) -> Value {
    json!({
        "TransitGatewayAttachmentId": ids::attachment(vpc), "ResourceType": "vpc",
        "ResourceId": ids::vpc(vpc),
    })
}

fn peering_end(table: u32, peering: u32) -> Value {
    // In a chain, a transit gateway's table has its number.
    let other = if table == peering { peering + 1 } else { peering };
    json!({
        "TransitGatewayAttachmentId": ids::transit_peering(peering), "ResourceType": "peering",
        "ResourceId": ids::gateway(other),
    })
}

pub(super) fn associations(plan: &Plan, table: u32, put: &mut Put<'_>) -> io::Result<()> {
    let associated = |mut end: Value| {
        end["State"] = json!("associated");
        end
    };
    for vpc in (0..plan.order().vpcs).filter(|&vpc| plan.transit_table(vpc) == Some(table)) {
        put(associated(vpc_end(vpc)))?;
    }
    let mut peerings = plan.transit_peerings().filter(|&one| one == table || one + 1 == table);
    peerings.try_for_each(|peering| put(associated(peering_end(table, peering))))
}

pub(super) fn routes(plan: &Plan, table: u32, put: &mut Put<'_>) -> io::Result<()> {
    for route in plan.transit_routes(table) {
        let end = match route.way {
            Way::Vpc(vpc) => Some(vpc_end(vpc)),
            Way::Peering(peering) => Some(peering_end(table, peering)),
            Way::Blackhole => None,
        };
        let mut own = json!({
            "DestinationCidrBlock": route.to.to_string(),
            "Type": if route.learned { "propagated" } else { "static" },
            "State": if end.is_some() { "active" } else { "blackhole" },
        });
        if let Some(end) = end {
            own["TransitGatewayAttachments"] = json!([end]);
        }
        put(own)?;
    }
    Ok(())
}

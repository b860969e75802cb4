//! VPCs, subnets, route tables, gateways, endpoints and peerings.

use super::{Put, ids};
use crate::generate::plan::Plan;
use crate::generate::space::{Cidr, Place, Tier};
use crate::generate::vpc::{ENDPOINTS, Role, Target, VpcPlan};
use crate::generate::{REGION, S3_BLOCKS, account_id, zone};
use serde_json::{Value, json};
use std::io;

/// The zones' ids: none of those that lack features.
const ZONE_IDS: [&str; 3] = ["use1-az6", "use1-az1", "use1-az2"];

pub(super) fn named(name: &str) -> Value {
    json!([{ "Key": "Name", "Value": name }])
}

pub(super) fn s3_list() -> Value {
    json!({
        "PrefixListId": ids::S3_LIST, "PrefixListName": format!("com.amazonaws.{REGION}.s3"), "Cidrs": S3_BLOCKS,
    })
}

pub(super) fn public_access(account: u32) -> Value {
    json!({ "VpcBlockPublicAccessOptions": {
        "AwsAccountId": account_id(account), "AwsRegion": REGION, "State": "default-state",
        "InternetGatewayBlockMode": "off", "ManagedBy": "account", "ExclusionsAllowed": "allowed",
    } })
}

/// The answers about one VPC's DNS.
pub(super) fn attributes(vpc: &VpcPlan) -> Vec<(String, Value)> {
    let id = ids::vpc(vpc.vpc);
    let one = |attribute: &str, file: &str| {
        let value = json!({ "VpcId": id, attribute: { "Value": true } });
        (format!("describe-vpc-attribute.{id}.{file}"), value)
    };
    vec![
        one("EnableDnsSupport", "enableDnsSupport"),
        one("EnableDnsHostnames", "enableDnsHostnames"),
    ]
}

/// The IPv6 blocks of a VPC or subnet, as the answer has them.
fn v6_blocks(plan: &Plan, v6: Cidr, kind: &str, vpc: u32, number: u8) -> Value {
    let block = json!({
        "AssociationId": format!("{kind}-cidr-assoc-{vpc:08x}1{number:08x}"),
        "Ipv6CidrBlock": v6.to_string(),
        "Ipv6CidrBlockState": { "State": "associated" },
    });
    if plan.dual_stack() { json!([block]) } else { json!([]) }
}

pub(super) fn vpcs(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    let span = plan.span(vpc.vpc);
    let block = span.v4.to_string();
    put(json!({
        "VpcId": ids::vpc(vpc.vpc), "OwnerId": account_id(vpc.account), "State": "available",
        "IsDefault": false, "InstanceTenancy": "default", "DhcpOptionsId": ids::dhcp_options(vpc.vpc),
        "CidrBlock": block,
        "CidrBlockAssociationSet": [{
            "AssociationId": format!("vpc-cidr-assoc-{:08x}000000000", vpc.vpc),
            "CidrBlock": block, "CidrBlockState": { "State": "associated" },
        }],
        "Ipv6CidrBlockAssociationSet": v6_blocks(plan, span.v6, "vpc", vpc.vpc, 0),
        "BlockPublicAccessStates": { "InternetGatewayBlockMode": "off" },
        "Tags": named(&vpc.name),
    }))
}

pub(super) fn dhcp_options(_: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    put(json!({
        "DhcpOptionsId": ids::dhcp_options(vpc.vpc), "OwnerId": account_id(vpc.account), "Tags": [],
        "DhcpConfigurations": [
            { "Key": "domain-name", "Values": [{ "Value": "ec2.internal" }] },
            { "Key": "domain-name-servers", "Values": [{ "Value": "AmazonProvidedDNS" }] },
        ],
    }))
}

pub(super) fn subnets(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    for place in vpc.places() {
        let span = plan.subnet(vpc.vpc, place);
        let id = ids::subnet(vpc.vpc, place);
        let own = vpc.interfaces.iter().filter(|one| one.place == place).count();
        let nat = usize::from(place.tier == Tier::Edge && place.zone < vpc.nats);
        let gateways = nat + usize::from(place.tier == Tier::Transit);
        let used = u32::try_from(own + gateways).unwrap_or(u32::MAX);
        put(json!({
            "SubnetId": id, "SubnetArn": ids::arn("ec2", vpc.account, &format!("subnet/{id}")),
            "VpcId": ids::vpc(vpc.vpc), "OwnerId": account_id(vpc.account), "State": "available",
            "AvailabilityZone": zone(place.zone), "AvailabilityZoneId": ZONE_IDS.get(usize::from(place.zone)),
            "CidrBlock": span.v4.to_string(),
            "Ipv6CidrBlockAssociationSet": v6_blocks(plan, span.v6, "subnet", vpc.vpc, place.number()),
            "AvailableIpAddressCount": plan.space().assignable(place).saturating_sub(used),
            "MapPublicIpOnLaunch": false, "AssignIpv6AddressOnCreation": false, "EnableDns64": false,
            "Ipv6Native": false, "DefaultForAz": false, "Tags": named(&place.to_string()),
        }))?;
    }
    Ok(())
}

/// The key and the text of a destination.
fn destination(cidr: Cidr) -> (&'static str, String) {
    match cidr {
        Cidr::V4(..) => ("DestinationCidrBlock", cidr.to_string()),
        Cidr::V6(..) => ("DestinationIpv6CidrBlock", cidr.to_string()),
    }
}

pub(super) fn route_tables(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    let local = plan.cidrs(plan.span(vpc.vpc)).map(|cidr| {
        let (key, block) = destination(cidr);
        json!({ key: block, "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active" })
    });
    let local: Vec<Value> = local.collect();
    let table = |id: &str, name: &str, routes: Vec<Value>, associations: Vec<Value>| {
        json!({
            "RouteTableId": id, "VpcId": ids::vpc(vpc.vpc), "OwnerId": account_id(vpc.account),
            "Routes": routes, "Associations": associations, "PropagatingVgws": [], "Tags": named(name),
        })
    };
    let association = |id: &str, subnet: Option<Place>| {
        let mut own = json!({
            "RouteTableAssociationId": id.replacen("rtb", "rtbassoc", 1), "RouteTableId": id,
            "Main": subnet.is_none(), "AssociationState": { "State": "associated" },
        });
        if let Some(place) = subnet {
            let number = format!("{}{:x}", id.replacen("rtb", "rtbassoc", 1), place.zone);
            own["RouteTableAssociationId"] = json!(number);
            own["SubnetId"] = json!(ids::subnet(vpc.vpc, place));
        }
        own
    };
    let main = ids::table(vpc.vpc, None);
    put(table(&main, "main", local.clone(), vec![association(&main, None)]))?;
    for one in &vpc.tables {
        let id = ids::table(vpc.vpc, Some(one.table));
        let routes = one.routes.iter().map(|&(cidr, target)| {
            let (to, block) = destination(cidr);
            let (by, target) = match target {
                Target::InternetGateway => ("GatewayId", ids::internet_gateway(vpc.vpc)),
                Target::EgressOnlyGateway => {
                    ("EgressOnlyInternetGatewayId", ids::egress_only_gateway(vpc.vpc))
                }
                Target::Nat(zone) => ("NatGatewayId", ids::nat(vpc.vpc, zone)),
                Target::TransitGateway(gateway) => ("TransitGatewayId", ids::gateway(gateway)),
                Target::Peering(other) => {
                    ("VpcPeeringConnectionId", ids::peering((vpc.vpc, other)))
                }
            };
            json!({ to: block, by: target, "Origin": "CreateRoute", "State": "active" })
        });
        let s3 = json!({
            "DestinationPrefixListId": ids::S3_LIST, "GatewayId": ids::endpoint(vpc.vpc, None),
            "Origin": "CreateRoute", "State": "active",
        });
        let all = local.iter().cloned().chain(routes).chain(one.s3.then_some(s3));
        let places = vpc.places().filter(|&place| vpc.table_of(place) == Some(one.table));
        let associations = places.map(|place| association(&id, Some(place)));
        put(table(&id, &one.table.to_string(), all.collect(), associations.collect()))?;
    }
    Ok(())
}

pub(super) fn internet_gateways(_: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    if !vpc.kind.has_internet() {
        return Ok(());
    }
    put(json!({
        "InternetGatewayId": ids::internet_gateway(vpc.vpc), "OwnerId": account_id(vpc.account),
        "Attachments": [{ "VpcId": ids::vpc(vpc.vpc), "State": "available" }], "Tags": named(&vpc.name),
    }))
}

pub(super) fn egress_only_gateways(_: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    if !vpc.has_egress_only() {
        return Ok(());
    }
    put(json!({
        "EgressOnlyInternetGatewayId": ids::egress_only_gateway(vpc.vpc),
        "Attachments": [{ "VpcId": ids::vpc(vpc.vpc), "State": "attached" }], "Tags": named(&vpc.name),
    }))
}

pub(super) fn nat_gateways(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    for zone in 0..vpc.nats {
        let place = Place { tier: Tier::Edge, zone };
        let (space, host) = (plan.space(), plan.space().last(place));
        let number = format!("{:08x}{zone:09x}", vpc.vpc);
        put(json!({
            "NatGatewayId": ids::nat(vpc.vpc, zone), "VpcId": ids::vpc(vpc.vpc),
            "SubnetId": ids::subnet(vpc.vpc, place), "State": "available",
            "ConnectivityType": "public", "Tags": named(&format!("{}-{zone}", vpc.name)),
            "NatGatewayAddresses": [{
                "PrivateIp": plan.host(vpc.vpc, place, host), "PublicIp": space.public(vpc.vpc, place, host),
                "NetworkInterfaceId": ids::nat_interface(vpc.vpc, zone), "IsPrimary": true,
                "AllocationId": format!("eipalloc-{number}"), "AssociationId": format!("eipassoc-{number}"),
                "Status": "succeeded",
            }],
        }))?;
    }
    Ok(())
}

pub(super) fn endpoints(_: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    let endpoint = |id: String, kind: &str, service: &str| {
        json!({
            "VpcEndpointId": id, "VpcEndpointType": kind, "VpcId": ids::vpc(vpc.vpc),
            "OwnerId": account_id(vpc.account), "ServiceName": format!("com.amazonaws.{REGION}.{service}"),
            "State": "available", "PrivateDnsEnabled": false, "RequesterManaged": false,
            "SubnetIds": [], "Groups": [], "NetworkInterfaceIds": [], "RouteTableIds": [], "DnsEntries": [],
            "PolicyDocument": r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#,
            "Tags": named(service),
        })
    };
    for (position, service) in ENDPOINTS.iter().enumerate().take(vpc.endpoints) {
        let role = Role::Endpoint(position);
        let subnets = vpc.in_role(role).map(|one| ids::subnet(vpc.vpc, one.place));
        let interfaces = vpc.in_role(role).map(|one| ids::interface(vpc.vpc, one.number));
        let groups = vpc.in_role(role).take(1).flat_map(|one| &one.groups);
        let groups = groups.map(|&group| {
            json!({ "GroupId": ids::group(vpc.vpc, group), "GroupName": group.to_string() })
        });
        let mut own = endpoint(ids::endpoint(vpc.vpc, Some(position)), "Interface", service);
        own["IpAddressType"] = json!("ipv4");
        own["DnsOptions"] = json!({ "DnsRecordIpType": "ipv4" });
        own["PrivateDnsEnabled"] = json!(true);
        own["SubnetIds"] = subnets.collect();
        own["NetworkInterfaceIds"] = interfaces.collect();
        own["Groups"] = groups.collect();
        put(own)?;
    }
    if vpc.has_s3() {
        let mut own = endpoint(ids::endpoint(vpc.vpc, None), "Gateway", "s3");
        let tables = vpc.tables.iter().filter(|one| one.s3);
        own["RouteTableIds"] =
            tables.map(|one| json!(ids::table(vpc.vpc, Some(one.table)))).collect();
        put(own)?;
    }
    Ok(())
}

pub(super) fn peerings(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    let end = |vpc: u32| {
        let block = plan.span(vpc).v4.to_string();
        json!({
            "VpcId": ids::vpc(vpc), "OwnerId": account_id(plan.account(vpc)), "Region": REGION,
            "CidrBlock": block, "CidrBlockSet": [{ "CidrBlock": block }],
        })
    };
    for other in plan.peers(vpc.vpc) {
        let (one, two) = (vpc.vpc.min(other), vpc.vpc.max(other));
        // Two VPCs of one account have one answer.
        if vpc.vpc == two && plan.account(one) == plan.account(two) {
            continue;
        }
        put(json!({
            "VpcPeeringConnectionId": ids::peering((one, two)),
            "RequesterVpcInfo": end(one), "AccepterVpcInfo": end(two),
            "Status": { "Code": "active", "Message": "Active" },
            "Tags": named(&format!("{}-{}", plan.name(one), plan.name(two))),
        }))?;
    }
    Ok(())
}

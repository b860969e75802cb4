//! Network interfaces.

use super::{Put, ids};
use crate::generate::plan::Plan;
use crate::generate::space::{Place, Tier};
use crate::generate::vpc::{InterfacePlan, Role, VpcPlan};
use crate::generate::{account_id, zone};
use serde_json::{Value, json};
use std::io;

/// What differs between interfaces.
struct About<'a> {
    id: String,
    place: Place,
    host: u32,
    kind: &'a str,
    description: String,
    /// The account that asked AWS for it, and the one that it is attached for.
    requester: &'a str,
    holder: &'a str,
    /// Whose public address it has.
    public: Option<&'a str>,
    check: bool,
}

fn interface(plan: &Plan, vpc: &VpcPlan, about: About<'_>, groups: Value) -> Value {
    let About { id, place, host, kind, description, requester, holder, public, check } = about;
    let address = plan.host(vpc.vpc, place, host).to_string();
    let name = format!("ip-{}.ec2.internal", address.replace('.', "-"));
    let mut primary =
        json!({ "Primary": true, "PrivateIpAddress": address, "PrivateDnsName": name });
    let mut own = json!({
        "NetworkInterfaceId": id, "InterfaceType": kind, "Description": description,
        "VpcId": ids::vpc(vpc.vpc), "SubnetId": ids::subnet(vpc.vpc, place),
        "AvailabilityZone": zone(place.zone), "OwnerId": account_id(vpc.account),
        "RequesterId": requester, "RequesterManaged": true, "SourceDestCheck": check,
        "Status": "in-use", "Groups": groups, "TagSet": [],
        "Attachment": {
            "AttachmentId": id.replacen("eni", "eni-attach", 1), "InstanceOwnerId": holder,
            "DeviceIndex": 1, "Status": "attached", "DeleteOnTermination": false,
        },
        "PrivateIpAddress": address, "PrivateDnsName": name,
    });
    if let Some(owner) = public {
        let association = json!({
            "IpOwnerId": owner, "PublicIp": plan.space().public(vpc.vpc, place, host),
        });
        primary["Association"] = association.clone();
        own["Association"] = association;
    }
    own["PrivateIpAddresses"] = json!([primary]);
    own
}

pub(super) fn interfaces(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    for one in &vpc.interfaces {
        put(ordinary(plan, vpc, one))?;
    }
    for zone in 0..vpc.nats {
        let place = Place { tier: Tier::Edge, zone };
        let owner = account_id(vpc.account);
        let about = About {
            id: ids::nat_interface(vpc.vpc, zone),
            place,
            host: plan.space().last(place),
            kind: "nat_gateway",
            description: format!("Interface for NAT Gateway {}", ids::nat(vpc.vpc, zone)),
            requester: "299743012387",
            holder: "amazon-aws",
            public: Some(&owner),
            check: false,
        };
        put(interface(plan, vpc, about, json!([])))?;
    }
    if plan.gateway(vpc.vpc).is_none() {
        return Ok(());
    }
    for place in plan.transit_places(vpc.vpc) {
        let attachment = ids::attachment(vpc.vpc);
        let about = About {
            id: ids::transit_interface(vpc.vpc, place.zone),
            place,
            host: 4,
            kind: "transit_gateway",
            description: format!("Network Interface for Transit Gateway Attachment {attachment}"),
            requester: "662747672214",
            holder: "amazon-aws",
            public: None,
            check: true,
        };
        put(interface(plan, vpc, about, json!([])))?;
    }
    Ok(())
}

fn ordinary(plan: &Plan, vpc: &VpcPlan, one: &InterfacePlan) -> Value {
    let (kind, description, requester, holder) = match one.role {
        Role::Front => {
            let balancer = super::services::balancer_name(vpc);
            ("interface", format!("ELB {balancer}"), "amazon-elb", "amazon-elb")
        }
        Role::Endpoint(position) => {
            let endpoint = ids::endpoint(vpc.vpc, Some(position));
            let description = format!("VPC Endpoint Interface {endpoint}");
            ("vpc_endpoint", description, "727180483921", "amazon-aws")
        }
        Role::Task(_) if !plan.has_services() => {
            ("interface", String::new(), "", &*account_id(vpc.account))
        }
        Role::Data => ("interface", "RDSNetworkInterface".to_owned(), "amazon-rds", "amazon-rds"),
        Role::Task(_) => {
            let attachment = super::services::attachment(vpc, one);
            let arn = ids::arn("ecs", vpc.account, &format!("attachment/{attachment}"));
            ("interface", arn, "578734482556", "538493874136")
        }
    };
    let about = About {
        id: ids::interface(vpc.vpc, one.number),
        place: one.place,
        host: one.host,
        kind,
        description,
        requester,
        holder,
        public: one.public.then_some(if one.role == Role::Front { "amazon-elb" } else { "amazon" }),
        check: true,
    };
    let groups = one.groups.iter().map(
        |&group| json!({ "GroupId": ids::group(vpc.vpc, group), "GroupName": group.to_string() }),
    );
    let mut own = interface(plan, vpc, about, groups.collect());
    if plan.has_v6(one.role) {
        let address = plan.space().host_v6(vpc.vpc, one.place, one.host);
        own["Ipv6Addresses"] = json!([{ "Ipv6Address": address, "IsPrimaryIpv6": false }]);
    }
    own
}

//! Security groups and network ACLs.

use super::vpcs::named;
use super::{Put, ids};
use crate::generate::account_id;
use crate::generate::filters::{Entry, Peer, Ports, Rules};
use crate::generate::plan::Plan;
use crate::generate::space::{ANYWHERE, Cidr, Tier};
use crate::generate::vpc::VpcPlan;
use serde_json::{Value, json};
use std::io;

pub(super) fn groups(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    for one in &vpc.groups {
        let (id, name) = (ids::group(vpc.vpc, one.group), one.group.to_string());
        put(json!({
            "GroupId": id, "GroupName": name, "Description": name, "VpcId": ids::vpc(vpc.vpc),
            "OwnerId": account_id(vpc.account),
            "SecurityGroupArn": ids::arn("ec2", vpc.account, &format!("security-group/{id}")),
            "IpPermissions": permissions(plan, vpc.vpc, &one.ingress),
            "IpPermissionsEgress": permissions(plan, vpc.vpc, &one.egress),
            "Tags": [],
        }))?;
    }
    Ok(())
}

fn permissions(plan: &Plan, vpc: u32, rules: &Rules) -> Value {
    let permission = |(ports, peers): &(Ports, Vec<Peer>)| {
        let (mut v4, mut v6, mut lists, mut pairs) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for peer in peers {
            match *peer {
                Peer::Cidr(cidr @ Cidr::V4(..)) => v4.push(json!({ "CidrIp": cidr.to_string() })),
                Peer::Cidr(cidr @ Cidr::V6(..)) => v6.push(json!({ "CidrIpv6": cidr.to_string() })),
                Peer::S3 => lists.push(json!({ "PrefixListId": ids::S3_LIST })),
                Peer::Group { vpc: other, group } => {
                    let owner = account_id(plan.account(other));
                    let mut pair = json!({ "GroupId": ids::group(other, group), "UserId": owner });
                    if other != vpc {
                        pair["VpcId"] = json!(ids::vpc(other));
                        pair["VpcPeeringConnectionId"] = json!(ids::peering((vpc, other)));
                        pair["PeeringStatus"] = json!("active");
                    }
                    pairs.push(pair);
                }
            }
        }
        let mut own = json!({
            "IpProtocol": if ports.is_some() { "tcp" } else { "-1" }, "IpRanges": v4,
            "Ipv6Ranges": v6, "PrefixListIds": lists, "UserIdGroupPairs": pairs,
        });
        if let Some((from, to)) = ports {
            own["FromPort"] = json!(from);
            own["ToPort"] = json!(to);
        }
        own
    };
    rules.0.iter().map(permission).collect()
}

/// What AWS puts behind all entries.
const LAST: u32 = 32_767;

pub(super) fn acls(plan: &Plan, vpc: &VpcPlan, put: &mut Put<'_>) -> io::Result<()> {
    let entry = |one: &Entry| {
        let block = match one.cidr {
            Cidr::V4(..) => "CidrBlock",
            Cidr::V6(..) => "Ipv6CidrBlock",
        };
        let mut own = json!({
            "RuleNumber": one.number, "Egress": one.egress, block: one.cidr.to_string(),
            "RuleAction": if one.allow { "allow" } else { "deny" },
            "Protocol": if one.ports.is_some() { "6" } else { "-1" },
        });
        if let Some((from, to)) = one.ports {
            own["PortRange"] = json!({ "From": from, "To": to });
        }
        own
    };
    let everything = |number: u32, allow: bool| {
        [true, false].into_iter().flat_map(move |egress| {
            let all = plan.cidrs(ANYWHERE).zip(number..);
            all.map(move |(cidr, number)| Entry { number, egress, allow, ports: None, cidr })
        })
    };
    let acl = |default: bool, entries: Vec<Entry>| {
        let id = ids::acl(vpc.vpc, default);
        // The work subnets have the VPC's other ACL, if there is one.
        let own = |tier: Tier| default == (vpc.acl.is_none() || tier != Tier::Work);
        let places = vpc.places().filter(|place| own(place.tier));
        let associations = places.map(|place| {
            json!({
                "NetworkAclAssociationId": format!("aclassoc-{:08x}{:09x}", vpc.vpc, place.number()),
                "NetworkAclId": id, "SubnetId": ids::subnet(vpc.vpc, place),
            })
        });
        let entries = entries.into_iter().chain(everything(LAST, false));
        json!({
            "NetworkAclId": id, "VpcId": ids::vpc(vpc.vpc), "OwnerId": account_id(vpc.account),
            "IsDefault": default, "Associations": associations.collect::<Vec<_>>(),
            "Entries": entries.map(|one| entry(&one)).collect::<Vec<_>>(),
            "Tags": named(if default { "default" } else { "work" }),
        })
    };
    put(acl(true, everything(100, true).collect()))?;
    vpc.acl.iter().try_for_each(|entries| put(acl(false, entries.clone())))
}

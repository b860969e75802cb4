//! The edges of a VPC: Block Public Access, internet gateways that are not attached, and the ports
//! of load balancers.

use super::ground::{Ground, Way, edit, quoted};
use super::routes::new_name;
use crate::network::{Kind, Resource, Subnet};
use std::collections::BTreeSet;

/// BP-05: an exclusion for the subnet that faces the internet gateway, no wider than the flow needs.
pub(super) fn exclusions(it: &Ground<'_>) -> Vec<Way> {
    let hops = it.answer.hops.iter().chain(&it.answer.return_hops);
    let nats = hops.filter_map(|hop| {
        let nat = it.network.nat_gateways.get(hop.resource.id.as_str())?;
        it.network.subnets.get(nat.subnet.as_ref()?)
    });
    let ends = [it.source(), it.destination()].into_iter().filter_map(|end| it.subnet(end));
    let mut seen = BTreeSet::new();
    let subnets: Vec<&Subnet> = nats.chain(ends).filter(|one| seen.insert(&one.id)).collect();
    let outbound = it.is_public(it.destination());
    let mode = if outbound { "allow-egress" } else { "allow-bidirectional" };
    let edits = subnets.into_iter().map(|subnet| {
        let name = format!("exclusion-{}", subnet.label());
        let name = new_name(it, Kind::BlockPublicAccessExclusion, &name);
        let yaml = format!(
            "public_access_exclusions: {{ {}: {{ subnet: {}, mode: {mode} }} }}",
            quoted(&name),
            quoted(&subnet.id)
        );
        let what =
            format!("exclude subnet {} from Block Public Access, mode {mode}", subnet.label());
        let command = format!(
            "aws ec2 create-vpc-block-public-access-exclusion --subnet-id {} \
             --internet-gateway-exclusion-mode {mode}",
            subnet.id
        );
        edit(what, &yaml, vec![command])
    });
    edits.flatten().map(|one| vec![one]).collect()
}

/// RT-13: the gateway of the route is attached to no VPC.
pub(super) fn attachments(it: &Ground<'_>) -> Vec<Way> {
    let ends = [it.source(), it.destination()].into_iter().filter_map(|end| it.subnet(end));
    let vpcs: BTreeSet<_> = ends.map(|subnet| &subnet.vpc).collect();
    let mut ways: Vec<Way> = Vec::new();
    for id in it.stopping() {
        let Some(gateway) = it.network.internet_gateways.get(id.as_str()) else { continue };
        for vpc in vpcs.iter().filter(|_| gateway.attachments.is_empty()) {
            let yaml =
                format!("internet_gateways: {{ {}: {{ vpc: {} }} }}", quoted(&id), quoted(vpc));
            let what = format!("attach igw {} to vpc {vpc}", gateway.label());
            let command = format!(
                "aws ec2 attach-internet-gateway --internet-gateway-id {id} --vpc-id {vpc}"
            );
            ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
        }
    }
    ways
}

/// LBC-01: a listener on the port that is asked for, for each target group of the balancer.
pub(super) fn listeners(it: &Ground<'_>) -> Vec<Way> {
    let end = it.destination();
    let (Some(balancer), Some(port)) =
        (it.network.load_balancers.get(end.resource.id.as_str()), it.port())
    else {
        return Vec::new();
    };
    let own = |arns: &BTreeSet<crate::network::LoadBalancerId>| arns.contains(&balancer.id);
    let groups = it.network.target_groups.values().filter(|group| own(&group.load_balancers));
    let edits = groups.map(|group| {
        let yaml = format!(
            "load_balancers: {{ {}: {{ listeners: {{ {port}: {} }} }} }}",
            quoted(&balancer.id),
            quoted(&group.id)
        );
        let what = format!(
            "let load balancer {} listen on {port} and forward to {}",
            balancer.label(),
            group.label()
        );
        let command = format!(
            "aws elbv2 create-listener --load-balancer-arn {} --protocol <protocol> --port {port} \
             --default-actions Type=forward,TargetGroupArn={}",
            balancer.id, group.id
        );
        edit(what, &yaml, vec![command])
    });
    edits.flatten().map(|one| vec![one]).collect()
}

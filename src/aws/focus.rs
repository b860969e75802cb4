//! One ECS service, and what its answers need.

use super::ask::Clients;
use super::fault::Fault;
use super::tap::Tap;
use std::collections::BTreeSet;

/// A service that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Focused {
    /// Its name.
    pub service: String,
    service_arn: String,
    cluster_arn: String,
    cluster: String,
    target_groups: Vec<String>,
    load_balancers: Vec<String>,
    /// The VPCs it is in; none where the service does not say.
    pub vpcs: Vec<String>,
}

impl Focused {
    /// What a listing would have found, and what the answers belong to.
    pub fn found(&self, call: &str) -> Option<(Option<String>, Vec<String>)> {
        match call {
            "list-clusters" => Some((None, vec![self.cluster_arn.clone()])),
            "list-services" => Some((Some(self.cluster.clone()), vec![self.service_arn.clone()])),
            _ => None,
        }
    }

    /// The things that a listing is to keep to.
    pub fn asked(&self, call: &str) -> Option<Vec<String>> {
        match call {
            "describe-target-groups" => Some(self.target_groups.clone()),
            "describe-load-balancers" => Some(self.load_balancers.clone()),
            _ => None,
        }
    }
}

/// Sends a call whose answer is only looked at.
macro_rules! look {
    ($call:expr) => {{
        let tap = Tap::default();
        let sent = $call.customize().interceptor(tap.clone()).send().await;
        sent.map_err(|error| Fault::of(&error, tap.heard().as_ref()))
    }};
}

/// Finds the service that `wanted` names: `service/web`, `service/app/web` with its cluster.
pub(super) async fn find(clients: &Clients, wanted: &str) -> Result<Vec<Focused>, Fault> {
    let wanted = wanted.strip_prefix("service/").unwrap_or(wanted);
    let (in_cluster, name) = match wanted.split_once('/') {
        Some((cluster, name)) => (Some(cluster), name),
        None => (None, wanted),
    };
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let page = look!(clients.ecs.list_clusters().set_next_token(next))?;
        for cluster_arn in page.cluster_arns() {
            let cluster = cluster_arn.rsplit('/').next().unwrap_or(cluster_arn);
            if in_cluster.is_none_or(|wanted| wanted == cluster)
                && let Some(one) = in_one(clients, cluster_arn, cluster, name).await?
            {
                found.push(one);
            }
        }
        next = page.next_token().map(str::to_owned);
        if next.is_none() {
            return Ok(found);
        }
    }
}

async fn in_one(
    clients: &Clients,
    cluster_arn: &str,
    cluster: &str,
    name: &str,
) -> Result<Option<Focused>, Fault> {
    let answer = look!(clients.ecs.describe_services().cluster(cluster_arn).services(name))?;
    let active = answer.services().iter().find(|one| one.status() != Some("INACTIVE"));
    let Some(service) = active else { return Ok(None) };
    let mut subnets: BTreeSet<String> = BTreeSet::new();
    let of_deployments = service.deployments().iter().map(|one| one.network_configuration());
    let of_task_sets = service.task_sets().iter().map(|one| one.network_configuration());
    for network in of_deployments.chain(of_task_sets).chain([service.network_configuration()]) {
        let awsvpc = network.and_then(|network| network.awsvpc_configuration());
        subnets.extend(awsvpc.into_iter().flat_map(|one| one.subnets().iter().cloned()));
    }
    let target_groups: BTreeSet<String> = service
        .load_balancers()
        .iter()
        .chain(service.task_sets().iter().flat_map(|one| one.load_balancers()))
        .filter_map(|one| one.target_group_arn().map(str::to_owned))
        .collect();
    let mut vpcs: BTreeSet<String> = BTreeSet::new();
    if !subnets.is_empty() {
        let ids = Some(subnets.into_iter().collect());
        let answer = look!(clients.ec2.describe_subnets().set_subnet_ids(ids))?;
        vpcs.extend(answer.subnets().iter().filter_map(|one| one.vpc_id().map(str::to_owned)));
    }
    let mut load_balancers: BTreeSet<String> = BTreeSet::new();
    let target_groups: Vec<String> = target_groups.into_iter().collect();
    if !target_groups.is_empty() {
        let arns = Some(target_groups.clone());
        let answer = look!(clients.elb.describe_target_groups().set_target_group_arns(arns))?;
        for group in answer.target_groups() {
            load_balancers.extend(group.load_balancer_arns().iter().cloned());
            vpcs.extend(group.vpc_id().map(str::to_owned));
        }
    }
    Ok(Some(Focused {
        service: name.to_owned(),
        service_arn: service.service_arn().unwrap_or(name).to_owned(),
        cluster_arn: cluster_arn.to_owned(),
        cluster: cluster.to_owned(),
        target_groups,
        load_balancers: load_balancers.into_iter().collect(),
        vpcs: vpcs.into_iter().collect(),
    }))
}

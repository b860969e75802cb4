//! Attributes of load balancers and target groups, which AWS answers in calls of their own.

use super::answer::Answer;
use super::balancers::Named;
use super::{Capture, ReadError};
use crate::network::{LoadBalancerId, Network, Scope, TargetGroupId};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Row {
    key: Option<String>,
    value: Option<String>,
}

/// The attributes of one answer, and the name it came under.
pub(super) struct Attributes {
    named: Named,
    /// What the call was about, as far as the file says.
    of_group: Option<bool>,
    values: BTreeMap<String, String>,
}

/// The answer does not say whose attributes they are; the file's name does.
pub(super) fn attributes(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let mut values = BTreeMap::new();
    answer.each(|row: Row| {
        values.extend(row.key.zip(row.value));
        Ok(())
    })?;
    let named = Named::by(answer);
    let call = answer.page.name.split('.').next().unwrap_or_default();
    let of_group = match call {
        "describe-target-group-attributes" => Some(true),
        "describe-load-balancer-attributes" => Some(false),
        _ => None,
    };
    match named.parts.is_empty() {
        true => capture.notes.ownerless(answer, "describe-load-balancer-attributes.<name>.json"),
        false => capture.attributes.push(Attributes { named, of_group, values }),
    }
    Ok(())
}

/// Gives the attributes to their owners.
pub(super) fn join(
    network: &mut Network,
    all: Vec<Attributes>,
    balancers: &BTreeMap<(Scope, String), LoadBalancerId>,
    groups: &BTreeMap<(Scope, String), TargetGroupId>,
) {
    for Attributes { named, of_group, values } in all {
        let truth = |key: &str| values.get(key).and_then(|value| value.parse::<bool>().ok());
        let cross_zone = truth("load_balancing.cross_zone.enabled");
        let balancer = named.owner(balancers).filter(|_| of_group != Some(true));
        if let Some(balancer) = balancer.and_then(|id| network.load_balancers.get_mut(id)) {
            balancer.cross_zone = cross_zone;
            let idle = values.get("idle_timeout.timeout_seconds");
            balancer.idle_seconds = idle.and_then(|value| value.parse().ok());
            continue;
        }
        let group = named.owner(groups).filter(|_| of_group != Some(false));
        if let Some(group) = group.and_then(|id| network.target_groups.get_mut(id)) {
            // `use_load_balancer_configuration` is no truth value: the load balancer's holds.
            group.cross_zone = cross_zone;
            group.preserve_client_ip = truth("preserve_client_ip.enabled");
        }
    }
}

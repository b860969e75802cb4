//! ECS clusters, capacity providers and container instances; EFS file systems.

use super::answer::{Answer, Origin};
use super::ecs::last_part;
use super::field::{List, optional, required};
use super::{Capture, ReadError};
use crate::network::{
    CapacityProvider, CapacitySource, Cluster, ContainerInstance, FileSystem, FileSystemId,
    MountTarget,
};
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ClusterRow {
    cluster_arn: Option<String>,
    cluster_name: Option<String>,
    default_capacity_provider_strategy: List<StrategyRow>,
    configuration: Option<Configuration>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct StrategyRow {
    capacity_provider: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Configuration {
    execute_command_configuration: Option<ExecuteCommand>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ExecuteCommand {
    kms_key_id: Option<String>,
    log_configuration: Option<ExecuteLogs>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ExecuteLogs {
    cloud_watch_log_group_name: Option<String>,
    s3_bucket_name: Option<String>,
}

pub(super) fn clusters(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: ClusterRow| {
        let id = required(row.cluster_arn, "clusterArn")?;
        let about = capture.about_own(answer, optional(row.cluster_name), &id);
        let execute = row.configuration.unwrap_or_default().execute_command_configuration;
        let execute = execute.unwrap_or_default();
        let logs = execute.log_configuration.unwrap_or_default();
        let strategy = row.default_capacity_provider_strategy.into_iter();
        capture.network.insert(Cluster {
            id: id.into(),
            about,
            default_providers: strategy.filter_map(|it| optional(it.capacity_provider)).collect(),
            execute_key: optional(execute.kms_key_id).is_some(),
            execute_logs: optional(logs.cloud_watch_log_group_name).is_some(),
            execute_bucket: optional(logs.s3_bucket_name).is_some(),
        });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ProviderRow {
    capacity_provider_arn: Option<String>,
    name: Option<String>,
    auto_scaling_group_provider: Option<serde::de::IgnoredAny>,
    managed_instances_provider: Option<ManagedInstances>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ManagedInstances {
    instance_launch_template: Option<LaunchTemplate>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LaunchTemplate {
    network_configuration: Option<InstancesNetwork>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InstancesNetwork {
    subnets: List<String>,
    security_groups: List<String>,
}

pub(super) fn capacity_providers(
    capture: &mut Capture,
    answer: &Answer<'_>,
) -> Result<(), ReadError> {
    answer.each(|row: ProviderRow| {
        let managed = row.managed_instances_provider.and_then(|it| it.instance_launch_template);
        let source = match managed.and_then(|it| it.network_configuration) {
            // TSK-06
            Some(network) => CapacitySource::ManagedInstances {
                subnets: network.subnets.into_iter().map(Into::into).collect(),
                groups: network.security_groups.into_iter().map(Into::into).collect(),
            },
            None if row.auto_scaling_group_provider.is_some() => CapacitySource::AutoScalingGroup,
            // AWS's own providers, FARGATE and FARGATE_SPOT, describe nothing.
            None => return Ok(()),
        };
        let id = required(row.capacity_provider_arn, "capacityProviderArn")?;
        let about = capture.about_own(answer, optional(row.name), &id);
        capture.network.insert(CapacityProvider { id: id.into(), about, source });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InstanceRow {
    container_instance_arn: Option<String>,
    ec2_instance_id: Option<String>,
    capacity_provider_name: Option<String>,
    agent_connected: Option<bool>,
}

pub(super) fn container_instances(
    capture: &mut Capture,
    answer: &Answer<'_>,
) -> Result<(), ReadError> {
    answer.each(|row: InstanceRow| {
        let id = required(row.container_instance_arn, "containerInstanceArn")?;
        let about = capture.about_own(answer, None, &id);
        // `…:container-instance/app/0a1b…`; ARNs of the old form name no cluster.
        let parts: Vec<&str> = id.split('/').collect();
        let cluster = match parts.as_slice() {
            [_, cluster, _] => Some((*cluster).to_owned()),
            _ => None,
        };
        // ECS Anywhere: `mi-…`
        let instance = optional(row.ec2_instance_id).filter(|id| id.starts_with("i-"));
        capture.network.insert(ContainerInstance {
            id: id.into(),
            about,
            cluster,
            instance: instance.map(Into::into),
            capacity_provider: optional(row.capacity_provider_name).map(|it| last_part(&it)),
            agent_connected: row.agent_connected,
            dynamic_ports: None,
        });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct MountTargetRow {
    file_system_id: Option<String>,
    subnet_id: Option<String>,
    network_interface_id: Option<String>,
    life_cycle_state: Option<String>,
    owner_id: Option<String>,
}

/// VOL-01
pub(super) fn mount_targets(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: MountTargetRow| {
        let id = FileSystemId::from(required(row.file_system_id, "FileSystemId")?);
        let target = MountTarget {
            subnet: required(row.subnet_id, "SubnetId")?.into(),
            interface: optional(row.network_interface_id).map(Into::into),
            groups: BTreeSet::new(),
            state: row.life_cycle_state.unwrap_or_default(),
        };
        match capture.network.file_systems.get_mut(&id) {
            Some(known) if known.mount_targets.contains(&target) => {}
            Some(known) => known.mount_targets.push(target),
            None => {
                let owner = Origin { owner: row.owner_id.as_deref(), zone: None, arn: None };
                let about = capture.about(answer, None, &owner);
                capture.network.insert(FileSystem { id, about, mount_targets: vec![target] });
            }
        }
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct FileSystemRow {
    file_system_id: Option<String>,
    file_system_type: Option<String>,
    name: Option<String>,
    owner_id: Option<String>,
}

pub(super) fn file_systems(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: FileSystemRow| {
        // FSx answers under the same key.
        if row.file_system_type.is_some() {
            return Ok(());
        }
        let id = FileSystemId::from(required(row.file_system_id, "FileSystemId")?);
        let owner = Origin { owner: row.owner_id.as_deref(), zone: None, arn: None };
        let about = capture.about(answer, optional(row.name), &owner);
        match capture.network.file_systems.get_mut(&id) {
            Some(known) => known.about = about,
            None => {
                capture.network.insert(FileSystem { id, about, mount_targets: Vec::new() });
            }
        }
        Ok(())
    })
}

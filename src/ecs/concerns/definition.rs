//! Task definitions: what ECS refuses, and what stops a task without any packet being lost.

use super::concern;
use crate::answer::{Concern, Severity};
use crate::ecs::image::{Source, source};
use crate::ecs::needs::{Platform, platform};
use crate::ecs::runs::{definition, on_fargate};
use crate::models;
use crate::network::{
    Container, Coverage, Network, NetworkMode, Service, TaskDefinition, VolumeSource,
};

/// What the task definition of the service brings about.
pub(super) fn concerns(network: &Network, service: &Service) -> Vec<Concern> {
    let Some(definition) = definition(network, service) else { return Vec::new() };
    let mut concerns = Vec::new();
    if on_fargate(network, service) {
        concerns.extend(fargate(network, service, definition));
    }
    // A scenario leaves roles out; a capture has every role there is.
    if network.coverage != Coverage::Stated {
        concerns.extend(roles(network, service, definition));
    }
    concerns.extend(definition.containers.iter().filter_map(|one| waits(definition, one)));
    concerns
}

fn stops(
    definition: &TaskDefinition,
    code: &'static str,
    what: String,
    rule: &'static str,
) -> Concern {
    concern(definition, Severity::Stops, code, what, rule)
}

/// What Fargate does not take.
fn fargate(network: &Network, service: &Service, definition: &TaskDefinition) -> Vec<Concern> {
    let mut concerns = Vec::new();
    if definition.network_mode != NetworkMode::Awsvpc {
        let what =
            format!("has network mode {}, and Fargate takes awsvpc only", definition.network_mode);
        concerns.push(stops(definition, "NOT_ON_FARGATE", what, "TSK-01"));
    }
    for container in &definition.containers {
        let name = &container.name;
        let driver = container.log.as_ref().map(|log| log.driver.as_str());
        if let Some(driver) = driver
            && !matches!(driver, "awslogs" | "splunk" | "awsfirelens")
        {
            let what = format!(
                "gives container {name} the log driver {driver}: on Fargate there are awslogs, splunk and awsfirelens"
            );
            concerns.push(stops(definition, "NOT_ON_FARGATE", what, "LOG-06"));
        }
        let option = |key: &str| container.firelens.as_ref().and_then(|it| it.options.get(key));
        if option("config-file-type").is_some_and(|kind| kind == "s3") {
            let what = format!(
                "takes the configuration of log router {name} from S3: on Fargate, only `file` works"
            );
            concerns.push(stops(definition, "FIRELENS_CONFIG_TYPE", what, "LOG-07"));
        }
    }
    for volume in &definition.volumes {
        let kind = match &volume.source {
            VolumeSource::Efs { .. } => continue,
            VolumeSource::FsxWindows { .. } => "FSx for Windows",
            VolumeSource::Docker { .. } => "a Docker volume driver",
        };
        let what = format!("has volume {} of {kind}, which Fargate does not have", volume.name);
        concerns.push(stops(definition, "NOT_ON_FARGATE", what, "VOL-02"));
    }
    if platform(network, service) == Platform::OldFargate {
        concerns.extend(old_platform(service, definition));
    }
    if let (Some(cpu), Some(memory)) = (definition.cpu, definition.memory)
        && !models::fargate_size(cpu, memory)
    {
        let what = format!(
            "asks for {cpu} CPU units and {memory} MiB of memory, a pair that Fargate does not have"
        );
        concerns.push(stops(definition, "FARGATE_SIZE_INVALID", what, "003-10"));
    }
    concerns
}

/// TSK-01: what came with platform version 1.4.0.
fn old_platform(service: &Service, definition: &TaskDefinition) -> Option<Concern> {
    let efs = definition.volumes.iter().any(|it| matches!(it.source, VolumeSource::Efs { .. }));
    let files = definition.containers.iter().any(|it| !it.environment_files.is_empty());
    let parts = [
        (efs, "EFS volumes"),
        (files, "environment files"),
        (service.execute_command, "ECS Exec"),
        (service.service_connect.is_some(), "Service Connect"),
    ];
    let asked: Vec<&str> = parts.iter().filter(|(asked, _)| *asked).map(|(_, it)| *it).collect();
    (!asked.is_empty()).then(|| {
        let what = format!(
            "runs on platform version {}, which does not have {}: they came with 1.4.0",
            service.platform_version.as_deref().unwrap_or("LATEST"),
            asked.join(", ")
        );
        concern(service, Severity::Stops, "PLATFORM_VERSION_OLD", what, "TSK-01")
    })
}

/// TSK-14: who may fetch what, which no path shows.
fn roles(network: &Network, service: &Service, definition: &TaskDefinition) -> Vec<Concern> {
    let mut concerns = Vec::new();
    let fargate = on_fargate(network, service);
    let any = |of: fn(&Container) -> bool| definition.containers.iter().any(of);
    let pulls = |one: &Container| {
        one.image.as_deref().is_some_and(|image| matches!(source(image), Source::Ecr { .. }))
    };
    let logs = |one: &Container| one.log.as_ref().is_some_and(|log| log.driver == "awslogs");
    let parts = [
        (fargate && any(pulls), "images from Amazon ECR"),
        (any(|one| !one.secrets.is_empty()), "secrets"),
        (any(|one| one.repository_credentials.is_some()), "the credentials of a registry"),
        (fargate && any(logs), "the log driver awslogs"),
    ];
    let needed: Vec<&str> = parts.iter().filter(|(needed, _)| *needed).map(|(_, it)| *it).collect();
    if definition.execution_role.is_none() && !needed.is_empty() {
        let what = format!("has no execution role, which {} need", needed.join(", "));
        concerns.push(stops(definition, "EXECUTION_ROLE_MISSING", what, "TSK-14"));
    }
    if definition.task_role.is_none() && service.execute_command {
        let what = "has no task role, which ECS Exec needs for its four ssmmessages actions";
        let code = "TASK_ROLE_MISSING";
        concerns.push(concern(definition, Severity::Warning, code, what, "EXE-01"));
    }
    concerns
}

/// CTR-20: a container that waits does not listen yet.
fn waits(definition: &TaskDefinition, container: &Container) -> Option<Concern> {
    let (on, condition) =
        container.depends_on.iter().find(|(_, condition)| condition != "START")?;
    let dependency = definition.containers.iter().find(|one| one.name == *on);
    let unchecked =
        condition == "HEALTHY" && dependency.is_some_and(|one| one.health_check.is_none());
    Some(match unchecked {
        true => {
            let what = format!(
                "lets container {} wait for {on} to be HEALTHY, and {on} has no health check: it never starts",
                container.name
            );
            concern(definition, Severity::Stops, "WAITS_FOR_CONTAINER", what, "CTR-20")
        }
        false => {
            let what = format!(
                "starts container {} only once {on} is {condition}: until then its ports refuse, whatever the network does",
                container.name
            );
            concern(definition, Severity::Note, "WAITS_FOR_CONTAINER", what, "CTR-20")
        }
    })
}

//! ECS and EFS.

use super::intrinsics::is_open;
use super::places::{Made, number, truth};
use super::rows::Rows;
use crate::models;
use crate::read::ReadError;
use serde_json::{Map, Value as Json, json};

/// Fields whose keys are names of the author's own.
pub(super) const FREE: [&str; 4] = ["Options", "DockerLabels", "DriverOpts", "Labels"];

/// Fields that hold numbers.
const NUMBERS: [&str; 13] = [
    "ContainerPort",
    "Port",
    "HostPort",
    "StartPeriod",
    "Interval",
    "Timeout",
    "Retries",
    "DesiredCount",
    "MaximumPercent",
    "MinimumHealthyPercent",
    "HealthCheckGracePeriodSeconds",
    "IngressPortOverride",
    "Weight",
];

/// Fields that hold truth values.
const TRUTHS: [&str; 4] =
    ["Essential", "Enabled", "EnableExecuteCommand", "ReadonlyRootFilesystem"];

/// Fields that hold lists, which a single parameter may give.
const LISTS: [&str; 6] = [
    "Subnets",
    "SecurityGroups",
    "Command",
    "EntryPoint",
    "RequiresCompatibilities",
    "CapacityProviders",
];

/// Puts down what it knows; says whether it did.
pub(super) fn make(kind: &str, made: &Made<'_>, rows: &mut Rows) -> Result<bool, ReadError> {
    let at = &made.resource.at;
    let mut row = match api(&Json::Object(made.properties.clone())) {
        Json::Object(row) => row,
        _ => Map::new(),
    };
    let mut set = |field: &str, value: Json| {
        row.insert(field.to_owned(), value);
    };
    match kind {
        "ECS::TaskDefinition" => {
            set("taskDefinitionArn", json!(made.id));
            rows.add("taskDefinition", "taskDefinitionArn", at, Json::Object(row));
        }
        "ECS::Service" => {
            set("serviceArn", json!(made.id));
            set("serviceName", made.named("ServiceName"));
            set("tags", json!(made.tags()));
            set("clusterArn", made.field("Cluster"));
            if let Some(connect) = row.remove("serviceConnectConfiguration") {
                let deployment =
                    json!({ "status": "PRIMARY", "serviceConnectConfiguration": connect });
                row.insert("deployments".to_owned(), json!([deployment]));
            }
            rows.add("services", "serviceArn", at, Json::Object(row));
        }
        "ECS::Cluster" => {
            super::hosts::associate(rows, &made.id, &made.list("CapacityProviders"));
            set("clusterArn", json!(made.id));
            set("clusterName", made.named("ClusterName"));
            rows.add("clusters", "clusterArn", at, Json::Object(row));
        }
        "ECS::ClusterCapacityProviderAssociations" => {
            let cluster = made.need("Cluster")?.to_owned();
            super::hosts::associate(rows, &cluster, &made.list("CapacityProviders"));
            let strategy = row.remove("defaultCapacityProviderStrategy").unwrap_or(Json::Null);
            let own = rows.row("clusters", "clusterArn", &cluster);
            own.insert("defaultCapacityProviderStrategy".to_owned(), strategy);
        }
        "ECS::CapacityProvider" => {
            set("capacityProviderArn", json!(made.id));
            set("name", made.named("Name"));
            rows.add("capacityProviders", "capacityProviderArn", at, Json::Object(row));
        }
        "EFS::FileSystem" => {
            let row = json!({ "FileSystemId": made.id });
            rows.add("FileSystems", "FileSystemId", at, row);
        }
        "EFS::MountTarget" => {
            let (system, subnet) = (made.need("FileSystemId")?, made.need("SubnetId")?);
            rows.mount_groups(system, subnet, &made.list("SecurityGroups"));
            let row = json!({
                "MountTargetId": made.id,
                "FileSystemId": system,
                "SubnetId": subnet,
                "LifeCycleState": "available",
            });
            rows.add("MountTargets", "MountTargetId", at, row);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// A template's `ContainerPort: "80"` is the API's `containerPort: 80`.
fn api(value: &Json) -> Json {
    match value {
        Json::Array(items) => Json::Array(items.iter().map(api).collect()),
        Json::Object(fields) => {
            let field = |(key, value): (&String, &Json)| {
                let value = match key.as_str() {
                    free if FREE.contains(&free) => value.clone(),
                    key if NUMBERS.contains(&key) && !value.is_object() => number(Some(value)),
                    key if LISTS.contains(&key) && value.as_str().is_some_and(is_open) => {
                        Json::Array(vec![value.clone()])
                    }
                    key if TRUTHS.contains(&key) => {
                        truth(value).map_or_else(|| value.clone(), Json::Bool)
                    }
                    _ => api(value),
                };
                (camel(key), value)
            };
            Json::Object(fields.iter().map(field).collect())
        }
        other => other.clone(),
    }
}

/// `PortMappings` → `portMappings`, but for the few that are called otherwise.
fn camel(key: &str) -> String {
    if let Some(own) = models::api_field(key) {
        return own.to_owned();
    }
    let capitals = key.chars().take_while(char::is_ascii_uppercase).count();
    // Of several capitals, the last begins the next word.
    let low = if capitals > 1 { capitals - 1 } else { capitals };
    key.chars()
        .enumerate()
        .map(|(i, letter)| if i < low { letter.to_ascii_lowercase() } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_template_are_the_apis_fields() {
        let fields = json!({
            "PortMappings": [{ "ContainerPort": "8080" }],
            "EFSVolumeConfiguration": {
                "FilesystemId": "fs-1", "AuthorizationConfig": { "AccessPointId": "a", "IAM": "ENABLED" },
            },
            "FSxWindowsFileServerVolumeConfiguration": { "FileSystemId": "fs-2" },
            "ProxyConfiguration": { "ProxyConfigurationProperties": [] },
            "EphemeralStorage": { "SizeInGiB": "30" },
            "LinuxParameters": { "Tmpfs": [{ "ContainerPath": "/t" }] },
            "EnableECSManagedTags": "true",
            "LogConfiguration": { "Options": { "Awslogs-Kept": "x" } },
            "Essential": "false",
        });
        let wanted = json!({
            "portMappings": [{ "containerPort": 8080 }],
            "efsVolumeConfiguration": {
                "fileSystemId": "fs-1", "authorizationConfig": { "accessPointId": "a", "iam": "ENABLED" },
            },
            "fsxWindowsFileServerVolumeConfiguration": { "fileSystemId": "fs-2" },
            "proxyConfiguration": { "properties": [] },
            "ephemeralStorage": { "sizeInGiB": "30" },
            "linuxParameters": { "tmpfs": [{ "containerPath": "/t" }] },
            "enableECSManagedTags": "true",
            "logConfiguration": { "options": { "Awslogs-Kept": "x" } },
            "essential": false,
        });
        assert_eq!(api(&fields), wanted);
    }
}

//! What is known of a task that runs, or has stopped.

use super::draft::Draft;
use super::ecs::launch_type;
use super::node::{Fields, Node};
use super::sockets::listening;
use super::value::{port_pair, texts};
use crate::network::{Kind, NetworkBinding, Task, TaskContainer};
use crate::read::ReadError;

/// The keys of a task that say how it runs.
pub(super) fn as_it_runs(
    draft: &Draft,
    fields: &Fields<'_>,
    task: Task,
) -> Result<Task, ReadError> {
    let text = |key| fields.text(key).map(|text| text.map(str::to_owned));
    let instance = fields.get("container_instance");
    let mut containers = Vec::new();
    if let Some(node) = fields.get("containers") {
        for (key, node) in node.entries(&fields.name("containers"))? {
            containers.push(container(&key.text, node)?);
        }
    }
    Ok(Task {
        cluster: text("cluster")?,
        launch_type: fields
            .get("launch_type")
            .map(|_| launch_type(draft, fields, None))
            .transpose()?,
        container_instance: instance
            .map(|node| {
                let what = fields.name("container_instance");
                draft.names.need(Kind::ContainerInstance, node, &what)
            })
            .transpose()?,
        stop_code: text("stop_code")?,
        stopped_reason: text("stopped_reason")?,
        containers,
        observed: fields.get("observed").map(listening).transpose()?,
        ..task
    })
}

/// `app: { exit_code: 1, reason: …, health_status: UNHEALTHY, bindings: ["32768:8080"] }`
fn container(name: &str, node: &Node) -> Result<TaskContainer, ReadError> {
    let known = ["exit_code", "reason", "health_status", "bindings"];
    let fields = Fields::of(node, format!("container `{name}`"), &node.at, &known)?;
    let exit_code = match fields.text("exit_code")? {
        Some(text) => Some(text.parse().map_err(|_| {
            ReadError::at(&node.at, format!("`{text}` is no exit code")).hint("write a number")
        })?),
        None => None,
    };
    let mut bindings = Vec::new();
    for (text, node) in texts(&fields, "bindings")?.iter().zip(fields.list("bindings")?) {
        let (host_port, container_port) = port_pair(text).ok_or_else(|| {
            ReadError::at(&node.at, format!("`{text}` is no binding"))
                .hint("write the host port, then the container's: \"32768:8080\"")
        })?;
        bindings.push(NetworkBinding { container_port, host_port });
    }
    Ok(TaskContainer {
        name: name.to_owned(),
        exit_code,
        reason: fields.text("reason")?.map(str::to_owned),
        health_status: fields.text("health_status")?.map(str::to_owned),
        bindings,
    })
}

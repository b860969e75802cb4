//! What ECS runs tasks on: clusters, capacity providers, container instances; EFS file systems.

use super::draft::Draft;
use super::node::{Fields, Key, Node};
use super::value::{boolean, port, switch};
use crate::network::{
    CapacityProvider, CapacitySource, Cluster, ContainerInstance, FileSystem, InstanceId, Kind,
    MountTarget, SubnetId,
};
use crate::read::ReadError;

pub(super) fn cluster(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = ["default_capacity_providers", "exec_key", "exec_logs", "exec_bucket"];
    let fields = Fields::of(node, format!("cluster `{}`", key.text), &key.at, &known)?;
    let what = fields.name("default_capacity_providers");
    let providers = fields.list("default_capacity_providers")?.iter();
    let default_providers =
        providers.map(|one| provider_name(draft, one, &what)).collect::<Result<_, _>>()?;
    let about = draft.about_named(&key.at, &key.text, id);
    draft.put.insert(Cluster {
        id: id.into(),
        about,
        default_providers,
        execute_key: boolean(&fields, "exec_key", false)?,
        execute_logs: boolean(&fields, "exec_logs", false)?,
        execute_bucket: boolean(&fields, "exec_bucket", false)?,
    });
    Ok(())
}

/// The name of a capacity provider: one of AWS's own, or one of the file's (INP-01).
pub(super) fn provider_name(draft: &Draft, node: &Node, what: &str) -> Result<String, ReadError> {
    let text = node.text(what)?;
    match text {
        "FARGATE" | "FARGATE_SPOT" => Ok(text.to_owned()),
        _ => match draft.names.find(Kind::CapacityProvider, text) {
            Some(_) => Ok(text.to_owned()),
            None if draft.names.open => Ok(text.to_owned()),
            None => Err(draft.names.dangling(&[Kind::CapacityProvider], node, text).hint(
                "FARGATE and FARGATE_SPOT are there; state others under `capacity_providers`",
            )),
        },
    }
}

/// With subnets, a provider of instances that ECS manages (TSK-06); else an Auto Scaling group.
pub(super) fn capacity_provider(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let what = format!("capacity provider `{}`", key.text);
    let fields = Fields::of(node, what, &key.at, &["subnets", "security_groups"])?;
    let source = match fields.get("subnets") {
        Some(_) => CapacitySource::ManagedInstances {
            subnets: draft.subnets(&fields)?,
            groups: draft.stated_groups(&fields)?,
        },
        None => CapacitySource::AutoScalingGroup,
    };
    let about = draft.about_named(&key.at, &key.text, id);
    draft.put.insert(CapacityProvider { id: id.into(), about, source });
    Ok(())
}

/// The instance is that of the same name, unless another is stated.
pub(super) fn container_instance(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = ["instance", "cluster", "capacity_provider", "dynamic_ports", "agent_connected"];
    let what = format!("container instance `{}`", key.text);
    let fields = Fields::of(node, what, &key.at, &known)?;
    let instance: Option<InstanceId> = match fields.get("instance") {
        Some(node) => Some(draft.names.need(Kind::Instance, node, &fields.name("instance"))?),
        // ECS Anywhere.
        None if !draft.implied => None,
        None => match draft.names.find(Kind::Instance, &key.text) {
            Some(id) => Some(id.into()),
            None => {
                return Err(ReadError::at(
                    &key.at,
                    format!("{} has no instance of its name", fields.what()),
                )
                .hint("name one: `instance: …`, stated under `instances`"));
            }
        },
    };
    let provider = fields.get("capacity_provider");
    let provider = provider
        .map(|node| provider_name(draft, node, &fields.name("capacity_provider")))
        .transpose()?;
    let about = draft.about_named(&key.at, &key.text, id);
    draft.put.insert(ContainerInstance {
        id: id.into(),
        about,
        cluster: fields.text("cluster")?.map(str::to_owned),
        instance,
        capacity_provider: provider,
        agent_connected: switch(&fields, "agent_connected")?,
        dynamic_ports: dynamic_ports(&fields)?,
    });
    Ok(())
}

/// `"32768-60999"`
fn dynamic_ports(fields: &Fields<'_>) -> Result<Option<(u16, u16)>, ReadError> {
    let Some(node) = fields.get("dynamic_ports") else { return Ok(None) };
    let what = fields.name("dynamic_ports");
    let text = node.text(&what)?;
    let one = |text: &str| {
        let value = super::node::Value::Scalar(text.trim().to_owned());
        port(&Node { at: node.at.clone(), value }, &what)
    };
    let bad = || {
        ReadError::at(&node.at, format!("{what} cannot be `{text}`"))
            .hint("write a range, like \"32768-60999\"")
    };
    let (low, high) = text.split_once('-').ok_or_else(bad)?;
    let (low, high) = (one(low)?, one(high)?);
    if low > high {
        return Err(bad());
    }
    Ok(Some((low, high)))
}

/// An EFS file system with a mount target in each of `subnets`; all carry the same groups.
pub(super) fn file_system(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let what = format!("file system `{}`", key.text);
    let known = ["subnets", "security_groups", "mount_targets"];
    let fields = Fields::of(node, what, &key.at, &known)?;
    let subnets: Vec<SubnetId> = match fields.get("subnets") {
        Some(_) => draft.subnets(&fields)?,
        None => Vec::new(),
    };
    let groups = draft.stated_groups(&fields)?;
    let targets = subnets.into_iter().map(|subnet| MountTarget {
        subnet,
        interface: None,
        groups: groups.clone(),
        state: "available".to_owned(),
    });
    let mut mount_targets: Vec<MountTarget> = targets.collect();
    for node in fields.list("mount_targets")? {
        mount_targets.push(mount_target(draft, node, &fields.name("mount_targets"))?);
    }
    let about = draft.about_named(&key.at, &key.text, id);
    draft.put.insert(FileSystem { id: id.into(), about, mount_targets });
    Ok(())
}

/// `{ subnet: private-a, interface: eni-1, security_groups: [efs], state: creating }`
fn mount_target(draft: &Draft, node: &Node, what: &str) -> Result<MountTarget, ReadError> {
    let known = ["subnet", "interface", "security_groups", "state"];
    let fields = Fields::of(node, what, &node.at, &known)?;
    let interface = fields.get("interface");
    Ok(MountTarget {
        subnet: draft.names.need(Kind::Subnet, fields.need("subnet")?, &fields.name("subnet"))?,
        interface: interface
            .map(|node| draft.names.need(Kind::NetworkInterface, node, &fields.name("interface")))
            .transpose()?,
        groups: draft.stated_groups(&fields)?,
        state: fields.text("state")?.unwrap_or("available").to_owned(),
    })
}

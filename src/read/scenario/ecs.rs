//! ECS task definitions and services.

use super::clusters;
use super::commands;
use super::draft::Draft;
use super::needs;
use super::node::{Fields, Key, Node, Value};
use super::proxies;
use super::sockets::{listening, sockets};
use super::value::{boolean, choice, count, port, texts};
use crate::network::{
    Container, ContainerHealthCheck, Kind, LaunchType, NetworkMode, OperatingSystem, PortMapping,
    Service, ServiceTarget, TargetGroupId, TaskDefinition, TaskDefinitionId, closest,
};
use crate::read::ReadError;

pub(super) fn task_definition(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = [
        "network_mode",
        "operating_system",
        "cpu_architecture",
        "cpu",
        "memory",
        "execution_role",
        "task_role",
        "volumes",
        "proxy",
        "not_modelled",
        "containers",
    ];
    let fields = Fields::of(node, format!("task definition `{}`", key.text), &key.at, &known)?;
    let mut modes = vec![
        ("awsvpc", NetworkMode::Awsvpc),
        ("bridge", NetworkMode::Bridge),
        ("host", NetworkMode::Host),
        ("none", NetworkMode::None),
    ];
    let systems = [("linux", OperatingSystem::Linux), ("windows", OperatingSystem::Windows)];
    let system = match fields.get("operating_system") {
        Some(_) => Some(choice(&fields, "operating_system", &systems, OperatingSystem::Linux)?),
        None => None,
    };
    // A capture keeps what AWS says.
    if let Some(word) = fields.text("network_mode")?.filter(|_| draft.names.open) {
        modes.push((word, NetworkMode::Other(word.to_owned())));
    }
    let mut containers = Vec::new();
    for (key, node) in fields.need("containers")?.entries(&fields.name("containers"))? {
        containers.push(container(draft, key, node)?);
    }
    if containers.is_empty() && draft.implied {
        return Err(ReadError::at(&key.at, format!("{} has no container", fields.what()))
            .hint("name at least one under `containers`"));
    }
    let mode = choice(&fields, "network_mode", &modes, NetworkMode::Awsvpc)?;
    let about = draft.about_named(&key.at, &key.text, id);
    let definition = TaskDefinition {
        operating_system: draft.or_implied(system, OperatingSystem::Linux),
        not_modelled: texts(&fields, "not_modelled")?,
        cpu_architecture: fields.text("cpu_architecture")?.map(str::to_owned),
        cpu: count(&fields, "cpu")?,
        memory: count(&fields, "memory")?,
        execution_role: fields.text("execution_role")?.map(str::to_owned),
        task_role: fields.text("task_role")?.map(str::to_owned),
        volumes: needs::volumes(draft, &fields)?,
        proxy: proxies::app_mesh(draft, &fields, &containers)?,
        containers,
        ..TaskDefinition::new(id.into(), about, mode)
    };
    draft.put.insert(definition);
    Ok(())
}

fn container(draft: &Draft, key: &Key, node: &Node) -> Result<Container, ReadError> {
    let known = [
        "image",
        "essential",
        "depends_on",
        "port",
        "ports",
        "listens",
        "secrets",
        "repository_credentials",
        "environment_files",
        "log",
        "firelens",
        "health_check",
    ];
    let known: Vec<&str> = known.into_iter().chain(commands::KEYS).collect();
    let fields = Fields::of(node, format!("container `{}`", key.text), &key.at, &known)?;
    let nodes = fields.either("port", "ports")?.map_or(&[] as &[Node], Node::one_or_more);
    let port_mappings: Vec<PortMapping> =
        nodes.iter().map(|one| mapping(one, &fields.name("port"))).collect::<Result<_, _>>()?;
    let ports: Vec<u16> =
        port_mappings.iter().flat_map(|one| one.container_port..=one.last_port).collect();
    let listens = fields.get("listens");
    let listens = listens.map(|node| sockets(node, &ports, &fields.name("listens"))).transpose()?;
    let needs = needs::read(draft, &fields)?;
    let runs = commands::read(&fields)?;
    Ok(Container {
        name: key.text.clone(),
        image: fields.text("image")?.map(str::to_owned),
        optional: !boolean(&fields, "essential", true)?,
        depends_on: depends_on(&fields)?,
        port_mappings,
        listens,
        secrets: needs.secrets,
        repository_credentials: needs.repository_credentials,
        environment_files: needs.environment_files,
        log: needs.log,
        firelens: needs.firelens,
        command: runs.command,
        entry_point: runs.entry_point,
        environment: runs.environment,
        user: runs.user,
        health_check: health_check(&fields)?,
        at: Some(key.at.clone()),
    })
}

/// `depends_on: { envoy: HEALTHY }` (CTR-20)
fn depends_on(fields: &Fields<'_>) -> Result<Vec<(String, String)>, ReadError> {
    let Some(node) = fields.get("depends_on") else { return Ok(Vec::new()) };
    let what = fields.name("depends_on");
    let entries = node.entries(&what)?.iter();
    entries.map(|(key, node)| Ok((key.text.clone(), node.text(&what)?.to_owned()))).collect()
}

/// `health_check: curl -f http://localhost/`, or AWS's own list of words (CTR-15).
fn health_check(fields: &Fields<'_>) -> Result<Option<ContainerHealthCheck>, ReadError> {
    let Some(node) = fields.get("health_check") else { return Ok(None) };
    let what = fields.name("health_check");
    let (node, start_period) = match &node.value {
        Value::Mapping(_) => {
            let fields = Fields::of(node, &what, &node.at, &["command", "start_period"])?;
            (fields.need("command")?, count(&fields, "start_period")?)
        }
        _ => (node, None),
    };
    let command = match &node.value {
        Value::Scalar(text) => vec!["CMD-SHELL".to_owned(), text.clone()],
        _ => {
            let words = node.list(&what)?.iter();
            words.map(|word| Ok(word.text(&what)?.to_owned())).collect::<Result<_, ReadError>>()?
        }
    };
    Ok(Some(ContainerHealthCheck { command, start_period }))
}

/// `8080`; with a host port in front, as in `80:8080`; `53/udp`; a range, as in `8000-8010`.
fn mapping(node: &Node, what: &str) -> Result<PortMapping, ReadError> {
    if let Value::Mapping(_) = &node.value {
        // CTR-12: Service Connect refers to ports by name.
        let fields = Fields::of(node, what, &node.at, &["port", "name"])?;
        let unnamed = mapping(fields.need("port")?, &fields.name("port"))?;
        return Ok(PortMapping { name: fields.text("name")?.map(str::to_owned), ..unnamed });
    }
    let text = node.text(what)?;
    let one = |text: &str| {
        port(&Node { at: node.at.clone(), value: Value::Scalar(text.to_owned()) }, what)
    };
    let (rest, udp) = match text.rsplit_once('/') {
        Some((rest, "udp")) => (rest, true),
        Some((rest, "tcp")) => (rest, false),
        _ => (text, false),
    };
    let (host, ports) = match rest.split_once(':') {
        // PLC-11: 0 asks for a dynamic one, as nothing does.
        Some(("0", ports)) => (Some(0), ports),
        Some((host, ports)) => (Some(one(host)?), ports),
        None => (None, rest),
    };
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let (first, last) = (one(first)?, one(last)?);
    if first > last || (host.is_some_and(|port| port > 0) && first < last) {
        return Err(ReadError::at(&node.at, format!("`{text}` is no port mapping"))
            .hint("write `8080`, `80:8080` (host port first), `53/udp` or `8000-8010`"));
    }
    Ok(PortMapping { last_port: last, host_port: host, udp, ..PortMapping::tcp(first) })
}

pub(super) fn service(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = [
        "launch_type",
        "subnets",
        "security_groups",
        "assign_public_ip",
        "platform_version",
        "task_definition",
        "target_group",
        "target_groups",
        "alternate_target_group",
        "container",
        "port",
        "cluster",
        "capacity_provider",
        "desired_count",
        "maximum_percent",
        "execute_command",
        "service_connect",
        "grace_period",
        "observed",
        "needs",
        "tags",
    ];
    let fields = Fields::of(node, format!("service `{}`", key.text), &key.at, &known)?;
    let node = fields.get("task_definition");
    let definition: Option<TaskDefinitionId> = node
        .map(|node| draft.names.need(Kind::TaskDefinition, node, &fields.name("task_definition")))
        .transpose()?;
    let subnets = match fields.get("subnets") {
        // Only an awsvpc service says where its tasks go (PLC-01).
        None if !awsvpc(draft, definition.as_ref()) => Vec::new(),
        _ => draft.subnets(&fields)?,
    };
    let provider = fields.get("capacity_provider");
    let provider = provider
        .map(|node| clusters::provider_name(draft, node, &fields.name("capacity_provider")))
        .transpose()?;
    let launch_type = launch_type(draft, &fields, provider.as_deref())?;
    let about = draft.about_named(&key.at, &key.text, id);
    let service = Service {
        subnets,
        groups: draft.stated_groups(&fields)?,
        assign_public_ip: boolean(&fields, "assign_public_ip", false)?,
        platform_version: needs::platform_version(&fields)?,
        cluster: fields.text("cluster")?.map(str::to_owned),
        capacity_provider: provider,
        desired_count: count(&fields, "desired_count")?,
        maximum_percent: count(&fields, "maximum_percent")?,
        execute_command: boolean(&fields, "execute_command", false)?,
        service_connect: proxies::service_connect(
            draft,
            &fields,
            definition_of(draft, definition.as_ref()),
        )?,
        needs: needs::stated(&fields)?,
        grace_seconds: count(&fields, "grace_period")?,
        observed: fields.get("observed").map(listening).transpose()?,
        targets: targets(draft, &fields, definition.as_ref())?,
        task_definition: definition,
        ..Service::new(id.into(), about, launch_type)
    };
    draft.put.insert(service);
    Ok(())
}

/// How AWS words launch types.
pub(super) const LAUNCH_TYPES: [(&str, LaunchType); 4] = [
    ("FARGATE", LaunchType::Fargate),
    ("EC2", LaunchType::Ec2),
    ("EXTERNAL", LaunchType::External),
    ("MANAGED_INSTANCES", LaunchType::ManagedInstances),
];

/// A launch type; a capacity provider stands for one (INP-01).
pub(super) fn launch_type(
    draft: &Draft,
    fields: &Fields<'_>,
    provider: Option<&str>,
) -> Result<LaunchType, ReadError> {
    let unstated = match provider {
        None | Some("FARGATE" | "FARGATE_SPOT") => LaunchType::Fargate,
        Some(name) => LaunchType::Other(format!("capacity provider {name}")),
    };
    let mut words = LAUNCH_TYPES.to_vec();
    // A capture keeps what AWS says.
    if let Some(word) = fields.text("launch_type")?.filter(|_| draft.names.open) {
        words.push((word, LaunchType::Other(word.to_owned())));
    }
    choice(fields, "launch_type", &words, unstated)
}

fn definition_of<'a>(
    draft: &'a Draft,
    id: Option<&TaskDefinitionId>,
) -> Option<&'a TaskDefinition> {
    let id = id?;
    draft.put.task_definitions.get(id).or_else(|| draft.base.task_definitions.get(id))
}

fn awsvpc(draft: &Draft, definition: Option<&TaskDefinitionId>) -> bool {
    definition_of(draft, definition)
        .is_none_or(|definition| definition.network_mode == NetworkMode::Awsvpc)
}

/// The target groups, with the container and port that are registered with them (LBT-05).
fn targets(
    draft: &Draft,
    fields: &Fields<'_>,
    definition: Option<&TaskDefinitionId>,
) -> Result<Vec<ServiceTarget>, ReadError> {
    let Some(node) = fields.either("target_group", "target_groups")? else {
        let rest = ["container", "port", "alternate_target_group"];
        return match rest.iter().find_map(|key| fields.get(key)) {
            Some(node) => {
                Err(ReadError::at(&node.at, format!("{} has no `target_group`", fields.what()))
                    .hint("`container` and `port` say what is registered with a target group"))
            }
            None => Ok(Vec::new()),
        };
    };
    let what = fields.name("target_group");
    let alternate = match fields.get("alternate_target_group") {
        // LBT-15: the group that a deployment swaps with the first one.
        Some(node) => Some(draft.names.need(
            Kind::TargetGroup,
            node,
            &fields.name("alternate_target_group"),
        )?),
        None => None,
    };
    let mut targets: Vec<ServiceTarget> = node
        .one_or_more()
        .iter()
        .map(|node| target(draft, fields, definition, node, &what))
        .collect::<Result<_, _>>()?;
    if let (Some(first), Some(_)) = (targets.first_mut(), &alternate) {
        first.alternate = alternate;
    }
    Ok(targets)
}

/// One target group. Where the task definition leaves no choice, container and port need not be
/// stated.
fn target(
    draft: &Draft,
    fields: &Fields<'_>,
    definition: Option<&TaskDefinitionId>,
    node: &Node,
    what: &str,
) -> Result<ServiceTarget, ReadError> {
    if let Value::Mapping(_) = &node.value {
        let known = ["target_group", "container", "port", "alternate_target_group"];
        let own = Fields::of(node, what, &node.at, &known)?;
        let group = own.need("target_group")?;
        let alternate = own.get("alternate_target_group");
        let alternate = alternate
            .map(|node| draft.names.need(Kind::TargetGroup, node, &own.name("target_group")))
            .transpose()?;
        let found = target(draft, &own, definition, group, &own.name("target_group"))?;
        return Ok(ServiceTarget { alternate, ..found });
    }
    let target_group: TargetGroupId = draft.names.need(Kind::TargetGroup, node, what)?;
    let stated_port =
        fields.get("port").map(|node| port(node, &fields.name("port"))).transpose()?;
    let stated_name = fields.text("container")?;
    let Some(definition) = definition_of(draft, definition).filter(|_| draft.implied) else {
        let container = stated_name.map(str::to_owned);
        return Ok(ServiceTarget { target_group, container, port: stated_port, alternate: None });
    };
    let container = one_container(fields, definition, stated_name, stated_port)?;
    let group = draft.put.target_groups.get(&target_group);
    let group = group.or_else(|| draft.base.target_groups.get(&target_group));
    let group_port = group.and_then(|group| group.port);
    let ports: Vec<u16> = container.ports().collect();
    let port = match (stated_port, ports.as_slice()) {
        (Some(port), _) => port,
        (None, [only]) => *only,
        (None, ports) => match group_port.filter(|port| ports.contains(port)) {
            Some(port) => port,
            None => {
                return Err(ReadError::at(
                    &node.at,
                    format!("{} does not say which port it registers", fields.what()),
                )
                .hint(format!("add `port:` here; container `{}` has {ports:?}", container.name)));
            }
        },
    };
    // LBT-06
    if !ports.contains(&port) {
        let at = fields.get("port").map_or(&node.at, |node| &node.at);
        return Err(ReadError::at(
            at,
            format!("container `{}` has no port {port}", container.name),
        )
        .hint(format!("it has {ports:?}; ECS refuses such a service")));
    }
    Ok(ServiceTarget {
        target_group,
        container: Some(container.name.clone()),
        port: Some(port),
        alternate: None,
    })
}

/// The container that is registered: the stated one, else the only one with (that) port.
fn one_container<'a>(
    fields: &Fields<'_>,
    definition: &'a TaskDefinition,
    stated: Option<&str>,
    port: Option<u16>,
) -> Result<&'a Container, ReadError> {
    let names = || definition.containers.iter().map(|container| container.name.as_str());
    if let Some(name) = stated {
        let found = definition.containers.iter().find(|container| container.name == name);
        return found.ok_or_else(|| {
            let hint = match closest(name, names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("there is {}", names().collect::<Vec<_>>().join(", ")),
            };
            let at = fields.get("container").map_or(fields.at(), |node| &node.at);
            let message = format!("task definition `{}` has no container `{name}`", definition.id);
            ReadError::at(at, message).hint(hint)
        });
    }
    let fits = |container: &&Container| match port {
        Some(port) => container.ports().any(|own| own == port),
        None => !container.port_mappings.is_empty(),
    };
    let mut fitting = definition.containers.iter().filter(fits);
    match (fitting.next(), fitting.next(), definition.containers.as_slice()) {
        (Some(only), None, _) | (None, None, [only]) => Ok(only),
        _ => Err(ReadError::at(
            fields.at(),
            format!("{} does not say which container it registers", fields.what()),
        )
        .hint(format!("add `container:` with one of {}", names().collect::<Vec<_>>().join(", ")))),
    }
}

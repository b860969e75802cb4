//! The proxies that AWS puts before a task's processes.

use super::draft::Draft;
use super::node::{Fields, Node, Value};
use super::value::{boolean, port};
use crate::network::{
    Container, Proxy, ServiceConnect, ServiceConnectService, TaskDefinition, closest,
};
use crate::read::ReadError;

/// `service_connect`: `true` for a client only, or the names of the ports that it offers, each
/// with `{ port: NAME, ingress_port: 15000 }` where the proxy has a port of its own (CTR-12).
pub(super) fn service_connect(
    draft: &Draft,
    fields: &Fields<'_>,
    definition: Option<&TaskDefinition>,
) -> Result<Option<ServiceConnect>, ReadError> {
    let Some(node) = fields.get("service_connect") else { return Ok(None) };
    if node.text("").is_ok() {
        let on = boolean(fields, "service_connect", false)?;
        return Ok(on.then(ServiceConnect::default));
    }
    let what = fields.name("service_connect");
    let mut services = Vec::new();
    for one in node.list(&what)? {
        services.push(match &one.value {
            Value::Mapping(_) => {
                let fields = Fields::of(one, &what, &one.at, &["port", "ingress_port"])?;
                let ingress = fields.get("ingress_port");
                let name = fields.need("port")?;
                ServiceConnectService {
                    port_name: named(draft, name, definition, &what)?,
                    ingress_port: ingress
                        .map(|node| port(node, &fields.name("ingress_port")))
                        .transpose()?,
                }
            }
            _ => ServiceConnectService {
                port_name: named(draft, one, definition, &what)?,
                ingress_port: None,
            },
        });
    }
    Ok(Some(ServiceConnect { services }))
}

/// The name of one of the definition's ports.
fn named(
    draft: &Draft,
    node: &Node,
    definition: Option<&TaskDefinition>,
    what: &str,
) -> Result<String, ReadError> {
    let name = node.text(what)?;
    let ports =
        definition.iter().flat_map(|one| &one.containers).flat_map(|one| &one.port_mappings);
    let names: Vec<&str> = ports.filter_map(|port| port.name.as_deref()).collect();
    if names.contains(&name) || draft.names.open {
        return Ok(name.to_owned());
    }
    let hint = match closest(name, names.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("name it in the task definition: port: {{ port: 8080, name: {name} }}"),
    };
    Err(ReadError::at(&node.at, format!("no port of the task definition is called `{name}`"))
        .hint(hint))
}

/// `proxy: { container: envoy, app_ports: [8080], ingress_port: 15000 }` (CTR-13)
pub(super) fn app_mesh(
    draft: &Draft,
    fields: &Fields<'_>,
    containers: &[Container],
) -> Result<Option<Proxy>, ReadError> {
    let Some(node) = fields.get("proxy") else { return Ok(None) };
    let known = ["type", "container", "app_ports", "ingress_port"];
    let what = fields.name("proxy");
    let fields = Fields::of(node, &what, &node.at, &known)?;
    let container = fields.need("container")?;
    let name = container.text(&fields.name("container"))?;
    if !draft.names.open && !containers.iter().any(|one| one.name == name) {
        let names: Vec<&str> = containers.iter().map(|one| one.name.as_str()).collect();
        return Err(ReadError::at(&container.at, format!("there is no container `{name}`"))
            .hint(format!("there is {}", names.join(", "))));
    }
    let app_ports = fields.need("app_ports")?.one_or_more();
    let ingress = fields.get("ingress_port");
    Ok(Some(Proxy {
        proxy_type: fields.text("type")?.unwrap_or("APPMESH").to_owned(),
        container: name.to_owned(),
        app_ports: app_ports
            .iter()
            .map(|node| port(node, &fields.name("app_ports")))
            .collect::<Result<_, _>>()?,
        ingress_port: ingress.map(|node| port(node, &fields.name("ingress_port"))).transpose()?,
    }))
}

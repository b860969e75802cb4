//! What answers: listeners in tasks, and names.

use super::ground::{Ground, Way, edit, list, quoted};
use crate::network::{Kind, Resource, TaskDefinition};
use std::net::IpAddr;

/// The process binds every address instead of one that packets do not come to.
pub(super) fn listeners(it: &Ground<'_>) -> Vec<Way> {
    let Some(port) = it.port() else { return Vec::new() };
    let mut ways: Vec<Way> = Vec::new();
    if let Some(definition) = definition(it) {
        for container in &definition.containers {
            let Some(sockets) = &container.listens else { continue };
            let maps = container.ports().any(|own| own == port);
            let alone = definition.containers.len() == 1;
            // Where nothing has the port, it is for the container that maps it, or for the only one.
            if !sockets.iter().any(|socket| socket.port == port) && !maps && !alone {
                continue;
            }
            let mut listens: Vec<String> = Vec::new();
            for socket in sockets {
                let address = match socket.port == port {
                    true => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
                    false => socket.address,
                };
                let stated = std::net::SocketAddr::new(address, socket.port).to_string();
                if !listens.contains(&stated) {
                    listens.push(stated);
                }
            }
            let wanted = format!("0.0.0.0:{port}");
            if !listens.contains(&wanted) {
                listens.push(wanted);
            }
            let yaml = format!(
                "task_definitions: {{ {}: {{ containers: {{ {}: {{ listens: {} }} }} }} }}",
                quoted(&definition.id),
                quoted(&container.name),
                list(&listens)
            );
            let what = format!("let container {} listen on 0.0.0.0:{port}", container.name);
            let command = format!(
                "# bind 0.0.0.0:{port} in container {}, and deploy a new revision of {}",
                container.name,
                definition.label()
            );
            ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
        }
    }
    let interface = it.network.interfaces.get(it.destination().resource.id.as_str());
    if let Some(one) = interface {
        let mut listens: Vec<String> = vec![format!("0.0.0.0:{port}")];
        let others = one.sockets.iter().filter(|socket| socket.port != port);
        let others = others.map(|it| std::net::SocketAddr::new(it.address, it.port).to_string());
        listens.extend(others);
        let section = if one.instance.is_some() { "instances" } else { "interfaces" };
        let id = one.instance.as_ref().map_or(one.id.as_str(), |id| id.as_str());
        let yaml = format!("{section}: {{ {}: {{ listens: {} }} }}", quoted(id), list(&listens));
        let what = format!("let {} listen on 0.0.0.0:{port}", one.label());
        let command = format!("# bind 0.0.0.0:{port} on {}", one.label());
        ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
    }
    ways
}

/// The task definition of the destination.
fn definition<'n>(it: &Ground<'n>) -> Option<&'n TaskDefinition> {
    let resource = &it.destination().resource;
    let id = resource.id.as_str();
    let definition = match Kind::from_word(&resource.kind)? {
        Kind::Service => it.network.services.get(id)?.task_definition.as_ref(),
        Kind::Task => it.network.tasks.get(id)?.task_definition.as_ref(),
        Kind::NetworkInterface => {
            let mut tasks = it.network.tasks.values();
            let of = |one: &crate::network::NetworkInterfaceId| one.as_str() == id;
            tasks.find(|task| task.interfaces.iter().any(of))?.task_definition.as_ref()
        }
        _ => None,
    };
    it.network.task_definitions.get(definition?)
}

/// The VPC's own DNS.
pub(super) fn dns_support(it: &Ground<'_>) -> Vec<Way> {
    let Some(home) = it.home() else { return Vec::new() };
    let yaml = format!("vpcs: {{ {}: {{ enable_dns_support: true }} }}", quoted(home));
    let what = format!("switch on the DNS of vpc {home}");
    let command = format!("aws ec2 modify-vpc-attribute --vpc-id {home} --enable-dns-support");
    edit(what, &yaml, vec![command]).map(|one| vec![one]).into_iter().collect()
}

/// DN-05: a private zone that answers for a name it does not hold leaves the VPC.
pub(super) fn zones(it: &Ground<'_>) -> Vec<Way> {
    let Some(home) = it.home() else { return Vec::new() };
    let words: Vec<&str> = it.blocker.what.split(' ').collect();
    let said = words.iter().position(|word| *word == "zone").and_then(|at| words.get(at + 1));
    let mut ways: Vec<Way> = Vec::new();
    for zone in it.network.hosted_zones.values() {
        let vpcs = zone.vpcs.iter().flatten();
        let rest: Vec<_> = vpcs.clone().filter(|vpc| *vpc != home).collect();
        let seen = vpcs.clone().any(|vpc| vpc == home);
        if !seen || said.is_none_or(|said| *said != zone.domain) {
            continue;
        }
        let yaml = format!("hosted_zones: {{ {}: {{ vpcs: {} }} }}", quoted(&zone.id), list(&rest));
        let what = format!("take hosted zone {} from vpc {home}", zone.domain);
        let command = format!(
            "aws route53 disassociate-vpc-from-hosted-zone --hosted-zone-id {} --vpc VPCId={home}",
            zone.id
        );
        ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
    }
    ways
}

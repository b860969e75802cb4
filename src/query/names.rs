//! Host names as the right side of the arrow: what the client's VPC makes of them.

use super::client::{Client, reference};
use super::named::NamedHost;
use super::server::{Port, Server, in_no_vpc, location, nowhere, server, which_port};
use super::{AskError, World};
use crate::answer::{
    Assumption, Blocker, Code, Direction, Failure, Finding, Missing, Party, ResourceRef, Verdict,
};
use crate::header::{AddressSet, Family, Protocol};
use crate::models;
use crate::network::{Kind, NetworkInterface, Resource, Vpc};
use crate::resolve::{self, Asks, Outside, Resolution, Resolved};
use std::net::IpAddr;
use std::sync::Arc;

/// The port of DNS.
const DNS: u16 = 53;

impl World {
    /// An AWS service, as the client's VPC resolves its host name.
    pub(super) fn aws_service(
        &self,
        client: &Client,
        text: &str,
        service: &models::Service,
        host: Option<&NamedHost>,
        port: Port,
    ) -> Result<Vec<Server>, AskError> {
        let vpc = self.vpc_of(client, text)?;
        let scope = &vpc.about.scope;
        let stated = host.map(|host| host.region.as_str());
        let Some(region) = stated.or(scope.region.as_deref()) else {
            return Err(AskError::new(
                format!(
                    "the Region of vpc {} is not known, so `{text}` has no host name",
                    vpc.label()
                ),
                "ask for a full host name",
            ));
        };
        let host = match host {
            Some(host) => host.name.clone(),
            None => service.host(region, scope.account.as_deref()),
        };
        let outside = Outside::Service(service, region);
        let resolutions = self.lookup(client, vpc, &host, outside);
        let resource = ResourceRef::new("aws-service", service.name, None);
        let Some(own) = scope.region.as_deref().filter(|own| *own != region) else {
            return self.resolved(client, vpc, &resource, port, &resolutions);
        };
        let mut resolutions = resolutions.to_vec();
        for resolution in &mut resolutions {
            resolution.findings.push(Finding {
                code: Code::new("SERVICE_IN_OTHER_REGION"),
                text: format!(
                    "{host} is in {region}, where the endpoints for {own} do not lead (SEC-05)"
                ),
            });
        }
        self.resolved(client, vpc, &resource, port, &resolutions)
    }

    /// IMG-11, IMG-12, IMG-13: a public image registry, as the client's VPC resolves its first host.
    pub(super) fn registry(
        &self,
        client: &Client,
        registry: &models::Registry,
        port: Port,
    ) -> Result<Vec<Server>, AskError> {
        let vpc = self.vpc_of(client, registry.name)?;
        let Some(host) = registry.hosts().next() else {
            return Err(in_no_vpc(client, registry.name));
        };
        let resolutions = self.lookup(client, vpc, host, Outside::Set(registry.name));
        let resource = ResourceRef::new("registry", registry.name, None);
        self.resolved(client, vpc, &resource, port, &resolutions)
    }

    /// IMG-13, APP-01: any other host name.
    pub(super) fn named_servers(
        &self,
        client: &Client,
        host: &str,
        stated: Option<Port>,
        protocol: Protocol,
    ) -> Result<Vec<Server>, AskError> {
        let vpc = self.vpc_of(client, host)?;
        let resolutions = self.lookup(client, vpc, host, Outside::Anyone);
        let usual = |resolution: &Resolution| match &resolution.resolved {
            Resolved::Interfaces(_) => Some(443),
            Resolved::LoadBalancer(id) => {
                let balancer = self.network.load_balancers.get(id)?;
                match balancer.listeners.as_deref() {
                    Some([only]) => Some(only.port),
                    _ => None,
                }
            }
            _ => None,
        };
        let port = stated
            .or_else(|| resolutions.iter().find_map(usual).map(|number| Port { number, protocol }))
            .ok_or_else(|| which_port(host, &[]))?;
        let resource = ResourceRef::new("host", host, None);
        let mut servers = self.resolved(client, vpc, &resource, port, &resolutions)?;
        // IMG-13: where nothing holds the name, only a way to every public address proves anything.
        for server in &mut servers {
            let guessed =
                |one: &Assumption| one.name == "HOST_HAS_PUBLIC_ADDRESSES" && one.value == "true";
            if server.assumptions.iter().any(guessed) {
                let fact = format!("which addresses {host} has");
                server.unless_reached = Some(Missing { fact, command: None });
            }
        }
        Ok(servers)
    }

    /// The answers that a client asks for: those of the families that it has.
    pub(super) fn lookup(
        &self,
        client: &Client,
        vpc: &Vpc,
        host: &str,
        outside: Outside<'_>,
    ) -> Arc<[Resolution]> {
        let subnet = client.end.subnet.as_ref().and_then(|one| self.network.subnets.get(&*one.id));
        let asks = Asks {
            ipv4: !client.party.addresses().is_empty() || client.ipv6.is_none(),
            ipv6: client.ipv6.is_some(),
            dns64: subnet.is_some_and(|subnet| subnet.dns64),
        };
        self.resolutions.of(&self.network, vpc, host, outside, asks)
    }

    fn vpc_of(&self, client: &Client, text: &str) -> Result<&Vpc, AskError> {
        let vpc = client.vpc.as_ref().and_then(|id| self.network.vpcs.get(id));
        vpc.ok_or_else(|| in_no_vpc(client, text))
    }

    /// What the answers of a name are, as one client's servers.
    pub(super) fn resolved(
        &self,
        client: &Client,
        vpc: &Vpc,
        resource: &ResourceRef,
        port: Port,
        resolutions: &[Resolution],
    ) -> Result<Vec<Server>, AskError> {
        let mut all = Vec::new();
        for resolution in resolutions {
            let asking = self.asking(client, resolution);
            let mut servers = match asking.unanswered(vpc, resource, port) {
                Some(server) => vec![server],
                None => {
                    self.led_to(client, vpc, resource, port, resolution, &resolution.resolved)?
                }
            };
            for server in &mut servers {
                server.name = Some(resolution.name.clone());
                server.by_ipv6 = resolution.family == Family::V6;
                server.guess.clone_from(&resolution.guess);
                server.findings.extend(resolution.findings.iter().cloned());
                server.findings.extend(asking.findings.iter().cloned());
                server.assumptions.extend(resolution.assumptions.iter().cloned());
                server.missing = server.missing.take().or_else(|| asking.missing.clone());
            }
            all.extend(servers);
        }
        Ok(all)
    }

    /// What one answer leads to.
    fn led_to(
        &self,
        client: &Client,
        vpc: &Vpc,
        resource: &ResourceRef,
        port: Port,
        resolution: &Resolution,
        resolved: &Resolved,
    ) -> Result<Vec<Server>, AskError> {
        let of_family = |one: &NetworkInterface| {
            let all = one.private_addresses().of_family(resolution.family);
            let first = one.addresses.iter().map(|own| own.address).find(|own| all.contains(*own));
            first.map_or(all, AddressSet::single)
        };
        Ok(match resolved {
            Resolved::Embedded(inner) => self.embedded(client, resource, port, inner),
            Resolved::Interfaces(ids) => ids
                .iter()
                .filter_map(|id| self.network.interfaces.get(id))
                .map(|one| self.interface_at(client, one, resource.clone(), port, of_family(one)))
                .collect(),
            Resolved::LoadBalancer(id) => match self.network.load_balancers.get(id) {
                Some(balancer) => {
                    let client = client.within(resolution.family);
                    self.balancer_servers(&client, balancer, Some(port))?
                }
                None => Vec::new(),
            },
            Resolved::Addresses(addresses) => addresses
                .iter()
                .flat_map(|address| {
                    let set = AddressSet::single(*address);
                    self.servers_at(client, &address.to_string(), &set, port)
                })
                .collect(),
            Resolved::Public { addresses, symbol } => {
                let words = match symbol {
                    Some(_) => "public addresses".to_owned(),
                    None => addresses.to_string(),
                };
                let party =
                    Party::Elsewhere { addresses: addresses.clone(), symbol: symbol.clone() };
                vec![server(client, resource.clone(), &words, party, port)]
            }
            Resolved::Nothing { code, what } => {
                let mut server = nowhere(resource.clone(), port);
                server.blockers.push(Blocker {
                    direction: Direction::Forward,
                    code: code.clone(),
                    resource: reference(vpc),
                    what: format!("gets {what}"),
                    rule: resolution.name.rule.clone(),
                    location: location(vpc),
                    failure: Failure::NoName,
                    symptom: None,
                });
                vec![server]
            }
            Resolved::Unknown(missing) => {
                let mut server = nowhere(resource.clone(), port);
                server.missing = Some(missing.clone());
                vec![server]
            }
        })
    }

    /// NG-13: the IPv6 addresses that stand for what a name leads to.
    fn embedded(
        &self,
        client: &Client,
        resource: &ResourceRef,
        port: Port,
        resolved: &Resolved,
    ) -> Vec<Server> {
        let elsewhere = |addresses: &AddressSet, symbol| {
            let addresses = addresses.embedded();
            let words = format!(
                "{}, by DNS64",
                if symbol { "public addresses".to_owned() } else { addresses.to_string() }
            );
            (addresses, words)
        };
        match resolved {
            Resolved::Interfaces(ids) => ids
                .iter()
                .filter_map(|id| self.network.interfaces.get(id))
                .map(|one| {
                    let addresses = one.private_addresses().embedded();
                    self.interface_at(client, one, resource.clone(), port, addresses)
                })
                .collect(),
            Resolved::Addresses(all) => {
                let set =
                    AddressSet::from_nets(&all.iter().map(|&one| one.into()).collect::<Vec<_>>());
                let (addresses, words) = elsewhere(&set, false);
                let party = Party::Elsewhere { addresses, symbol: None };
                vec![server(client, resource.clone(), &words, party, port)]
            }
            Resolved::Public { addresses, symbol } => {
                let (addresses, words) = elsewhere(addresses, symbol.is_some());
                let party = Party::Elsewhere { addresses, symbol: symbol.clone() };
                vec![server(client, resource.clone(), &words, party, port)]
            }
            _ => {
                let mut server = nowhere(resource.clone(), port);
                let fact = "where the addresses that DNS64 makes for it lead".to_owned();
                server.missing = Some(Missing { fact, command: None });
                vec![server]
            }
        }
    }

    /// DN-01: whether the question reaches the server that answers it, over UDP and TCP.
    fn asking(&self, client: &Client, resolution: &Resolution) -> Asking {
        let mut asking = Asking::default();
        let Some(resolve::Server::Own(address)) = resolution.server else { return asking };
        asking.server = Some(address);
        let ask = |protocol| {
            let port = Port { number: DNS, protocol };
            let set = AddressSet::single(address);
            let servers = self.servers_at(client, &address.to_string(), &set, port);
            servers.into_iter().map(|server| self.judge(client, server)).collect::<Vec<_>>()
        };
        for answer in ask(Protocol::Udp) {
            match answer.verdict {
                Verdict::Reachable => {}
                Verdict::Unknown => asking.missing = answer.missing.first().cloned(),
                Verdict::Blocked | Verdict::Intermittent => {
                    asking.blockers.extend(answer.blockers);
                }
            }
        }
        let stopped = |verdict| matches!(verdict, Verdict::Blocked | Verdict::Intermittent);
        if asking.blockers.is_empty() && ask(Protocol::Tcp).iter().any(|one| stopped(one.verdict)) {
            asking.findings.push(Finding {
                code: Code::new("NAME_SERVER_TCP_BLOCKED"),
                text: format!("name server {address} is reached on udp 53 and not on tcp 53, so long answers fail (DN-01)"),
            });
        }
        asking
    }
}

/// How it fares to ask a server of the client's own.
#[derive(Default)]
struct Asking {
    server: Option<IpAddr>,
    blockers: Vec<Blocker>,
    missing: Option<Missing>,
    findings: Vec<Finding>,
}

impl Asking {
    /// DN-01, TSK-15: nothing resolves through a server that no question reaches. What stops the
    /// question stands behind that.
    fn unanswered(&self, vpc: &Vpc, resource: &ResourceRef, port: Port) -> Option<Server> {
        let (first, address) = (self.blockers.first()?, self.server?);
        let mut server = nowhere(resource.clone(), port);
        let options = vpc.dhcp_options.as_ref().map_or("", |id| id.as_str());
        server.blockers.push(Blocker {
            direction: Direction::Forward,
            code: Code::new("NAME_SERVER_UNREACHABLE"),
            resource: ResourceRef::new(Kind::DhcpOptions.word(), options, None),
            what: format!(
                "names the server {address}, which no question on udp {DNS} reaches: {} {} {}",
                first.resource.kind.replace('-', " "),
                first.resource.label(),
                first.what
            ),
            rule: crate::answer::RuleId::new("DN-01"),
            location: location(vpc),
            failure: Failure::NoName,
            symptom: None,
        });
        let behind = self.blockers.iter().cloned();
        server.blockers.extend(behind.map(|one| Blocker { failure: Failure::NoName, ..one }));
        Some(server)
    }
}

//! Who asks: the left side of the arrow.

use super::scope::Scope;
use super::unplaced::unplaced;
use super::{AskError, World};
use crate::answer::{Assumption, End, Finding, Missing, Party, Place, ResourceRef, RuleId};
use crate::complete::node_id;
use crate::header::{AddressSet, Family, PortSet, Symbol, public_ipv4, public_ipv6};
use crate::network::{
    Coverage, InterfaceRole, Kind, Listener, LoadBalancer, LoadBalancerType, Network,
    NetworkInterface, OperatingSystem, Resource, Selected, Subnet, VpcId,
};
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// One client: a placement, an interface, a load-balancer node, or the internet.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) end: End,
    pub(super) party: Party,
    /// The same in IPv6, where it has such addresses (PW-16).
    pub(super) ipv6: Option<Party>,
    /// The only family in which it sends, where that is settled (LBT-09).
    pub(super) only: Option<Family>,
    /// Its VPC, when it is in one.
    pub(super) vpc: Option<VpcId>,
    pub(super) ports: PortSet,
    pub(super) ports_certain: bool,
    pub(super) findings: Vec<Finding>,
    pub(super) assumptions: Vec<Assumption>,
    /// What is missing to know from where it sends.
    pub(super) missing: Option<Missing>,
}

/// The kinds of resources that send packets, in the order in which a name is tried.
pub(super) const HOSTS: [Kind; 7] = [
    Kind::Service,
    Kind::LoadBalancer,
    Kind::NetworkInterface,
    Kind::Instance,
    Kind::Task,
    Kind::Subnet,
    Kind::Vpc,
];

/// Client ports by operating system (NA-06), and of load balancers and clients that are not known.
const LINUX: (u16, u16) = (32_768, 60_999);
const WINDOWS: (u16, u16) = (49_152, 65_535);
const WIDEST: (u16, u16) = (1_024, 65_535);

impl World {
    /// Everything that a query's source means.
    pub(super) fn clients(&self, place: &Place) -> Result<Vec<Client>, AskError> {
        let text = place.text.as_str();
        if text == "internet" {
            return Ok(vec![internet(&self.network)]);
        }
        if let Some(found) = self.addresses(text)? {
            return self.clients_at(text, &found);
        }
        if let Some(scope) = self.many(text)? {
            return Ok(self.scope_clients(&scope));
        }
        self.clients_of(&self.select(text)?)
    }

    /// Everything of a resource that sends.
    pub(super) fn clients_of(&self, selected: &Selected) -> Result<Vec<Client>, AskError> {
        let id = selected.id.as_str();
        let network = &self.network;
        let clients = match selected.kind {
            Kind::Service => match network.services.get(id) {
                Some(one) => Some(self.service_clients(one)?),
                None => None,
            },
            Kind::LoadBalancer => network.load_balancers.get(id).map(|one| self.nodes(one)),
            Kind::Task => network.tasks.get(id).map(|one| self.task_clients(one)),
            Kind::NetworkInterface => network
                .interfaces
                .get(id)
                .map(|one| vec![self.interface_client(one, reference(one))]),
            Kind::Instance => network.instances.get(id).map(|instance| {
                let resource = reference(instance);
                let interfaces = instance.interfaces.iter();
                interfaces
                    .filter_map(|id| network.interfaces.get(id))
                    .map(|interface| self.interface_client(interface, resource.clone()))
                    .collect()
            }),
            Kind::Subnet => network.subnets.get(id).map(|subnet| self.subnet_clients(subnet)),
            Kind::Vpc => Some(self.scope_clients(&Scope::Vpc(id.into()))),
            _ => None,
        };
        match clients {
            Some(clients) if !clients.is_empty() => Ok(clients),
            _ => Err(AskError::new(
                format!(
                    "{} has no interface to send from",
                    describe(selected.kind, &selected.label)
                ),
                match selected.kind {
                    Kind::Service => {
                        "its subnets are not in the input; ask from an interface or an instance instead"
                    }
                    Kind::Task => {
                        "the task's interface is not in the input; ask from its service instead"
                    }
                    Kind::Subnet => {
                        "nothing in the input runs there yet; ask from the service that is to, as `service/…`"
                    }
                    Kind::Vpc => "nothing in the input runs there yet",
                    _ => "ask from one of its interfaces, as `eni/…`",
                },
            )),
        }
    }

    /// The resource that a name or role means.
    pub(super) fn select(&self, text: &str) -> Result<Selected, AskError> {
        match self.find(text)? {
            Some(found) => Ok(found),
            None => Ok(self.network.select(text, &HOSTS)?),
        }
    }

    /// The resource that a name or role means, where it means one.
    pub(super) fn find(&self, text: &str) -> Result<Option<Selected>, AskError> {
        self.meant.of(text, || self.look_for(text))
    }

    fn look_for(&self, text: &str) -> Result<Option<Selected>, AskError> {
        let network = &self.network;
        let role = match text {
            "task-eni" | "task" => Some((Kind::Service, "service")),
            "alb" | "nlb" | "lb" => Some((Kind::LoadBalancer, "load balancer")),
            _ => None,
        };
        // A thing that is called like a role is meant by its name.
        let exact = || {
            let mut all = network.resources();
            all.any(|(kind, id, label)| HOSTS.contains(&kind) && (id == text || label == text))
        };
        let Some((kind, word)) = role.filter(|_| !exact()) else {
            // Planned interfaces are found by what they are planned for.
            return Ok(network.find(text, &HOSTS)?);
        };
        let all: Vec<_> = network.resources().filter(|(of, ..)| *of == kind).collect();
        match all.as_slice() {
            [(_, id, label)] => {
                Ok(Some(Selected { kind, id: (*id).to_owned(), label: (*label).to_owned() }))
            }
            [] => Err(AskError::new(
                format!("`{text}` means the only {word}, and there is none here"),
                "name an interface, an instance or a subnet instead",
            )),
            several => Err(AskError {
                message: format!("`{text}` means the only {word}, and there are {}", several.len()),
                hint: Some("say which one you mean".to_owned()),
                candidates: several.iter().map(|(_, _, label)| format!("{kind}/{label}")).collect(),
            }),
        }
    }

    /// The addresses that a text writes out.
    pub(super) fn addresses(&self, text: &str) -> Result<Option<AddressSet>, AskError> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Some(AddressSet::single(address)));
        }
        let looks_like_one =
            text.split_once('/').is_some_and(|(base, _)| base.parse::<IpAddr>().is_ok());
        match text.parse::<IpNet>() {
            Ok(net) => Ok(Some(AddressSet::from_net(net))),
            Err(_) if looks_like_one => Err(AskError::new(
                format!("`{text}` is no CIDR block"),
                "a CIDR block is an address and a prefix length, such as 10.0.0.0/24",
            )),
            Err(_) => Ok(None),
        }
    }

    /// The interfaces at addresses; public addresses that nothing here has are outside.
    fn clients_at(&self, text: &str, addresses: &AddressSet) -> Result<Vec<Client>, AskError> {
        let existing = self.network.interfaces.values().filter(|one| one.planned.is_none());
        let here: Vec<&NetworkInterface> = existing
            .filter(|one| !one.private_addresses().intersection(addresses).is_empty())
            .collect();
        if !here.is_empty() {
            return Ok(here
                .into_iter()
                .map(|one| {
                    let mut client = self.interface_client(one, reference(one));
                    let own = one.private_addresses().intersection(addresses);
                    client.end.addresses = own.to_string();
                    let party = |family| Party::Interface {
                        id: Arc::from(one.id.as_str()),
                        addresses: own.of_family(family),
                    };
                    client.party = party(Family::V4);
                    client.ipv6 = Some(party(Family::V6)).filter(|six| !six.addresses().is_empty());
                    client
                })
                .collect());
        }
        let public = AddressSet::from_v4(public_ipv4().clone()).union(&outside_ipv6(&self.network));
        if !addresses.is_subset(&public) {
            return Err(AskError::new(
                format!("no interface here has an address of {text}"),
                "a client must exist: name a service, an interface, an instance, or `internet`",
            ));
        }
        let mut client = internet(&self.network);
        client.end.resource = ResourceRef::new("address", text, None);
        client.end.addresses = addresses.to_string();
        let party =
            |family| Party::Elsewhere { addresses: addresses.of_family(family), symbol: None };
        client.party = party(Family::V4);
        client.ipv6 = Some(party(Family::V6)).filter(|six| !six.addresses().is_empty());
        Ok(vec![client])
    }

    /// LBT-01: a load balancer's nodes, one per subnet.
    fn nodes(&self, balancer: &LoadBalancer) -> Vec<Client> {
        let nodes = balancer
            .subnets
            .iter()
            .filter_map(|subnet| self.network.interfaces.get(node_id(balancer, subnet).as_str()));
        let mut clients: Vec<Client> =
            nodes.map(|node| self.interface_client(node, reference(balancer))).collect();
        let missing = self.absent_subnets(&balancer.subnets, Kind::LoadBalancer, balancer.label());
        clients.extend(missing.into_iter().map(|one| unplaced(reference(balancer), one)));
        if self.attributes_open(balancer) {
            for client in &mut clients {
                self.by_default_attributes(client, balancer);
            }
        }
        clients.sort_by(|a, b| subnet_label(a).cmp(subnet_label(b)));
        clients
    }

    /// NLB-01: attributes that were not captured are AWS's defaults, or else missing.
    fn by_default_attributes(&self, client: &mut Client, balancer: &LoadBalancer) {
        const DEFAULTS: &str = "NLB_ATTRIBUTES_ARE_DEFAULTS_WHEN_NOT_CAPTURED";
        if self.network.assumptions.holds(DEFAULTS) {
            client.assumptions.push(Assumption {
                name: DEFAULTS.into(),
                value: "true".into(),
                rule: RuleId::new("NLB-01"),
            });
            return;
        }
        let label = balancer.label();
        let fact =
            format!("the attributes of load balancer {label}, and of its groups ({DEFAULTS})");
        let command = "aws elbv2 describe-load-balancer-attributes --load-balancer-arn";
        let command = Some(format!("{command} {}", balancer.id));
        client.missing.get_or_insert(Missing { fact, command });
    }

    /// NLB-01, LBT-11: whether a network load balancer's attributes, or those of its groups, were not
    /// captured.
    fn attributes_open(&self, balancer: &LoadBalancer) -> bool {
        let listeners = balancer.listeners.iter().flatten();
        let mut groups = listeners
            .flat_map(Listener::target_groups)
            .filter_map(|id| self.network.target_groups.get(id));
        balancer.balancer_type == LoadBalancerType::Network
            && self.network.coverage != Coverage::Stated
            && (balancer.cross_zone.is_none() || groups.any(|one| one.preserve_client_ip.is_none()))
    }

    fn subnet_clients(&self, subnet: &Subnet) -> Vec<Client> {
        let all = self.network.interfaces.values();
        all.filter(|one| one.subnet == subnet.id && one.planned.is_none())
            .filter(|one| !one.role.is_gateway())
            .map(|one| self.interface_client(one, reference(one)))
            .collect()
    }

    pub(super) fn interface_client(
        &self,
        interface: &NetworkInterface,
        resource: ResourceRef,
    ) -> Client {
        let (ports, ports_certain) = match (&interface.role, interface.operating_system) {
            (InterfaceRole::LoadBalancer, _) => (WIDEST, true),
            (_, Some(OperatingSystem::Linux)) => (LINUX, true),
            (_, Some(OperatingSystem::Windows)) => (WINDOWS, true),
            (_, None) => (WIDEST, false),
        };
        let addresses = sending_addresses(interface);
        let six = sending_ipv6(interface);
        let shown = if addresses.is_empty() { &six } else { &addresses };
        let id: Arc<str> = Arc::from(interface.id.as_str());
        Client {
            end: End {
                resource,
                subnet: Some(self.subnet_reference(interface)),
                addresses: shown.to_string(),
                port: None,
                ports: None,
            },
            party: Party::Interface { id: Arc::clone(&id), addresses },
            ipv6: (!six.is_empty()).then_some(Party::Interface { id, addresses: six }),
            only: None,
            vpc: Some(interface.vpc.clone()),
            ports: PortSet::from_range(ports.0, ports.1),
            ports_certain,
            findings: Vec::new(),
            assumptions: Vec::new(),
            missing: None,
        }
    }

    pub(super) fn subnet_reference(&self, interface: &NetworkInterface) -> ResourceRef {
        match self.network.subnets.get(&interface.subnet) {
            Some(subnet) => reference(subnet),
            None => ResourceRef::new(Kind::Subnet.word(), interface.subnet.as_str(), None),
        }
    }
}

fn subnet_label(client: &Client) -> &str {
    client.end.subnet.as_ref().map_or("", ResourceRef::label)
}

/// The IPv4 addresses that an interface sends from: its primary one, or any it may get.
fn sending_addresses(interface: &NetworkInterface) -> AddressSet {
    let primary = interface.addresses.iter().map(|a| a.address).find(IpAddr::is_ipv4);
    match (&interface.planned, primary) {
        (Some(free), _) => AddressSet::from_v4(free.v4.clone()),
        (None, Some(primary)) => AddressSet::single(primary),
        (None, None) => AddressSet::empty(),
    }
}

/// The IPv6 addresses likewise.
fn sending_ipv6(interface: &NetworkInterface) -> AddressSet {
    let first = interface.addresses.iter().map(|a| a.address).find(IpAddr::is_ipv6);
    match (&interface.planned, first) {
        (Some(free), _) => free.of_family(Family::V6),
        (None, first) => first.map_or_else(AddressSet::empty, AddressSet::single),
    }
}

/// The IPv6 addresses of the internet that are none of the network's own.
pub(super) fn outside_ipv6(network: &Network) -> AddressSet {
    let own = AddressSet::from_nets(network.vpcs.values().flat_map(|vpc| &vpc.cidrs));
    AddressSet::from_v6(public_ipv6().clone()).difference(&own)
}

impl Client {
    /// The same, for what it sends in one family only.
    pub(super) fn within(&self, family: Family) -> Self {
        Self { only: Some(family), ..self.clone() }
    }

    /// The families in which it can send to something that has those: the first of them where it
    /// can in none.
    pub(super) fn families_to(&self, has: impl Fn(Family) -> bool) -> Vec<Family> {
        let of: Vec<Family> = [Family::V4, Family::V6]
            .into_iter()
            .filter(|family| has(*family) && self.only.is_none_or(|only| only == *family))
            .collect();
        let own = |family: &Family| match family {
            Family::V4 => !self.party.addresses().is_empty(),
            Family::V6 => self.ipv6.is_some(),
        };
        match of.iter().copied().filter(own).collect::<Vec<_>>() {
            none if none.is_empty() => of.into_iter().take(1).collect(),
            some => some,
        }
    }

    /// What it sends from to some of those addresses: IPv4 where both have it. `None` where it has
    /// no address of their family (PW-16).
    pub(super) fn sends_to(&self, to: &AddressSet) -> Option<(Family, Party)> {
        let own = |family| match family {
            Family::V4 => Some(&self.party).filter(|party| !party.addresses().is_empty()),
            Family::V6 => self.ipv6.as_ref(),
        };
        let both = to.families().find_map(|family| Some((family, own(family)?.clone())));
        if both.is_some() {
            return both;
        }
        if to.is_empty() || self.ipv6.is_none() && self.party.addresses().is_empty() {
            return Some((Family::V4, self.party.clone()));
        }
        // Services on the link itself are reached all the same.
        let link_local = AddressSet::from(LINK_LOCAL);
        let id = self.party.interface().filter(|_| to.is_subset(&link_local))?;
        Some((Family::V4, Party::Interface { id: Arc::from(id), addresses: link_local }))
    }
}

/// What hosts have on their own link without being given it.
const LINK_LOCAL: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16);

pub(super) fn internet(network: &Network) -> Client {
    let addresses = AddressSet::from_v4(public_ipv4().clone());
    Client {
        end: End {
            resource: ResourceRef::new("internet", "internet", None),
            subnet: None,
            addresses: "any public address".to_owned(),
            port: None,
            ports: None,
        },
        party: Party::Elsewhere { addresses, symbol: Some(Symbol::new("internet")) },
        ipv6: Some(Party::Elsewhere {
            addresses: outside_ipv6(network),
            symbol: Some(Symbol::new("internet")),
        }),
        only: None,
        vpc: None,
        ports: PortSet::from_range(WIDEST.0, WIDEST.1),
        ports_certain: false,
        findings: Vec::new(),
        assumptions: Vec::new(),
        missing: None,
    }
}

pub(super) fn reference<R: Resource>(resource: &R) -> ResourceRef {
    ResourceRef::new(R::KIND.word(), resource.id_text(), Some(resource.label()))
}

pub(super) fn describe(kind: Kind, label: &str) -> String {
    format!("{} {label}", kind.word().replace('-', " "))
}

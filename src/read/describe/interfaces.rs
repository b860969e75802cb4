//! Network interfaces, Elastic IPs and instances.

use super::answer::{Answer, Origin};
use super::field::{Fault, List, Tag, Text, address, cidr, ipv4, name_tag, optional, required};
use super::{Capture, ReadError};
use crate::network::{
    About, Instance, InstanceId, InterfaceRole, KnownPorts, NetworkInterface, NetworkInterfaceId,
    OperatingSystem, PrivateAddress, PublicAddress, TaskDefinitionId,
};
use ipnet::IpNet;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr};

/// What has to be joined with the interfaces.
#[derive(Default)]
pub(super) struct Loose {
    /// Interfaces that say that nothing is attached.
    unattached: BTreeSet<NetworkInterfaceId>,
    /// Elastic IPs by interface and private address.
    elastic: BTreeMap<(NetworkInterfaceId, Ipv4Addr), Ipv4Addr>,
}

impl Loose {
    /// What a later part of the input holds, too.
    pub fn absorb(&mut self, later: Self) {
        self.unattached.extend(later.unattached);
        self.elastic.extend(later.elastic);
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct InterfaceRow<'d> {
    #[serde(borrow)]
    network_interface_id: Option<Text<'d>>,
    #[serde(borrow)]
    subnet_id: Option<Text<'d>>,
    #[serde(borrow)]
    vpc_id: Option<Text<'d>>,
    #[serde(borrow)]
    owner_id: Option<Text<'d>>,
    #[serde(borrow)]
    availability_zone: Option<Text<'d>>,
    #[serde(borrow)]
    description: Option<Text<'d>>,
    #[serde(borrow)]
    interface_type: Option<Text<'d>>,
    #[serde(borrow)]
    status: Option<Text<'d>>,
    #[serde(borrow)]
    attachment: Option<Attachment<'d>>,
    source_dest_check: Option<bool>,
    #[serde(borrow)]
    groups: List<Group<'d>>,
    #[serde(borrow)]
    association: Option<Association<'d>>,
    #[serde(borrow)]
    private_ip_address: Option<Text<'d>>,
    #[serde(borrow)]
    private_ip_addresses: List<Private<'d>>,
    #[serde(borrow)]
    ipv4_prefixes: List<Ipv4Prefix<'d>>,
    #[serde(borrow)]
    ipv6_prefixes: List<Ipv6Prefix<'d>>,
    #[serde(borrow)]
    ipv6_addresses: List<Ipv6<'d>>,
    deny_all_igw_traffic: Option<bool>,
    tag_set: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Attachment<'d> {
    #[serde(borrow)]
    status: Option<Text<'d>>,
    #[serde(borrow)]
    instance_id: Option<Text<'d>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Group<'d> {
    #[serde(borrow)]
    group_id: Option<Text<'d>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Association<'d> {
    #[serde(borrow)]
    public_ip: Option<Text<'d>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Private<'d> {
    #[serde(borrow)]
    private_ip_address: Option<Text<'d>>,
    #[serde(borrow)]
    association: Option<Association<'d>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Ipv4Prefix<'d> {
    #[serde(borrow)]
    ipv4_prefix: Option<Text<'d>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Ipv6Prefix<'d> {
    #[serde(borrow)]
    ipv6_prefix: Option<Text<'d>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Ipv6<'d> {
    #[serde(borrow)]
    ipv6_address: Option<Text<'d>>,
}

pub(super) fn interfaces(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each::<InterfaceRow<'_>>(|mut row| {
        let id = required(row.network_interface_id.take(), "NetworkInterfaceId")?;
        let id = NetworkInterfaceId::from(&*id);
        let subnet = required(row.subnet_id.take(), "SubnetId")?;
        let vpc = required(row.vpc_id.take(), "VpcId")?;
        let origin = Origin {
            owner: row.owner_id.as_deref(),
            zone: row.availability_zone.as_deref(),
            arn: None,
        };
        // A load balancer's interfaces are named in their description only: `ELB app/web/0a1b…`.
        let node = row.description.as_deref().and_then(|text| text.strip_prefix("ELB "));
        let name = name_tag(&row.tag_set).or_else(|| node.map(str::to_owned));
        let tags = capture.tags(&row.tag_set);
        let about = About { tags, ..capture.about(answer, name, &origin) };
        let attachment = row.attachment.as_ref();
        let attached =
            attachment.and_then(|it| it.status.as_deref()).is_none_or(|it| it == "attached");
        let in_use = row.status.as_deref().is_none_or(|status| status == "in-use");
        if !in_use && attachment.is_none() {
            capture.interfaces.unattached.insert(id.clone());
        }
        let instance = optional(attachment.and_then(|it| it.instance_id.as_deref()));
        let instance = instance.map(InstanceId::from);
        let role = role(&row);
        let addresses = addresses_of(&mut row)?;
        let prefixes = prefixes_of(&mut row)?;
        let groups = row.groups.into_iter().filter_map(|it| optional(it.group_id));
        let groups = groups.map(|it| capture.scopes.word(&it).into()).collect();
        let (subnet, vpc) = (capture.scopes.word(&subnet), capture.scopes.word(&vpc));
        capture.insert(NetworkInterface {
            id,
            about,
            subnet: subnet.into(),
            vpc: vpc.into(),
            addresses,
            prefixes,
            planned: None,
            planned_public: false,
            groups,
            source_dest_check: row.source_dest_check.unwrap_or(true),
            forwards: None,
            deny_igw: row.deny_all_igw_traffic.unwrap_or(false),
            // PW-13
            usable: in_use && attached,
            role,
            instance,
            sockets: Vec::new(),
            sockets_known: KnownPorts::default(),
            sockets_at: None,
            published: None,
            operating_system: None,
        });
        Ok(())
    })
}

/// What AWS made the interface for.
fn role(row: &InterfaceRow<'_>) -> InterfaceRole {
    let description = row.description.as_deref().unwrap_or_default();
    match row.interface_type.as_deref().unwrap_or_default() {
        "vpc_endpoint" | "gateway_load_balancer_endpoint" => InterfaceRole::Endpoint,
        "nat_gateway" | "natGateway" => InterfaceRole::NatGateway,
        "transit_gateway" => InterfaceRole::TransitGateway,
        "load_balancer" | "network_load_balancer" | "gateway_load_balancer" => {
            InterfaceRole::LoadBalancer
        }
        "global_accelerator_managed" => InterfaceRole::Accelerator,
        _ if description.starts_with("ClientVPN Endpoint") => InterfaceRole::ClientVpn,
        _ if description.starts_with("ELB ") => InterfaceRole::LoadBalancer,
        _ if description.starts_with("VPC Endpoint Interface vpce-") => InterfaceRole::Endpoint,
        _ if description.starts_with("Interface for NAT Gateway nat-") => InterfaceRole::NatGateway,
        // The attachment of a task: `arn:aws:ecs:us-east-1:111122223333:attachment/…`.
        _ if description.starts_with("arn:") && description.contains(":attachment/") => {
            InterfaceRole::Task
        }
        _ => InterfaceRole::Ordinary,
    }
}

fn addresses_of(row: &mut InterfaceRow<'_>) -> Result<Vec<PrivateAddress>, Fault> {
    let mut addresses: Vec<PrivateAddress> = Vec::new();
    for private in std::mem::take(&mut row.private_ip_addresses) {
        let text = required(private.private_ip_address, "PrivateIpAddress")?;
        let public = public(private.association)?;
        addresses.push(PrivateAddress { address: address(&text, "PrivateIpAddress")?, public });
    }
    let primary = optional(row.private_ip_address.take());
    if let Some(text) = primary {
        let primary = address(&text, "PrivateIpAddress")?;
        // IG-02: the association at the top is the primary address's.
        let public = public(row.association.take())?;
        match addresses.iter_mut().find(|one| one.address == primary) {
            Some(one) => one.public = one.public.or(public),
            None => addresses.push(PrivateAddress { address: primary, public }),
        }
    }
    for v6 in std::mem::take(&mut row.ipv6_addresses) {
        let text = required(v6.ipv6_address, "Ipv6Address")?;
        let address = address(&text, "Ipv6Address")?;
        addresses.push(PrivateAddress { address, public: None });
    }
    Ok(addresses)
}

/// PW-03: delegated prefixes.
fn prefixes_of(row: &mut InterfaceRow<'_>) -> Result<Vec<IpNet>, Fault> {
    let mut prefixes = Vec::new();
    for prefix in std::mem::take(&mut row.ipv4_prefixes) {
        prefixes.push(cidr(&required(prefix.ipv4_prefix, "Ipv4Prefix")?, "Ipv4Prefix")?);
    }
    for prefix in std::mem::take(&mut row.ipv6_prefixes) {
        prefixes.push(cidr(&required(prefix.ipv6_prefix, "Ipv6Prefix")?, "Ipv6Prefix")?);
    }
    Ok(prefixes)
}

fn public(association: Option<Association<'_>>) -> Result<Option<PublicAddress>, Fault> {
    let public = ipv4(association.and_then(|it| it.public_ip), "PublicIp")?;
    Ok(public.map(PublicAddress::Known))
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AddressRow {
    public_ip: Option<String>,
    network_interface_id: Option<String>,
    private_ip_address: Option<String>,
}

/// Elastic IPs: those of interfaces that do not say so themselves.
pub(super) fn addresses(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: AddressRow| {
        let private = ipv4(row.private_ip_address, "PrivateIpAddress")?;
        let public = ipv4(row.public_ip, "PublicIp")?;
        let interface = optional(row.network_interface_id);
        if let (Some(interface), Some(private), Some(public)) = (interface, private, public) {
            capture.interfaces.elastic.insert((interface.into(), private), public);
        }
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ReservationRow {
    owner_id: Option<String>,
    instances: List<InstanceRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct InstanceRow {
    instance_id: Option<String>,
    state: Option<InstanceState>,
    placement: Option<InstancePlacement>,
    network_interfaces: List<InstanceInterface>,
    tags: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct InstanceState {
    name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct InstancePlacement {
    availability_zone: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct InstanceInterface {
    network_interface_id: Option<String>,
    attachment: Option<InstanceAttachment>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct InstanceAttachment {
    device_index: Option<i64>,
    network_card_index: Option<i64>,
}

pub(super) fn reservations(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|reservation: ReservationRow| {
        for row in reservation.instances {
            let id = required(row.instance_id, "InstanceId")?;
            let zone = row.placement.and_then(|placement| placement.availability_zone);
            let owner = reservation.owner_id.as_deref();
            let origin = Origin { owner, zone: zone.as_deref(), arn: None };
            let tags = capture.tags(&row.tags);
            let about = About { tags, ..capture.about(answer, name_tag(&row.tags), &origin) };
            let mut interfaces = Vec::new();
            for interface in row.network_interfaces {
                let id = required(interface.network_interface_id, "NetworkInterfaceId")?;
                let place = interface.attachment.unwrap_or_default();
                let order = (place.device_index, place.network_card_index);
                interfaces.push((order, NetworkInterfaceId::from(id)));
            }
            // The primary one is device 0 of card 0.
            interfaces.sort();
            capture.insert(Instance {
                id: id.into(),
                about,
                state: required(row.state.and_then(|state| state.name), "State")?,
                interfaces: interfaces.into_iter().map(|(_, id)| id).collect(),
            });
        }
        Ok(())
    })
}

/// What an interface's owner tells of it.
struct Owned {
    role: InterfaceRole,
    system: Option<OperatingSystem>,
}

/// Joins interfaces with what owns them.
pub(super) fn finish(capture: &mut Capture) {
    let network = &mut capture.network;
    // Only asked, never listed: so their order does not matter.
    let mut owned: HashMap<&NetworkInterfaceId, Owned> =
        HashMap::with_capacity(network.interfaces.len());
    for endpoint in network.vpc_endpoints.values() {
        for id in &endpoint.interfaces {
            owned.insert(id, Owned { role: InterfaceRole::Endpoint, system: None });
        }
    }
    for gateway in network.nat_gateways.values() {
        for id in gateway.addresses.iter().filter_map(|address| address.interface.as_ref()) {
            owned.insert(id, Owned { role: InterfaceRole::NatGateway, system: None });
        }
    }
    let definitions = network.task_definitions.values();
    let stated: HashMap<&TaskDefinitionId, OperatingSystem> =
        definitions.filter_map(|one| Some((&one.id, one.operating_system?))).collect();
    for task in network.tasks.values() {
        let definition = task.task_definition.as_ref();
        let stated = definition.and_then(|id| stated.get(id)).copied();
        let system = stated.or_else(|| capture.tasks.system(&task.id));
        for id in &task.interfaces {
            let of_task = owned.entry(id).or_insert(Owned { role: InterfaceRole::Task, system });
            of_task.role = InterfaceRole::Task;
            of_task.system = system.or(of_task.system);
        }
    }
    for (id, interface) in &mut network.interfaces {
        let owner = owned.get(id);
        if let Some(owner) = owner {
            interface.role = owner.role.clone();
            // What AWS made for a task or an endpoint is used, even where a capture shows no
            // attachment.
            interface.usable |= capture.interfaces.unattached.contains(id);
        }
        interface.operating_system = owner.and_then(|owner| owner.system);
        let elastic = &capture.interfaces.elastic;
        for one in interface.addresses.iter_mut().filter(|one| one.public.is_none()) {
            if let IpAddr::V4(private) = one.address
                && !elastic.is_empty()
            {
                let public = elastic.get(&(id.clone(), private));
                one.public = public.copied().map(PublicAddress::Known);
            }
        }
        // PW-13: an instance that does not run answers nothing.
        let instance = interface.instance.as_ref().and_then(|id| network.instances.get(id));
        if instance.is_some_and(|instance| instance.state != "running") {
            interface.usable = false;
        }
    }
}

//! Interfaces, instances and tasks that run.

use super::draft::Draft;
use super::node::{Fields, Key, Node, Value};
use super::sockets::{known_ports, sockets};
use super::tasks;
use super::value::{address_set, boolean, choice, cidr, ip, ipv4, ipv6};
use crate::header::AddressSet;
use crate::network::{
    About, Forwarding, Instance, InterfaceRole, Kind, KnownPorts, NetworkInterface,
    NetworkInterfaceId, OperatingSystem, PrivateAddress, PublicAddress, SecurityGroupId, ServiceId,
    SubnetId, Tags, Task, VpcId,
};
use crate::read::ReadError;
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::net::IpAddr;

const FIELDS: [&str; 20] = [
    "subnet",
    "vpc",
    "address",
    "addresses",
    "prefixes",
    "planned",
    "role",
    "instance",
    "in_use",
    "known_ports",
    "interfaces",
    "ipv6_address",
    "deny_internet",
    "security_groups",
    "public_ip",
    "source_dest_check",
    "forwards",
    "listens",
    "operating_system",
    "tags",
];

/// Whether an instance or a task names its interfaces, and has none of its own name.
pub(super) fn names_its_interfaces(node: &Node) -> bool {
    matches!(&node.value, Value::Mapping(entries)
        if entries.iter().any(|(key, _)| key.text == "interfaces"))
}

pub(super) fn interface(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known: Vec<&str> = FIELDS.into_iter().filter(|field| *field != "interfaces").collect();
    let fields = Fields::of(node, format!("interface `{}`", key.text), &key.at, &known)?;
    let about = draft.about_named(&key.at, &key.text, id);
    let interface = read(draft, &fields, about, id)?;
    draft.put.insert(interface);
    Ok(())
}

/// An instance with one interface of the same name.
pub(super) fn instance(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known: Vec<&str> = FIELDS.into_iter().chain(["state"]).collect();
    let fields = Fields::of(node, format!("instance `{}`", key.text), &key.at, &known)?;
    let about = draft.about_named(&key.at, &key.text, id);
    let state = fields.text("state")?.unwrap_or("running").to_owned();
    if fields.get("interfaces").is_some() {
        let interfaces = named_interfaces(draft, &fields)?;
        draft.put.insert(Instance { id: id.into(), about, state, interfaces });
        return Ok(());
    }
    let former = draft.base.instances.get(id).and_then(|former| former.interfaces.first());
    let interface_id = former.map_or(id, |former| former.as_str()).to_owned();
    let mut interface = read(draft, &fields, untagged(&about), &interface_id)?;
    // PW-13
    interface.usable = state == "running";
    interface.instance = Some(id.into());
    // What is launched in such a subnet gets a public address (IG-07).
    let launched = draft.subnet(&interface.subnet).is_some_and(|subnet| subnet.map_public_ip);
    if draft.implied && launched && fields.get("public_ip").is_none() {
        interface.planned_public = interface.planned.is_some();
        if let Some(first) = interface.addresses.first_mut() {
            first.public = Some(PublicAddress::Some);
        }
    }
    let interfaces = vec![interface.id.clone()];
    draft.put.insert(interface);
    draft.put.insert(Instance { id: id.into(), about, state, interfaces });
    Ok(())
}

/// A task with one interface of the same name.
pub(super) fn task(draft: &mut Draft, key: &Key, node: &Node, id: &str) -> Result<(), ReadError> {
    let known = [
        "service",
        "group",
        "cluster",
        "launch_type",
        "interfaces",
        "container_instance",
        "stop_code",
        "stopped_reason",
        "containers",
        "observed",
        "subnet",
        "vpc",
        "address",
        "ipv6_address",
        "security_groups",
        "public_ip",
        "task_definition",
        "status",
        "tags",
    ];
    let fields = Fields::of(node, format!("task `{}`", key.text), &key.at, &known)?;
    let about = draft.about_named(&key.at, &key.text, id);
    let named = |kind, field: &str| {
        fields.get(field).map(|node| draft.names.need::<ServiceId>(kind, node, &fields.name(field)))
    };
    let service = named(Kind::Service, "service").transpose()?;
    let service = service.and_then(|id| {
        let services = draft.put.services.get(&id);
        services.or_else(|| draft.base.services.get(&id)).cloned()
    });
    let definition = match fields.get("task_definition") {
        Some(node) => {
            let what = fields.name("task_definition");
            Some(draft.names.need(Kind::TaskDefinition, node, &what)?)
        }
        None => service
            .as_ref()
            .filter(|_| draft.implied)
            .and_then(|service| service.task_definition.clone()),
    };
    let status = fields.text("status")?.unwrap_or("RUNNING").to_owned();
    let group = match &service {
        Some(service) => Some(service.task_group()),
        None => fields.text("group")?.map(str::to_owned),
    };
    let mut task = Task {
        group,
        last_status: status,
        task_definition: definition,
        ..tasks::as_it_runs(draft, &fields, Task::new(id.into(), about.clone()))?
    };
    if fields.get("interfaces").is_some() {
        task.interfaces = named_interfaces(draft, &fields)?;
        let subnet = fields.get("subnet");
        task.subnet = subnet
            .map(|node| draft.names.need(Kind::Subnet, node, &fields.name("subnet")))
            .transpose()?;
        draft.put.insert(task);
        return Ok(());
    }
    let mut interface = read(draft, &fields, untagged(&about), id)?;
    if fields.get("security_groups").is_none()
        && draft.implied
        && let Some(service) = service.as_ref().filter(|service| !service.groups.is_empty())
    {
        interface.groups = service.groups.clone();
    }
    interface.role = InterfaceRole::Task;
    interface.usable = task.last_status != "STOPPED";
    task.interfaces = vec![interface.id.clone()];
    draft.put.insert(interface);
    draft.put.insert(task);
    Ok(())
}

/// An interface is called as what it belongs to; the tags stay with that, as AWS's do.
fn untagged(about: &About) -> About {
    About { tags: Tags::default(), ..about.clone() }
}

fn named_interfaces(
    draft: &Draft,
    fields: &Fields<'_>,
) -> Result<Vec<NetworkInterfaceId>, ReadError> {
    let nodes = fields.list("interfaces")?;
    draft.names.need_all(Kind::NetworkInterface, nodes, &fields.name("interfaces"))
}

/// The fields that all three have in common.
fn read(
    draft: &Draft,
    fields: &Fields<'_>,
    about: About,
    id: &str,
) -> Result<NetworkInterface, ReadError> {
    let (subnet, vpc): (SubnetId, VpcId) = draft.need_subnet(fields)?;
    let public = public(fields)?;
    let address = fields.get("address").map(|node| ipv4(node, &fields.name("address")));
    let stated = addresses(fields)?;
    let planned = match fields.get("planned") {
        Some(node) => Some(address_set(node, &fields.name("planned"))?),
        None => None,
    };
    let whole = planned.is_some() || fields.get("addresses").is_some() || !draft.implied;
    let (mut addresses, mut planned) = match address.transpose()? {
        Some(address) => {
            let first = PrivateAddress { address: IpAddr::V4(address), public };
            ([vec![first], stated].concat(), planned)
        }
        None if whole => (stated, planned),
        None => (stated, draft.subnet(&subnet).map(|subnet| subnet.assignable())),
    };
    let v6_only = draft.subnet(&subnet).is_some_and(crate::network::Subnet::is_ipv6_only);
    match (fields.get("ipv6_address"), fields.text("ipv6_address")?) {
        (None, _) if v6_only && !whole => {
            planned = draft.subnet(&subnet).map(|one| one.assignable_v6())
        }
        (None, _) | (_, Some("false")) => {}
        (Some(node), Some("true")) => {
            let Some(free) = &mut planned else {
                return Err(ReadError::at(
                    &node.at,
                    "the IPv6 address is left open, the IPv4 one is not",
                )
                .hint("state both addresses or neither"));
            };
            *free = free
                .union(&draft.subnet(&subnet).map(|one| one.assignable_v6()).unwrap_or_default());
        }
        (Some(node), _) => {
            let address = IpAddr::V6(ipv6(node, &fields.name("ipv6_address"))?);
            if addresses.is_empty() && !v6_only {
                return Err(ReadError::at(
                    &node.at,
                    "the IPv4 address is left open, the IPv6 one is not",
                )
                .hint("state `address`, too; or say `ipv6_address: true`"));
            }
            addresses.push(PrivateAddress { address, public: None });
            planned = None;
        }
    }
    let listens = fields.get("listens");
    let sockets = listens.map(|node| sockets(node, &[], &fields.name("listens"))).transpose()?;
    let roles = [
        ("ordinary", InterfaceRole::Ordinary),
        ("task", InterfaceRole::Task),
        ("endpoint", InterfaceRole::Endpoint),
        ("nat-gateway", InterfaceRole::NatGateway),
        ("transit-gateway", InterfaceRole::TransitGateway),
        ("load-balancer", InterfaceRole::LoadBalancer),
        ("accelerator", InterfaceRole::Accelerator),
        ("client-vpn", InterfaceRole::ClientVpn),
    ];
    let systems =
        [("linux", Some(OperatingSystem::Linux)), ("windows", Some(OperatingSystem::Windows))];
    let forwards = [
        ("unchanged", Some(Forwarding::Unchanged)),
        ("stateful", Some(Forwarding::Stateful)),
        ("nat", Some(Forwarding::Nat)),
    ];
    let prefixes = fields.list("prefixes")?.iter();
    let prefixes = prefixes.map(|node| cidr(node, &fields.name("prefixes")));
    let prefixes = prefixes.collect::<Result<Vec<IpNet>, ReadError>>()?;
    if let Some(node) = fields.get("prefixes").filter(|_| planned.is_some() && !prefixes.is_empty())
    {
        let message = "prefixes are delegated to it, and its address is left open";
        return Err(ReadError::at(&node.at, message).hint("state `address`, too"));
    }
    let groups: BTreeSet<SecurityGroupId> = draft.groups(fields, &vpc)?;
    let instance = fields.get("instance");
    let instance = instance
        .map(|node| draft.names.need(Kind::Instance, node, &fields.name("instance")))
        .transpose()?;
    let known = match fields.get("known_ports") {
        Some(node) => known_ports(node, &fields.name("known_ports"))?,
        // Who states what listens, states all of it.
        None if sockets.is_some() => KnownPorts::all(),
        None => KnownPorts::default(),
    };
    Ok(NetworkInterface {
        id: NetworkInterfaceId::from(id),
        about,
        subnet,
        vpc,
        addresses,
        prefixes,
        planned_public: planned.is_some() && public.is_some(),
        planned,
        groups,
        source_dest_check: boolean(fields, "source_dest_check", true)?,
        forwards: choice(fields, "forwards", &forwards, None)?,
        deny_igw: boolean(fields, "deny_internet", false)?,
        usable: boolean(fields, "in_use", true)?,
        role: choice(fields, "role", &roles, InterfaceRole::Ordinary)?,
        instance,
        sockets_known: known,
        sockets: sockets.unwrap_or_default(),
        sockets_at: None,
        published: None,
        operating_system: choice(fields, "operating_system", &systems, None)?,
    })
}

/// `addresses: [{ address: 10.0.1.5, public_ip: 203.0.113.7 }, "fd00::5"]`
fn addresses(fields: &Fields<'_>) -> Result<Vec<PrivateAddress>, ReadError> {
    let what = fields.name("addresses");
    let one = |node: &Node| match &node.value {
        Value::Mapping(_) => {
            let fields = Fields::of(node, &what, &node.at, &["address", "public_ip"])?;
            let address = ip(fields.need("address")?, &fields.name("address"))?;
            Ok(PrivateAddress { address, public: public(&fields)? })
        }
        _ => Ok(PrivateAddress { address: ip(node, &what)?, public: None }),
    };
    fields.list("addresses")?.iter().map(one).collect()
}

/// `public_ip`: an address, or whether there is one.
fn public(fields: &Fields<'_>) -> Result<Option<PublicAddress>, ReadError> {
    let Some(node) = fields.get("public_ip") else { return Ok(None) };
    match fields.text("public_ip")? {
        Some("true") => Ok(Some(PublicAddress::Some)),
        Some("false") => Ok(None),
        _ => ipv4(node, &fields.name("public_ip"))
            .map(|address| Some(PublicAddress::Known(address)))
            .map_err(|error| error.hint("write the address; or true, when it may be any")),
    }
}

/// An interface without a stated address may get any that no other has.
pub(super) fn settle_planned_addresses(draft: &mut Draft) {
    if draft.put.interfaces.values().all(|interface| interface.planned.is_none()) {
        return;
    }
    let interfaces = || draft.put.interfaces.values().chain(draft.base.interfaces.values());
    let own = interfaces().flat_map(|interface| {
        interface.addresses.iter().map(|address| (interface.vpc.clone(), address.address))
    });
    let delegated: Vec<(VpcId, AddressSet)> =
        interfaces().map(|one| (one.vpc.clone(), one.delegated())).collect();
    let gateways = draft.put.nat_gateways.values().chain(draft.base.nat_gateways.values());
    let of_gateways = gateways.flat_map(|nat| {
        let private = nat.addresses.iter().filter_map(|address| address.private);
        private.map(|address| (nat.vpc.clone(), IpAddr::V4(address)))
    });
    let taken: Vec<(VpcId, IpAddr)> = own.chain(of_gateways).collect();
    for interface in draft.put.interfaces.values_mut() {
        let Some(planned) = &mut interface.planned else { continue };
        let in_vpc = taken.iter().filter(|(vpc, _)| *vpc == interface.vpc);
        let taken = in_vpc
            .map(|(_, address)| AddressSet::single(*address))
            .fold(AddressSet::empty(), |all, one| all.union(&one));
        let delegated = delegated.iter().filter(|(vpc, _)| *vpc == interface.vpc);
        let taken = delegated.fold(taken, |all, (_, one)| all.union(one));
        *planned = planned.difference(&taken);
    }
}

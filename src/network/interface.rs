//! Elastic network interfaces, existing and planned.

use super::about::resource;
use super::{
    About, At, InstanceId, Kind, KnownPorts, NetworkInterfaceId, OperatingSystem, SecurityGroupId,
    Socket, SubnetId, VpcId,
};
use crate::header::{AddressSet, PortSet};
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

/// An elastic network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkInterface {
    /// Its id.
    pub id: NetworkInterfaceId,
    /// Its name, owner and origin.
    pub about: About,
    /// Its subnet.
    pub subnet: SubnetId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its own addresses; empty while it is only planned.
    pub addresses: Vec<PrivateAddress>,
    /// Its delegated prefixes (`Ipv4Prefixes`, `Ipv6Prefixes`), whose addresses are its own, too
    /// (PW-03).
    pub prefixes: Vec<IpNet>,
    /// For a planned interface: the free addresses of its subnet, any of which it may get.
    pub planned: Option<AddressSet>,
    /// For a planned interface: whether it will have a public address.
    pub planned_public: bool,
    /// The groups on it.
    pub groups: BTreeSet<SecurityGroupId>,
    /// `SourceDestCheck` (PW-03).
    pub source_dest_check: bool,
    /// What the host behind it does with packets that are for others (RT-14); `None` when the
    /// input does not say.
    pub forwards: Option<Forwarding>,
    /// `DenyAllIgwTraffic`: the internet does not reach it over IPv6 either (IG-06).
    pub deny_igw: bool,
    /// Whether it is in use and attached (PW-13).
    pub usable: bool,
    /// What it is for.
    pub role: InterfaceRole,
    /// The instance it is attached to.
    pub instance: Option<InstanceId>,
    /// What listens behind it, as far as anything states it.
    pub sockets: Vec<Socket>,
    /// The ports for which `sockets` says everything: a port of this set that no socket holds is
    /// closed.
    pub sockets_known: KnownPorts,
    /// Where they were seen, when they were.
    pub sockets_at: Option<At>,
    /// The ports that lead to one port of a container, of which `sockets` tells; of the others it
    /// tells nothing (PLC-11, CTR-09).
    pub published: Option<Published>,
    /// The operating system behind it, which decides its client ports (NA-06).
    pub operating_system: Option<OperatingSystem>,
}
resource!(NetworkInterface, Kind::NetworkInterface);

impl NetworkInterface {
    /// Every private address it has, or may get while planned.
    #[must_use]
    pub fn private_addresses(&self) -> AddressSet {
        self.own_addresses().union(&self.delegated())
    }

    /// The same without those of delegated prefixes.
    #[must_use]
    pub fn own_addresses(&self) -> AddressSet {
        self.addresses
            .iter()
            .map(|a| AddressSet::single(a.address))
            .fold(self.planned.clone().unwrap_or_default(), |all, one| all.union(&one))
    }

    /// The addresses of its delegated prefixes.
    #[must_use]
    pub fn delegated(&self) -> AddressSet {
        AddressSet::from_nets(&self.prefixes)
    }
}

/// Ports of an instance that lead to one port of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The instance's ports: any of them may be it.
    pub ports: PortSet,
    /// The container's port.
    pub port: u16,
}

/// One of an interface's addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateAddress {
    /// The address itself, of either family.
    pub address: IpAddr,
    /// The public IPv4 address associated with this very address (IG-02).
    pub public: Option<PublicAddress>,
}

/// A public IPv4 address of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicAddress {
    /// A known address.
    Known(Ipv4Addr),
    /// There is one, but the input does not say which.
    Some,
}

/// What a host does with packets that are for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Forwarding {
    /// Passes them on as they are, each for itself.
    Unchanged,
    /// Passes connections on as they are, and has to see both ways of them.
    Stateful,
    /// Puts its own address in the source's place (NG-16).
    Nat,
}

/// What an interface is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InterfaceRole {
    /// An ECS task's.
    Task,
    /// A VPC endpoint's.
    Endpoint,
    /// A NAT gateway's.
    NatGateway,
    /// A transit gateway attachment's.
    TransitGateway,
    /// A load balancer node's.
    LoadBalancer,
    /// That of a Global Accelerator in front of the VPC (GA-01).
    Accelerator,
    /// A Client VPN endpoint's (VP-02).
    ClientVpn,
    /// Anything else: instances, Lambda functions, databases.
    Ordinary,
}

impl InterfaceRole {
    /// Whether it belongs to a gateway, which passes packets on and answers none itself (NG-07,
    /// TG-07).
    #[must_use]
    pub fn is_gateway(&self) -> bool {
        matches!(self, Self::NatGateway | Self::TransitGateway)
    }
}

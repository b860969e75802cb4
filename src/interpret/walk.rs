//! The way of the request.

use super::filter::Way;
use super::journal::{End, Go, absent, internet, lost, mentioned, named};
use super::middlebox::{Led, Passed};
use super::peer::Address;
use super::route::on_link;
use super::{Step, Walk};
use crate::answer::{Direction, Flow, Party};
use crate::header::{Packet, embedded_ipv4, public_ipv4, public_ipv6};
use crate::network::{
    InternetGateway, Kind, NatGateway, Network, NetworkInterface, Route, RouteTarget, Subnet,
    SubnetId, Vpc, VpcId,
};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr};

/// A packet under way.
pub(super) struct Walker<'a> {
    pub(super) network: &'a Network,
    pub(super) flow: &'a Flow,
    pub(super) packet: &'a Packet,
    /// Which way it goes.
    pub(super) direction: Direction,
    /// The source that the next check sees.
    pub(super) source: Address<'a>,
    /// The interface that the source address tells (SG-12): none behind a translation.
    pub(super) sender: Option<&'a NetworkInterface>,
    /// By what the request came from another VPC.
    pub(super) crossed: Crossed,
    /// Whether the reply goes back to the NAT gateway past all routes (NG-09).
    pub(super) sent_back: bool,
    /// Whether something passed it on that hides who sent it (SG-12).
    pub(super) forwarded: bool,
    /// Whether it came in from the internet.
    pub(super) inbound: bool,
    /// What passed it on, on each leg: from one waypoint to the next, or to the internet and in.
    pub(super) legs: Vec<Vec<Passed<'a>>>,
    /// The same, this way and for this destination.
    pub(super) passed: Vec<&'a str>,
    /// The subnets that attachments in appliance mode picked for it (TG-05).
    pub(super) kept: Vec<(&'a str, &'a Subnet)>,
    /// The routes that were picked of several for a prefix of a table (RT-06).
    pub(super) kept_routes: Vec<(&'a str, Option<IpNet>, &'a Route)>,
    /// The subnets where it came out of a transit gateway, this way.
    pub(super) exits: Vec<&'a SubnetId>,
    /// How many of the packet's picks were made.
    pub(super) picked: usize,
    /// The client's end, then every NAT gateway that the request went through.
    pub(super) trail: Vec<Waypoint<'a>>,
    /// The IPv4 address that stands in the place of the request's IPv6 one (NG-13).
    pub(super) embedded: Option<Ipv4Addr>,
    /// The gateway by which the request left for the internet.
    pub(super) exit: Option<&'a InternetGateway>,
    pub(super) steps: Vec<Step>,
    /// The first fact that was missing.
    pub(super) missing: Option<String>,
}

/// What lies between the VPC of a sender and that of a receiver (SG-11).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Crossed {
    /// Nothing: they are in one VPC.
    Nothing,
    /// A peering connection.
    Peering,
    /// A transit gateway that keeps references (SG-14).
    Transit,
    /// One of which that is not known.
    TransitUnsure,
}

/// Somewhere that the reply must come back to.
#[derive(Clone, Copy)]
pub(super) struct Waypoint<'a> {
    pub(super) subnet: &'a Subnet,
    /// Its private address, and the port it sends from.
    pub(super) address: IpAddr,
    pub(super) port: u16,
    pub(super) holder: Holder<'a>,
    /// Whether it translated the request from IPv6 (NG-13).
    pub(super) from_v6: bool,
}

/// Who holds a waypoint's address.
#[derive(Clone, Copy)]
pub(super) enum Holder<'a> {
    Client(&'a NetworkInterface),
    Nat(&'a NatGateway),
    /// A NAT instance's.
    Instance(&'a NetworkInterface),
}

/// Where a request arrived.
pub(super) enum Arrival<'a> {
    /// At an interface.
    Interface {
        interface: &'a NetworkInterface,
        subnet: &'a Subnet,
        /// Its private address.
        address: IpAddr,
        /// Whether it came in by an internet gateway.
        from_internet: bool,
    },
    /// At a host on the internet.
    Internet,
    /// At the service behind a gateway endpoint of this subnet's table.
    GatewayEndpoint,
}

impl<'a> Walker<'a> {
    pub(super) fn new(network: &'a Network, flow: &'a Flow, packet: &'a Packet) -> Self {
        let source = match (&flow.source, &packet.far_side) {
            (Party::Elsewhere { .. } | Party::Forwarder { .. }, Some(symbol)) => {
                Address::Of(symbol, packet.source)
            }
            _ => Address::Known(packet.source),
        };
        Self {
            network,
            flow,
            packet,
            direction: Direction::Forward,
            source,
            sender: None,
            crossed: Crossed::Nothing,
            sent_back: false,
            forwarded: false,
            inbound: false,
            legs: vec![Vec::new()],
            passed: Vec::new(),
            kept: Vec::new(),
            kept_routes: Vec::new(),
            exits: Vec::new(),
            picked: 0,
            trail: Vec::new(),
            embedded: None,
            exit: None,
            steps: Vec::new(),
            missing: None,
        }
    }

    pub(super) fn run(mut self) -> Walk {
        let end = self.there_and_back();
        Walk { outcome: self.outcome(end), steps: self.steps }
    }

    fn there_and_back(&mut self) -> Go {
        let arrival = self.request()?;
        self.direction = Direction::Return;
        self.exits.clear();
        self.passed.clear();
        self.reply(&arrival)?;
        // LBH-17: a drop on the way back hides what the socket answers.
        self.direction = Direction::Forward;
        match arrival {
            Arrival::Interface { interface, address, .. } => self.socket(interface, address),
            Arrival::Internet | Arrival::GatewayEndpoint => Ok(()),
        }
    }

    fn request(&mut self) -> Go<Arrival<'a>> {
        match (&self.flow.source, &self.flow.destination) {
            (Party::Interface { id, .. } | Party::Forwarder { id, .. }, _) => {
                let interface = self.interface(id)?;
                self.sent_by_interface(interface)
            }
            (Party::Elsewhere { .. }, Party::Interface { id, .. }) => {
                let interface = self.interface(id)?;
                self.sent_by_outsider(interface)
            }
            (Party::Elsewhere { .. }, Party::Elsewhere { .. } | Party::Forwarder { .. }) => {
                lost("neither end of the flow is an interface of the network")
            }
        }
    }

    /// The destination that the request was sent to.
    pub(super) fn request_destination(&self) -> Address<'a> {
        let sent_to = self.packet.destination;
        let address = self.embedded.map_or(sent_to, IpAddr::V4);
        // NG-13: what stands for another address is none of the set itself.
        let itself = self.embedded.is_some() || embedded_ipv4(sent_to).is_none();
        match (&self.flow.destination, &self.packet.far_side) {
            (Party::Elsewhere { .. }, Some(symbol)) if itself => Address::Of(symbol, address),
            _ => Address::Known(address),
        }
    }

    /// The reference algorithm of PW-01, with the destination never changing on the way.
    fn sent_by_interface(&mut self, client: &'a NetworkInterface) -> Go<Arrival<'a>> {
        let destination = self.packet.destination;
        if destination.is_ipv4() != self.packet.source.is_ipv4() {
            return lost("a packet has addresses of one family");
        }
        if !client.usable {
            return self.drop("BAD_STATE", named(client), "PW-13");
        }
        self.opened_by(client)?;
        self.own_services(client, destination)?;
        self.sender = Some(client);
        self.groups_let_out(client, self.request_destination())?;
        let subnet = self.subnet(client)?;
        self.trail.push(Waypoint {
            subnet,
            address: self.packet.source,
            port: self.packet.source_port,
            holder: Holder::Client(client),
            from_v6: false,
        });
        self.route_request(subnet, self.request_destination())
    }

    /// On from `subnet`, by its table and those behind it.
    pub(super) fn route_request(
        &mut self,
        mut subnet: &'a Subnet,
        mut to: Address<'a>,
    ) -> Go<Arrival<'a>> {
        let (Address::Known(mut destination) | Address::Of(_, mut destination)) = to else {
            return lost("where the packet goes");
        };
        let mut came_by = None;
        loop {
            // PW-04: on the own link there is no ACL and no route table.
            if on_link(subnet, destination) {
                self.note(named(subnet), "is its own link", "PW-04");
                return self.arrive(subnet, destination);
            }
            let port = self.packet.destination_port;
            match self.leave_by_router(subnet, to, port)? {
                RouteTarget::Local => {
                    let there = self.local_subnet(subnet, &subnet.vpc, destination)?;
                    self.acl(there, Way::In, self.source, port)?;
                    return self.arrive(there, destination);
                }
                RouteTarget::NatGateway(_)
                | RouteTarget::GatewayEndpoint(_)
                | RouteTarget::EgressOnlyGateway(_)
                    if self.inbound =>
                {
                    return lost("how replies get back to the internet from there");
                }
                RouteTarget::NatGateway(id) => {
                    let nat = self.network.nat_gateways.get(id);
                    if let Some(nat) = nat.filter(|nat| nat.subnet.is_none()) {
                        return self.through_regional(nat, subnet);
                    }
                    subnet = self.translate(id, subnet)?;
                    // NG-13
                    if let Some(embedded) = self.embedded {
                        (destination, to) = (embedded.into(), self.request_destination());
                    }
                    came_by = None;
                }
                RouteTarget::TransitGateway(id) => {
                    let exit = self.transit(id, came_by, subnet, self.source, (to, port))?;
                    subnet = exit.0;
                    came_by = Some(exit.1);
                }
                target @ (RouteTarget::Interface(_) | RouteTarget::LoadBalancerEndpoint(_)) => {
                    let led = Led::Subnet(subnet, came_by);
                    subnet = self.pass_on(target, led, self.source, (to, port))?;
                    came_by = None;
                }
                RouteTarget::InternetGateway(id) => {
                    return self.leave_for_internet(id, subnet, destination);
                }
                RouteTarget::EgressOnlyGateway(id) => {
                    return self.leave_by_egress_only(id, subnet, destination);
                }
                RouteTarget::GatewayEndpoint(id) => {
                    return self.reach_endpoint(id, subnet, destination);
                }
                RouteTarget::Peering(id) => {
                    let vpc = self.cross_peering(id, subnet, self.source, to)?;
                    self.note(mentioned(Kind::Vpc, vpc.as_str()), "delivers it itself", "RT-17");
                    let there = self.local_subnet(subnet, vpc, destination)?;
                    self.acl(there, Way::In, self.source, port)?;
                    return self.arrive(there, destination);
                }
                RouteTarget::Other { kind, id } => {
                    return self.beyond(kind, id, subnet);
                }
            }
        }
    }

    /// A host that is no interface of the network sends to the public address of `server`.
    fn sent_by_outsider(&mut self, server: &'a NetworkInterface) -> Go<Arrival<'a>> {
        let source = self.packet.source;
        let public = match source {
            IpAddr::V4(source) => public_ipv4().contains(source.into()),
            IpAddr::V6(source) => public_ipv6().contains(source.into()),
        };
        if !public {
            return lost(format!("the way that {source} takes into the VPC"));
        }
        match self.packet.destination {
            IpAddr::V6(to) => self.enter_unchanged(&server.vpc, to),
            to => self.enter(server, to),
        }
    }

    /// PW-06, DN-03: services on the link that neither groups nor ACLs filter.
    fn own_services(&mut self, client: &'a NetworkInterface, to: IpAddr) -> Go {
        let vpc = self.vpc(client)?;
        // The resolver: base + 2 of the primary range.
        let primary = vpc.cidrs.iter().find_map(|cidr| match cidr {
            IpNet::V4(cidr) => Some(u32::from(cidr.network())),
            IpNet::V6(_) => None,
        });
        let plus_two = primary.and_then(|base| base.checked_add(2)).map(Ipv4Addr::from);
        let own = ["169.254.169.253", "fd00:ec2::253"].map(|text| text.parse().ok());
        let pings = || lost(format!("whether {to} answers pings"));
        if own.contains(&Some(to)) || Some(to) == plus_two.map(IpAddr::V4) {
            if !self.packet.protocol.has_ports() {
                return pings();
            }
            return match vpc.dns_support {
                Some(true) => {
                    self.note(named(vpc), "its resolver answers", "PW-06");
                    Err(End::OwnService)
                }
                Some(false) => self.drop("VPC_DNS_SUPPORT_OFF", named(vpc), "DN-02"),
                None => lost(format!("enableDnsSupport of {} is not in the input", vpc.id)),
            };
        }
        let metadata = [
            "169.254.169.254",
            "169.254.170.2",
            "169.254.169.123",
            "fd00:ec2::254",
            "fd00:ec2::123",
        ];
        if metadata.map(|text| text.parse().ok()).contains(&Some(to)) {
            if !self.packet.protocol.has_ports() {
                return pings();
            }
            self.note(named(client), "a link-local service answers", "PW-06");
            return Err(End::OwnService);
        }
        Ok(())
    }

    /// A request has come to the link of `subnet` (RT-13).
    pub(super) fn arrive(&mut self, subnet: &'a Subnet, address: IpAddr) -> Go<Arrival<'a>> {
        let from_internet = self.inbound;
        let Some(interface) = self.owner_on_link(subnet, address) else {
            return self.nobody(subnet, address);
        };
        if !interface.usable {
            return self.drop("BAD_STATE", named(interface), "PW-13");
        }
        if from_internet && interface.deny_igw {
            return self.drop("IGW_TRAFFIC_DENIED", named(interface), "IG-06");
        }
        self.taken_by(interface);
        self.groups_let_in(interface)?;
        // Where ranges overlap, the address may be another host's.
        if self.meant().is_some_and(|meant| meant.id != interface.id) {
            return self.drop("DELIVERED_TO_OTHER_HOST", named(interface), "PC-04");
        }
        self.note(named(interface), "it arrives", "PW-02");
        Ok(Arrival::Interface { interface, subnet, address, from_internet })
    }

    fn nobody<T>(&mut self, subnet: &Subnet, address: IpAddr) -> Go<T> {
        let mut gateways = self.network.nat_gateways.values();
        let nat = gateways.find(|nat| {
            nat.subnet.as_ref() == Some(&subnet.id)
                && nat.addresses.iter().any(|one| one.private.map(IpAddr::V4) == Some(address))
        });
        if let Some(nat) = nat {
            return self.drop("NAT_NO_INBOUND", named(nat), "NG-07");
        }
        if !self.network.coverage.covers(&subnet.about.scope, Kind::NetworkInterface) {
            return lost(format!("who has {address}: the interfaces are not in the input"));
        }
        self.drop("VPC_LOCAL_ROUTE_CIDR_RESTRICTION", named(subnet), "RT-13")
    }

    /// The interface of `subnet` that a packet to `address` reaches.
    fn owner_on_link(&self, subnet: &Subnet, address: IpAddr) -> Option<&'a NetworkInterface> {
        // A gateway answers for its own interface (NG-07).
        let here = |one: &&NetworkInterface| one.subnet == subnet.id && !one.role.is_gateway();
        let meant = self.meant().filter(here).filter(|one| holds(one, address));
        let mut all = self.network.interfaces.values();
        meant.or_else(|| all.find(|one| here(one) && has(one, address)))
    }

    /// The interface that the flow names as its server.
    fn meant(&self) -> Option<&'a NetworkInterface> {
        meant(self.network, self.flow)
    }

    fn interface(&self, id: &str) -> Go<&'a NetworkInterface> {
        self.network.interfaces.get(id).map_or_else(|| absent(Kind::NetworkInterface, &id), Ok)
    }

    pub(super) fn subnet(&self, of: &NetworkInterface) -> Go<&'a Subnet> {
        self.network.subnets.get(&of.subnet).map_or_else(|| absent(Kind::Subnet, &of.subnet), Ok)
    }

    fn vpc(&self, of: &NetworkInterface) -> Go<&'a Vpc> {
        self.network.vpcs.get(&of.vpc).map_or_else(|| absent(Kind::Vpc, &of.vpc), Ok)
    }

    /// The request has reached a host on the internet.
    pub(super) fn at_host(&mut self) -> Arrival<'a> {
        self.note(internet(), "it arrives", "PW-12");
        Arrival::Internet
    }
}

/// Whether an existing interface has the address.
fn has(interface: &NetworkInterface, address: IpAddr) -> bool {
    interface.addresses.iter().any(|one| one.address == address) || by_prefix(interface, address)
}

/// PW-03: whether an interface has the address by a delegated prefix.
pub(super) fn by_prefix(interface: &NetworkInterface, address: IpAddr) -> bool {
    interface.prefixes.iter().any(|prefix| prefix.contains(&address))
}

/// Whether an interface has the address, or may get it.
fn holds(interface: &NetworkInterface, address: IpAddr) -> bool {
    has(interface, address) || interface.planned.as_ref().is_some_and(|free| free.contains(address))
}

/// The interface that the flow names as its server.
fn meant<'a>(network: &'a Network, flow: &Flow) -> Option<&'a NetworkInterface> {
    flow.destination.interface().and_then(|id| network.interfaces.get(id))
}

/// The interfaces whose private address `address` is, in the VPCs of which a rule may speak.
pub(super) fn owners<'a>(
    network: &'a Network,
    flow: &Flow,
    speaks_of: &dyn Fn(&VpcId) -> bool,
    address: IpAddr,
) -> Vec<&'a NetworkInterface> {
    let in_reach = |one: &&NetworkInterface| speaks_of(&one.vpc);
    let meant = meant(network, flow).filter(|one| in_reach(one) && holds(one, address));
    if let Some(meant) = meant {
        return vec![meant];
    }
    let interfaces = network.interfaces.values();
    interfaces.filter(|one| has(one, address)).filter(in_reach).collect()
}

//! NAT gateways, internet gateways and gateway endpoints.

use super::filter::Way;
use super::journal::{Go, absent, lost, named};
use super::peer::Address;
use super::public_access::Meets;
use super::walk::{Arrival, Holder, Walker, Waypoint, by_prefix};
use crate::header::{Family, IcmpMessage, Protocol, embedded_ipv4};
use crate::network::{
    Connectivity, InternetGateway, InternetGatewayId, Kind, NatAddress, NatGateway, NatGatewayId,
    NetworkInterface, PublicAddress, Subnet, VpcEndpointId, VpcId,
};
use ipnet::{IpNet, Ipv4Net};
use std::net::{IpAddr, Ipv4Addr};

impl<'a> Walker<'a> {
    /// A NAT gateway puts its own private address in the source's place and goes on from its
    /// subnet (NG-03).
    pub(super) fn translate(&mut self, id: &NatGatewayId, from: &Subnet) -> Go<&'a Subnet> {
        let Some(nat) = self.network.nat_gateways.get(id) else {
            return absent(Kind::NatGateway, id);
        };
        let Some(subnet) = &nat.subnet else { return lost(format!("the subnet of {id}")) };
        let Some(subnet) = self.network.subnets.get(subnet) else {
            return absent(Kind::Subnet, subnet);
        };
        if self.trail.iter().any(|before| matches!(before.holder, Holder::Nat(n) if n.id == nat.id))
        {
            return self.drop("NEXT_HOP_LOOP", named(nat), "NG-17");
        }
        self.undocumented(nat, &nat.undocumented);
        // NG-02: one that is being deleted may still pass traffic.
        if !["available", "deleting"].contains(&nat.state.as_str()) {
            return self.drop("BAD_STATE", named(nat), "NG-02");
        }
        if usable(nat).next().is_none() {
            return self.drop("BAD_STATE", named(nat), "NG-02");
        }
        let from_v6 = self.packet.destination.is_ipv6() && self.embedded.is_none();
        if from_v6 && embedded_ipv4(self.packet.destination).is_none() {
            return self.drop("NAT_TRANSLATES_NO_OTHER_IPV6", named(nat), "NG-13");
        }
        if from_v6 && self.packet.protocol == Protocol::Icmpv6 {
            self.unsure(named(nat), "how it translates ICMPv6 to ICMP", "NG-05");
        }
        // NA-09, NG-06, PW-05, NG-13
        let skips = self.network.assumptions.holds("NAT_IN_CLIENT_SUBNET_SKIPS_NACL");
        if !(subnet.id == from.id && skips)
            && (!from_v6 || self.network.assumptions.holds("NAT64_MEETS_ACL_AS_IPV6"))
        {
            self.acl(subnet, Way::In, self.source, self.packet.destination_port)?;
        }
        if self.trail.last().is_some_and(|last| last.subnet.vpc != nat.vpc) {
            self.note(named(nat), "serves another VPC behind a transit gateway", "NG-08");
        }
        self.note(named(nat), "puts its own address in the source's place", "NG-03");
        let translations = self.trail.len().saturating_sub(1);
        let Some(&(address, port)) = self.packet.translations.get(translations) else {
            return lost(format!("the address and port that {id} picks"));
        };
        let known = usable(nat).any(|one| one.private.map(IpAddr::V4) == Some(address));
        let planned = usable(nat).any(|one| one.private.is_none());
        if !self.may_send_from(port) || !(known || planned && self.free(subnet, address)) {
            return lost(format!("{id} does not translate to {address}:{port}"));
        }
        self.source = Address::Known(address);
        // SG-12
        self.sender = None;
        if from_v6 {
            self.embedded = embedded_ipv4(self.packet.destination);
        }
        self.trail.push(Waypoint { subnet, address, port, holder: Holder::Nat(nat), from_v6 });
        self.legs.push(Vec::new());
        Ok(subnet)
    }

    /// NG-06, NG-16: a port that a translation may pick; of ICMP, the message that answers stays.
    pub(super) fn may_send_from(&self, port: u16) -> bool {
        let stays = || port == self.trail.last().map_or(self.packet.source_port, |one| one.port);
        if self.packet.protocol.has_ports() { port >= 1024 } else { stays() }
    }

    /// Whether something new in `subnet` may get `address`: PW-07, and nobody has it.
    fn free(&self, subnet: &Subnet, address: IpAddr) -> bool {
        let IpAddr::V4(wanted) = address else { return false };
        let assignable = subnet.cidrs.iter().any(|cidr| match cidr {
            IpNet::V4(cidr) => {
                let first = u32::from(cidr.network()).saturating_add(4);
                (first..cidr.broadcast().into()).contains(&wanted.into())
            }
            IpNet::V6(_) => false,
        });
        let taken = self.network.interfaces.values().any(|interface| {
            interface.subnet == subnet.id
                && (interface.addresses.iter().any(|one| one.address == address)
                    || by_prefix(interface, address))
        });
        assignable && !taken
    }

    /// A request leaves by an internet gateway.
    pub(super) fn leave_for_internet(
        &mut self,
        id: &InternetGatewayId,
        from: &Subnet,
        destination: IpAddr,
    ) -> Go<Arrival<'a>> {
        let gateway = self.attached(id, &from.vpc)?;
        let destination = match destination {
            IpAddr::V4(destination) => destination,
            IpAddr::V6(destination) => {
                self.carried_out(named(gateway), from, destination, Meets::Leaving)?;
                self.exit = Some(gateway);
                return self.outside_unchanged(destination);
            }
        };
        // IG-02: of an interface in the gateway's own VPC.
        let own = !self.inbound && self.trail.last().is_some_and(|one| one.subnet.vpc == from.vpc);
        let Some(public) = self.public_source().filter(|_| own) else {
            if let Some(Waypoint { holder: Holder::Nat(nat), .. }) = self.trail.last()
                && nat.connectivity == Connectivity::Private
            {
                self.note(named(*nat), "has no public address", "NG-04");
            }
            let code = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS";
            return self.drop(code, named(gateway), "IG-02");
        };
        // IG-04: it carries nothing to RFC 1918 or RFC 6598 addresses.
        if destination.is_private() {
            let code = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS";
            return self.drop(code, named(gateway), "IG-04");
        }
        if Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10).contains(&destination) {
            let code = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS";
            return self.drop(code, named(gateway), "IG-04");
        }
        let by_nat = matches!(self.trail.last(), Some(Waypoint { holder: Holder::Nat(_), .. }));
        let last = self.legs.last().and_then(|leg| leg.last());
        let meets = match (by_nat, last) {
            (false, _) => Meets::Leaving,
            (true, None) => Meets::LeavingByNat,
            (true, Some(_)) => Meets::LeavingPassedOn,
        };
        let firewall = last.is_some_and(|last| self.is_firewall(last));
        // NG-15: open, REGIONAL_NAT_NEEDS_VPC_EXCLUSION.
        let regional = matches!(
            self.trail.last(),
            Some(Waypoint { holder: Holder::Nat(nat), .. }) if nat.subnet.is_none()
        );
        let needs = self.network.assumptions.holds("REGIONAL_NAT_NEEDS_VPC_EXCLUSION");
        let facing = Some(from).filter(|_| !(regional && needs));
        self.public_access(&from.vpc, facing, meets, firewall)?;
        self.note(named(gateway), "puts the public address in the source's place", "IG-02");
        self.exit = Some(gateway);
        self.source = public;
        self.sender = None;
        self.at_internet(destination)
    }

    /// A request is on the internet: it may come back in (IG-08).
    fn at_internet(&mut self, destination: Ipv4Addr) -> Go<Arrival<'a>> {
        // A symbol stands for hosts that are no interface of the network.
        if let Address::Of(..) = self.request_destination() {
            return Ok(self.at_host());
        }
        let mut interfaces = self.network.interfaces.values();
        let found = interfaces.find_map(|interface| {
            let mut addresses = interface.addresses.iter();
            let has = |public| public == Some(PublicAddress::Known(destination));
            addresses
                .find(|one| has(one.public) && !interface.role.is_gateway())
                .map(|one| (interface, one.address))
        });
        if let Some((interface, private)) = found {
            self.note(named(interface), "has that public address", "IG-08");
            return self.enter(interface, private);
        }
        let mut gateways = self.network.nat_gateways.values();
        let owner =
            gateways.find(|nat| nat.addresses.iter().any(|one| one.public == Some(destination)));
        match owner {
            Some(nat) => self.drop("NAT_NO_INBOUND", named(nat), "NG-07"),
            None => Ok(self.at_host()),
        }
    }

    /// A request comes in from the internet for `server`, whose private address the gateway puts
    /// in the destination's place (IG-03).
    pub(super) fn enter(
        &mut self,
        server: &'a NetworkInterface,
        address: IpAddr,
    ) -> Go<Arrival<'a>> {
        let mut gateways = self.network.internet_gateways.values();
        let gateway = gateways.find(|gateway| is_attached(gateway, &server.vpc));
        if gateway.is_none() {
            if self.network.coverage.covers(&server.about.scope, Kind::InternetGateway) {
                return self.drop("BAD_STATE_ATTACHMENT", named(server), "IG-01");
            }
            let fact = format!("the internet gateway of {} is not in the input", server.vpc);
            self.unsure(named(server), fact, "IG-01");
        }
        if !has_public(server, address) {
            return self.drop("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", named(server), "IG-03");
        }
        self.inbound = true;
        self.exits.clear();
        self.passed.clear();
        if !self.trail.is_empty() {
            self.legs.push(Vec::new());
        }
        let port = self.packet.destination_port;
        if let Some(gateway) = gateway {
            let to = (Address::Known(address), port);
            // RT-02
            if let Some(subnet) = self.gate(gateway, &server.vpc, self.source, to)? {
                return self.route_request(subnet, to.0);
            }
        } else {
            self.let_in_for(&server.vpc, Address::Known(address))?;
        }
        let subnet = self.subnet(server)?;
        self.acl(subnet, Way::In, self.source, port)?;
        self.arrive(subnet, address)
    }

    /// A request goes to the service behind a gateway endpoint, from its private address (GE-04).
    pub(super) fn reach_endpoint(
        &mut self,
        id: &VpcEndpointId,
        from: &Subnet,
        destination: IpAddr,
    ) -> Go<Arrival<'a>> {
        let Some(endpoint) = self.network.vpc_endpoints.get(id) else {
            return absent(Kind::VpcEndpoint, id);
        };
        // GE-06
        if !endpoint.families.has(Family::of(destination)) {
            self.note(named(endpoint), "is not for that family", "GE-06");
            return lost(format!("what {id} does with that family of addresses"));
        }
        // GE-03
        if self.trail.last().is_some_and(|one| one.subnet.vpc != from.vpc) {
            return self.drop("GATEWAY_ENDPOINT_SOURCE_OUTSIDE_VPC", named(endpoint), "GE-03");
        }
        let translated = self.trail.len() > 1;
        if translated && !self.network.assumptions.holds("GE_POST_NAT_USES_ENDPOINT") {
            return self.drop("GATEWAY_ENDPOINT_SOURCE_OUTSIDE_VPC", named(endpoint), "GE-03");
        }
        let usable = match endpoint.state.to_ascii_lowercase().as_str() {
            "available" => true,
            "partial" => self.network.assumptions.holds("VPCE_PARTIAL_USABLE"),
            _ => false,
        };
        if !usable {
            return self.drop("BAD_STATE", named(endpoint), "GE-01");
        }
        // GE-05
        let ping = match self.packet.protocol {
            Protocol::Icmp => IcmpMessage { kind: 8, code: 0 }.port(),
            Protocol::Icmpv6 => IcmpMessage { kind: 128, code: 0 }.port(),
            _ => 0,
        };
        let carried = match self.packet.protocol {
            Protocol::Tcp => true,
            Protocol::Icmp | Protocol::Icmpv6 => self.packet.destination_port == ping,
            _ => false,
        };
        if !carried {
            return self.drop("VPCE_GATEWAY_PROTOCOL_RESTRICTION", named(endpoint), "GE-05");
        }
        if self.legs.last().is_some_and(|leg| !leg.is_empty()) {
            return lost(format!("whether replies of {id} pass what the request passed"));
        }
        self.note(named(endpoint), "leads to its service", "GE-01");
        Ok(Arrival::GatewayEndpoint)
    }

    /// IG-01: the gateway, if it is attached to the VPC.
    pub(super) fn attached(
        &mut self,
        id: &InternetGatewayId,
        vpc: &VpcId,
    ) -> Go<&'a InternetGateway> {
        match self.network.internet_gateways.get(id) {
            None => absent(Kind::InternetGateway, id),
            Some(gateway) if is_attached(gateway, vpc) => Ok(gateway),
            Some(gateway) => self.drop("BAD_STATE_ATTACHMENT", named(gateway), "IG-01"),
        }
    }

    /// The public address that stands for the source on the internet (IG-02, NG-04).
    fn public_source(&self) -> Option<Address<'a>> {
        let last = self.trail.last()?;
        match last.holder {
            Holder::Client(client) | Holder::Instance(client) => {
                let own = client.addresses.iter().find(|one| one.address == last.address);
                match own {
                    Some(one) => one.public.map(|public| match public {
                        PublicAddress::Known(address) => Address::Known(address.into()),
                        PublicAddress::Some => Address::Unlisted,
                    }),
                    // Only an address of its own: not that of a client that it keeps.
                    None => {
                        let own = client.planned.as_ref()?;
                        let public = client.planned_public && own.contains(last.address);
                        public.then_some(Address::Unlisted)
                    }
                }
            }
            // NG-15
            Holder::Nat(nat) if nat.subnet.is_none() => Some(Address::Known(last.address)),
            Holder::Nat(nat) if nat.connectivity == Connectivity::Public => {
                let own = usable(nat).find(|one| one.private.map(IpAddr::V4) == Some(last.address));
                if let Some(own) = own {
                    return own.public.map(|public| Address::Known(public.into()));
                }
                // Of several whose private address is not known, nothing tells which it is.
                let own = usable(nat).find(|one| one.private.is_none() && one.public.is_some())?;
                let only = usable(nat).count() == 1;
                own.public.map(|public| match only {
                    true => Address::Known(public.into()),
                    false => Address::Unlisted,
                })
            }
            Holder::Nat(_) => None,
        }
    }
}

/// NG-02: the addresses that a NAT gateway can use.
pub(super) fn usable(nat: &NatGateway) -> impl Iterator<Item = &NatAddress> {
    nat.addresses
        .iter()
        .filter(|one| one.status.as_deref().is_none_or(|status| status == "succeeded"))
}

/// IG-01
pub(super) fn is_attached(gateway: &InternetGateway, vpc: &VpcId) -> bool {
    gateway
        .attachments
        .iter()
        .any(|(to, state)| to == vpc && ["available", "attached"].contains(&state.as_str()))
}

/// IG-03: whether this very private address has a public one.
fn has_public(interface: &NetworkInterface, address: IpAddr) -> bool {
    match interface.addresses.iter().find(|one| one.address == address) {
        Some(one) => one.public.is_some(),
        None => {
            let free = interface.planned.as_ref();
            interface.planned_public && free.is_some_and(|free| free.contains(address))
        }
    }
}

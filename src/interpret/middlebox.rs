//! Through hosts that forward, and through the appliances behind Gateway Load Balancer endpoints.

use super::filter::Way;
use super::firewall::{Header, forgets};
use super::journal::{Go, absent, lost, named};
use super::peer::Address;
use super::route::{Lookup, lookup_in, on_link};
use super::walk::{Holder, Walker, Waypoint};
use crate::answer::Direction;
use crate::header::public_ipv4;
use crate::network::{
    Attached, EndpointType, Forwarding, InternetGateway, Kind, NetworkInterface,
    NetworkInterfaceId, RouteTable, RouteTarget, Subnet, TransitGatewayId, VpcEndpointId, VpcId,
};
use std::net::IpAddr;

/// Whose table led to a middlebox.
#[derive(Clone, Copy)]
pub(super) enum Led<'a> {
    /// A subnet's, for what that transit gateway may have just brought there.
    Subnet(&'a Subnet, Option<&'a TransitGatewayId>),
    /// A gateway's own.
    Gate(&'a RouteTable),
}

/// Something passed on the way.
#[derive(Clone, Copy)]
pub(super) struct Passed<'a> {
    id: &'a str,
    keeps: Keeps,
    gate: Option<&'a RouteTable>,
}

/// What it has to see of a connection (PW-10).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    /// Each packet for itself.
    Nothing,
    /// Both ways.
    State,
    /// That is not known.
    Unknown,
}

impl<'a> Walker<'a> {
    pub(super) fn is_firewall(&self, passed: &Passed<'_>) -> bool {
        self.firewall_at(&VpcEndpointId::from(passed.id)).is_some()
    }

    /// A packet to `destination` is led to a middlebox: the subnet where it comes out (RT-17).
    pub(super) fn pass_on(
        &mut self,
        target: &'a RouteTarget,
        led: Led<'a>,
        source: Address<'a>,
        (destination, port): (Address<'a>, u16),
    ) -> Go<&'a Subnet> {
        match target {
            RouteTarget::Interface(id) => self.through_host(id, led, source, (destination, port)),
            RouteTarget::LoadBalancerEndpoint(id) if destination.is_v6() => {
                lost(format!("how {id} carries IPv6"))
            }
            RouteTarget::LoadBalancerEndpoint(id) => {
                self.through_appliance(id, led, source, (destination, port))
            }
            other => lost(format!("how a packet is passed on by {other}")),
        }
    }

    /// RT-02, RT-14: what comes in by a gateway is routed by its own table, when it has one.
    pub(super) fn gate(
        &mut self,
        gateway: &InternetGateway,
        vpc: &VpcId,
        source: Address<'a>,
        to: (Address<'a>, u16),
    ) -> Go<Option<&'a Subnet>> {
        let mut tables = self.network.route_tables.values();
        let own = tables.find(|table| table.gateways.contains(gateway.id.as_str()));
        let Some(table) = own else {
            self.let_in_for(vpc, to.0)?;
            return Ok(None);
        };
        let lookup = lookup_in(self.network, table, vpc, to.0);
        match self.picked_of(lookup)? {
            Lookup::Found(_, route) => {
                let what = format!("{} leads to {}", route.destination, route.target);
                self.note(named(table), what, "RT-02");
                match &route.target {
                    RouteTarget::Local => {
                        self.let_in_for(vpc, to.0)?;
                        Ok(None)
                    }
                    target => {
                        self.let_in_by(vpc, target)?;
                        self.pass_on(target, Led::Gate(table), source, to).map(Some)
                    }
                }
            }
            Lookup::Dead(table) => self.drop("BAD_STATE_ROUTE", named(table), "RT-11"),
            Lookup::None(table) => self.drop("NO_ROUTE_TO_DESTINATION", named(table), "RT-12"),
            Lookup::Unknown(fact) => lost(fact),
            Lookup::Several(table, ..) => lost(format!("which route of {} is used", table.id)),
        }
    }

    fn through_host(
        &mut self,
        id: &'a NetworkInterfaceId,
        led: Led<'a>,
        source: Address<'a>,
        (destination, port): (Address<'a>, u16),
    ) -> Go<&'a Subnet> {
        let Some(host) = self.network.interfaces.get(id) else {
            return absent(Kind::NetworkInterface, id);
        };
        let Some(subnet) = self.network.subnets.get(&host.subnet) else {
            return absent(Kind::Subnet, &host.subnet);
        };
        if host.forwards == Some(Forwarding::Nat) && destination.is_v6() {
            return lost(format!("what {id} does with IPv6"));
        }
        if self.translates(host, destination) {
            return match (self.direction, led) {
                (Direction::Return, Led::Subnet(..)) => {
                    self.drop("RETURN_PATH_ASYMMETRIC", named(subnet), "PW-10")
                }
                (Direction::Return, Led::Gate(_)) => {
                    self.host_takes(host, subnet, led, source, (destination, port))?;
                    self.drop("RETURN_PATH_ASYMMETRIC", named(host), "PW-10")
                }
                _ if self.inbound => lost(format!("how replies get back past {id}")),
                _ => self.translate_by_host(host, subnet, led, (destination, port)),
            };
        }
        self.host_takes(host, subnet, led, source, (destination, port))?;
        self.not_back_to_nat(subnet, led, destination);
        let assumed = self.network.assumptions.holds("APPLIANCE_FORWARDS_UNCHANGED");
        if host.forwards.is_none() && !assumed && self.direction == Direction::Forward {
            self.unsure(named(host), format!("what {id} does with packets for others"), "RT-14");
        }
        self.note(named(host), "passes it on", "RT-14");
        let keeps = match host.forwards {
            Some(Forwarding::Stateful) => Keeps::State,
            Some(_) => Keeps::Nothing,
            None => Keeps::Unknown,
        };
        self.keep(id.as_str(), keeps, led)?;
        self.not_to_a_neighbour(host, subnet, destination)?;
        Ok(subnet)
    }

    /// NG-16: what a NAT instance is stated or, by its own public address, assumed to be.
    fn translates(&self, host: &NetworkInterface, destination: Address<'_>) -> bool {
        match host.forwards {
            Some(forwards) => forwards == Forwarding::Nat,
            None => {
                let planned = host.planned.as_ref().is_some_and(|free| !free.is_empty());
                let public = host.addresses.iter().any(|one| one.public.is_some());
                !host.source_dest_check
                    && (public || planned && host.planned_public)
                    && self.network.assumptions.holds("PUBLIC_FORWARDER_IS_NAT_INSTANCE")
                    && match destination {
                        Address::Known(IpAddr::V4(ip)) | Address::Of(_, IpAddr::V4(ip)) => {
                            public_ipv4().contains(ip.into())
                        }
                        Address::Known(_) | Address::Of(..) => false,
                        Address::Unlisted => true,
                    }
            }
        }
    }

    /// PW-13, PW-03, RT-14: the host takes what is to be passed on, and may send it.
    fn host_takes(
        &mut self,
        host: &'a NetworkInterface,
        subnet: &'a Subnet,
        led: Led<'a>,
        source: Address<'a>,
        (destination, port): (Address<'a>, u16),
    ) -> Go {
        let beside = matches!(led, Led::Subnet(from, _) if from.id == subnet.id);
        if !beside {
            self.acl(subnet, Way::In, source, port)?;
        }
        if !host.usable {
            return self.drop("BAD_STATE", named(host), "PW-13");
        }
        if host.source_dest_check {
            return self.drop("ENI_SOURCE_DEST_CHECK_RESTRICTION", named(host), "PW-03");
        }
        let has_public = host.addresses.iter().any(|one| one.public.is_some())
            || host.planned_public && host.planned.as_ref().is_some_and(|free| !free.is_empty());
        if matches!(led, Led::Gate(_)) && !has_public {
            return self.drop("INGRESS_RTB_NO_PUBLIC_IP", named(host), "RT-14");
        }
        // CT-01
        if self.direction == Direction::Forward {
            self.groups_let_in(host)?;
            self.groups_let_out(host, destination)?;
        }
        Ok(())
    }

    /// NG-16: a NAT instance puts its own address in the source's place.
    fn translate_by_host(
        &mut self,
        host: &'a NetworkInterface,
        subnet: &'a Subnet,
        led: Led<'a>,
        (destination, to_port): (Address<'a>, u16),
    ) -> Go<&'a Subnet> {
        let before = self.trail.iter().map(|one| one.holder);
        if before
            .into_iter()
            .any(|one| matches!(one, Holder::Instance(other) if other.id == host.id))
        {
            return self.drop("NEXT_HOP_LOOP", named(host), "NG-17");
        }
        self.host_takes(host, subnet, led, self.source, (destination, to_port))?;
        self.note(named(host), "puts its own address in the source's place", "NG-16");
        let translations = self.trail.len().saturating_sub(1);
        let Some(&(address, port)) = self.packet.translations.get(translations) else {
            return lost(format!("the address and port that {} picks", host.id));
        };
        let own = host.addresses.iter().any(|one| one.address == address);
        let planned = host.planned.as_ref().is_some_and(|free| free.contains(address));
        if !self.may_send_from(port) || !(own || planned) {
            return lost(format!("{} does not translate to {address}:{port}", host.id));
        }
        self.source = Address::Known(address);
        self.sender = None;
        self.trail.push(Waypoint {
            subnet,
            address,
            port,
            holder: Holder::Instance(host),
            from_v6: false,
        });
        self.legs.push(Vec::new());
        self.not_to_a_neighbour(host, subnet, destination)?;
        Ok(subnet)
    }

    /// RT-14: a middlebox on the way back to a NAT gateway of its VPC is not supported.
    fn not_back_to_nat(&mut self, subnet: &Subnet, led: Led<'_>, destination: Address<'_>) {
        let Some(last) = self.trail.last().copied() else { return };
        let Holder::Nat(nat) = last.holder else { return };
        let replies = self.direction == Direction::Return && matches!(led, Led::Subnet(..));
        let to_it = matches!(destination, Address::Known(address) if address == last.address);
        if replies && to_it && nat.subnet.is_some() && last.subnet.vpc == subnet.vpc {
            self.unsure(named(nat), "whether replies reach it through a middlebox", "RT-14");
        }
    }

    /// RT-14: a host that forwards is in another subnet than the traffic's ends.
    pub(super) fn not_to_a_neighbour(
        &self,
        host: &NetworkInterface,
        subnet: &Subnet,
        destination: Address<'_>,
    ) -> Go {
        match destination {
            Address::Known(address) | Address::Of(_, address) if on_link(subnet, address) => {
                lost(format!("what {} does with packets for its own subnet", host.id))
            }
            _ => Ok(()),
        }
    }

    /// GL-01, GL-02: to the appliance behind a Gateway Load Balancer endpoint, and out again.
    fn through_appliance(
        &mut self,
        id: &'a VpcEndpointId,
        led: Led<'a>,
        source: Address<'a>,
        (destination, port): (Address<'a>, u16),
    ) -> Go<&'a Subnet> {
        let Some(endpoint) = self.network.vpc_endpoints.get(id) else {
            return absent(Kind::VpcEndpoint, id);
        };
        if endpoint.endpoint_type != EndpointType::GatewayLoadBalancer {
            return lost(format!("what is routed to {id}"));
        }
        let subnet = endpoint.subnets.first().and_then(|id| self.network.subnets.get(id));
        let Some(subnet) = subnet else { return lost(format!("the subnet of {id}")) };
        // Also from within its own subnet.
        self.note(named(subnet), "has its ACL before the endpoint", "GL-04");
        self.acl(subnet, Way::In, source, port)?;
        let works = match endpoint.state.to_ascii_lowercase().as_str() {
            "available" => true,
            "partial" => self.network.assumptions.holds("VPCE_PARTIAL_USABLE"),
            _ => false,
        };
        if !works {
            return self.drop("BAD_STATE", named(endpoint), "GL-02");
        }
        self.not_back_to_nat(subnet, led, destination);
        if let Some(firewall) = self.firewall_at(id) {
            let source_port = match self.direction {
                Direction::Forward => self.reply_port(),
                Direction::Return => self.packet.destination_port,
            };
            let header = Header { source: (source, source_port), destination: (destination, port) };
            self.inspect(firewall, id, header)?;
            let keeps = if forgets(firewall) { Keeps::Unknown } else { Keeps::State };
            self.keep(id.as_str(), keeps, led)?;
            return Ok(subnet);
        }
        // GL-03
        let passes =
            endpoint.appliance_passes || self.network.assumptions.holds("GWLB_APPLIANCE_PASSES");
        if !passes && self.direction == Direction::Forward {
            self.unsure(named(endpoint), format!("what the appliance behind {id} does"), "GL-03");
        }
        self.note(named(endpoint), "hands it to its appliance, which hands it back", "GL-02");
        self.keep(id.as_str(), Keeps::State, led)?;
        Ok(subnet)
    }

    /// PW-10: what keeps state must see the reply of what it saw, and nothing else.
    fn keep(&mut self, id: &'a str, keeps: Keeps, led: Led<'a>) -> Go {
        let resource = || super::journal::mentioned(Kind::NetworkInterface, id);
        if self.passed.contains(&id) {
            return self.drop("NEXT_HOP_LOOP", resource(), "NG-17");
        }
        self.passed.push(id);
        let gate = match led {
            Led::Gate(table) => Some(table),
            Led::Subnet(..) => None,
        };
        let Some(leg) = self.legs.last_mut() else { return lost("the leg of the way") };
        if self.direction == Direction::Forward {
            leg.push(Passed { id, keeps, gate });
            // SG-12
            self.forwarded = true;
            self.sender = None;
            return Ok(());
        }
        if let Some(index) = leg.iter().rposition(|one| one.id == id) {
            leg.remove(index);
            return Ok(());
        }
        if keeps != Keeps::State {
            self.unsure(resource(), format!("what {id} does with the reply alone"), "PW-10");
            return Ok(());
        }
        let code = match led {
            // RT-16
            Led::Gate(_) => "INGRESS_RTB_TRAFFIC_REDIRECTION",
            // TG-05
            Led::Subnet(from, Some(hub)) if self.outside_appliance_mode(from, hub) => {
                "TGW_ATTACH_VPC_AZ_RESTRICTION"
            }
            Led::Subnet(..) => "RETURN_PATH_ASYMMETRIC",
        };
        self.drop(code, resource(), "PW-10")
    }

    fn outside_appliance_mode(&self, from: &Subnet, hub: &TransitGatewayId) -> bool {
        let mut all = self.network.transit_gateway_attachments.values();
        let own = all.find(|one| {
            one.transit_gateway == *hub
                && matches!(&one.attached, Attached::Vpc { vpc, .. } if *vpc == from.vpc)
        });
        own.is_some_and(|own| own.appliance_mode != Some(true))
    }

    /// The reply has come to where the request was last sent from or rewritten: it has passed what
    /// the request passed since.
    pub(super) fn settle(&mut self) -> Go {
        for Passed { id, keeps, gate } in self.legs.pop().unwrap_or_default() {
            let resource = super::journal::mentioned(Kind::NetworkInterface, id);
            match (gate, keeps) {
                (Some(table), _) => {
                    return self.drop("INGRESS_RTB_TRAFFIC_REDIRECTION", named(table), "RT-16");
                }
                (None, Keeps::State) => {
                    return self.drop("RETURN_PATH_ASYMMETRIC", resource, "PW-10");
                }
                (None, Keeps::Unknown) => {
                    let fact = format!("whether {id} has to see the reply, which goes past it");
                    self.unsure(resource, fact, "PW-10");
                }
                (None, Keeps::Nothing) => {}
            }
        }
        Ok(())
    }
}

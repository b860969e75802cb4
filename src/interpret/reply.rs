//! The way of the reply: addresses and ports swapped, groups skipped (CT-01), ACLs and route
//! tables applied afresh (PW-08, PW-09), at the port that the client picked (NA-06). Flows of every
//! protocol are tracked (CT-03), those to endpoints as well (CT-07).

use super::filter::Way;
use super::journal::{Go, internet, lost, named};
use super::middlebox::Led;
use super::peer::Address;
use super::route::{Lookup, lookup, on_link};
use super::walk::{Arrival, Crossed, Holder, Walker, Waypoint};
use crate::answer::Party;
use crate::network::{InterfaceRole, NetworkInterface, Route, RouteState, RouteTarget, Subnet};
use std::net::IpAddr;

impl<'a> Walker<'a> {
    pub(super) fn reply(&mut self, arrival: &Arrival<'a>) -> Go {
        if let Arrival::Interface { interface, subnet, .. } = *arrival {
            self.sent_by_its_host(interface, subnet)?;
        }
        if let Party::Forwarder { .. } = self.flow.source {
            return self.back_to_forwarder(arrival);
        }
        match *arrival {
            Arrival::Interface { subnet, address, from_internet: true, .. } => {
                self.out_to_internet(subnet, address)?;
                self.settle()?;
                if let Party::Elsewhere { .. } = self.flow.source {
                    self.note(internet(), "the reply arrives", "PW-08");
                    return Ok(());
                }
                self.back_by_gateway()?;
            }
            Arrival::Interface { subnet, .. } => self.reach_next(subnet)?,
            Arrival::Internet => self.back_by_gateway()?,
            Arrival::GatewayEndpoint => self.enter_next_subnet()?,
        }
        self.settle()?;
        // NG-03, NG-16: each of them puts back what it took, the last one first.
        loop {
            let Some(Waypoint { subnet, holder, from_v6, .. }) = self.trail.pop() else {
                return Ok(());
            };
            // NG-13: the client sees the IPv6 address that it sent to.
            self.embedded = self.embedded.filter(|_| !from_v6);
            match holder {
                Holder::Client(_) => return Ok(()),
                Holder::Nat(nat) => {
                    self.note(named(nat), "puts the client's address back", "NG-03");
                    if nat.subnet.is_none() {
                        self.back_from_regional(nat, subnet)?;
                        self.settle()?;
                        continue;
                    }
                    self.past_own_acl(subnet)?;
                }
                Holder::Instance(host) => {
                    self.note(named(host), "puts the client's address back", "NG-16");
                    if let Some(next) = self.trail.last() {
                        self.not_to_a_neighbour(host, subnet, Address::Known(next.address))?;
                    }
                }
            }
            self.reach_next(subnet)?;
            self.settle()?;
        }
    }

    /// PW-17, open: which of its interfaces a host sends a reply by.
    fn sent_by_its_host(&mut self, interface: &NetworkInterface, subnet: &Subnet) -> Go {
        let host = interface.instance.as_ref().and_then(|id| self.network.instances.get(id));
        let all = host.map(|host| host.interfaces.as_slice()).unwrap_or_default();
        let Some(first) = all.first().filter(|_| all.contains(&interface.id)) else {
            return Ok(());
        };
        let beside = match self.source {
            Address::Known(address) | Address::Of(_, address) => on_link(subnet, address),
            Address::Unlisted => false,
        };
        let secondary = *first != interface.id && interface.role == InterfaceRole::Ordinary;
        if !secondary || beside {
            return Ok(());
        }
        if self.network.assumptions.holds("GUEST_POLICY_ROUTING") {
            self.note(named(interface), "sends its replies itself", "PW-17");
            return Ok(());
        }
        match self.network.interfaces.get(first) {
            Some(primary) if primary.source_dest_check => {
                self.drop("ENI_ADDRESS_RESTRICTION", named(primary), "PW-17")
            }
            _ => {
                self.unsure(named(interface), format!("what {first} does with replies"), "PW-17");
                Ok(())
            }
        }
    }

    /// PW-05: from a NAT gateway in `subnet` to a client there.
    fn past_own_acl(&mut self, subnet: &Subnet) -> Go {
        let skips = self.network.assumptions.holds("NAT_IN_CLIENT_SUBNET_SKIPS_NACL");
        match self.trail.last().copied() {
            Some(next) if !skips && on_link(subnet, next.address) => {
                self.acl(subnet, Way::Out, Address::Known(next.address), next.port)?;
                self.acl(subnet, Way::In, self.replier(), next.port)
            }
            _ => Ok(()),
        }
    }

    /// PW-09, NLB-06: the reply to an address that a node kept goes back to the node, whatever the
    /// route tables say; the ACLs on the way see the client's address.
    fn back_to_forwarder(&mut self, arrival: &Arrival<'a>) -> Go {
        let (Arrival::Interface { subnet, from_internet: false, .. }, [node], Crossed::Nothing) =
            (arrival, self.trail.as_slice(), self.crossed)
        else {
            return lost("how a reply comes back to a node that is not in the same VPC");
        };
        // GL-05
        if self.forwarded {
            return lost("how a reply comes back to a node through what passed the request on");
        }
        let (there, port, client) = (node.subnet, node.port, self.source);
        self.note(named(there), "takes the reply, by the flow's state", "PW-09");
        if there.id == subnet.id {
            return self.client_is_routed(subnet, client);
        }
        self.acl(subnet, Way::Out, client, port)?;
        self.client_is_routed(subnet, client)?;
        self.acl(there, Way::In, self.replier(), port)
    }

    /// Open, NLB_REPLY_IGNORES_ROUTE_TABLE: whether the subnet needs a route to the client.
    fn client_is_routed(&mut self, subnet: &'a Subnet, client: Address<'a>) -> Go {
        let on_own_link = match client {
            Address::Known(address) | Address::Of(_, address) => on_link(subnet, address),
            Address::Unlisted => false,
        };
        if on_own_link || self.network.assumptions.holds("NLB_REPLY_IGNORES_ROUTE_TABLE") {
            return Ok(());
        }
        match lookup(self.network, subnet, client) {
            Lookup::Found(..) => Ok(()),
            Lookup::Dead(table) => self.drop("BAD_STATE_ROUTE", named(table), "RT-11"),
            Lookup::None(table) => self.drop("NO_ROUTE_TO_DESTINATION", named(table), "RT-12"),
            Lookup::Unknown(fact) => {
                self.unsure(named(subnet), fact, "PW-09");
                Ok(())
            }
            // RT-06: which one AWS picked tells nothing where all are alive, or none is.
            Lookup::Several(table, _, routes) => {
                let alive = |route: &&Route| route.state == RouteState::Active;
                match routes.iter().filter(|route| alive(route)).count() {
                    0 => self.drop("BAD_STATE_ROUTE", named(table), "RT-11"),
                    some if some == routes.len() => Ok(()),
                    _ => {
                        let fact = format!("which of several equal routes in {} is used", table.id);
                        self.unsure(named(table), fact, "PW-09");
                        Ok(())
                    }
                }
            }
        }
    }

    /// From a server in `subnet` out by the internet gateway that the request came in by.
    fn out_to_internet(&mut self, mut subnet: &'a Subnet, own: IpAddr) -> Go {
        // The public address that the server saw.
        let (client, port) = (self.source, self.reply_port());
        loop {
            match self.leave_by_router(subnet, client, port)? {
                RouteTarget::InternetGateway(id) => {
                    let gateway = self.attached(id, &subnet.vpc)?;
                    self.note(named(gateway), "carries the reply out", "IG-01");
                    return Ok(());
                }
                target @ (RouteTarget::Interface(_) | RouteTarget::LoadBalancerEndpoint(_)) => {
                    let (led, to) = (Led::Subnet(subnet, None), (client, port));
                    subnet = self.pass_on(target, led, Address::Known(own), to)?;
                }
                target => return self.astray(subnet, target),
            }
        }
    }

    /// From the internet back by the gateway that the request left by (PW-10), which puts the
    /// private address back.
    fn back_by_gateway(&mut self) -> Go {
        self.exits.clear();
        self.passed.clear();
        let next = self.trail.last().copied();
        // NG-15: in no subnet that anything could lead to.
        let regional = next
            .is_some_and(|next| matches!(next.holder, Holder::Nat(nat) if nat.subnet.is_none()));
        if let (Some(gateway), true) = (self.exit, regional) {
            let mut tables = self.network.route_tables.values();
            return match tables.any(|table| table.gateways.contains(gateway.id.as_str())) {
                true => lost(format!("how the table of {} leads on replies", gateway.id)),
                false => Ok(()),
            };
        }
        if let (Some(gateway), Some(next)) = (self.exit, next) {
            let to = (Address::Known(next.address), next.port);
            if let Some(subnet) = self.gate(gateway, &next.subnet.vpc, self.replier(), to)? {
                return self.reach_next(subnet);
            }
        }
        self.enter_next_subnet()
    }

    /// Into the subnet where the reply has to come next.
    fn enter_next_subnet(&mut self) -> Go {
        let Some(&next) = self.trail.last() else { return lost("where the reply has to go") };
        self.acl(next.subnet, Way::In, self.replier(), next.port)
    }

    /// From `subnet` to where the reply has to come next: by the routes of its own VPC, whichever
    /// way the request came (PW-09, PC-04).
    fn reach_next(&mut self, subnet: &'a Subnet) -> Go {
        let Some(&next) = self.trail.last() else { return lost("where the reply has to go") };
        let to = Address::Known(next.address);
        let (mut subnet, mut came_by) = (subnet, None);
        loop {
            // PW-04
            if on_link(subnet, next.address) {
                return self.arrive_back(subnet, next);
            }
            // NG-09
            if std::mem::take(&mut self.sent_back) {
                self.acl(subnet, Way::Out, to, next.port)?;
                self.note(named(subnet), "returns it to the NAT gateway that sent it", "NG-09");
                return self.enter_next_subnet();
            }
            let vpc = match self.leave_by_router(subnet, to, next.port)? {
                RouteTarget::Local => &subnet.vpc,
                RouteTarget::Peering(id) => self.cross_peering(id, subnet, self.replier(), to)?,
                RouteTarget::TransitGateway(id) => {
                    let exit =
                        self.transit(id, came_by, subnet, self.replier(), (to, next.port))?;
                    subnet = exit.0;
                    came_by = Some(exit.1);
                    continue;
                }
                target @ (RouteTarget::Interface(_) | RouteTarget::LoadBalancerEndpoint(_)) => {
                    let led = Led::Subnet(subnet, came_by);
                    subnet = self.pass_on(target, led, self.replier(), (to, next.port))?;
                    came_by = None;
                    continue;
                }
                target => return self.astray(subnet, target),
            };
            let there = self.local_subnet(subnet, vpc, next.address)?;
            self.acl(there, Way::In, self.replier(), next.port)?;
            return self.arrive_back(there, next);
        }
    }

    /// PC-04: the address may be another host's, where VPCs overlap.
    pub(super) fn arrive_back(&mut self, subnet: &Subnet, next: Waypoint<'_>) -> Go {
        match subnet.id == next.subnet.id {
            true => Ok(()),
            false => self.drop("RETURN_PATH_ASYMMETRIC", named(subnet), "PC-04"),
        }
    }

    /// The reply takes another way than the request came (PW-10).
    fn astray(&mut self, subnet: &Subnet, target: &RouteTarget) -> Go {
        if let RouteTarget::Other { kind, id } = target {
            return self.beyond(kind, id, subnet);
        }
        self.drop("RETURN_PATH_ASYMMETRIC", named(subnet), "PW-10")
    }

    /// The port that the server sends to: the client's, or the last translation's.
    pub(super) fn reply_port(&self) -> u16 {
        self.trail.last().map_or(self.packet.source_port, |last| last.port)
    }

    /// NA-10: the client's side sees the address that the client sent to, never a gateway's.
    fn replier(&self) -> Address<'a> {
        self.request_destination()
    }
}

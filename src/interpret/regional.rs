//! Regional NAT gateways: in no subnet, with a table of their own (NG-15).

use super::filter::Way;
use super::gateway::usable;
use super::journal::{Go, absent, lost, named};
use super::peer::Address;
use super::route::{Lookup, lookup_in};
use super::walk::{Arrival, Holder, Walker, Waypoint};
use crate::header::{Protocol, embedded_ipv4};
use crate::network::{Kind, NatAddress, NatGateway, RouteTable, RouteTarget, Subnet};
use std::net::IpAddr;

impl<'a> Walker<'a> {
    /// A request that the table of `from` leads to one: out to the internet, from a public address
    /// of its own.
    pub(super) fn through_regional(
        &mut self,
        nat: &'a NatGateway,
        from: &'a Subnet,
    ) -> Go<Arrival<'a>> {
        self.undocumented(nat, &nat.undocumented);
        // NG-02
        let addresses: Vec<&NatAddress> = usable(nat).filter(|one| one.public.is_some()).collect();
        if !["available", "deleting"].contains(&nat.state.as_str()) || addresses.is_empty() {
            return self.drop("BAD_STATE", named(nat), "NG-02");
        }
        let from_v6 = self.packet.destination.is_ipv6() && self.embedded.is_none();
        if from_v6 && embedded_ipv4(self.packet.destination).is_none() {
            return self.drop("NAT_TRANSLATES_NO_OTHER_IPV6", named(nat), "NG-13");
        }
        if from_v6 && self.packet.protocol == Protocol::Icmpv6 {
            self.unsure(named(nat), "how it translates ICMPv6 to ICMP", "NG-05");
        }
        let usual = self.of_zone(nat, from, &addresses)?;
        if !self.network.assumptions.holds("REGIONAL_NAT_HAS_NO_NACL") {
            self.unsure(named(nat), "which ACL it is behind", "NG-15");
        }
        let table = self.table_of_regional(nat)?;
        self.note(named(nat), "puts its own address in the source's place", "NG-15");
        let translations = self.trail.len().saturating_sub(1);
        let Some(&(address, port)) = self.packet.translations.get(translations) else {
            return lost(format!("the address and port that {} picks", nat.id));
        };
        let own = usual.iter().any(|one| one.public.map(IpAddr::V4) == Some(address));
        if !self.may_send_from(port) || !own {
            return lost(format!("{} does not translate to {address}:{port}", nat.id));
        }
        self.source = Address::Known(address);
        self.sender = None;
        if from_v6 {
            self.embedded = embedded_ipv4(self.packet.destination);
        }
        let holder = Holder::Nat(nat);
        self.trail.push(Waypoint { subnet: from, address, port, holder, from_v6 });
        self.legs.push(Vec::new());
        let to = self.request_destination();
        let lookup = lookup_in(self.network, table, &nat.vpc, to);
        match (self.routed(lookup)?, to) {
            (
                RouteTarget::InternetGateway(id),
                Address::Known(destination) | Address::Of(_, destination),
            ) => self.leave_for_internet(id, from, destination),
            (other, _) => lost(format!("from which address {} sends to {other}", nat.id)),
        }
    }

    /// The addresses that it uses for a zone, where it serves that.
    fn of_zone(
        &mut self,
        nat: &'a NatGateway,
        from: &Subnet,
        all: &[&'a NatAddress],
    ) -> Go<Vec<&'a NatAddress>> {
        let there: Vec<Option<bool>> = all.iter().map(|one| in_zone(nat, one, from)).collect();
        if there.contains(&Some(true)) {
            let own = all.iter().zip(&there).filter(|(_, there)| **there != Some(false));
            return Ok(own.map(|(one, _)| *one).collect());
        }
        match (nat.expands, there.contains(&None)) {
            (Some(true), true) => {}
            (Some(true), false) => {
                self.note(named(nat), "serves another zone while it expands", "NG-15");
            }
            (Some(false), false) => {
                return self.drop("REGIONAL_NGW_ROUTE_AZ_RESTRICTION", named(nat), "NG-15");
            }
            (Some(false), true) | (None, _) => {
                self.unsure(named(nat), format!("whether it serves {}", from.zone), "NG-15");
            }
        }
        Ok(all.to_vec())
    }

    fn table_of_regional(&self, nat: &NatGateway) -> Go<&'a RouteTable> {
        match &nat.route_table {
            None => lost(format!("the route table of {}", nat.id)),
            Some(id) => match self.network.route_tables.get(id) {
                None => absent(Kind::RouteTable, id),
                Some(table) => Ok(table),
            },
        }
    }

    /// A reply has come back to it: on to the client by its own table (RT-17).
    pub(super) fn back_from_regional(&mut self, nat: &NatGateway, from: &'a Subnet) -> Go {
        let Some(&next) = self.trail.last() else { return lost("where the reply has to go") };
        let table = self.table_of_regional(nat)?;
        let lookup = lookup_in(self.network, table, &nat.vpc, Address::Known(next.address));
        match self.routed(lookup)? {
            RouteTarget::Local => {
                let there = self.local_subnet(from, &nat.vpc, next.address)?;
                self.acl(there, Way::In, self.request_destination(), next.port)?;
                self.arrive_back(there, next)
            }
            RouteTarget::InternetGateway(_) => {
                self.drop("RETURN_PATH_ASYMMETRIC", named(nat), "PW-10")
            }
            other => lost(format!("how {} sends a reply to {other}", nat.id)),
        }
    }

    /// The target of the route that a table holds for a packet.
    fn routed(&mut self, lookup: Lookup<'a>) -> Go<&'a RouteTarget> {
        match self.picked_of(lookup)? {
            Lookup::Found(table, route) => {
                let what = format!("{} leads to {}", route.destination, route.target);
                self.note(named(table), what, "RT-04");
                Ok(&route.target)
            }
            Lookup::Dead(table) => self.drop("BAD_STATE_ROUTE", named(table), "RT-11"),
            Lookup::None(table) => self.drop("NO_ROUTE_TO_DESTINATION", named(table), "RT-12"),
            Lookup::Unknown(fact) => lost(fact),
            Lookup::Several(table, ..) => lost(format!("which route of {} is used", table.id)),
        }
    }
}

/// Whether an address is in the zone of a subnet (SH-01: by id, or by name in one account).
fn in_zone(nat: &NatGateway, address: &NatAddress, from: &Subnet) -> Option<bool> {
    if let (Some(own), Some(theirs)) = (&address.zone.id, &from.zone.id) {
        return Some(own == theirs);
    }
    match (&address.zone.name, &from.zone.name) {
        (Some(own), Some(theirs)) if nat.about.scope.account == from.about.scope.account => {
            Some(own == theirs)
        }
        _ => None,
    }
}

//! Through a transit gateway.

use super::filter::Way;
use super::journal::{Go, absent, lost, mentioned, named};
use super::peer::{Address, Match, in_cidrs};
use super::route::on_link;
use super::walk::{Crossed, Walker};
use crate::answer::Direction;
use crate::header::{public_ipv4, public_ipv6};
use crate::network::{
    Attached, Destination, Kind, RouteState, Subnet, SubnetId, TransitGateway,
    TransitGatewayAttachment, TransitGatewayId, TransitGatewayRoute, TransitGatewayRouteTable,
};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Where a packet comes out: a subnet of an attachment, and the transit gateway that it left.
pub(super) type Exit<'a> = (&'a Subnet, &'a TransitGatewayId);

impl<'a> Walker<'a> {
    /// A packet leaves `from` by a transit gateway.
    pub(super) fn transit(
        &mut self,
        id: &'a TransitGatewayId,
        came_by: Option<&TransitGatewayId>,
        from: &'a Subnet,
        source: Address<'_>,
        (destination, port): (Address<'_>, u16),
    ) -> Go<Exit<'a>> {
        // TG-15
        if came_by == Some(id) {
            let hub = mentioned(Kind::TransitGateway, id.as_str());
            self.note(hub, "is to take back what it brought", "TG-15");
            match self.network.assumptions.value("TGW_HAIRPIN") {
                "true" => {}
                "false" => {
                    let hub = mentioned(Kind::TransitGateway, id.as_str());
                    return self.drop("NEXT_HOP_LOOP", hub, "TG-15");
                }
                _ => return lost(format!("whether {id} takes back what it brought")),
            }
        }
        let Some(hub) = self.network.transit_gateways.get(id) else {
            return absent(Kind::TransitGateway, id);
        };
        self.undocumented(hub, &hub.undocumented);
        let entry = self.attachment_of(hub, from)?;
        let door = self.door(entry, from)?;
        self.note(named(door), "has the ACL before the transit gateway", "TG-06");
        self.acl(door, Way::In, source, port)?;
        let (exit, last, far) = self.through(hub, entry, destination)?;
        if self.direction == Direction::Forward {
            self.crossed = Crossed::Transit;
            self.note(named(hub), "keeps who sent it, or not", "SG-14");
            // On the transit gateway and on both attachments, and not across a peering.
            let support = [hub.group_references, entry.group_references, exit.group_references];
            if far || support.contains(&Some(false)) {
                self.sender = None;
            } else if support.contains(&None) {
                self.crossed = Crossed::TransitUnsure;
            }
        }
        let subnet = self.emerge(exit, from, far, destination)?;
        self.note(named(exit), format!("brings it to subnet {}", subnet.id), "TG-04");
        // NG-17
        if self.exits.contains(&&subnet.id) {
            return self.drop("NEXT_HOP_LOOP", named(exit), "NG-17");
        }
        self.exits.push(&subnet.id);
        Ok((subnet, last))
    }

    /// TG-01: the VPC's attachment.
    fn attachment_of(
        &mut self,
        hub: &TransitGateway,
        from: &Subnet,
    ) -> Go<&'a TransitGatewayAttachment> {
        let of_vpc = |one: &&TransitGatewayAttachment| {
            one.transit_gateway == hub.id
                && matches!(&one.attached, Attached::Vpc { vpc, .. } if *vpc == from.vpc)
        };
        let all = || self.network.transit_gateway_attachments.values().filter(of_vpc);
        let found = all().find(|one| one.state == "available").or_else(|| all().next());
        let Some(found) = found else {
            if !self.network.coverage.covers(&from.about.scope, Kind::TransitGatewayAttachment) {
                return lost(format!("how {} is attached to {}", from.vpc, hub.id));
            }
            return self.drop("BAD_STATE_ATTACHMENT", named(hub), "TG-01");
        };
        self.available(found)?;
        self.takes_family(found)?;
        Ok(found)
    }

    fn available(&mut self, attachment: &TransitGatewayAttachment) -> Go {
        match attachment.state.as_str() {
            "available" => Ok(()),
            _ => self.drop("BAD_STATE_ATTACHMENT", named(attachment), "TG-01"),
        }
    }

    /// TG-01: the attachment's subnet in the zone of `from`.
    fn door(&mut self, entry: &TransitGatewayAttachment, from: &'a Subnet) -> Go<&'a Subnet> {
        let subnets = self.subnets_of(entry)?;
        if subnets.iter().any(|subnet| subnet.id == from.id) {
            return Ok(from);
        }
        let mut unsure = is_local_zone(from);
        for subnet in subnets {
            match same_zone(subnet, from) {
                Some(true) => return Ok(subnet),
                Some(false) => {}
                None => unsure = true,
            }
        }
        match unsure {
            // TG-14
            true => lost(format!("whether {} has a subnet in {}", entry.id, from.zone)),
            false => self.drop("TGW_ROUTE_AZ_RESTRICTION", named(entry), "TG-01"),
        }
    }

    fn subnets_of(&self, attachment: &TransitGatewayAttachment) -> Go<Vec<&'a Subnet>> {
        let Attached::Vpc { subnets: Some(ids), .. } = &attachment.attached else {
            return lost(format!("the subnets of {}", attachment.id));
        };
        let find = |id: &SubnetId| {
            let found = self.network.subnets.get(id);
            found.map_or_else(|| absent(Kind::Subnet, id), Ok)
        };
        ids.iter().map(find).collect()
    }

    /// TG-02, TG-03, TG-09: by the tables, to the attachment of a VPC; and whether other transit
    /// gateways lie between.
    fn through(
        &mut self,
        hub: &'a TransitGateway,
        entry: &'a TransitGatewayAttachment,
        destination: Address<'_>,
    ) -> Go<(&'a TransitGatewayAttachment, &'a TransitGatewayId, bool)> {
        let (mut at, mut attachment) = (&hub.id, entry);
        let mut seen = BTreeSet::from([at]);
        loop {
            let mut tables = self.network.transit_gateway_route_tables.values();
            let table = tables.find(|table| {
                table.transit_gateway == *at && table.associations.contains(&attachment.id)
            });
            let Some(table) = table else {
                let scope = &attachment.about.scope;
                if !self.network.coverage.covers(scope, Kind::TransitGatewayRouteTable) {
                    return lost(format!("the table associated with {}", attachment.id));
                }
                let code = "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION";
                return self.drop(code, named(attachment), "TG-02");
            };
            let route = self.transit_route(table, destination)?;
            let mut next = route.attachments.iter();
            let (Some(id), None) = (next.next(), next.next()) else {
                return lost(format!("which attachment {} picks", route.destination));
            };
            let Some(next) = self.network.transit_gateway_attachments.get(id) else {
                return absent(Kind::TransitGatewayAttachment, id);
            };
            self.note(named(table), format!("{} leads to {id}", route.destination), "TG-03");
            self.available(next)?;
            attachment = next;
            match &next.attached {
                Attached::Vpc { .. } => {
                    self.takes_family(next)?;
                    return Ok((next, at, seen.len() > 1));
                }
                Attached::Peer(peer) => {
                    self.note(named(next), "leads to another transit gateway", "TG-09");
                    at = if next.transit_gateway == *at { peer } else { &next.transit_gateway };
                    if !seen.insert(at) {
                        return self.drop("NEXT_HOP_LOOP", named(next), "NG-17");
                    }
                    if let Some(hub) = self.network.transit_gateways.get(at) {
                        self.undocumented(hub, &hub.undocumented);
                    }
                }
                // TG-11
                Attached::Other(kind) => {
                    return lost(format!("what lies behind the {kind} attachment {id}"));
                }
            }
        }
    }

    /// TG-03: the longest; static before listed before propagated. Nothing else counts, whatever
    /// VPCs overlap (TG-08), there and back (TG-10).
    fn transit_route(
        &mut self,
        table: &'a TransitGatewayRouteTable,
        destination: Address<'_>,
    ) -> Go<&'a TransitGatewayRoute> {
        let Some(routes) = &table.routes else {
            // TG-13
            return lost(format!("the routes of {}", table.id));
        };
        let mut held: Vec<(u8, u8, &TransitGatewayRoute)> = Vec::new();
        for route in routes.iter().filter(|one| !matches!(one.state, RouteState::Other(_))) {
            let (nets, rank) = match &route.destination {
                Destination::Cidr(cidr) => {
                    (std::slice::from_ref(cidr), if route.propagated { 2 } else { 0 })
                }
                Destination::PrefixList(id) => {
                    let list = self.network.prefix_lists.get(id);
                    let Some(entries) = list.and_then(|list| list.entries.as_deref()) else {
                        return lost(format!("the entries of prefix list {id}"));
                    };
                    (entries, 1)
                }
            };
            for net in nets {
                match in_cidrs(destination, &[*net]) {
                    Match::Yes => held.push((net.prefix_len(), u8::MAX - rank, route)),
                    Match::No => {}
                    Match::Maybe => {
                        return lost(format!("whether {net} holds {}", destination.text()));
                    }
                }
            }
        }
        let best = held.iter().map(|(length, rank, _)| (*length, *rank)).max();
        let mut winners = held.iter().filter(|(l, r, _)| Some((*l, *r)) == best).map(|one| one.2);
        let Some(first) = winners.next() else {
            return self.drop("TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", named(table), "TG-03");
        };
        if winners.any(|one| (&one.attachments, &one.state) != (&first.attachments, &first.state)) {
            return lost(format!("which of the equal routes in {} is used", table.id));
        }
        match first.state {
            RouteState::Blackhole => self.drop("TGW_RTB_BAD_STATE_ROUTE", named(table), "TG-03"),
            _ => Ok(first),
        }
    }

    /// TG-04: the subnet of the attachment where the packet comes out, to go on by its table (TG-12).
    fn emerge(
        &mut self,
        exit: &'a TransitGatewayAttachment,
        from: &Subnet,
        far: bool,
        destination: Address<'_>,
    ) -> Go<&'a Subnet> {
        let all = self.subnets_of(exit)?;
        let own = all.iter().find(|one| !far && same_zone(one, from) == Some(true)).copied();
        if exit.appliance_mode == Some(true) {
            self.note(named(exit), "keeps to a zone", "TG-05");
        }
        let keeps_zone = match exit.appliance_mode {
            Some(true) => self.stays_in_zone(exit, from, destination),
            Some(false) => true,
            None if all.len() > 1 => {
                return lost(format!("whether {} is in appliance mode", exit.id));
            }
            None => true,
        };
        if let Some(own) = own.filter(|_| keeps_zone) {
            return Ok(own);
        }
        match all.as_slice() {
            [] => lost(format!("the subnets of {}", exit.id)),
            [only] => Ok(only),
            several => {
                // TG-05: the same there and back.
                let fixed = exit.appliance_mode == Some(true);
                let kept = self.kept.iter().find(|(by, _)| fixed && *by == exit.id.as_str());
                if let Some((_, kept)) = kept {
                    return Ok(kept);
                }
                self.note(named(exit), "picks one of its subnets", "TG-04");
                let pick = self.packet.picks.get(self.picked);
                self.picked += 1;
                let found = several
                    .iter()
                    .find(|one| pick.is_some_and(|pick| **pick == *format!("subnet {}", one.id)));
                let Some(found) = found else {
                    return lost(format!("which subnet {} picks", exit.id));
                };
                self.kept.extend(fixed.then_some((exit.id.as_str(), *found)));
                Ok(found)
            }
        }
    }

    /// TG-04: in appliance mode the zone is kept only when the destination is in it, or in none.
    fn stays_in_zone(
        &self,
        exit: &TransitGatewayAttachment,
        from: &Subnet,
        destination: Address<'_>,
    ) -> bool {
        let address = match destination {
            Address::Known(address) | Address::Of(_, address) => address,
            Address::Unlisted => return true,
        };
        let public = match address {
            IpAddr::V4(address) => public_ipv4().contains(address.into()),
            IpAddr::V6(address) => public_ipv6().contains(address.into()),
        };
        let here = |one: &Subnet| {
            matches!(&exit.attached, Attached::Vpc { vpc, .. } if *vpc == one.vpc)
                && on_link(one, address)
        };
        let mut subnets = self.network.subnets.values();
        match subnets.find(|one| here(one)) {
            Some(there) => same_zone(there, from) == Some(true),
            None => public,
        }
    }
}

/// SH-01: zones are compared by id; names mean something within one account only.
fn same_zone(one: &Subnet, other: &Subnet) -> Option<bool> {
    if let (Some(one), Some(other)) = (&one.zone.id, &other.zone.id) {
        return Some(one == other);
    }
    match (&one.zone.name, &other.zone.name) {
        (Some(a), Some(b)) if one.about.scope.account == other.about.scope.account => Some(a == b),
        _ => None,
    }
}

/// `us-west-2-lax-1a`: a Region's number, and something behind it.
fn is_local_zone(subnet: &Subnet) -> bool {
    let name = subnet.zone.name.as_deref().unwrap_or_default();
    let before = name.rsplit_once('-').map_or("", |(before, _)| before);
    before.split('-').any(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

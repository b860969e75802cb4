//! Transit gateways: what enters them, their tables, and where packets come out.

mod junctions;
mod turns;

pub(super) use junctions::Junctions;
pub(super) use turns::Turn;

use super::leads::{Arriving, Lead};
use super::{Lowering, acls, reference};
use crate::answer::{Missing, ResourceRef};
use crate::graph::{Action, Crossing, Effect, Note, Passage, Pick, Place, Selector, Stop, Way};
use crate::header::{AddressSet, public_ipv4, public_ipv6};
use crate::network::{
    Attached, Kind, RouteTable, Subnet, TransitGateway, TransitGatewayAttachment, TransitGatewayId,
    TransitGatewayRouteTable,
};
use petgraph::graph::NodeIndex;
use std::sync::Arc;

/// Whether references to groups are kept (SG-14): `None` where the input does not say.
type Support = Option<bool>;

/// A packet about to be routed by a table of a transit gateway.
struct Approach<'n> {
    hub: &'n TransitGatewayId,
    /// The subnet that it came from, unless from another transit gateway.
    from: Option<&'n Subnet>,
    support: Support,
    passed: Vec<TransitGatewayId>,
}

/// Whether a transit gateway takes back what it brought.
const HAIRPIN: &str = "TGW_HAIRPIN";

impl<'n> Lowering<'n> {
    /// TG-01, TG-06, TG-15
    pub(super) fn lead_to_transit(
        &mut self,
        subnet: &'n Subnet,
        table: &RouteTable,
        id: &TransitGatewayId,
        arriving: Option<&Arriving>,
    ) -> Lead {
        let inside = |lead: Lead| Lead { way: Way::Inside, ..lead };
        let network = self.network;
        let mut guards = Vec::new();
        if arriving.and_then(|arriving| arriving.by.as_ref()) == Some(id) {
            let value = network.assumptions.value(HAIRPIN);
            let label = reference(subnet).label().to_owned();
            let note = |what: &str| {
                let what = format!("{what} what it brought to subnet {label}");
                let hub = ResourceRef::new(Kind::TransitGateway.word(), id.as_str(), None);
                let hub = network.transit_gateways.get(id).map_or(hub, reference);
                Note::new(hub, what, "TG-15", None).assuming(HAIRPIN, value, "TG-15")
            };
            let action = match value {
                "true" => Action::Pass(Some(Arc::new(note("takes back")))),
                "false" => {
                    Action::Stop(Stop::dropped("NEXT_HOP_LOOP", note("drops what comes back of")))
                }
                _ => {
                    let fact = format!(
                        "whether transit gateway {id} takes back what it brought to subnet {label} \
                         ({HAIRPIN})"
                    );
                    Action::Unknown(Missing { fact, command: None })
                }
            };
            match action {
                Action::Pass(_) => guards.push(self.always(action)),
                _ => return inside(self.dead_end(action)),
            }
        }
        let Some(hub) = network.transit_gateways.get(id) else {
            let (kind, id) = (Kind::TransitGateway, id.as_str());
            return self.not_found("transit gateway", id, kind, Way::Inside, table);
        };
        guards.extend(self.undocumented(hub, &hub.undocumented));
        let entry = match self.attachment_of(hub, subnet) {
            Ok(entry) => entry,
            Err(action) => return inside(self.dead_end(action)),
        };
        if let Some(stop) = not_available(entry) {
            guards.push(self.always(stop));
        }
        guards.extend(self.takes_ipv6(entry));
        let door = match self.door(entry, subnet) {
            Ok(door) => door,
            Err(action) => {
                guards.push(self.always(action));
                return inside(Lead::new(self.kept.end, guards, Way::Inside));
            }
        };
        guards.push(self.acl_guard(door, acls::Direction::Inbound));
        let support = all_of([hub.group_references, entry.group_references]);
        let way =
            Approach { hub: &hub.id, from: Some(subnet), support, passed: vec![hub.id.clone()] };
        match self.junction(way, entry) {
            Ok(place) => Lead::new(place, guards, Way::Inside),
            Err(action) => {
                guards.push(self.always(action));
                Lead::new(self.kept.end, guards, Way::Inside)
            }
        }
    }

    fn attachment_of(
        &self,
        hub: &'n TransitGateway,
        subnet: &Subnet,
    ) -> Result<&'n TransitGatewayAttachment, Action> {
        let own = self.kept.index.attachments.get(&(hub.id.clone(), subnet.vpc.clone()));
        let all = &self.network.transit_gateway_attachments;
        let mut own: Vec<&'n TransitGatewayAttachment> =
            own.into_iter().flatten().filter_map(|id| all.get(id)).collect();
        own.sort_by_key(|one| one.state != "available");
        if let Some(first) = own.first() {
            return Ok(first);
        }
        let (kind, scope) = (Kind::TransitGatewayAttachment, &subnet.about.scope);
        if self.network.coverage.covers(scope, kind) {
            let what = format!("has no attachment to vpc {}", subnet.vpc);
            let note = Note::new(reference(hub), what, "TG-01", hub.about.at.as_ref());
            return Err(Action::Stop(Stop::dropped("BAD_STATE_ATTACHMENT", note).ending()));
        }
        let fact = format!("how vpc {} is attached to {}", subnet.vpc, reference(hub).label());
        Err(Action::Unknown(self.missing(fact, kind, scope)))
    }

    /// TG-01: the attachment's subnet in the zone of the sender's.
    fn door(
        &self,
        entry: &'n TransitGatewayAttachment,
        subnet: &'n Subnet,
    ) -> Result<&'n Subnet, Action> {
        let subnets = self.attachment_subnets(entry)?;
        if subnets.iter().any(|one| one.id == subnet.id) {
            return Ok(subnet);
        }
        let in_zone = |one: &&&Subnet| same_zone(one, subnet) == Some(true);
        if let Some(door) = subnets.iter().find(in_zone) {
            return Ok(door);
        }
        // TG-14
        let unsure =
            in_local_zone(subnet) || subnets.iter().any(|one| same_zone(one, subnet).is_none());
        let label = reference(entry).label().to_owned();
        if unsure {
            let fact = format!("whether attachment {label} serves {}", subnet.zone);
            return Err(Action::Unknown(Missing { fact, command: None }));
        }
        let what = format!("has no subnet in {}, where the packet comes from", subnet.zone);
        let note = Note::new(reference(entry), what, "TG-01", entry.about.at.as_ref());
        Err(Action::Stop(Stop::dropped("TGW_ROUTE_AZ_RESTRICTION", note).ending()))
    }

    fn attachment_subnets(
        &self,
        attachment: &TransitGatewayAttachment,
    ) -> Result<Vec<&'n Subnet>, Action> {
        let label = reference(attachment).label().to_owned();
        let scope = &attachment.about.scope;
        let Attached::Vpc { subnets: Some(ids), .. } = &attachment.attached else {
            let fact = format!("the subnets of attachment {label}");
            let command = "aws ec2 describe-transit-gateway-vpc-attachments".to_owned();
            return Err(Action::Unknown(Missing { fact, command: Some(command) }));
        };
        let found = ids.iter().map(|id| {
            self.network.subnets.get(id).ok_or_else(|| {
                let fact = format!("subnet {id} of attachment {label}");
                Action::Unknown(self.missing(fact, Kind::Subnet, scope))
            })
        });
        found.collect()
    }

    /// TG-03: one turn of a table, as passages out of its place. Its routes alone decide, whatever
    /// VPCs overlap (TG-08); replies turn by the table of their own attachment (TG-10).
    fn turn(
        &mut self,
        place: NodeIndex,
        way: &Approach<'n>,
        table: &'n TransitGatewayRouteTable,
        turn: &Turn,
        addresses: AddressSet,
    ) {
        let at = table.about.at.as_ref();
        let note = |what: &str| Note::new(reference(table), what, "TG-03", at);
        let stop = |code, what: &str| Action::Stop(Stop::dropped(code, note(what)).ending());
        let dead = match turn {
            Turn::To(_) => None,
            Turn::Blackhole => Some(stop("TGW_RTB_BAD_STATE_ROUTE", "routes it into a blackhole")),
            Turn::None => Some(stop("TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", "has no route for it")),
            Turn::Unknown(fact) => {
                let scope = &table.about.scope;
                let missing = self.missing(fact.clone(), Kind::TransitGatewayRoutes, scope);
                Some(Action::Unknown(missing))
            }
        };
        let (Turn::To(id), None) = (turn, &dead) else {
            let guard = self.always(dead.unwrap_or(Action::Pass(None)));
            let all = Selector::addresses(addresses);
            self.connect(place, self.kept.end, all, vec![guard], Way::End);
            return;
        };
        let Some(next) = self.network.transit_gateway_attachments.get(id) else {
            let (kind, scope) = (Kind::TransitGatewayAttachment, &table.about.scope);
            let missing = self.missing(format!("attachment {id}"), kind, scope);
            let guard = self.always(Action::Unknown(missing));
            let all = Selector::addresses(addresses);
            self.connect(place, self.kept.end, all, vec![guard], Way::End);
            return;
        };
        let label = reference(next).label().to_owned();
        let words = note(&format!("routes it to attachment {label}"));
        let mut guards = vec![self.always(Action::Pass(Some(Arc::new(words))))];
        if let Some(stop) = not_available(next) {
            guards.push(self.always(stop));
        }
        if let Attached::Vpc { .. } = &next.attached {
            guards.extend(self.takes_ipv6(next));
        }
        let lead = match &next.attached {
            Attached::Vpc { .. } => return self.exits(place, way, next, addresses, &guards),
            Attached::Peer(peer) => {
                let there =
                    if next.transit_gateway == *way.hub { peer } else { &next.transit_gateway };
                let mut passed = way.passed.clone();
                if passed.contains(there) {
                    let what = "comes back to a transit gateway that it has passed";
                    let note = Note::new(reference(next), what, "NG-17", at);
                    Err(Action::Stop(Stop::dropped("NEXT_HOP_LOOP", note).ending()))
                } else {
                    passed.push(there.clone());
                    if let Some(there) = self.network.transit_gateways.get(there) {
                        guards.extend(self.undocumented(there, &there.undocumented));
                    }
                    // TG-09: no references across.
                    let support = Some(false);
                    self.junction(Approach { hub: there, from: None, support, passed }, next)
                }
            }
            // TG-11
            Attached::Other(kind) => {
                let words = format!("{kind} attachment");
                let fact = crate::models::leaves_by(&words, &label)
                    .unwrap_or_else(|| format!("what lies behind the {words} {label}"));
                Err(Action::Unknown(Missing { fact, command: None }))
            }
        };
        let to = lead.unwrap_or_else(|action| {
            guards.push(self.always(action));
            self.kept.end
        });
        self.connect(place, to, Selector::addresses(addresses), guards, Way::Inside);
    }

    /// TG-04: where packets come out of a VPC's attachment, to go on by the table there (TG-12).
    fn exits(
        &mut self,
        place: NodeIndex,
        way: &Approach<'n>,
        exit: &'n TransitGatewayAttachment,
        addresses: AddressSet,
        guards: &[u32],
    ) {
        let unknown = |lowering: &mut Self, action: Action, addresses: AddressSet| {
            let mut guards = guards.to_vec();
            guards.push(lowering.always(action));
            let all = Selector::addresses(addresses);
            lowering.connect(place, lowering.kept.end, all, guards, Way::Inside);
        };
        let subnets = match self.attachment_subnets(exit) {
            Ok(subnets) if !subnets.is_empty() => subnets,
            Ok(_) => {
                let fact = format!("the subnets of attachment {}", reference(exit).label());
                let action = Action::Unknown(Missing { fact, command: None });
                return unknown(self, action, addresses);
            }
            Err(action) => return unknown(self, action, addresses),
        };
        if exit.appliance_mode.is_none() && subnets.len() > 1 {
            let label = reference(exit).label().to_owned();
            let fact = format!("whether attachment {label} is in appliance mode");
            let command = "aws ec2 describe-transit-gateway-vpc-attachments".to_owned();
            let action = Action::Unknown(Missing { fact, command: Some(command) });
            return unknown(self, action, addresses);
        }
        let own = way.from.and_then(|from| {
            subnets.iter().copied().find(|one| same_zone(one, from) == Some(true))
        });
        let kept = match (own, exit.appliance_mode, way.from) {
            (None, ..) => AddressSet::empty(),
            (Some(_), Some(true), Some(from)) => self.kept_in_zone(exit, from),
            _ => AddressSet::all(),
        };
        let support = all_of([way.support, exit.group_references]);
        let crossing = match support {
            Some(true) => Crossing::Transit,
            Some(false) => Crossing::Hidden,
            None => Crossing::TransitUnsure,
        };
        let several = subnets.len() > 1;
        let rest = addresses.difference(&kept);
        let pinned = own.map(|own| (own, addresses.intersection(&kept), false));
        let ways = subnets.into_iter().map(|subnet| (subnet, rest.clone(), several));
        for (subnet, addresses, pick) in pinned.into_iter().chain(ways) {
            if addresses.is_empty() {
                continue;
            }
            let what = format!("brings it to subnet {}", reference(subnet).label());
            let note = Note::new(reference(exit), what, "TG-04", exit.about.at.as_ref());
            let mut guards = guards.to_vec();
            guards.push(self.always(Action::Pass(Some(Arc::new(note)))));
            let to = self.exit_place(way.hub, subnet);
            let effect = Arc::new(Effect {
                crossing,
                returns: None,
                pick: pick.then(|| Pick {
                    choice: format!("subnet {}", subnet.id).into(),
                    // TG-05
                    kept_by: exit
                        .appliance_mode
                        .is_some_and(|on| on)
                        .then(|| Arc::from(exit.id.as_str())),
                }),
                through: None,
            });
            let (selects, guards) = (Arc::new(Selector::addresses(addresses)), guards.into());
            let passage = Passage { selects, guards, departure: 0, way: Way::Inside, effect };
            self.add_passage(place, to, passage);
        }
    }

    /// TG-04, TG-05: the destinations for which appliance mode keeps the sender's zone: those in it,
    /// and those in none.
    fn kept_in_zone(&self, exit: &TransitGatewayAttachment, from: &Subnet) -> AddressSet {
        let mut kept = AddressSet { v4: public_ipv4().clone(), v6: public_ipv6().clone() };
        let Attached::Vpc { vpc, .. } = &exit.attached else { return kept };
        let subnets = self.kept.index.subnets.get(vpc).into_iter().flatten();
        for subnet in subnets.filter_map(|id| self.network.subnets.get(id)) {
            kept = match same_zone(subnet, from) {
                Some(true) => kept.union(&subnet.addresses()),
                _ => kept.difference(&subnet.addresses()),
            };
        }
        kept
    }

    /// Where a transit gateway puts packets into a subnet: nothing but the subnet's table lies
    /// before them (TG-04), and no ACL where they are for the subnet itself (TG-06).
    fn exit_place(&mut self, hub: &'n TransitGatewayId, subnet: &'n Subnet) -> NodeIndex {
        let key = (hub.clone(), subnet.id.clone());
        if let Some(&place) = self.kept.exits.get(&key) {
            return place;
        }
        let place = self.places.add_node(Place::Exit);
        let router = self.places.add_node(Place::Router);
        self.kept.exits.insert(key, place);
        let inside = subnet.addresses();
        let outside = AddressSet::all().difference(&inside);
        let wire = self.kept.subnets[&subnet.id].wire;
        self.connect(place, wire, Selector::addresses(inside), Vec::new(), Way::Inside);
        self.connect(place, router, Selector::addresses(outside), Vec::new(), Way::Inside);
        self.add_routes_of(router, subnet, Some(Arriving { by: Some(hub.clone()) }));
        place
    }
}

fn not_available(attachment: &TransitGatewayAttachment) -> Option<Action> {
    let state = attachment.state.as_str();
    (state != "available").then(|| {
        let at = attachment.about.at.as_ref();
        let note = Note::new(reference(attachment), format!("is {state}"), "TG-01", at);
        Action::Stop(Stop::dropped("BAD_STATE_ATTACHMENT", note))
    })
}

/// SG-14: supported when all support it.
fn all_of(parts: [Support; 2]) -> Support {
    match parts {
        [Some(false), _] | [_, Some(false)] => Some(false),
        [Some(true), Some(true)] => Some(true),
        _ => None,
    }
}

/// SH-01: a zone's id is the same in every account, its name is not.
fn same_zone(one: &Subnet, other: &Subnet) -> Option<bool> {
    let ids = one.zone.id.as_ref().zip(other.zone.id.as_ref());
    let names = one.zone.name.as_ref().zip(other.zone.name.as_ref());
    let one_account = one.about.scope.account == other.about.scope.account;
    let names = names.filter(|_| one_account);
    ids.or(names).map(|(one, other)| one == other)
}

/// The name of a Local Zone goes on after the Region's number: `us-west-2-lax-1a`.
fn in_local_zone(subnet: &Subnet) -> bool {
    let parts: Vec<&str> = subnet.zone.name.as_deref().unwrap_or_default().split('-').collect();
    let is_number = |part: &&str| part.parse::<u8>().is_ok();
    parts.split_last().is_some_and(|(_, before)| before.iter().any(is_number))
}

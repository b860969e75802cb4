//! Replies to what a network load balancer's node forwarded with its client's address.

use super::routes::{Choice, assumption_note};
use super::{Lowering, reference, scope_of};
use crate::answer::{Missing, ResourceRef};
use crate::graph::{Action, GuardId, Note, Selector, Steering, Stop};
use crate::header::AddressSet;
use crate::network::{Kind, RouteState, RouteTable, Subnet};
use std::sync::Arc;

/// The open point of PW-09.
const IGNORES: &str = "NLB_REPLY_IGNORES_ROUTE_TABLE";

/// What such replies ask of the routes of one subnet.
pub(super) type Back = Vec<(Selector, Vec<GuardId>)>;

impl<'n> Lowering<'n> {
    /// PW-09: how they find back, and which routes they need.
    pub(super) fn steering(&mut self) -> (Note, Steering) {
        let value = self.network.assumptions.value(IGNORES);
        let what = match value {
            "true" => "goes back to the load balancer by the flow's state, without a route",
            _ => {
                "goes back to the load balancer by the flow's state, where a route leads to the client"
            }
        };
        let flow = ResourceRef::new("flow", "reply", None);
        let note = Note::new(flow, what, "PW-09", None).assuming(IGNORES, value, "PW-09");
        if value == "true" {
            return (note, Steering::new());
        }
        let mut steering = Steering::new();
        for subnet in self.network.subnets.values() {
            let wire = self.kept.subnets[&subnet.id].wire;
            let (routes, guards) = self.owning(|own| own.routes_back(subnet));
            steering.insert(wire, routes);
            if let Some(table) = self.table_of(subnet) {
                self.kept.of_table.entry(table.id.clone()).or_default().extend(guards);
            }
        }
        (note, steering)
    }

    /// Whether such replies find back without routes.
    pub(super) fn steers(&self) -> bool {
        self.network.assumptions.holds(IGNORES)
    }

    /// What a subnet's table says of each client; those on its own link need no route (PW-04).
    pub(super) fn routes_back(&mut self, subnet: &'n Subnet) -> Back {
        let inside = subnet.addresses();
        let outside = AddressSet::all().difference(&inside);
        let mut all = vec![(Selector::addresses(inside), Vec::new())];
        let Some(table) = self.table_of(subnet) else {
            let fact = format!("the route table of subnet {}", reference(subnet).label());
            let missing = self.missing(fact, Kind::RouteTable, scope_of(subnet));
            let guard = self.always(Action::Unknown(missing));
            all.push((Selector::addresses(outside), vec![guard]));
            return all;
        };
        for (choice, selector) in &self.choices_of(table).whole {
            let guards = self.route_back(table, choice);
            all.push((selector.within(&outside), guards));
        }
        all
    }

    fn route_back(&mut self, table: &'n RouteTable, choice: &Choice) -> Vec<GuardId> {
        let at = table.about.at.as_ref();
        let lives = |index: &usize| {
            table.routes.get(*index).is_some_and(|route| route.state == RouteState::Active)
        };
        let dead = || {
            let note = Note::new(reference(table), "has a dead route to the client", "RT-11", at);
            Action::Stop(Stop::dropped("BAD_STATE_ROUTE", note).ending())
        };
        let action = match choice {
            Choice::Assumed(name, inner) => {
                let note = assumption_note(self.network, table, name);
                let mut guards = vec![self.always(Action::Pass(Some(Arc::new(note))))];
                guards.extend(self.route_back(table, inner));
                return guards;
            }
            Choice::Route(index) if lives(index) => return Vec::new(),
            Choice::Route(_) => dead(),
            Choice::Several(routes, _) if routes.iter().all(lives) => return Vec::new(),
            Choice::Several(routes, _) if !routes.iter().any(lives) => dead(),
            Choice::Several(..) => {
                let fact = format!("which route of rtb {} is used", reference(table).label());
                Action::Unknown(Missing { fact, command: None })
            }
            Choice::Unknown(missing) => Action::Unknown(missing.clone()),
            Choice::None => {
                let what = "has no route to the client";
                let note = Note::new(reference(table), what, "RT-12", at);
                Action::Stop(Stop::dropped("NO_ROUTE_TO_DESTINATION", note).ending())
            }
        };
        vec![self.always(action)]
    }
}

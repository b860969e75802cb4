//! Transit gateways, their tables and attachments.

use super::{block, list, map, pairs};
use crate::generate::account_id;
use crate::generate::plan::Plan;
use crate::generate::transit::{TransitTable, Way};
use crate::generate::vpc::VpcPlan;

type Entries = Vec<(String, String)>;

fn account(number: u32) -> (&'static str, String) {
    ("account", format!("\"{}\"", account_id(number)))
}

pub(super) fn gateways(plan: &Plan, _: &[VpcPlan]) -> Entries {
    let entry = |gateway: u32| {
        let owner = account(plan.gateway_account(gateway));
        (plan.gateway_name(gateway), map(&[("default_table", "false".to_owned()), owner]))
    };
    (0..plan.gateways()).map(entry).collect()
}

fn all_tables(plan: &Plan) -> impl Iterator<Item = TransitTable> {
    (0..plan.gateways()).flat_map(|gateway| plan.transit_tables(gateway))
}

/// The routes that no attachment propagates.
pub(super) fn tables(plan: &Plan, _: &[VpcPlan]) -> Entries {
    let entry = |table: TransitTable| {
        let routes = plan.transit_routes(table.number).filter(|route| !route.learned);
        let routes = routes.map(|route| {
            let way = match route.way {
                Way::Vpc(vpc) => plan.name(vpc),
                Way::Peering(peering) => joined(plan, peering),
                Way::Blackhole => "blackhole".to_owned(),
            };
            (block(route.to), way)
        });
        let gateway = plan.gateway_name(table.gateway);
        (table.name, map(&[("transit_gateway", gateway), ("routes", pairs(routes))]))
    };
    all_tables(plan).map(entry).collect()
}

/// What the peering of two transit gateways is called.
fn joined(plan: &Plan, peering: u32) -> String {
    format!("{}-{}", plan.gateway_name(peering), plan.gateway_name(peering + 1))
}

pub(super) fn attachments(plan: &Plan, vpcs: &[VpcPlan]) -> Entries {
    let tables: Vec<TransitTable> = all_tables(plan).collect();
    let name = |number: u32| {
        let table = tables.iter().find(|table| table.number == number);
        table.map_or_else(String::new, |table| table.name.clone())
    };
    let of_vpc = |vpc: &VpcPlan| {
        let gateway = plan.gateway(vpc.vpc)?;
        let own = plan.transit_table(vpc.vpc)?;
        let places = plan.transit_places(vpc.vpc);
        let learning = tables.iter().filter(|table| plan.learns(table.number, vpc.vpc));
        let mut fields = vec![
            ("transit_gateway", plan.gateway_name(gateway)),
            ("subnets", list(places.map(|place| super::subnet(vpc, place)))),
            ("route_table", name(own)),
            ("propagate_to", list(learning.map(|table| table.name.clone()))),
        ];
        fields.extend(plan.dual_stack().then(|| ("ipv6", "true".to_owned())));
        Some((vpc.name.clone(), map(&fields)))
    };
    let peering = |one: u32| {
        let fields = [
            ("transit_gateway", plan.gateway_name(one)),
            ("peer", plan.gateway_name(one + 1)),
            ("route_table", name(one)),
            ("peer_route_table", name(one + 1)),
        ];
        (joined(plan, one), map(&fields))
    };
    vpcs.iter().filter_map(of_vpc).chain(plan.transit_peerings().map(peering)).collect()
}

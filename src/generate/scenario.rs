//! As a scenario, to read and to edit.

mod filters;
mod places;
mod services;
mod transit;

use super::REGION;
use super::filters::Group;
use super::plan::Plan;
use super::space::{Cidr, Place};
use super::vpc::{InterfacePlan, Table, VpcPlan};
use std::fmt::Display;
use std::io::{self, Write};

/// Writes the entries of a section: their names and what they are.
type Section = fn(&Plan, &[VpcPlan]) -> Vec<(String, String)>;

const SECTIONS: [(&str, Section); 19] = [
    ("vpcs", places::vpcs),
    ("subnets", places::subnets),
    ("internet_gateways", places::internet_gateways),
    ("egress_only_internet_gateways", places::egress_only_gateways),
    ("nat_gateways", places::nat_gateways),
    ("transit_gateways", transit::gateways),
    ("transit_gateway_route_tables", transit::tables),
    ("transit_gateway_attachments", transit::attachments),
    ("peerings", places::peerings),
    ("prefix_lists", places::prefix_lists),
    ("route_tables", places::route_tables),
    ("endpoints", places::endpoints),
    ("security_groups", filters::groups),
    ("network_acls", filters::acls),
    ("interfaces", places::interfaces),
    ("load_balancers", services::load_balancers),
    ("target_groups", services::target_groups),
    ("task_definitions", services::task_definitions),
    ("services", services::services),
];

/// Writes a network, which is drawn as a whole: scenarios are small.
///
/// # Errors
/// When the text cannot be written.
pub fn write(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let vpcs: Vec<VpcPlan> = (0..plan.order().vpcs).filter_map(|vpc| plan.vpc(vpc)).collect();
    writeln!(out, "# {}", plan.order())?;
    writeln!(out, "region: {REGION}")?;
    let tasks: (&str, Section) = ("tasks", services::tasks);
    for (section, entries) in SECTIONS.into_iter().chain([tasks]) {
        let entries = entries(plan, &vpcs);
        if entries.is_empty() {
            continue;
        }
        writeln!(out, "\n{section}:")?;
        for (name, entry) in entries {
            writeln!(out, "  {name}: {entry}")?;
        }
    }
    Ok(())
}

/// A map on one line.
fn map(fields: &[(&str, String)]) -> String {
    pairs(fields.iter().map(|(key, value)| (key, value)))
}

/// The same of whatever keys.
fn pairs<K: Display, V: Display>(fields: impl IntoIterator<Item = (K, V)>) -> String {
    let fields = fields.into_iter().map(|(key, value)| format!("{key}: {value}"));
    let fields: Vec<String> = fields.collect();
    if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
}

/// A list on one line.
fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    format!("[{}]", items.join(", "))
}

/// Colons in IPv6 addresses are no separators.
fn block(cidr: Cidr) -> String {
    match cidr {
        Cidr::V4(..) => cidr.to_string(),
        Cidr::V6(..) => format!("\"{cidr}\""),
    }
}

fn subnet(vpc: &VpcPlan, place: Place) -> String {
    format!("{}-{place}", vpc.name)
}

fn table(vpc: &VpcPlan, table: Table) -> String {
    format!("{}-{table}", vpc.name)
}

fn group(vpc: &str, group: Group) -> String {
    format!("{vpc}-{group}")
}

fn groups<'g>(vpc: &VpcPlan, groups: impl IntoIterator<Item = &'g Group>) -> String {
    list(groups.into_iter().map(|&one| group(&vpc.name, one)))
}

fn interface(vpc: &VpcPlan, one: &InterfacePlan) -> String {
    format!("{}-eni-{}", vpc.name, one.number)
}

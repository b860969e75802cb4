//! As the AWS CLI would have saved it: `<account>/<region>/<call>.json`.

mod filters;
mod ids;
mod interfaces;
mod services;
mod transit;
mod vpcs;

use super::folder::Folder;
use super::plan::Plan;
use super::vpc::VpcPlan;
use super::{REGION, account_id};
use crate::models;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Where the elements of an answer go.
type Put<'p> = dyn FnMut(Value) -> io::Result<()> + 'p;

/// Says what a VPC has of some kind.
type Elements = fn(&Plan, &VpcPlan, &mut Put<'_>) -> io::Result<()>;

/// The answers that list what all VPCs of an account have: their call, their key, and who knows.
const LISTS: [(&str, &str, Elements); 19] = [
    ("describe-vpcs", "Vpcs", vpcs::vpcs),
    ("describe-dhcp-options", "DhcpOptions", vpcs::dhcp_options),
    ("describe-subnets", "Subnets", vpcs::subnets),
    ("describe-route-tables", "RouteTables", vpcs::route_tables),
    ("describe-internet-gateways", "InternetGateways", vpcs::internet_gateways),
    (
        "describe-egress-only-internet-gateways",
        "EgressOnlyInternetGateways",
        vpcs::egress_only_gateways,
    ),
    ("describe-nat-gateways", "NatGateways", vpcs::nat_gateways),
    ("describe-vpc-endpoints", "VpcEndpoints", vpcs::endpoints),
    ("describe-vpc-peering-connections", "VpcPeeringConnections", vpcs::peerings),
    ("describe-security-groups", "SecurityGroups", filters::groups),
    ("describe-network-acls", "NetworkAcls", filters::acls),
    ("describe-network-interfaces", "NetworkInterfaces", interfaces::interfaces),
    ("describe-load-balancers", "LoadBalancers", services::load_balancers),
    ("describe-listeners", "Listeners", services::listeners),
    ("describe-rules", "Rules", services::rules),
    ("describe-target-groups", "TargetGroups", services::target_groups),
    ("describe-clusters", "clusters", services::clusters),
    ("describe-services", "services", services::services),
    ("describe-tasks", "tasks", services::tasks),
];

/// Writes a network, account by account.
///
/// # Errors
/// When the folder does not take it.
pub fn write(plan: &Plan, folder: &mut dyn Folder) -> io::Result<()> {
    for account in 0..plan.accounts() {
        let place = format!("{}/{REGION}", account_id(account));
        Account { plan, account, place, folder }.write()?;
    }
    Ok(())
}

/// An account under way.
struct Account<'a> {
    plan: &'a Plan,
    account: u32,
    place: String,
    folder: &'a mut dyn Folder,
}

impl Account<'_> {
    fn write(mut self) -> io::Result<()> {
        let (plan, account) = (self.plan, self.account);
        let vpcs: Vec<VpcPlan> = plan.vpcs_of(account).filter_map(|vpc| plan.vpc(vpc)).collect();
        for (call, key, elements) in LISTS {
            self.list(call, key, |put| vpcs.iter().try_for_each(|vpc| elements(plan, vpc, put)))?;
        }
        for (call, key, elements) in transit::LISTS {
            self.list(call, key, |put| elements(plan, account, &vpcs, put))?;
        }
        self.transit_tables()?;
        for vpc in &vpcs {
            vpcs::attributes(vpc)
                .into_iter()
                .chain(services::parts(plan, vpc))
                .try_for_each(|(name, value)| self.one(&name, &value))?;
        }
        self.list("describe-prefix-lists", "PrefixLists", |put| put(vpcs::s3_list()))?;
        self.one("describe-vpc-block-public-access-options", &vpcs::public_access(account))?;
        self.nothing()
    }

    /// What an account has none of is captured, too: by the call that lists its kind.
    fn nothing(&mut self) -> io::Result<()> {
        let mut done: BTreeSet<&str> = LISTS.iter().map(|(_, key, _)| *key).collect();
        done.extend(transit::LISTS.iter().map(|(_, key, _)| *key));
        done.extend(["PrefixLists", "VpcBlockPublicAccessOptions"]);
        let mut kinds: BTreeSet<&str> = BTreeSet::new();
        for call in models::calls() {
            let first = kinds.insert(call.kind);
            // A call that names something has nothing to name.
            if first && !call.command.contains('<') && done.insert(call.key) {
                let name = call.command.split(' ').nth(2).unwrap_or_default();
                self.list(name, call.key, |_| Ok(()))?;
            }
        }
        Ok(())
    }

    /// The associations and routes of the transit gateways that are the account's own.
    fn transit_tables(&mut self) -> io::Result<()> {
        let (plan, account) = (self.plan, self.account);
        for gateway in (0..plan.gateways()).filter(|&one| plan.gateway_account(one) == account) {
            for table in plan.transit_tables(gateway) {
                let id = ids::transit_table(table.number);
                let name = format!("get-transit-gateway-route-table-associations.{id}");
                self.list(&name, "Associations", |put| {
                    transit::associations(plan, table.number, put)
                })?;
                let name = format!("search-transit-gateway-routes.{id}");
                self.list(&name, "Routes", |put| transit::routes(plan, table.number, put))?;
            }
        }
        Ok(())
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}.json", self.place)
    }

    /// An answer that is no list.
    fn one(&mut self, name: &str, value: &Value) -> io::Result<()> {
        let path = self.path(name);
        let mut file = self.folder.file(&path)?;
        serde_json::to_writer(&mut file, value)?;
        file.write_all(b"\n")?;
        file.flush()
    }

    /// A list, element by element.
    fn list(
        &mut self,
        name: &str,
        key: &str,
        elements: impl FnOnce(&mut Put<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let path = self.path(name);
        let mut file = self.folder.file(&path)?;
        write!(file, "{{{}: [", json!(key))?;
        let mut before = "\n";
        elements(&mut |value| {
            file.write_all(before.as_bytes())?;
            before = ",\n";
            serde_json::to_writer(&mut file, &value).map_err(io::Error::from)
        })?;
        file.write_all(b"\n]}\n")?;
        file.flush()
    }
}

//! From a network to a scenario file that a person can read and edit.
//!
//! The other way round of the reader, and beside it, since the two must agree on every key: what is
//! written reads back as the same network, but for the places where it was stated. What AWS makes
//! by itself is left out where the reader adds the same; where it would add something else, as in
//! most captures, the file says `implied: false` and states all there is.

mod balancing;
mod dns;
mod ecs;
mod filters;
mod firewalls;
mod gateways;
mod hosts;
mod keys;
mod limits;
mod public_access;
mod routes;
mod tasks;
mod transit;
mod tree;
mod vpcs;

use super::node::Node;
use super::stated::nowhere;
use crate::answer::Expectation;
use crate::network::{
    About, Coverage, Kind, Network, Resource, RouteTableId, Scope, SecurityGroupId, SubnetId, VpcId,
};
pub(super) use firewalls::entry as firewall_entry;
use keys::Keys;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use tree::{Map, Yaml, text};

/// The network as a scenario file.
///
/// ```
/// use vpc_reach::read::scenario;
/// let text = "
/// vpcs: { app: { cidr: 10.0.0.0/16 } }
/// subnets: { a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, map_public_ip: false } }
/// ";
/// let loaded = scenario::read("reach.yaml", text, &mut |_| unreachable!("there is no base"))?;
/// let written = "\
/// region: us-east-1
/// vpcs:
///   app: { cidr: 10.0.0.0/16 }
/// subnets:
///   a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }
/// ";
/// assert_eq!(scenario::write(&loaded.network), written);
/// # Ok::<(), vpc_reach::read::ReadError>(())
/// ```
#[must_use]
pub fn write(network: &Network) -> String {
    let mut extents = Vec::new();
    if network.coverage == Coverage::Stated {
        // A shorter one holds if they read back as the same.
        extents.extend([Extent::Short, Extent::Implied]);
    }
    let whole = Writer::new(network, Extent::Whole).file();
    for extent in extents {
        let written = Writer::new(network, extent).file();
        let read = super::read("written", &written, &mut |_| Ok(Network::stated()));
        if read.is_ok_and(|loaded| Writer::new(&loaded.network, Extent::Whole).file() == whole) {
            return written;
        }
    }
    whole
}

/// The network as a scenario file of this extent. What reads back may have more than the network,
/// where it leaves out what the reader adds; [`write()`] sees to it that it does not.
#[must_use]
pub fn write_as(network: &Network, extent: Extent) -> String {
    Writer::new(network, extent).file()
}

/// What a file would state of a resource that goes by its fields alone.
pub(super) fn entry(network: &Network, kind: Kind, id: &str) -> Option<Node> {
    let it = Writer::new(network, Extent::Whole);
    let map = match kind {
        Kind::EgressOnlyGateway => it.egress_only_gateway(network.egress_only_gateways.get(id)?),
        Kind::VirtualPrivateGateway => {
            it.virtual_private_gateway(network.virtual_private_gateways.get(id)?)
        }
        Kind::TransitGateway => it.transit_gateway(network.transit_gateways.get(id)?),
        Kind::CapacityProvider => it.provider(network.capacity_providers.get(id)?),
        Kind::Cluster => it.cluster(network.clusters.get(id)?),
        Kind::ContainerInstance => it.container_instance(network.container_instances.get(id)?),
        Kind::FileSystem => it.file_system(network.file_systems.get(id)?),
        Kind::BlockPublicAccess => it.public_access_block(network.public_access_blocks.get(id)?),
        Kind::BlockPublicAccessExclusion => {
            it.public_access_exclusion(network.public_access_exclusions.get(id)?)
        }
        Kind::Task => it.task(network.tasks.get(id)?),
        _ => None,
    };
    map.map(|map| Yaml::Map(map).node(&nowhere()))
}

/// The lines under `expect`.
#[must_use]
pub fn write_expectations(expectations: &[Expectation]) -> String {
    let lines = expectations.iter().map(|Expectation { query, verdict, .. }| {
        let mut line = Map::default();
        line.put(query, text(verdict));
        Yaml::Map(line)
    });
    // One `query: verdict` in each line, without braces.
    let mut all = String::from("expect:\n");
    for line in lines {
        all.push_str(&tree::bare_item(2, &line));
    }
    all
}

/// How much of a network is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What is not as AWS makes it, and nothing that AWS makes by itself.
    Short,
    /// What is not as AWS makes it, and what AWS makes by itself.
    Implied,
    /// Everything.
    Whole,
}

struct Writer<'n> {
    network: &'n Network,
    extent: Extent,
    /// The account and Region of what does not state its own.
    scope: Scope,
    keys: Keys,
}

impl<'n> Writer<'n> {
    fn new(network: &'n Network, extent: Extent) -> Self {
        let scope = usual_scope(network);
        let keys = Keys::of(network, scope.region.as_deref().unwrap_or_default());
        Self { network, extent, scope, keys }
    }

    fn file(&self) -> String {
        let mut file = String::new();
        let Scope { account, region } = &self.scope;
        file.push_str(&tree::line("region", region.as_deref().unwrap_or_default()));
        if account.as_deref() != Some(ACCOUNT) {
            file.push_str(&tree::line("account", account.as_deref().unwrap_or_default()));
        }
        if !self.implied() && self.network.coverage == Coverage::Stated {
            file.push_str(&tree::line("implied", "false"));
        }
        file.push_str(&self.limits());
        let network = self.network;
        let sections = [
            ("vpcs", self.each(&network.vpcs, Self::vpc)),
            ("subnets", self.each(&network.subnets, Self::subnet)),
            ("internet_gateways", self.each(&network.internet_gateways, Self::internet_gateway)),
            (
                "egress_only_internet_gateways",
                self.each(&network.egress_only_gateways, Self::egress_only_gateway),
            ),
            ("nat_gateways", self.each(&network.nat_gateways, Self::nat_gateway)),
            ("route_tables", self.each(&network.route_tables, Self::route_table)),
            ("endpoints", self.each(&network.vpc_endpoints, Self::endpoint)),
            (
                "virtual_private_gateways",
                self.each(&network.virtual_private_gateways, Self::virtual_private_gateway),
            ),
            ("firewalls", self.each(&network.firewalls, Self::firewall)),
            ("peerings", self.each(&network.peerings, Self::peering)),
            ("transit_gateways", self.each(&network.transit_gateways, Self::transit_gateway)),
            (
                "transit_gateway_attachments",
                self.each(&network.transit_gateway_attachments, Self::transit_attachment),
            ),
            (
                "transit_gateway_route_tables",
                self.each(&network.transit_gateway_route_tables, Self::transit_table),
            ),
            ("prefix_lists", self.each(&network.prefix_lists, Self::prefix_list)),
            ("security_groups", self.each(&network.security_groups, Self::security_group)),
            ("network_acls", self.each(&network.network_acls, Self::network_acl)),
            ("interfaces", self.each(&network.interfaces, Self::interface)),
            ("instances", self.each(&network.instances, Self::instance)),
            ("load_balancers", self.each(&network.load_balancers, Self::load_balancer)),
            ("target_groups", self.each(&network.target_groups, Self::target_group)),
            ("services", self.each(&network.services, Self::service)),
            ("task_definitions", self.each(&network.task_definitions, Self::task_definition)),
            ("tasks", self.each(&network.tasks, Self::task)),
            ("clusters", self.each(&network.clusters, Self::cluster)),
            ("capacity_providers", self.each(&network.capacity_providers, Self::provider)),
            (
                "container_instances",
                self.each(&network.container_instances, Self::container_instance),
            ),
            ("file_systems", self.each(&network.file_systems, Self::file_system)),
            ("dhcp_options", self.each(&network.dhcp_options, Self::dhcp_options)),
            ("hosted_zones", self.each(&network.hosted_zones, Self::hosted_zone)),
            ("resolver_rules", self.each(&network.resolver_rules, Self::resolver_rule)),
            (
                "public_access_blocks",
                self.each(&network.public_access_blocks, Self::public_access_block),
            ),
            (
                "public_access_exclusions",
                self.each(&network.public_access_exclusions, Self::public_access_exclusion),
            ),
            ("others", self.others()),
        ];
        for (name, entries) in sections.iter().filter(|(_, entries)| !entries.is_empty()) {
            file.push_str(&tree::section(name, entries));
        }
        file
    }

    /// The entries of a section; `write` gives nothing for what is left out.
    fn each<I, R: Resource>(
        &self,
        resources: &BTreeMap<I, R>,
        write: fn(&Self, &R) -> Option<Map>,
    ) -> Map {
        let mut entries = Map::default();
        for resource in resources.values() {
            let Some(map) = write(self, resource) else { continue };
            let id = resource.id_text();
            let key = self.keys.key(R::KIND, id);
            entries.put(key, self.entry(R::KIND, key, id, resource.about(), map));
        }
        entries
    }

    /// An entry with what it says of its id, its name and its owner.
    fn entry(&self, kind: Kind, key: &str, id: &str, about: &About, map: Map) -> Map {
        let mut entry = Map::default();
        let home = self.home(&map);
        let list = about.name.as_deref().is_some_and(|name| name.contains("com.amazonaws."));
        let list = list && kind == Kind::PrefixList && super::draft::stands_for_list(key, id);
        if id != key && !list {
            entry.put("id", id);
        }
        let implied_name = (id != key && kind != Kind::HostedZone).then_some(key);
        match about.name.as_deref() {
            Some("default") if kind == Kind::SecurityGroup => {}
            // AWS's own lists are called by their service.
            Some(_) if kind == Kind::PrefixList && key != id => {}
            Some(name) if Some(name) != implied_name && name != id => entry.put("name", name),
            _ => {}
        }
        let Scope { account, region } = &about.scope;
        let unknown = |one: &Option<std::sync::Arc<str>>| text(one.as_deref().unwrap_or("unknown"));
        if *account != home.account {
            entry.put("account", unknown(account));
        }
        if *region != home.region {
            entry.put("region", unknown(region));
        }
        entry.0.extend(map.0);
        if about.tags.told() {
            let tags = about.tags.iter().map(|(key, value)| (key.to_owned(), text(value)));
            entry.put("tags", Map(tags.collect()));
        }
        entry
    }

    /// Whose an entry is that does not say so: its VPC's owner's, else the file's.
    fn home(&self, map: &Map) -> Scope {
        let first = |key: &str| match map.get(key)? {
            Yaml::Text(text) => Some(text.as_str()),
            Yaml::List(items) => match items.first()? {
                Yaml::Text(text) => Some(text.as_str()),
                _ => None,
            },
            _ => None,
        };
        let id = |kind, key| self.keys.id(kind, first(key)?);
        let network = self.network;
        let in_vpc = || id(Kind::Vpc, "vpc").map(VpcId::from);
        let in_subnet = || {
            let subnet = id(Kind::Subnet, "subnet").or_else(|| id(Kind::Subnet, "subnets"))?;
            network.subnets.get(&SubnetId::from(subnet)).map(|subnet| subnet.vpc.clone())
        };
        let in_table = || {
            let table = RouteTableId::from(id(Kind::RouteTable, "route_tables")?);
            network.route_tables.get(&table).map(|table| table.vpc.clone())
        };
        let vpc = in_vpc().or_else(in_subnet).or_else(in_table);
        let vpc = vpc.and_then(|id| network.vpcs.get(&id));
        vpc.map_or_else(|| self.scope.clone(), |vpc| vpc.about.scope.clone())
    }

    /// Whether what is left out is as AWS makes it.
    fn implied(&self) -> bool {
        self.extent != Extent::Whole
    }

    fn key<'a>(&'a self, kind: Kind, id: &'a impl AsRef<str>) -> Yaml {
        text(self.keys.key(kind, id.as_ref()))
    }

    fn key_all<'a, I: AsRef<str> + 'a>(
        &'a self,
        kind: Kind,
        ids: impl IntoIterator<Item = &'a I>,
    ) -> Vec<Yaml> {
        ids.into_iter().map(|id| self.key(kind, id)).collect()
    }

    /// What may not be known: left out where that means the same.
    fn known<T: PartialEq + Display>(&self, map: &mut Map, key: &str, value: Option<T>, usual: T) {
        match value {
            Some(value) if self.implied() && value == usual => {}
            value => map.some(key, value.map(text)),
        }
    }

    /// The groups under `security_groups`; the VPC's default one is left out (SG-17).
    fn groups(&self, map: &mut Map, groups: &BTreeSet<SecurityGroupId>, vpc: Option<&VpcId>) {
        let default = |id: &VpcId| {
            let groups = self.network.security_groups.values();
            groups.into_iter().find(|group| group.vpc == *id && group.label() == "default")
        };
        let default = vpc.filter(|_| self.implied()).and_then(default).map(|group| &group.id);
        if default.is_none() || groups.len() != 1 || groups.first() != default {
            map.items("security_groups", self.key_all(Kind::SecurityGroup, groups));
        }
    }

    /// The VPC, where the subnet does not tell it.
    fn vpc_beside<'s>(
        &self,
        map: &mut Map,
        vpc: &VpcId,
        subnets: impl IntoIterator<Item = &'s SubnetId>,
    ) {
        let first = subnets.into_iter().next().and_then(|id| self.network.subnets.get(id));
        if first.is_none_or(|subnet| subnet.vpc != *vpc) {
            map.put("vpc", self.key(Kind::Vpc, vpc));
        }
    }
}

/// The account of a file that states none.
const ACCOUNT: &str = "111122223333";

/// The most common account and Region.
fn usual_scope(network: &Network) -> Scope {
    let mut accounts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut regions: BTreeMap<&str, usize> = BTreeMap::new();
    for about in network.abouts() {
        if let Some(account) = about.scope.account.as_deref() {
            *accounts.entry(account).or_default() += 1;
        }
        if let Some(region) = about.scope.region.as_deref() {
            *regions.entry(region).or_default() += 1;
        }
    }
    let most = |counts: BTreeMap<&str, usize>, usual: &str| {
        let most = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)));
        Some(most.map_or(usual, |(name, _)| name).into())
    };
    Scope { account: most(accounts, ACCOUNT), region: most(regions, "us-east-1") }
}

//! Scenario files: a network that a person wrote.
//!
//! A scenario is YAML. Names are the keys, unique per kind, and whatever is left out is as AWS
//! makes it by default. `scenarios/README.md` describes every key.
//!
//! ```
//! use vpc_reach::read::scenario;
//! let text = "
//! vpcs: { app: { cidr: 10.0.0.0/16 } }
//! subnets: { private-a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a } }
//! ";
//! let loaded = scenario::read("reach.yaml", text, &mut |_| unreachable!("there is no base"))?;
//! assert_eq!(loaded.network.subnets.len(), 1);
//!
//! let error = scenario::read("reach.yaml", "vpcz: {}", &mut |_| unreachable!()).unwrap_err();
//! assert_eq!(error.to_string(), "a scenario has no key `vpcz`");
//! assert_eq!(error.hint.unwrap(), "did you mean `vpcs`?");
//! # Ok::<(), vpc_reach::read::ReadError>(())
//! ```

mod acls;
mod balancers;
mod clusters;
mod commands;
mod differ;
mod dns;
mod draft;
mod ecs;
mod emit;
mod endpoints;
mod entry;
mod expectations;
mod firewalls;
mod gateways;
mod groups;
mod interfaces;
mod merge;
mod names;
mod needs;
mod node;
mod overlay;
mod path;
mod peerings;
mod proxies;
mod public_access;
mod routes;
mod silence;
mod sockets;
mod stated;
mod target_groups;
mod tasks;
mod transit;
mod value;
mod vpcs;
mod write;
mod yaml;

pub use differ::difference;
pub use overlay::Overlay;
pub use write::{Extent, write, write_as, write_expectations};

use super::{Loaded, ReadError};
use crate::edit::{self, Edit};
use crate::network::{At, Kind, Network, RouteTable, Scope, VpcId};
use draft::{Draft, Stated};
use entry::Entry;
use names::Names;
use node::{Fields, Key, Node, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Read = fn(&mut Draft, &Key, &Node, &str) -> Result<(), ReadError>;

/// The sections, in the order in which they are read.
const SECTIONS: [(&str, Kind, Read); 32] = [
    ("prefix_lists", Kind::PrefixList, endpoints::prefix_list),
    ("dhcp_options", Kind::DhcpOptions, dns::dhcp_options),
    ("vpcs", Kind::Vpc, vpcs::vpc),
    ("route_tables", Kind::RouteTable, routes::route_table),
    ("network_acls", Kind::NetworkAcl, acls::network_acl),
    ("security_groups", Kind::SecurityGroup, groups::security_group),
    (IMPLICIT_BEFORE, Kind::Subnet, vpcs::subnet),
    ("internet_gateways", Kind::InternetGateway, gateways::internet_gateway),
    ("egress_only_internet_gateways", Kind::EgressOnlyGateway, gateways::egress_only_gateway),
    ("nat_gateways", Kind::NatGateway, gateways::nat_gateway),
    ("firewalls", Kind::Firewall, firewalls::firewall),
    ("endpoints", Kind::VpcEndpoint, endpoints::endpoint),
    ("virtual_private_gateways", Kind::VirtualPrivateGateway, gateways::virtual_private_gateway),
    ("peerings", Kind::PeeringConnection, peerings::peering),
    ("transit_gateways", Kind::TransitGateway, transit::transit_gateway),
    ("transit_gateway_route_tables", Kind::TransitGatewayRouteTable, transit::route_table),
    ("transit_gateway_attachments", Kind::TransitGatewayAttachment, transit::attachment),
    ("interfaces", Kind::NetworkInterface, interfaces::interface),
    ("instances", Kind::Instance, interfaces::instance),
    ("capacity_providers", Kind::CapacityProvider, clusters::capacity_provider),
    ("clusters", Kind::Cluster, clusters::cluster),
    ("container_instances", Kind::ContainerInstance, clusters::container_instance),
    ("file_systems", Kind::FileSystem, clusters::file_system),
    ("target_groups", Kind::TargetGroup, target_groups::target_group),
    ("load_balancers", Kind::LoadBalancer, balancers::load_balancer),
    ("hosted_zones", Kind::HostedZone, dns::hosted_zone),
    ("resolver_rules", Kind::ResolverRule, dns::resolver_rule),
    ("public_access_blocks", Kind::BlockPublicAccess, public_access::block),
    ("public_access_exclusions", Kind::BlockPublicAccessExclusion, public_access::exclusion),
    ("task_definitions", Kind::TaskDefinition, ecs::task_definition),
    ("services", Kind::Service, ecs::service),
    ("tasks", Kind::Task, interfaces::task),
];

/// What every VPC has without being told is added before this section.
const IMPLICIT_BEFORE: &str = "subnets";

const OTHER_KEYS: [&str; 11] = [
    "region", "account", "base", "remove", "expect", "implied", "captured", "gaps", "others",
    "assume", "what_if",
];

/// Reads a scenario. `file` is its name in messages; `base` loads the file that its key `base`
/// names.
///
/// # Errors
/// When the text is not a scenario, or describes a network that cannot exist.
pub fn read(
    file: &str,
    text: &str,
    base: &mut dyn FnMut(&str) -> Result<Network, ReadError>,
) -> Result<Loaded, ReadError> {
    let name: Arc<str> = Arc::from(file);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    read_text(&name, text, base).map_err(|mut error| {
        // An error in the base carries the base's own text.
        let ours = error.at.as_ref().is_none_or(|at| at.file == name);
        if ours && error.text.is_none() {
            error.text = Some(Arc::from(text));
        }
        error
    })
}

fn read_text(
    file: &Arc<str>,
    text: &str,
    base: &mut dyn FnMut(&str) -> Result<Network, ReadError>,
) -> Result<Loaded, ReadError> {
    let root = yaml::parse(file, text)?;
    if matches!(root.value, Value::Null) {
        let at = At { file: Arc::clone(file), line: None, column: None };
        return Err(ReadError::at(&at, "this scenario is empty")
            .hint("begin with `vpcs: { app: { cidr: 10.0.0.0/16 } }`"));
    }
    if !matches!(root.value, Value::Mapping(_)) {
        return Err(root
            .expected("a scenario", "a mapping of sections")
            .hint("a section is like `vpcs: { app: { cidr: 10.0.0.0/16 } }`"));
    }
    let mut known: Vec<&str> = SECTIONS.iter().map(|(section, ..)| *section).collect();
    known.extend(OTHER_KEYS);
    let fields = Fields::of(&root, "a scenario", &root.at, &known)?;

    let base = match fields.text("base")? {
        Some(path) => base(path)?,
        None => Network::stated(),
    };
    let mut draft = begin(&fields, base)?;
    read_sections(&mut draft, &fields)?;
    if let Some(node) = fields.get("remove") {
        draft.remove = removals_of(&draft, node)?;
    }
    let what_if = what_if(&fields)?;

    let mut network = build(draft)?;
    if let Some(captured) = silence::captured(&fields)? {
        network.coverage = captured;
    }
    network.gaps.extend(silence::gaps(&fields)?);
    silence::assume(&mut network, &fields)?;
    if let Some(problem) = network.problems().into_iter().next() {
        return Err(problem.into());
    }
    let expectations = fields.get("expect").map_or(Ok(Vec::new()), expectations::read)?;
    Ok(Loaded { network, expectations, what_if, notes: Vec::new() })
}

/// Reads every section, each resource on top of the base.
fn read_sections(draft: &mut Draft, fields: &Fields<'_>) -> Result<(), ReadError> {
    let mut stated = Vec::new();
    for (section, kind, _) in SECTIONS {
        let mut of_section = Vec::new();
        for (key, node) in entries(fields, section)? {
            let entry = Entry::of(Some(kind), key, node)?;
            draft.names.state(kind, key, entry.id.as_deref())?;
            // Their interface goes by their name.
            if matches!(kind, Kind::Instance | Kind::Task)
                && !interfaces::names_its_interfaces(&entry.node)
            {
                draft.names.state(Kind::NetworkInterface, key, entry.id.as_deref())?;
            }
            reserve_public_address(draft, &entry.node);
            of_section.push(entry);
        }
        stated.push(of_section);
    }
    for ((section, kind, read), entries) in SECTIONS.into_iter().zip(stated) {
        if section == IMPLICIT_BEFORE && draft.implied {
            add_implicit(draft);
        }
        for entry in entries {
            let key = entry.key;
            let id = draft.names.find(kind, &key.text).unwrap_or(&key.text).to_owned();
            draft.begin_entry(&entry);
            read(draft, key, &entry.node, &id)?;
        }
        draft.end_entry();
    }
    silence::others(draft, fields)?;
    endpoints::restore_routes(draft);
    endpoints::settle_inbound_resolver(draft);
    routes::settle_endpoint_targets(draft)?;
    interfaces::settle_planned_addresses(draft);
    Ok(())
}

/// `what_if: { without-nat: { remove: [nat-gateway/nat-a] } }`
fn what_if(fields: &Fields<'_>) -> Result<BTreeMap<String, Overlay>, ReadError> {
    let blocks = entries(fields, "what_if")?.iter();
    blocks
        .map(|(key, node)| Ok((key.text.clone(), Overlay::of(&key.text, node.clone(), None)?)))
        .collect()
}

fn entries<'n>(fields: &Fields<'n>, section: &str) -> Result<&'n [(Key, Node)], ReadError> {
    fields.get(section).map_or(Ok(&[]), |node| node.entries(&format!("`{section}`")))
}

/// The account and Region are the base's, when it has only one.
fn begin(fields: &Fields<'_>, base: Network) -> Result<Draft, ReadError> {
    let scopes: BTreeSet<&Scope> = base.vpcs.values().map(|vpc| &vpc.about.scope).collect();
    let only = match scopes.len() {
        1 => scopes.first().copied().cloned().unwrap_or_default(),
        _ => Scope::default(),
    };
    let region = fields.get("region").map(region).transpose()?;
    let region = region.or(only.region.as_deref()).unwrap_or("us-east-1");
    let account = fields.get("account").map(account).transpose()?;
    let account = account.or(only.account.as_deref()).unwrap_or("111122223333");
    let mut names = Names::of(&base);
    // A capture may name what it does not hold.
    names.open = fields.get("captured").is_some();
    Ok(Draft {
        region: region.to_owned(),
        account: account.to_owned(),
        names,
        implied: silence::implied(fields)?,
        entry: None,
        public_taken: BTreeSet::new(),
        base,
        put: Network::default(),
        remove: Vec::new(),
        inbound_resolver_unstated: Vec::new(),
    })
}

/// `us-east-1`, `us-gov-west-1`: words and a number.
fn region(node: &Node) -> Result<&str, ReadError> {
    let text = node.text("`region`")?;
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match text.rsplit_once('-') {
        Some((words, number))
            if words.contains('-')
                && words.split('-').all(is_word)
                && number.parse::<u8>().is_ok() =>
        {
            Ok(text)
        }
        _ => Err(ReadError::at(&node.at, format!("`{text}` is no Region"))
            .hint("a Region is written like us-east-1")),
    }
}

fn account(node: &Node) -> Result<&str, ReadError> {
    let text = node.text("`account`")?;
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text);
    }
    let hint = match text.parse::<u64>() {
        Ok(number) if text.len() < 12 => {
            format!("an id keeps its leading zeros, in quotes: account: \"{number:012}\"")
        }
        _ => "write it in quotes: account: \"111122223333\"".to_owned(),
    };
    Err(ReadError::at(&node.at, format!("`{text}` is no account id: an id has 12 digits"))
        .hint(hint))
}

fn reserve_public_address(draft: &mut Draft, node: &Node) {
    let Value::Mapping(entries) = &node.value else { return };
    for (key, value) in entries {
        if key.text == "addresses" {
            value.one_or_more().iter().for_each(|one| reserve_public_address(draft, one));
        }
        if let ("public_ip", Value::Scalar(text)) = (key.text.as_str(), &value.value)
            && let Ok(address) = text.parse()
        {
            draft.public_taken.insert(address);
        }
    }
}

/// What every VPC has: a main route table (RT-01), a default ACL (NA-07) and a default group
/// (SG-17).
fn add_implicit(draft: &mut Draft) {
    let vpcs: Vec<(VpcId, At)> = draft
        .put
        .vpcs
        .values()
        .filter_map(|vpc| Some((vpc.id.clone(), vpc.about.at.clone()?)))
        .collect();
    for (vpc, at) in vpcs {
        draft.entry = Some(Stated { scope: draft.scope_of_vpc(&vpc), ..Stated::default() });
        let tables = draft.put.route_tables.values().chain(draft.base.route_tables.values());
        if !tables.into_iter().any(|table| table.main && table.vpc == vpc) {
            let id = implicit_name(draft, Kind::RouteTable, &format!("{vpc}-main"));
            let table = RouteTable {
                id: id.into(),
                about: draft.about(&at),
                main: true,
                subnets: BTreeSet::new(),
                gateways: BTreeSet::new(),
                routes: routes::local_routes(draft, &vpc, &[], &at),
                vpc: vpc.clone(),
            };
            draft.put.insert(table);
        }
        let acls = draft.put.network_acls.values().chain(draft.base.network_acls.values());
        if !acls.into_iter().any(|acl| acl.is_default && acl.vpc == vpc) {
            let id = implicit_name(draft, Kind::NetworkAcl, &format!("{vpc}-default"));
            acls::default_acl(draft, &vpc, &id, &at);
        }
        if draft.default_group(&vpc).is_none() {
            let id = implicit_name(draft, Kind::SecurityGroup, &format!("{vpc}-default"));
            groups::default_group(draft, &vpc, &id, &at);
        }
    }
    draft.end_entry();
}

/// A name that the author did not give to something else.
fn implicit_name(draft: &Draft, kind: Kind, wanted: &str) -> String {
    let mut name = wanted.to_owned();
    while draft.names.find(kind, &name).is_some() {
        name.push_str("-implicit");
    }
    name
}

/// `remove: [nat-gateway/nat-a]`
fn removals_of(draft: &Draft, list: &Node) -> Result<Vec<(Kind, String, At)>, ReadError> {
    let items = list.list("`remove`")?.iter();
    items.map(|node| removal(&draft.names, node)).collect()
}

/// What an overlay removes.
fn removals(base: &Network, list: &Node) -> Result<Vec<(Kind, String)>, ReadError> {
    let names = Names::of(base);
    let items = list.list("`remove`")?.iter();
    items.map(|node| removal(&names, node).map(|(kind, id, _)| (kind, id))).collect()
}

fn removal(names: &Names, node: &Node) -> Result<(Kind, String, At), ReadError> {
    let text = node.text("an item of `remove`")?;
    let named = text.split_once('/').and_then(|(word, name)| Some((Kind::from_word(word)?, name)));
    let Some((kind, name)) = named else {
        return Err(ReadError::at(&node.at, format!("`{text}` does not say what to remove"))
            .hint("write the kind and the name: nat-gateway/nat-a, route-table/private"));
    };
    match names.find(kind, name) {
        Some(id) => Ok((kind, id.to_owned(), node.at.clone())),
        None => Err(names.dangling(&[kind], node, name)),
    }
}

/// The base with the edits made.
fn build(draft: Draft) -> Result<Network, ReadError> {
    let (mut network, edits, removals) = draft.into_edits();
    let refused = |error: edit::EditError, at: Option<&At>| ReadError {
        message: error.to_string(),
        hint: error.hint(),
        at: at.cloned(),
        text: None,
    };
    network = edit::apply(network, edits).map_err(|error| refused(error, None))?;
    for (kind, id, at) in removals {
        let remove = vec![Edit::Remove { kind, id }];
        network = edit::apply(network, remove).map_err(|error| refused(error, Some(&at)))?;
    }
    Ok(network)
}

//! Saved answers of the AWS CLI: a network that exists.
//!
//! An answer is recognised by its top-level key (`Vpcs`, `Subnets`, …), whatever its file is
//! called. Several answers may be merged into one object, the pages of one may follow each other or
//! form a list. Where an answer does not say what it belongs to, the file's name does:
//! `describe-target-health.<target group>.json`, `get-managed-prefix-list-entries.<list>.json`,
//! `describe-vpc-attribute.<vpc>.enableDnsSupport.json`.
//!
//! Reading is lenient: what is not recognised is counted in a note. But nothing else is dropped
//! silently: an element that cannot be understood is an error.
//!
//! ```
//! use vpc_reach::read::describe::{self, Document};
//! let text = r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}"#;
//! let loaded = describe::read(&[Document::new("describe-vpcs.json", text)])?;
//! assert_eq!(loaded.network.vpcs.len(), 1);
//!
//! let cut = &text[..30];
//! let error = describe::read(&[Document::new("describe-vpcs.json", cut)]).unwrap_err();
//! assert_eq!(error.at.unwrap().to_string(), "describe-vpcs.json:1:30");
//! # Ok::<(), vpc_reach::read::ReadError>(())
//! ```

mod acls;
mod answer;
mod attributes;
mod balancers;
mod clusters;
mod definitions;
mod dns;
mod ecs;
mod endpoints;
mod field;
mod firewalls;
mod gateways;
mod gather;
mod groups;
mod interfaces;
mod join;
mod manifest;
mod notes;
mod others;
mod peerings;
mod prefix_lists;
mod public_access;
mod routes;
mod scope;
mod split;
mod suricata;
mod transit;
mod vpcs;

use super::manifest::Manifest;
use super::{Loaded, ReadError};
use crate::models;
use crate::network::{Kind, Network, Scope};
use crate::threads;
use answer::Answer;
use field::Fault;
use notes::Notes;
use scope::Scopes;
use std::borrow::Cow;

pub(super) use gather::{Gathered, Held, Stop, gather};
pub(super) use split::is_json;

/// One saved file.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Its name, as the user named it.
    pub file: String,
    /// What it holds.
    pub text: String,
    /// The account and Region that its folders state.
    pub scope: Scope,
}

impl Document {
    /// A document that is in no folder of an account or Region.
    #[must_use]
    pub fn new(file: &str, text: &str) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), scope: Scope::default() }
    }
}

/// The account and Region that a path's folders are called after.
pub(super) fn scope_of_path(path: &str) -> Scope {
    let mut scope = Scope::default();
    for part in path.split(['/', '\\']) {
        if scope::is_account(part) {
            scope.account = Some(part.into());
        } else if scope::is_region(part) {
            scope.region = Some(part.into());
        }
    }
    scope
}

type Read = fn(&mut Capture, &Answer<'_>) -> Result<(), ReadError>;

/// The answers that are read: their top-level key, the kind of thing that they list in full, and
/// who reads them. `models/calls.tsv` names their commands.
const ANSWERS: [(&str, Option<Kind>, Read); 58] = [
    ("Vpcs", Some(Kind::Vpc), vpcs::vpcs),
    ("EnableDnsSupport", Some(Kind::VpcAttribute), vpcs::dns_support),
    ("EnableDnsHostnames", Some(Kind::VpcAttribute), vpcs::dns_hostnames),
    ("Subnets", Some(Kind::Subnet), vpcs::subnets),
    ("AvailabilityZones", None, vpcs::zones),
    ("RouteTables", Some(Kind::RouteTable), routes::route_tables),
    ("InternetGateways", Some(Kind::InternetGateway), gateways::internet_gateways),
    ("VpnGateways", Some(Kind::VirtualPrivateGateway), gateways::virtual_private_gateways),
    ("VpcEncryptionControls", None, vpcs::encryption_controls),
    ("EgressOnlyInternetGateways", Some(Kind::EgressOnlyGateway), gateways::egress_only_gateways),
    ("NatGateways", Some(Kind::NatGateway), gateways::nat_gateways),
    ("VpcEndpoints", Some(Kind::VpcEndpoint), endpoints::endpoints),
    ("VpcPeeringConnections", Some(Kind::PeeringConnection), peerings::peerings),
    ("TransitGateways", Some(Kind::TransitGateway), transit::transit_gateways),
    ("TransitGatewayAttachments", Some(Kind::TransitGatewayAttachment), transit::attachments),
    ("TransitGatewayVpcAttachments", None, transit::attachments),
    ("TransitGatewayPeeringAttachments", None, transit::attachments),
    ("TransitGatewayConnects", None, transit::attachments),
    ("TransitGatewayRouteTables", Some(Kind::TransitGatewayRouteTable), transit::route_tables),
    ("Associations", None, transit::associations),
    ("Routes", Some(Kind::TransitGatewayRoutes), transit::routes),
    ("Firewall", Some(Kind::Firewall), firewalls::firewalls),
    ("FirewallPolicy", None, firewalls::policies),
    ("RuleGroup", None, firewalls::rule_groups),
    ("SecurityGroups", Some(Kind::SecurityGroup), groups::security_groups),
    ("SecurityGroupRules", None, groups::rules),
    ("NetworkAcls", Some(Kind::NetworkAcl), acls::network_acls),
    ("PrefixLists", Some(Kind::PrefixList), prefix_lists::prefix_lists),
    ("Entries", Some(Kind::PrefixListEntries), prefix_lists::entries),
    ("NetworkInterfaces", Some(Kind::NetworkInterface), interfaces::interfaces),
    ("Addresses", None, interfaces::addresses),
    ("Reservations", Some(Kind::Instance), interfaces::reservations),
    ("LoadBalancers", Some(Kind::LoadBalancer), balancers::load_balancers),
    ("TagDescriptions", None, balancers::tags),
    ("Listeners", Some(Kind::Listener), balancers::listeners),
    ("Rules", None, balancers::rules),
    ("TargetGroups", Some(Kind::TargetGroup), balancers::target_groups),
    ("TargetHealthDescriptions", Some(Kind::TargetHealth), balancers::target_health),
    ("Attributes", None, attributes::attributes),
    ("services", Some(Kind::Service), ecs::services),
    ("tasks", Some(Kind::Task), ecs::tasks),
    ("taskDefinition", Some(Kind::TaskDefinition), definitions::task_definitions),
    ("clusters", Some(Kind::Cluster), clusters::clusters),
    ("capacityProviders", Some(Kind::CapacityProvider), clusters::capacity_providers),
    ("containerInstances", Some(Kind::ContainerInstance), clusters::container_instances),
    ("MountTargets", Some(Kind::FileSystem), clusters::mount_targets),
    ("FileSystems", None, clusters::file_systems),
    ("DhcpOptions", Some(Kind::DhcpOptions), dns::dhcp_options),
    ("HostedZones", Some(Kind::HostedZone), dns::hosted_zones),
    ("HostedZone", None, dns::hosted_zone),
    ("HostedZoneSummaries", None, dns::hosted_zones_of_vpc),
    ("ResourceRecordSets", None, dns::records),
    ("ResolverRuleAssociations", None, dns::rule_associations),
    ("ResolverRules", Some(Kind::ResolverRule), dns::resolver_rules),
    ("VpcBlockPublicAccessOptions", Some(Kind::BlockPublicAccess), public_access::options),
    (
        "VpcBlockPublicAccessExclusions",
        Some(Kind::BlockPublicAccessExclusion),
        public_access::exclusions,
    ),
    ("Account", None, others::identity),
    ("failures", None, ecs::failures),
];

/// What is put together from the answers, and what still has to be joined.
#[derive(Default)]
struct Capture {
    network: Network,
    scopes: Scopes,
    notes: Notes,
    vpcs: vpcs::Loose,
    groups: groups::Loose,
    prefix_lists: prefix_lists::Loose,
    transit: transit::Loose,
    firewalls: firewalls::Loose,
    interfaces: interfaces::Loose,
    balancers: balancers::Loose,
    attributes: Vec<attributes::Attributes>,
    tasks: ecs::Loose,
    zones: dns::Loose,
}

/// Reads saved answers, which together are one network.
///
/// # Errors
/// When a document is not JSON, when an element of an answer cannot be understood, when no document
/// is an answer of AWS's, or when the network is one that AWS would not allow.
pub fn read(documents: &[Document]) -> Result<Loaded, ReadError> {
    read_with(documents, threads::available())
}

/// As [`read`], on so many threads.
///
/// # Errors
/// As [`read`].
pub fn read_with(documents: &[Document], threads: usize) -> Result<Loaded, ReadError> {
    let place = match documents {
        [one] => one.file.as_str(),
        _ => "the input",
    };
    let size = |document: &Document| u64::try_from(document.text.len()).unwrap_or(u64::MAX);
    let sizes: Vec<_> = documents.iter().map(|one| (one.scope.clone(), size(one))).collect();
    let held = |index: usize, _| {
        let document = documents.get(index).ok_or(Stop::Template)?;
        Ok(Held::Answers(Cow::Borrowed(document)))
    };
    match gather(place, &sizes, threads, held) {
        Ok(Gathered::Network(loaded)) => Ok(*loaded),
        Err(Stop::Unreadable(error)) => Err(*error),
        Ok(Gathered::Nothing(_)) | Err(Stop::Template) => Err(no_output(place)),
    }
}

/// An input without any answer.
fn no_output(place: &str) -> ReadError {
    ReadError::new(format!("no AWS output in {place}")).hint(expected())
}

/// Reads the answers of one document; says whether there are any.
fn read_document(capture: &mut Capture, document: &Document) -> Result<bool, ReadError> {
    let mut recognised = false;
    for page in split::pages(document, is_known)? {
        let unread = is_unread(&page);
        if !unread && !page.members.iter().any(|(key, _)| is_known(key)) {
            continue;
        }
        recognised = true;
        capture.scopes.file(&page.file, &document.scope);
        if unread {
            continue;
        }
        for (key, raw) in &page.members {
            let answer = Answer { page: &page, key, raw };
            if let Some((_, kind, read)) = ANSWERS.iter().find(|(known, ..)| known == key) {
                read(capture, &answer)?;
                if let Some(kind) = kind {
                    capture.notes.page(&page, key, *kind);
                }
            } else if let Some(other) = models::other(key) {
                others::read(capture, &answer, other)?;
            } else {
                capture.notes.other_keys.insert(key.clone().into_owned());
            }
        }
    }
    Ok(recognised)
}

/// Whether the file's name says that it is the answer of a call of which nothing is read, whatever
/// its keys are: several calls use `Routes`.
fn is_unread(page: &split::Page<'_>) -> bool {
    page.name.split('.').next().and_then(models::other).is_some()
}

/// Whether a top-level key is one of AWS's answers.
fn is_known(key: &str) -> bool {
    ANSWERS.iter().any(|(known, ..)| *known == key)
        || models::other(key).is_some_and(models::OtherEntry::is_list)
}

/// What a capture begins with.
pub(super) fn expected() -> String {
    let kinds = [Kind::Vpc, Kind::Subnet, Kind::RouteTable, Kind::SecurityGroup];
    let calls = kinds.iter().filter_map(|kind| models::call(kind.word()));
    let commands: Vec<&str> = calls.map(|call| call.command).collect();
    format!("save there as JSON what the AWS CLI prints: {}, …", commands.join(", "))
}

impl Capture {
    fn finish(mut self, manifests: &[Manifest]) -> Result<Loaded, ReadError> {
        let mut kinds = self.notes.captured_kinds();
        manifest::settle(&mut self, manifests, &mut kinds);
        for (folders, kind) in kinds {
            self.scopes.captured(&folders, kind);
        }
        vpcs::finish(&mut self);
        groups::finish(&mut self);
        prefix_lists::finish(&mut self);
        transit::finish(&mut self);
        firewalls::finish(&mut self);
        balancers::finish(&mut self);
        interfaces::finish(&mut self);
        let Self { mut network, scopes, notes, zones, .. } = self;
        let about_scopes = scopes.finish(&mut network);
        zones.settle(&mut network);
        let mut notes = notes.lines();
        notes.extend(about_scopes);
        if let Some(problem) = network.problems().into_iter().next() {
            let mut error = ReadError::from(problem);
            error.hint = Some(
                "AWS allows no such network: the files were edited, or are of different times"
                    .to_owned(),
            );
            return Err(error);
        }
        Ok(Loaded { network, notes, ..Loaded::default() })
    }
}

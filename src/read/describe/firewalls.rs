//! Network Firewalls, their policies and rule groups: each is an answer of its own.

use super::answer::{Answer, Origin};
use super::field::{List, Tag, name_tag, optional, required};
use super::suricata::{self, Variables};
use super::{Capture, ReadError};
use crate::header::{AddressSet, PortSet, Protocol};
use crate::network::{
    At, Firewall, FirewallEndpoint, FirewallPolicy, StatefulAction, StatefulDefault, StatefulRule,
    StatelessAction, StatelessRule, Tuple,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What has to be joined with the firewalls.
#[derive(Default)]
pub(super) struct Loose {
    /// The firewalls by the ARN of their policy.
    firewalls: Vec<(Option<String>, Firewall)>,
    policies: BTreeMap<String, (PolicyRow, At)>,
    groups: BTreeMap<String, (GroupRow, At)>,
}

impl Loose {
    /// What a later part of the input holds, too.
    pub fn absorb(&mut self, later: Self) {
        self.firewalls.extend(later.firewalls);
        self.policies.extend(later.policies);
        self.groups.extend(later.groups);
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct FirewallRow {
    firewall_name: Option<String>,
    firewall_arn: Option<String>,
    firewall_policy_arn: Option<String>,
    tags: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct StatusRow {
    sync_states: Option<BTreeMap<String, SyncState>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SyncState {
    attachment: Option<Attachment>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Attachment {
    subnet_id: Option<String>,
    endpoint_id: Option<String>,
    status: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PolicyRow {
    stateless_rule_group_references: List<Reference>,
    stateless_default_actions: List<String>,
    stateful_rule_group_references: List<Reference>,
    stateful_default_actions: List<String>,
    stateful_engine_options: Option<EngineOptions>,
    policy_variables: Option<RuleVariables>,
    #[serde(rename = "TLSInspectionConfigurationArn")]
    tls_inspection: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Reference {
    resource_arn: Option<String>,
    priority: Option<u32>,
    #[serde(rename = "Override")]
    replaced: Option<Override>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Override {
    action: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct EngineOptions {
    rule_order: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Names {
    firewall_policy_arn: Option<String>,
    rule_group_arn: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct GroupRow {
    rule_variables: Option<RuleVariables>,
    rules_source: Option<RulesSource>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RuleVariables {
    #[serde(alias = "IPSets", alias = "RuleVariables")]
    ip_sets: Option<BTreeMap<String, Definition>>,
    port_sets: Option<BTreeMap<String, Definition>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Definition {
    definition: List<String>,
}

impl Clone for List<String> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RulesSource {
    rules_string: Option<String>,
    rules_source_list: Option<DomainList>,
    stateful_rules: List<StatefulRow>,
    stateless_rules_and_custom_actions: Option<StatelessRules>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DomainList {
    generated_rules_type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct StatefulRow {
    action: Option<String>,
    header: Option<Header>,
    rule_options: List<RuleOption>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Header {
    protocol: Option<String>,
    source: Option<String>,
    source_port: Option<String>,
    direction: Option<String>,
    destination: Option<String>,
    destination_port: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RuleOption {
    keyword: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct StatelessRules {
    stateless_rules: List<StatelessRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct StatelessRow {
    rule_definition: Option<RuleDefinition>,
    priority: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RuleDefinition {
    match_attributes: Option<MatchAttributes>,
    actions: List<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct MatchAttributes {
    sources: List<Block>,
    destinations: List<Block>,
    source_ports: List<Range>,
    destination_ports: List<Range>,
    protocols: List<u8>,
    #[serde(rename = "TCPFlags")]
    tcp_flags: List<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Block {
    address_definition: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Range {
    from_port: u16,
    to_port: u16,
}

/// network-firewall describe-firewall
pub(super) fn firewalls(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let status = answer.page.all("FirewallStatus").next();
    let status: StatusRow = match status {
        Some(raw) => Answer { page: answer.page, key: "FirewallStatus", raw }.value()?,
        None => StatusRow::default(),
    };
    let attachments: Vec<Attachment> = status
        .sync_states
        .unwrap_or_default()
        .into_values()
        .filter_map(|state| state.attachment)
        .collect();
    answer.each(|row: FirewallRow| {
        let arn = required(row.firewall_arn, "FirewallArn")?;
        let name = optional(row.firewall_name).or_else(|| name_tag(&row.tags));
        let origin = Origin { arn: Some(&arn), ..Origin::default() };
        let about = capture.about(answer, name, &origin);
        let endpoints = attachments.iter().filter_map(|one| {
            let id = one.endpoint_id.as_deref()?;
            let subnet = one.subnet_id.as_deref().map(Into::into);
            let state = one.status.clone().unwrap_or_else(|| "READY".to_owned());
            Some((id.into(), FirewallEndpoint { subnet, state }))
        });
        let endpoints = endpoints.collect();
        let firewall = Firewall { id: arn.into(), about, endpoints, policy: None };
        capture.firewalls.firewalls.push((optional(row.firewall_policy_arn), firewall));
        Ok(())
    })
}

/// network-firewall describe-firewall-policy
pub(super) fn policies(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let names = names(answer, "FirewallPolicyResponse")?;
    answer.each(|row: PolicyRow| {
        let field = "FirewallPolicyResponse.FirewallPolicyArn";
        let arn = required(names.firewall_policy_arn.clone(), field)?;
        capture.firewalls.policies.insert(arn, (row, answer.at()));
        Ok(())
    })
}

/// network-firewall describe-rule-group
pub(super) fn rule_groups(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let names = names(answer, "RuleGroupResponse")?;
    answer.each(|row: GroupRow| {
        let arn = required(names.rule_group_arn.clone(), "RuleGroupResponse.RuleGroupArn")?;
        capture.firewalls.groups.insert(arn, (row, answer.at()));
        Ok(())
    })
}

fn names(answer: &Answer<'_>, key: &str) -> Result<Names, ReadError> {
    match answer.page.all(key).next() {
        Some(raw) => Answer { page: answer.page, key, raw }.value(),
        None => Ok(Names::default()),
    }
}

/// Joins each firewall with its policy, and that with its rule groups.
pub(super) fn finish(capture: &mut Capture) {
    let Loose { firewalls, policies, groups } = std::mem::take(&mut capture.firewalls);
    for (policy, mut firewall) in firewalls {
        let found = policy.and_then(|arn| policies.get(&arn));
        firewall.policy = found.map(|(policy, at)| joined(policy, at, &groups));
        capture.network.insert(firewall);
    }
}

fn joined(
    policy: &PolicyRow,
    at: &At,
    groups: &BTreeMap<String, (GroupRow, At)>,
) -> FirewallPolicy {
    let order = policy.stateful_engine_options.as_ref().and_then(|it| it.rule_order.as_deref());
    let mut stateless = Vec::new();
    for reference in &policy.stateless_rule_group_references.0 {
        let priority = reference.priority.unwrap_or_default();
        let arn = reference.resource_arn.clone().unwrap_or_default();
        match groups.get(&arn) {
            Some((group, at)) => stateless.extend(packet_rules(group, &arn, priority, at)),
            // What it says may mean anything.
            None => stateless.push(StatelessRule {
                priority: (priority, 0),
                name: format!("rule group {arn}, which is not in the input,"),
                tuple: Tuple::all(),
                action: StatelessAction::Forward,
                certain: false,
                at: Some(at.clone()),
            }),
        }
    }
    let mut stateful = Vec::new();
    let open = |priority, name: String, protocols| StatefulRule {
        priority,
        name,
        tuple: Tuple { protocols, ..Tuple::all() },
        both_ways: false,
        action: StatefulAction::Pass,
        certain: false,
        at: Some(at.clone()),
    };
    if policy.tls_inspection.is_some() {
        let name = "the TLS inspection configuration".to_owned();
        stateful.push(open((0, 0), name, BTreeSet::from([Protocol::Tcp])));
    }
    let variables = policy.policy_variables.clone().unwrap_or_default();
    for (place, reference) in (1_u32..).zip(&policy.stateful_rule_group_references.0) {
        let priority = reference.priority.unwrap_or(place);
        let arn = reference.resource_arn.clone().unwrap_or_default();
        let only_alerts = reference
            .replaced
            .as_ref()
            .is_some_and(|replaced| replaced.action.as_deref() == Some("DROP_TO_ALERT"));
        let Some((group, at)) = groups.get(&arn) else {
            let name = format!("rule group {arn}, which is not in the input,");
            stateful.push(open((priority, 0), name, BTreeSet::new()));
            continue;
        };
        let rules = connection_rules(group, &variables, &arn, priority, at);
        stateful.extend(
            rules.into_iter().filter(|rule| !only_alerts || rule.action == StatefulAction::Pass),
        );
    }
    let strict = order == Some("STRICT_ORDER");
    let has = |wanted: &str| {
        strict && policy.stateful_default_actions.0.iter().any(|action| action.starts_with(wanted))
    };
    FirewallPolicy {
        stateless,
        stateless_default: action(&policy.stateless_default_actions.0),
        strict,
        stateful,
        stateful_default: if has("aws:drop_strict") {
            StatefulDefault::Drop
        } else if has("aws:drop_established") {
            StatefulDefault::DropEstablished
        } else {
            StatefulDefault::Pass
        },
    }
}

fn action(actions: &[String]) -> StatelessAction {
    let has = |wanted: &str| actions.iter().any(|action| action == wanted);
    if has("aws:pass") {
        StatelessAction::Pass
    } else if has("aws:drop") {
        StatelessAction::Drop
    } else {
        StatelessAction::Forward
    }
}

fn packet_rules<'g>(
    group: &'g GroupRow,
    arn: &'g str,
    priority: u32,
    at: &'g At,
) -> impl Iterator<Item = StatelessRule> + 'g {
    let source = group.rules_source.as_ref();
    let rules = source.and_then(|source| source.stateless_rules_and_custom_actions.as_ref());
    rules.into_iter().flat_map(|rules| &rules.stateless_rules.0).map(move |row| {
        let definition = row.rule_definition.as_ref();
        let own = row.priority.unwrap_or_default();
        let empty = MatchAttributes::default();
        let matches = definition.and_then(|it| it.match_attributes.as_ref()).unwrap_or(&empty);
        let mut certain = matches.tcp_flags.0.is_empty();
        let mut blocks = |blocks: &[Block]| {
            if blocks.is_empty() {
                return AddressSet::all();
            }
            blocks.iter().fold(AddressSet::empty(), |all, block| {
                let text = block.address_definition.as_deref().unwrap_or_default();
                let set = suricata::block(text).unwrap_or_else(|| {
                    certain = false;
                    AddressSet::all()
                });
                all.union(&set)
            })
        };
        let (source, destination) = (blocks(&matches.sources.0), blocks(&matches.destinations.0));
        let ports = |ranges: &[Range]| match ranges {
            [] => PortSet::all(),
            ranges => PortSet::from_ranges(ranges.iter().map(|one| (one.from_port, one.to_port))),
        };
        let protocols = matches.protocols.0.iter().map(|&number| Protocol::from_number(number));
        StatelessRule {
            priority: (priority, own),
            name: format!("rule {own} of {}", short(arn)),
            tuple: Tuple {
                protocols: protocols.collect(),
                source,
                source_ports: ports(&matches.source_ports.0),
                destination,
                destination_ports: ports(&matches.destination_ports.0),
            },
            action: action(definition.map(|it| it.actions.0.as_slice()).unwrap_or_default()),
            certain,
            at: Some(at.clone()),
        }
    })
}

fn connection_rules(
    group: &GroupRow,
    of_policy: &RuleVariables,
    arn: &str,
    priority: u32,
    at: &At,
) -> Vec<StatefulRule> {
    let mut variables = Variables::default();
    for own in [Some(of_policy), group.rule_variables.as_ref()].into_iter().flatten() {
        for (name, set) in own.ip_sets.iter().flatten() {
            variables.addresses.insert(name.clone(), set.definition.0.clone());
        }
        for (name, set) in own.port_sets.iter().flatten() {
            variables.ports.insert(name.clone(), set.definition.0.clone());
        }
    }
    let Some(source) = &group.rules_source else { return Vec::new() };
    let mut rules = Vec::new();
    let mut add = |found: Option<suricata::Rule>| {
        let place = u32::try_from(rules.len()).unwrap_or(u32::MAX);
        let Some(suricata::Rule { action, tuple, both_ways, certain }) = found else { return };
        rules.push(StatefulRule {
            priority: (priority, place),
            name: format!("rule {} of {}", place + 1, short(arn)),
            tuple,
            both_ways,
            action,
            certain,
            at: Some(at.clone()),
        });
    };
    for row in &source.stateful_rules.0 {
        let empty = Header::default();
        let header = row.header.as_ref().unwrap_or(&empty);
        let words = [
            &row.action,
            &header.protocol,
            &header.source,
            &header.source_port,
            &header.direction,
            &header.destination,
            &header.destination_port,
        ];
        let words = words.map(|word| word.as_deref().unwrap_or("any"));
        let options = row.rule_options.0.iter().filter_map(|option| option.keyword.as_deref());
        add(suricata::rule(words, options, &variables));
    }
    for line in source.rules_string.as_deref().unwrap_or_default().lines() {
        add(suricata::line(line, &variables));
    }
    // NF-04: what a name is, no packet shows.
    if let Some(list) = &source.rules_source_list {
        let passes = list.generated_rules_type.as_deref() == Some("ALLOWLIST");
        let tuple = Tuple { protocols: BTreeSet::from([Protocol::Tcp]), ..Tuple::all() };
        let action = if passes { StatefulAction::Pass } else { StatefulAction::Drop };
        add(Some(suricata::Rule { action, tuple, both_ways: true, certain: false }));
    }
    rules
}

fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

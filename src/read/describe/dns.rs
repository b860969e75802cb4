//! DHCP option sets, hosted zones and Resolver rules.

use super::answer::{Answer, Origin};
use super::field::{List, Tag, address, name_tag, optional, required};
use super::{Capture, ReadError};
use crate::network::{
    AliasTarget, DhcpOptions, HostedZone, HostedZoneId, Kind, NameServer, Network, Record,
    RecordData, ResolverRule, ResolverRuleId, VpcId,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the VPCs of hosted zones.
#[derive(Default)]
pub(super) struct Loose {
    /// The VPCs that a zone names itself.
    stated: BTreeMap<HostedZoneId, BTreeSet<VpcId>>,
    /// VPCs of which all zones were captured, with those zones.
    by_vpc: BTreeMap<VpcId, BTreeSet<HostedZoneId>>,
    /// The records of zones.
    records: BTreeMap<HostedZoneId, Records>,
    /// The VPCs of Resolver rules; `None` where no page of associations was the last.
    rules: Option<BTreeMap<ResolverRuleId, BTreeSet<VpcId>>>,
    /// Whether a page of associations is missing.
    rules_cut: bool,
}

/// The records of one zone, as far as they were read.
#[derive(Default)]
struct Records {
    all: Vec<Record>,
    whole: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct OptionsRow {
    dhcp_options_id: Option<String>,
    owner_id: Option<String>,
    dhcp_configurations: List<Configuration>,
    tags: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Configuration {
    key: Option<String>,
    values: List<ConfigurationValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ConfigurationValue {
    value: Option<String>,
}

pub(super) fn dhcp_options(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: OptionsRow| {
        let id = required(row.dhcp_options_id, "DhcpOptionsId")?;
        let origin = Origin { owner: row.owner_id.as_deref(), ..Origin::default() };
        let about = capture.about(answer, name_tag(&row.tags), &origin);
        let mut name_servers = Vec::new();
        let configurations = row.dhcp_configurations.into_iter();
        for configuration in
            configurations.filter(|it| it.key.as_deref() == Some("domain-name-servers"))
        {
            for value in configuration.values.into_iter().filter_map(|it| optional(it.value)) {
                name_servers.push(match value.as_str() {
                    "AmazonProvidedDNS" => NameServer::Amazon,
                    other => NameServer::Address(address(other, "domain-name-servers")?),
                });
            }
        }
        capture.insert(DhcpOptions { id: id.into(), about, name_servers, answers: None });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ZoneRow {
    id: Option<String>,
    /// In the zones of a VPC.
    hosted_zone_id: Option<String>,
    name: Option<String>,
    config: Option<ZoneConfig>,
    owner: Option<ZoneOwner>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ZoneConfig {
    private_zone: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ZoneOwner {
    owning_account: Option<String>,
}

/// A domain without its final dot; the root stays a dot.
fn domain(name: &str) -> String {
    match name.trim_end_matches('.') {
        "" => ".".to_owned(),
        domain => domain.to_owned(),
    }
}

/// Reads zones; `private` where the call lists no other kind.
fn zones(
    capture: &mut Capture,
    answer: &Answer<'_>,
    private: bool,
) -> Result<BTreeSet<HostedZoneId>, ReadError> {
    let mut ids = BTreeSet::new();
    answer.each(|row: ZoneRow| {
        let id = required(row.id.or(row.hosted_zone_id), "Id")?;
        // `/hostedzone/Z0123456789`
        let id = HostedZoneId::from(id.rsplit('/').next().unwrap_or(&id));
        let name = required(row.name, "Name")?;
        let owner = row.owner.and_then(|owner| owner.owning_account);
        let origin = Origin { owner: owner.as_deref(), ..Origin::default() };
        let about = capture.about(answer, Some(domain(&name)), &origin);
        let config = row.config.and_then(|config| config.private_zone);
        ids.insert(id.clone());
        capture.network.insert(HostedZone {
            id,
            about,
            domain: domain(&name),
            private: private || config.unwrap_or(false),
            vpcs: None,
            records: None,
        });
        Ok(())
    })?;
    Ok(ids)
}

pub(super) fn hosted_zones(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    zones(capture, answer, false).map(|_| ())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ZoneVpc {
    #[serde(rename = "VPCId")]
    vpc_id: Option<String>,
}

/// get-hosted-zone: one zone, with its VPCs beside it.
pub(super) fn hosted_zone(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let zones = zones(capture, answer, false)?;
    let mut vpcs = BTreeSet::new();
    for raw in answer.page.all("VPCs") {
        let beside = Answer { page: answer.page, key: "VPCs", raw };
        beside.each(|row: ZoneVpc| {
            vpcs.insert(VpcId::from(required(row.vpc_id, "VPCId")?));
            Ok(())
        })?;
    }
    for zone in zones {
        capture.zones.stated.insert(zone, vpcs.clone());
    }
    Ok(())
}

/// list-hosted-zones-by-vpc: the private zones of the VPC that the file names, other accounts' too.
pub(super) fn hosted_zones_of_vpc(
    capture: &mut Capture,
    answer: &Answer<'_>,
) -> Result<(), ReadError> {
    let zones = zones(capture, answer, true)?;
    match answer.page.part("vpc-") {
        Some(_) if answer.page.more() => {}
        Some(vpc) => capture.zones.by_vpc.entry(vpc.into()).or_default().extend(zones),
        None => capture.notes.ownerless(answer, "list-hosted-zones-by-vpc.<vpc-id>.json"),
    }
    Ok(())
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RuleRow {
    id: Option<String>,
    arn: Option<String>,
    name: Option<String>,
    domain_name: Option<String>,
    rule_type: Option<String>,
    target_ips: List<TargetRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TargetRow {
    ip: Option<String>,
    ipv6: Option<String>,
}

pub(super) fn resolver_rules(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: RuleRow| {
        let id = required(row.id, "Id")?;
        let name = required(row.domain_name, "DomainName")?;
        let rule_type = required(row.rule_type, "RuleType")?;
        let origin = Origin { arn: row.arn.as_deref(), ..Origin::default() };
        let about = capture.about(answer, optional(row.name), &origin);
        let domain = domain(&name);
        let mut targets = Vec::new();
        for target in row.target_ips {
            for text in [optional(target.ip), optional(target.ipv6)].into_iter().flatten() {
                targets.push(address(&text, "TargetIps")?);
            }
        }
        capture.insert(ResolverRule {
            id: id.into(),
            about,
            domain,
            rule_type,
            vpcs: None,
            targets,
            answers: None,
        });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct AssociationRow {
    resolver_rule_id: Option<String>,
    #[serde(rename = "VPCId")]
    vpc_id: Option<String>,
    status: Option<String>,
}

/// list-resolver-rule-associations: which rules which VPCs follow.
pub(super) fn rule_associations(
    capture: &mut Capture,
    answer: &Answer<'_>,
) -> Result<(), ReadError> {
    let mut read = Vec::new();
    answer.each(|row: AssociationRow| {
        let rule = required(row.resolver_rule_id, "ResolverRuleId")?;
        let vpc = required(row.vpc_id, "VPCId")?;
        // One that is gone or has failed forwards nothing.
        if !matches!(row.status.as_deref(), Some("DELETING" | "FAILED")) {
            read.push((ResolverRuleId::from(rule), VpcId::from(vpc)));
        }
        Ok(())
    })?;
    let zones = &mut capture.zones;
    let rules = zones.rules.get_or_insert_default();
    for (rule, vpc) in read {
        rules.entry(rule).or_default().insert(vpc);
    }
    zones.rules_cut = answer.page.more();
    Ok(())
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RecordRow {
    name: Option<String>,
    #[serde(rename = "Type")]
    record_type: Option<String>,
    weight: Option<u32>,
    resource_records: List<ValueRow>,
    alias_target: Option<AliasRow>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ValueRow {
    value: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AliasRow {
    #[serde(rename = "DNSName")]
    dns_name: Option<String>,
}

/// A name as records write it: `\\052` stands for `*`.
fn record_name(name: &str) -> String {
    domain(name).replace("\\052", "*").to_ascii_lowercase()
}

/// list-resource-record-sets: the records of the zone that the file names.
pub(super) fn records(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    let Some(zone) = answer.page.part("Z") else {
        capture.notes.ownerless(answer, "list-resource-record-sets.<hosted-zone-id>.json");
        return Ok(());
    };
    let mut read = Vec::new();
    answer.each(|row: RecordRow| {
        let name = required(row.name, "Name")?;
        let record_type = required(row.record_type, "Type")?;
        let values = row.resource_records.into_iter().filter_map(|row| optional(row.value));
        let alias = row.alias_target.map(|alias| required(alias.dns_name, "DNSName"));
        let data = match (record_type.as_str(), alias.transpose()?) {
            ("A" | "AAAA", Some(target)) => RecordData::Alias {
                target: AliasTarget::Name(record_name(&target)),
                v6: record_type == "AAAA",
            },
            ("A" | "AAAA", None) => RecordData::Addresses(
                values.map(|value| address(&value, "Value")).collect::<Result<_, _>>()?,
            ),
            ("CNAME", Some(target)) => RecordData::Cname(record_name(&target)),
            ("CNAME", None) => {
                let value = values.into_iter().next();
                RecordData::Cname(record_name(&required(value, "Value")?))
            }
            ("NS", _) => RecordData::Delegation,
            _ => RecordData::Other(record_type),
        };
        read.push(Record { name: record_name(&name), data, weight: row.weight });
        Ok(())
    })?;
    let records = capture.zones.records.entry(HostedZoneId::from(zone)).or_default();
    records.all.extend(read);
    records.whole |= !answer.page.more();
    Ok(())
}

impl Loose {
    /// What a later part of the input holds, too.
    pub fn absorb(&mut self, later: Self) {
        let Self { stated, by_vpc, records, rules, rules_cut } = later;
        self.stated.extend(stated);
        for (vpc, zones) in by_vpc {
            self.by_vpc.entry(vpc).or_default().extend(zones);
        }
        for (zone, Records { all, whole }) in records {
            let known = self.records.entry(zone).or_default();
            known.all.extend(all);
            known.whole |= whole;
        }
        // Each page of associations says anew whether more follow.
        if let Some(rules) = rules {
            self.rules_cut = rules_cut;
            let known = self.rules.get_or_insert_default();
            for (rule, vpcs) in rules {
                known.entry(rule).or_default().extend(vpcs);
            }
        }
    }

    /// Says of zones which VPCs see them. The zones of each VPC say so too, but only where those of
    /// every VPC were captured: then they are all there are, in any account (DN-06).
    pub fn settle(self, network: &mut Network) {
        let Self { stated, by_vpc, mut records, rules, rules_cut } = self;
        let every = !by_vpc.is_empty() && network.vpcs.keys().all(|id| by_vpc.contains_key(id));
        for (id, zone) in &mut network.hosted_zones {
            let seen = by_vpc.iter().filter(|(_, zones)| zones.contains(id));
            let seen: BTreeSet<VpcId> = seen.map(|(vpc, _)| vpc.clone()).collect();
            zone.vpcs = stated.get(id).cloned().or(every.then_some(seen));
            let read = records.remove(id).filter(|records| records.whole);
            zone.records = read.map(|records| records.all);
        }
        if let Some(rules) = rules.filter(|_| !rules_cut) {
            for (id, rule) in &mut network.resolver_rules {
                rule.vpcs = Some(rules.get(id).cloned().unwrap_or_default());
            }
        }
        if every {
            for vpc in network.vpcs.values() {
                network.coverage.add(&vpc.about.scope, Kind::HostedZone);
            }
        }
    }
}

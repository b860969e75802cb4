//! DHCP option sets, hosted zones, Resolver rules.

use super::Writer;
use super::tree::{Map, Yaml, one_or_more, text};
use crate::network::{
    AliasTarget, DhcpOptions, HostedZone, Kind, NameServer, Record, RecordData, ResolverRule,
    StatedAnswers, VpcId,
};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

impl Writer<'_> {
    pub(super) fn dhcp_options(&self, options: &DhcpOptions) -> Option<Map> {
        let mut map = Map::default();
        let servers = options.name_servers.iter().map(|server| match server {
            NameServer::Amazon => text("AmazonProvidedDNS"),
            NameServer::Address(address) => text(address),
        });
        map.put("name_servers", servers.collect::<Vec<_>>());
        self.answers(&mut map, options.answers.as_ref());
        Some(map)
    }

    pub(super) fn hosted_zone(&self, zone: &HostedZone) -> Option<Map> {
        let mut map = Map::default();
        if self.keys.key(Kind::HostedZone, zone.id.as_str()) != zone.domain {
            map.put("domain", &zone.domain);
        }
        map.unless("private", zone.private, true);
        self.seen_by(&mut map, zone.vpcs.as_ref());
        if let Some(records) = &zone.records
            && !(records.is_empty() && self.implied())
        {
            map.put("records", self.records(records, &zone.domain));
        }
        Some(map)
    }

    pub(super) fn resolver_rule(&self, rule: &ResolverRule) -> Option<Map> {
        let mut map = Map::default();
        map.put("domain", &rule.domain);
        let words = ["FORWARD", "SYSTEM", "RECURSIVE"];
        match words.contains(&rule.rule_type.as_str()) && self.implied() {
            true => map.unless("type", rule.rule_type.to_lowercase().as_str(), "forward"),
            false => map.unless("type", rule.rule_type.as_str(), "FORWARD"),
        }
        self.seen_by(&mut map, rule.vpcs.as_ref());
        map.items("targets", rule.targets.iter().map(text));
        self.answers(&mut map, rule.answers.as_ref());
        Some(map)
    }

    fn seen_by(&self, map: &mut Map, vpcs: Option<&BTreeSet<VpcId>>) {
        if let Some(vpcs) = vpcs
            && !(vpcs.is_empty() && self.implied())
        {
            map.put("vpcs", Yaml::List(self.key_all(Kind::Vpc, vpcs)));
        }
    }

    fn answers(&self, map: &mut Map, answers: Option<&StatedAnswers>) {
        match answers {
            None => {}
            Some(StatedAnswers::VpcResolver) => map.put("answers", "vpc"),
            Some(StatedAnswers::Records(records)) => {
                map.put("answers", self.records(records, ""));
            }
        }
    }

    /// By name; several sets of one are a list of alternatives.
    fn records(&self, records: &[Record], domain: &str) -> Map {
        let mut by_name: BTreeMap<String, Vec<&Record>> = BTreeMap::new();
        for record in records {
            by_name.entry(relative(&record.name, domain)).or_default().push(record);
        }
        let mut map = Map::default();
        for (name, sets) in by_name {
            let value = match sets.as_slice() {
                [only] => self.untyped(only).unwrap_or_else(|| self.typed(only)),
                several => several.iter().map(|one| self.typed(one)).collect::<Vec<_>>().into(),
            };
            map.put(name, value);
        }
        map
    }

    /// A value that says its type by its looks.
    fn untyped(&self, record: &Record) -> Option<Yaml> {
        match &record.data {
            _ if record.weight.is_some() => None,
            RecordData::Addresses(addresses) if !addresses.is_empty() => {
                Some(one_or_more(addresses.iter().map(text).collect()))
            }
            RecordData::Cname(name) => Some(text(name)),
            RecordData::Alias { target: AliasTarget::Name(_), .. } => None,
            RecordData::Alias { target, v6: false } => Some(self.alias(target)),
            _ => None,
        }
    }

    fn typed(&self, record: &Record) -> Yaml {
        let mut map = Map::default();
        match &record.data {
            RecordData::Addresses(addresses) => {
                let v6 = addresses.iter().any(IpAddr::is_ipv6);
                let key = if v6 { "AAAA" } else { "A" };
                map.put(key, addresses.iter().map(text).collect::<Vec<_>>());
            }
            RecordData::Cname(name) => map.put("CNAME", name),
            RecordData::Alias { target, v6: false } => map.put("alias", self.alias(target)),
            RecordData::Alias { target, v6: true } => map.put("alias_v6", self.alias(target)),
            RecordData::Delegation => map.put("NS", "elsewhere"),
            RecordData::Other(kind) => map.put("other_type", kind),
        }
        map.some("weight", record.weight.map(text));
        Yaml::Map(map)
    }

    fn alias(&self, target: &AliasTarget) -> Yaml {
        match target {
            AliasTarget::Name(name) => text(name),
            AliasTarget::Endpoint(id) => {
                text(format!("endpoint/{}", self.keys.key(Kind::VpcEndpoint, id.as_str())))
            }
            AliasTarget::LoadBalancer(id) => {
                text(format!("lb/{}", self.keys.key(Kind::LoadBalancer, id.as_str())))
            }
        }
    }
}

/// A record's name within its zone: `@` for the domain itself.
fn relative(name: &str, domain: &str) -> String {
    if domain.is_empty() {
        return name.to_owned();
    }
    if name == domain {
        return "@".to_owned();
    }
    let under = |name: &str| name == domain || name.ends_with(&format!(".{domain}"));
    match name.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.')) {
        Some(rest) if !under(rest) => rest.to_owned(),
        _ => name.to_owned(),
    }
}

//! What answers names: DHCP option sets, hosted zones, Resolver rules.

use super::{Entry, Stating, sequence};
use crate::network::{
    AliasTarget, DhcpOptions, HostedZone, Kind, NameServer, Record, RecordData, ResolverRule,
    StatedAnswers,
};
use crate::read::scenario::node::Node;
use std::collections::BTreeMap;

impl Stating<'_> {
    pub(super) fn dhcp_options(&self, options: &DhcpOptions) -> Option<Node> {
        let servers = options.name_servers.iter().map(|server| match server {
            NameServer::Amazon => "AmazonProvidedDNS".to_owned(),
            NameServer::Address(address) => address.to_string(),
        });
        let entry = Entry::new().list("name_servers", servers);
        self.answers(entry, options.answers.as_ref()).map(Entry::done)
    }

    pub(super) fn hosted_zone(&self, zone: &HostedZone) -> Option<Node> {
        let vpcs = zone.vpcs.as_ref()?.iter().map(|id| id.as_str());
        let records = self.records(zone.records.as_ref()?)?;
        Some(
            Entry::new()
                .text("domain", &zone.domain)
                .list("vpcs", self.known(Kind::Vpc, vpcs))
                .text("private", zone.private)
                .node("records", records)
                .done(),
        )
    }

    pub(super) fn resolver_rule(&self, rule: &ResolverRule) -> Option<Node> {
        let vpcs = rule.vpcs.as_ref()?.iter().map(|id| id.as_str());
        let entry = Entry::new()
            .text("domain", &rule.domain)
            .text("type", rule.rule_type.to_ascii_lowercase())
            .list("vpcs", self.known(Kind::Vpc, vpcs))
            .list("targets", &rule.targets);
        self.answers(entry, rule.answers.as_ref()).map(Entry::done)
    }

    fn answers(&self, entry: Entry, answers: Option<&StatedAnswers>) -> Option<Entry> {
        match answers {
            None => Some(entry),
            Some(StatedAnswers::VpcResolver) => Some(entry.text("answers", "vpc")),
            Some(StatedAnswers::Records(records)) => {
                Some(entry.node("answers", self.records(records)?))
            }
        }
    }

    /// Records by name; several sets of one name are a list.
    fn records(&self, records: &[Record]) -> Option<Node> {
        let mut by_name: BTreeMap<&str, Vec<Node>> = BTreeMap::new();
        for record in records {
            let set = self.record(record)?;
            by_name.entry(&record.name).or_default().push(set);
        }
        let mut entry = Entry::new();
        for (name, mut sets) in by_name {
            let node = if sets.len() == 1 { sets.remove(0) } else { sequence(sets) };
            entry = entry.node(name, node);
        }
        Some(entry.done())
    }

    fn record(&self, record: &Record) -> Option<Node> {
        let entry = Entry::new().some("weight", record.weight);
        let entry = match &record.data {
            RecordData::Addresses(addresses) => {
                let key = if addresses.first()?.is_ipv4() { "A" } else { "AAAA" };
                entry.list(key, addresses)
            }
            RecordData::Cname(name) => entry.text("CNAME", name),
            RecordData::Alias { target, v6: false } => match target {
                AliasTarget::Name(name) => entry.text("alias", name),
                AliasTarget::Endpoint(id) => entry.text("alias", format!("endpoint/{id}")),
                AliasTarget::LoadBalancer(id) => entry.text("alias", format!("lb/{id}")),
            },
            RecordData::Delegation => entry.text("NS", "server"),
            RecordData::Other(kind) if ["TXT", "MX", "SRV"].contains(&kind.as_str()) => {
                entry.text(kind, "text")
            }
            RecordData::Alias { .. } | RecordData::Other(_) => return None,
        };
        Some(entry.done())
    }
}

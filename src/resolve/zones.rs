//! Private hosted zones and their records (DN-05, DN-06).

use super::{Found, Lookup, Outside, Resolved, depth, holds, within};
use crate::header::Family;
use crate::models;
use crate::network::{AliasTarget, HostedZone, Kind, Record, RecordData, left_open};
use std::net::IpAddr;

/// How many names an answer may lead through.
const LONGEST_CHAIN: usize = 8;

impl<'n> Lookup<'n> {
    /// The most specific private hosted zone of the VPC that holds the name.
    pub(super) fn zone(&mut self, host: &str) -> Result<Option<&'n HostedZone>, Box<Found>> {
        let network = self.network;
        let scope = &self.vpc.about.scope;
        if !network.coverage.covers(scope, Kind::HostedZone) {
            let fact = format!("the private hosted zones of vpc {}", self.label());
            return Err(Box::new(self.unknown(fact, Some("HostedZoneSummaries"), None, "DN-04")));
        }
        // DN-06: zones need both attributes.
        if self.vpc.dns_hostnames == Some(false) {
            return Ok(None);
        }
        let here = |zone: &&HostedZone| {
            zone.private
                && zone.vpcs.as_ref().is_none_or(|vpcs| vpcs.contains(&self.vpc.id))
                && holds(&zone.domain, host)
        };
        let zones = within(host).flat_map(|domain| network.hosted_zones.referring_to(domain));
        let zones = zones.filter(here);
        // One that may be associated first: whether it is must be known.
        let zone = zones.max_by_key(|zone| (depth(&zone.domain), zone.vpcs.is_none()));
        let Some(zone) = zone else { return Ok(None) };
        if zone.vpcs.is_none() {
            let fact = format!(
                "whether private hosted zone {} is associated with vpc {}",
                zone.domain,
                self.label()
            );
            return Err(Box::new(self.unknown(
                fact,
                Some("HostedZone"),
                Some(zone.id.as_str()),
                "DN-06",
            )));
        }
        if self.vpc.dns_hostnames.is_none() {
            let fact = format!("the attribute enableDnsHostnames of vpc {}", self.label());
            return Err(Box::new(self.unknown(fact, Some("EnableDnsHostnames"), None, "DN-06")));
        }
        Ok(Some(zone))
    }

    /// What a zone answers: never anything public (DN-05).
    pub(super) fn zone_answer(
        &mut self,
        zone: &'n HostedZone,
        host: &str,
        links: usize,
    ) -> Vec<Found> {
        let Some(records) = &zone.records else {
            let fact = format!("the records of private hosted zone {}", zone.domain);
            let id = Some(zone.id.as_str());
            return vec![self.unknown(fact, Some("ResourceRecordSets"), id, "DN-05")];
        };
        self.record_set(records, &zone.domain, host, links).unwrap_or_else(|| {
            let what = format!(
                "no such name (NXDOMAIN): private hosted zone {} answers for it and does not hold it",
                zone.domain
            );
            vec![Found::nothing("PHZ_NO_SUCH_NAME", what, "DN-05")]
        })
    }

    /// What the records of a domain say of a name: the name's own, else those of the closest
    /// wildcard; `None` where they do not hold it.
    pub(super) fn record_set(
        &mut self,
        records: &[Record],
        domain: &str,
        host: &str,
        links: usize,
    ) -> Option<Vec<Found>> {
        let from = if domain.is_empty() { "records".to_owned() } else { format!("zone {domain}") };
        let delegated = records.iter().find(|record| {
            record.data == RecordData::Delegation
                && record.name != domain.trim_matches('.')
                && holds(&record.name, host)
        });
        if let Some(record) = delegated {
            let fact = format!("the zone {} that {from} delegates to", record.name);
            return Some(vec![self.unknown(fact, None, None, "DN-05")]);
        }
        let name = named(records, host)?;
        let of_name: Vec<&Record> = records.iter().filter(|record| record.name == name).collect();
        // Of several sets, those of weight 0 are given only where there are no others.
        let weighted = of_name.iter().any(|record| record.weight.is_some_and(|weight| weight > 0));
        let given = |record: &&&Record| !(weighted && record.weight == Some(0));
        let mut found = Vec::new();
        let mut others: Vec<&str> = Vec::new();
        let mut addresses: Vec<IpAddr> = Vec::new();
        let six = self.family == Family::V6;
        // Whether the name holds addresses of the other family.
        let mut other = false;
        for record in of_name.iter().filter(given) {
            match &record.data {
                RecordData::Addresses(all) => {
                    addresses.extend(all.iter().filter(|one| one.is_ipv6() == six));
                    other |= all.iter().any(|one| one.is_ipv6() != six);
                }
                RecordData::Cname(target) => {
                    found.extend(self.chase(target, records, domain, links))
                }
                RecordData::Alias { v6, .. } if *v6 != six => other = true,
                RecordData::Alias { target, .. } => {
                    found.extend(self.alias(target, records, domain, links));
                }
                RecordData::Delegation => others.push("NS"),
                RecordData::Other(kind) => others.push(kind),
            }
        }
        for one in &mut found {
            one.what = format!("{}, by a record of {from}", one.what);
        }
        if !addresses.is_empty() {
            addresses.sort();
            addresses.dedup();
            let words: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            let what = format!("{}, by a record of {from}", words.join(", "));
            found.push(Found { resolved: Resolved::Addresses(addresses), what, rule: "DN-05" });
        }
        if found.is_empty() {
            found.push(self.no_address(&from, other, &others));
        }
        Some(found)
    }

    /// DN-05: the name is there, but with no address of the family that is asked for.
    fn no_address(&mut self, from: &str, other: bool, others: &[&str]) -> Found {
        let six = self.family == Family::V6;
        let says = match self.assumes("PHZ_OTHER_TYPE_IS_NODATA", "DN-05") {
            true => "an empty answer (NODATA)",
            false => "no such name (NXDOMAIN)",
        };
        let held = match (other, others.is_empty()) {
            (true, _) => if six { "A" } else { "AAAA" }.to_owned(),
            (false, true) => "other".to_owned(),
            (false, false) => others.join(" and "),
        };
        let what = format!("{says}: {from} holds only {held} records for it");
        let code = if six { "NAME_WITHOUT_IPV6" } else { "PHZ_NO_ADDRESS" };
        Found::nothing(code, what, "DN-05")
    }

    fn alias(
        &mut self,
        target: &AliasTarget,
        records: &[Record],
        domain: &str,
        links: usize,
    ) -> Vec<Found> {
        match target {
            AliasTarget::Endpoint(id) => vec![self.endpoint_by_id(id.as_str(), None)],
            AliasTarget::LoadBalancer(id) => vec![self.balancer_by_id(id)],
            AliasTarget::Name(name) => self.chase(name, records, domain, links),
        }
    }

    /// The answers for the name that another one stands for.
    fn chase(&mut self, name: &str, records: &[Record], domain: &str, links: usize) -> Vec<Found> {
        if let Some(open) = left_open(name) {
            let fact = format!("what {open} comes to, to which a record of zone {domain} leads");
            return vec![self.unknown(fact, None, None, "DN-05")];
        }
        if links >= LONGEST_CHAIN {
            let what = format!("no answer: aliases lead from {name} to no end");
            return vec![Found::nothing("NAME_CHAIN_LOOP", what, "DN-05")];
        }
        // A server's own records are all that is known of what it answers.
        if domain.is_empty() {
            return self.record_set(records, domain, name, links + 1).unwrap_or_else(|| {
                vec![self.unknown(
                    format!("what that server answers for {name}"),
                    None,
                    None,
                    "DN-01",
                )]
            });
        }
        let service = models::service_of_host(name);
        let outside = match &service {
            Some(host) => Outside::Service(host.service, &host.region),
            None => Outside::Anyone,
        };
        let mut found = self.follow(name, outside, links + 1);
        for one in &mut found {
            one.what = format!("{name}, that is {}", one.what);
        }
        found
    }
}

/// The name under which the records answer for a host: its own, or that of the wildcard under the
/// closest name that exists.
fn named(records: &[Record], host: &str) -> Option<String> {
    let exists = |name: &str| records.iter().any(|record| holds(name, &record.name));
    if exists(host) {
        return Some(host.to_owned());
    }
    let mut parent = host;
    while let Some((_, above)) = parent.split_once('.') {
        let wildcard = format!("*.{above}");
        if records.iter().any(|record| record.name == wildcard) {
            return Some(wildcard);
        }
        if exists(above) {
            return None;
        }
        parent = above;
    }
    None
}

//! Private hosted zones and their records.

use super::intrinsics::{Stack, is_open};
use super::places::{Made, number, only_deployed};
use super::rows::Rows;
use super::template::Template;
use crate::network::{AliasTarget, Record, RecordData, left_open};
use crate::read::ReadError;
use serde_json::{Value as Json, json};
use std::net::IpAddr;

impl Stack<'_> {
    /// Puts down what it knows; says whether it did.
    pub fn name(
        &mut self,
        template: &Template,
        kind: &str,
        made: &Made<'_>,
        rows: &mut Rows,
    ) -> Result<bool, ReadError> {
        match kind {
            "Route53::HostedZone" => {
                let vpcs = made.list("VPCs");
                let vpcs = vpcs.iter().filter_map(|one| one.get("VPCId").cloned()).collect();
                zone(template, made, vpcs, rows)?;
            }
            // Cloud Map keeps its records itself, as tasks come and go.
            "ServiceDiscovery::PrivateDnsNamespace" => {
                zone(template, made, vec![made.field("Vpc")], rows)?;
                rows.zone(&zone_id(&made.id)).changing = true;
            }
            "Route53::RecordSet" => self.record(template, made, &made.fields(), rows)?,
            "Route53::RecordSetGroup" => {
                for mut record in made.list("RecordSets") {
                    if let Json::Object(fields) = &mut record {
                        for field in ["HostedZoneId", "HostedZoneName"] {
                            fields.entry(field).or_insert_with(|| made.field(field));
                        }
                    }
                    self.record(template, made, &record, rows)?;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn record(
        &mut self,
        template: &Template,
        made: &Made<'_>,
        record: &Json,
        rows: &mut Rows,
    ) -> Result<(), ReadError> {
        let text = |field: &str| record.get(field).and_then(Json::as_str);
        let Some(name) = text("Name") else { return Ok(()) };
        let zone = match (text("HostedZoneId"), text("HostedZoneName")) {
            (Some(id), _) => zone_id(id),
            (None, name) => format!("name {}", domain(name.unwrap_or_default())),
        };
        if is_open(name) {
            return Err(only_deployed(&made.resource.logical, &made.resource.at, "Name", name));
        }
        let kind = text("Type").unwrap_or_default();
        let values = record.get("ResourceRecords").and_then(Json::as_array);
        let values: Vec<&str> = values.into_iter().flatten().filter_map(Json::as_str).collect();
        let alias = record.get("AliasTarget").and_then(|target| target.get("DNSName"));
        let v6 = kind == "AAAA";
        let open = values.iter().find(|value| is_open(value));
        let data = match (kind, alias.and_then(Json::as_str)) {
            ("A" | "AAAA", Some(target)) => {
                RecordData::Alias { target: self.target(template, target)?, v6 }
            }
            ("CNAME", Some(target)) => RecordData::Cname(domain(target)),
            ("A" | "AAAA", None) => match open {
                // As an alias of something that is not known.
                Some(open) => {
                    RecordData::Alias { target: AliasTarget::Name((*open).to_owned()), v6 }
                }
                None => {
                    let wrong = |value: &str| {
                        let message = format!("`{value}` of record `{name}` is no address");
                        ReadError::at(&made.resource.at, message)
                    };
                    let parse =
                        |value: &&str| value.trim().parse::<IpAddr>().map_err(|_| wrong(value));
                    RecordData::Addresses(values.iter().map(parse).collect::<Result<_, _>>()?)
                }
            },
            ("CNAME", None) => {
                RecordData::Cname(values.first().map_or_else(String::new, |value| {
                    if is_open(value) { (*value).to_owned() } else { domain(value) }
                }))
            }
            ("NS", _) => RecordData::Delegation,
            (other, _) => RecordData::Other(other.to_owned()),
        };
        let weight = number(record.get("Weight")).as_u64().and_then(|it| u32::try_from(it).ok());
        rows.zone(&zone).records.push(Record { name: domain(name), data, weight });
        Ok(())
    }

    /// What an alias stands for. The names of an endpoint are AWS's own to give.
    fn target(&mut self, template: &Template, text: &str) -> Result<AliasTarget, ReadError> {
        let entries = left_open(text).and_then(|open| open.strip_suffix(".DnsEntries"));
        let logical = entries.map(|open| open.rsplit(" of ").next().unwrap_or(open));
        if let Some(resource) = logical.and_then(|logical| template.resource(logical)).cloned() {
            return Ok(AliasTarget::Endpoint(self.id(template, &resource)?.as_str().into()));
        }
        let name = if is_open(text) { text.to_owned() } else { domain(text) };
        Ok(AliasTarget::Name(name))
    }
}

fn zone(
    template: &Template,
    made: &Made<'_>,
    vpcs: Vec<Json>,
    rows: &mut Rows,
) -> Result<(), ReadError> {
    let name = made.need("Name")?;
    if is_open(name) && !vpcs.is_empty() {
        return Err(only_deployed(&made.resource.logical, &made.resource.at, "Name", name));
    }
    let id = zone_id(&made.id);
    let row = json!({
        "Id": id,
        "Name": name,
        "Config": { "PrivateZone": !vpcs.is_empty() },
    });
    let own = rows.zone(&id);
    own.made = true;
    own.unsettled = vpcs.iter().any(|vpc| vpc.as_str().is_some_and(is_open));
    // What every zone has of itself.
    let apex = |data| Record { name: domain(name), data, weight: None };
    own.records.extend([apex(RecordData::Delegation), apex(RecordData::Other("SOA".to_owned()))]);
    let region = &template.place.region;
    let vpcs: Vec<Json> =
        vpcs.iter().map(|id| json!({ "VPCId": id, "VPCRegion": region })).collect();
    rows.page(json!({ "HostedZone": row, "VPCs": vpcs }));
    Ok(())
}

/// The id of a zone has no `/` in it.
fn zone_id(id: &str) -> String {
    id.replace('/', "-")
}

/// A name in lower case, without its final dot.
fn domain(name: &str) -> String {
    name.trim_end_matches('.').replace("\\052", "*").to_ascii_lowercase()
}

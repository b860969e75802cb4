//! DHCP option sets, private hosted zones with their records, Resolver rules.

use super::draft::Draft;
use super::names::noun;
use super::node::{Fields, Key, Node, Value};
use super::value::{boolean, choice, number};
use crate::network::{
    AliasTarget, DhcpOptions, HostedZone, Kind, LoadBalancerId, NameServer, Record, RecordData,
    ResolverRule, StatedAnswers, VpcEndpointId, VpcId,
};
use crate::read::ReadError;
use std::collections::BTreeSet;
use std::net::IpAddr;

pub(super) fn dhcp_options(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let what = format!("DHCP option set `{}`", key.text);
    let fields = Fields::of(node, what, &key.at, &["name_servers", "answers"])?;
    let name_servers = fields.need("name_servers")?.one_or_more().iter().map(|server| {
        let text = server.text(&fields.name("name_servers"))?;
        if text == "AmazonProvidedDNS" {
            return Ok(NameServer::Amazon);
        }
        text.parse().map(NameServer::Address).map_err(|_| {
            ReadError::at(&server.at, format!("`{text}` is no name server"))
                .hint("a name server is an address, or AmazonProvidedDNS")
        })
    });
    let options = DhcpOptions {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        name_servers: name_servers.collect::<Result<_, _>>()?,
        answers: answers(draft, &fields)?,
    };
    draft.put.insert(options);
    Ok(())
}

/// `hosted_zones: { db.internal: { vpcs: [app], records: { main: 10.0.1.5 } } }`
pub(super) fn hosted_zone(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let what = format!("hosted zone `{}`", key.text);
    let fields = Fields::of(node, what, &key.at, &["domain", "vpcs", "private", "records"])?;
    let domain = match fields.get("domain") {
        Some(node) => host_name(node, &fields.name("domain"))?,
        None => plain(&key.text),
    };
    let vpcs = seen_by(draft, &fields)?;
    let records = match fields.get("records") {
        Some(node) => Some(records(draft, node, &fields.name("records"), &domain)?),
        None => draft.or_implied(None, Vec::new()),
    };
    let mut about = draft.about_named(&key.at, &key.text, id);
    if plain(&key.text) == domain && about.name.as_ref() == Some(&key.text) {
        // Its domain says what it is called.
        about.name = None;
    }
    let zone = HostedZone {
        id: id.into(),
        about,
        domain,
        private: boolean(&fields, "private", true)?,
        vpcs,
        records,
    };
    draft.put.insert(zone);
    Ok(())
}

/// `resolver_rules: { corp: { domain: corp.example, vpcs: [app], targets: [10.9.0.53] } }`
pub(super) fn resolver_rule(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = ["domain", "type", "vpcs", "targets", "answers"];
    let fields = Fields::of(node, format!("Resolver rule `{}`", key.text), &key.at, &known)?;
    let domain = fields.need("domain")?;
    let domain = match domain.text(&fields.name("domain"))? {
        "." => ".".to_owned(),
        _ => host_name(domain, &fields.name("domain"))?,
    };
    let words = [("forward", "FORWARD"), ("system", "SYSTEM"), ("recursive", "RECURSIVE")];
    let rule_type = match fields.text("type")? {
        Some(word) if draft.names.open => word,
        _ => choice(&fields, "type", &words, "FORWARD")?,
    };
    let targets = fields.list("targets")?.iter().map(|target| {
        let text = target.text(&fields.name("targets"))?;
        text.parse().map_err(|_| {
            ReadError::at(&target.at, format!("`{text}` is no address"))
                .hint("a target is the address of a DNS server")
        })
    });
    let rule = ResolverRule {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        domain,
        rule_type: rule_type.to_owned(),
        vpcs: seen_by(draft, &fields)?,
        targets: targets.collect::<Result<_, ReadError>>()?,
        answers: answers(draft, &fields)?,
    };
    draft.put.insert(rule);
    Ok(())
}

/// The VPCs that see it: none, or unknown ones, where they are left out.
fn seen_by(draft: &Draft, fields: &Fields<'_>) -> Result<Option<BTreeSet<VpcId>>, ReadError> {
    let node = fields.get("vpcs");
    let stated = node
        .map(|_| draft.names.need_all(Kind::Vpc, fields.list("vpcs")?, &fields.name("vpcs")))
        .transpose()?;
    Ok(draft.or_implied(stated, BTreeSet::new()))
}

/// What a server answers: `vpc` for one that asks the VPC's resolver, or records by full name.
fn answers(draft: &Draft, fields: &Fields<'_>) -> Result<Option<StatedAnswers>, ReadError> {
    let Some(node) = fields.get("answers") else { return Ok(None) };
    if let Value::Scalar(text) = &node.value {
        return match text.as_str() {
            "vpc" => Ok(Some(StatedAnswers::VpcResolver)),
            _ => Err(ReadError::at(&node.at, format!("{} cannot be `{text}`", fields.name("answers")))
                .hint("write `vpc` for a server that asks the VPC's resolver, or records: `{ db.corp.example: 10.9.0.7 }`")),
        };
    }
    let records = records(draft, node, &fields.name("answers"), "")?;
    Ok(Some(StatedAnswers::Records(records)))
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// A domain or host name.
fn host_name(node: &Node, what: &str) -> Result<String, ReadError> {
    let text = node.text(what)?;
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    match plain(text) {
        name if name.split('.').all(label) => Ok(name),
        _ => Err(ReadError::at(&node.at, format!("`{text}` is no host name"))
            .hint("a host name is like db.example.internal")),
    }
}

/// Records by name: `@` is the domain itself; a name that does not end in the domain is under it.
fn records(draft: &Draft, node: &Node, what: &str, domain: &str) -> Result<Vec<Record>, ReadError> {
    let mut all = Vec::new();
    for (key, value) in node.entries(what)? {
        let written = plain(&key.text);
        let name = match written.as_str() {
            "@" if !domain.is_empty() => domain.to_owned(),
            name if domain.is_empty()
                || name == domain
                || name.ends_with(&format!(".{domain}")) =>
            {
                written
            }
            name => format!("{name}.{domain}"),
        };
        let what = format!("record `{}`", key.text);
        // A list of mappings is a list of alternatives; of anything else, one set of addresses.
        let sets: Vec<&Node> = match &value.value {
            Value::Sequence(items)
                if items.iter().any(|item| matches!(item.value, Value::Mapping(_))) =>
            {
                items.iter().collect()
            }
            _ => vec![value],
        };
        for set in sets {
            let mut weight = None;
            let data = match &set.value {
                Value::Mapping(_) => {
                    let known = [
                        "A",
                        "AAAA",
                        "CNAME",
                        "alias",
                        "alias_v6",
                        "NS",
                        "TXT",
                        "MX",
                        "SRV",
                        "other_type",
                        "weight",
                    ];
                    let fields = Fields::of(set, what.clone(), &key.at, &known)?;
                    weight = number(&fields, "weight")?;
                    typed(draft, &fields)?
                }
                _ => vec![untyped(draft, set, &what)?],
            };
            if data.is_empty() {
                return Err(ReadError::at(&set.at, format!("{what} holds nothing")).hint(
                    "write addresses, a host name, or `endpoint/name` or `lb/name` for an alias",
                ));
            }
            all.extend(data.into_iter().map(|data| Record { name: name.clone(), data, weight }));
        }
    }
    Ok(all)
}

/// A value that says its type by its looks.
fn untyped(draft: &Draft, node: &Node, what: &str) -> Result<RecordData, ReadError> {
    if let Value::Sequence(_) = node.value {
        return addresses(node, what, |_| true);
    }
    let text = node.text(what)?;
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(RecordData::Addresses(vec![address])),
        Err(_) if text.contains('/') => alias(draft, node, what),
        Err(_) => Ok(RecordData::Cname(host_name(node, what)?)),
    }
}

/// The types that a mapping names.
fn typed(draft: &Draft, fields: &Fields<'_>) -> Result<Vec<RecordData>, ReadError> {
    let mut all = Vec::new();
    if let Some(node) = fields.get("A") {
        all.push(addresses(node, &fields.name("A"), IpAddr::is_ipv4)?);
    }
    if let Some(node) = fields.get("AAAA") {
        all.push(addresses(node, &fields.name("AAAA"), IpAddr::is_ipv6)?);
    }
    if let Some(node) = fields.get("CNAME") {
        all.push(RecordData::Cname(host_name(node, &fields.name("CNAME"))?));
    }
    if let Some(node) = fields.get("alias") {
        all.push(alias(draft, node, &fields.name("alias"))?);
    }
    if let Some(node) = fields.get("alias_v6")
        && let RecordData::Alias { target, .. } = alias(draft, node, &fields.name("alias_v6"))?
    {
        all.push(RecordData::Alias { target, v6: true });
    }
    if let Some(other) = fields.text("other_type")? {
        all.push(RecordData::Other(other.to_owned()));
    }
    if fields.get("NS").is_some() {
        all.push(RecordData::Delegation);
    }
    let others = ["TXT", "MX", "SRV"].into_iter().filter(|kind| fields.get(kind).is_some());
    all.extend(others.map(|kind| RecordData::Other(kind.to_owned())));
    Ok(all)
}

fn addresses(
    node: &Node,
    what: &str,
    fits: impl Fn(&IpAddr) -> bool,
) -> Result<RecordData, ReadError> {
    let mut all: Vec<IpAddr> = Vec::new();
    for item in node.one_or_more() {
        let text = item.text(what)?;
        let address = text.parse().ok().filter(&fits);
        // A record set is of one type.
        let like = all.first().map(IpAddr::is_ipv4);
        match address.filter(|one: &IpAddr| like.is_none_or(|v4| one.is_ipv4() == v4)) {
            Some(address) => all.push(address),
            None => {
                return Err(ReadError::at(&item.at, format!("`{text}` is no address for {what}"))
                    .hint("an A record holds IPv4 addresses, an AAAA record IPv6 addresses"));
            }
        }
    }
    Ok(RecordData::Addresses(all))
}

/// `endpoint/logs`, `lb/front`, or a host name.
fn alias(draft: &Draft, node: &Node, what: &str) -> Result<RecordData, ReadError> {
    let text = node.text(what)?;
    let target = match text.split_once('/').map(|(word, name)| (Kind::from_word(word), name)) {
        None => AliasTarget::Name(host_name(node, what)?),
        Some((Some(kind @ (Kind::VpcEndpoint | Kind::LoadBalancer)), name)) => {
            match (draft.names.find(kind, name), kind) {
                (Some(id), Kind::VpcEndpoint) => AliasTarget::Endpoint(VpcEndpointId::from(id)),
                (Some(id), _) => AliasTarget::LoadBalancer(LoadBalancerId::from(id)),
                (None, _) => return Err(draft.names.dangling(&[kind], node, name)),
            }
        }
        Some(_) => {
            let (endpoint, balancer) = (noun(Kind::VpcEndpoint), noun(Kind::LoadBalancer));
            return Err(ReadError::at(&node.at, format!("`{text}` cannot be the target of an alias"))
                .hint(format!("an alias is of an {endpoint} (endpoint/name), a {balancer} (lb/name) or a host name")));
        }
    };
    Ok(RecordData::Alias { target, v6: false })
}

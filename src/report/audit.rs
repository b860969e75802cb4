//! Who can reach whom, for people, for programs and for spreadsheets.

use super::page::Page;
use super::{Style, json, words};
use crate::audit::{Audit, Between, By, Leaving, Pairs, PortAudit, Ports, Question};
use crate::header::Protocol;
use serde::Serialize;
use std::collections::BTreeMap;

const SCHEMA: &str = "reach/audit/1";

/// How many lines of one list a person is shown.
const SHOWN: usize = 12;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    protocol: Protocol,
    by: By,
    #[serde(flatten)]
    audit: &'a Audit,
    notes: &'a [String],
}

/// The audit as one JSON object, ending in a line break.
#[must_use]
pub fn audit_json(audit: &Audit, question: &Question, notes: &[String]) -> String {
    let Question { protocol, by, .. } = *question;
    json::pretty(&Document { schema: SCHEMA, protocol, by, audit, notes })
}

/// The audit as comma-separated values: one line per port and pair of groups.
#[must_use]
pub fn audit_csv(audit: &Audit) -> String {
    let mut out = "port,from,to,reachable,intermittent,blocked,unknown\n".to_owned();
    for port in &audit.ports {
        for Between { from, to, pairs } in &port.between {
            let Pairs { reachable, intermittent, blocked, unknown } = pairs;
            let (from, to) = (field(from), field(to));
            let counts = format!("{reachable},{intermittent},{blocked},{unknown}");
            out.push_str(&format!("{},{from},{to},{counts}\n", ports(port)));
        }
    }
    out
}

/// A field of comma-separated values, quoted where it has to be (RFC 4180).
fn field(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

/// The audit for people; ends in a line break.
#[must_use]
pub fn audit_text(audit: &Audit, question: &Question, style: &Style) -> String {
    let mut page = Page { out: String::new(), style };
    if question.ports == Ports::Every {
        show_every_port(&mut page, audit, question);
        return page.out;
    }
    for (index, port) in audit.ports.iter().enumerate() {
        if index > 0 {
            page.line("");
        }
        show(&mut page, audit, port, question);
    }
    page.out
}

/// A port, or the first and last of several.
fn ports(port: &PortAudit) -> String {
    match port.port == port.last_port {
        true => port.port.to_string(),
        false => format!("{}-{}", port.port, port.last_port),
    }
}

/// One line per range of ports.
fn show_every_port(page: &mut Page<'_>, audit: &Audit, question: &Question) {
    let style = page.style;
    let all = audit.interfaces * audit.interfaces.saturating_sub(1);
    let pairs = format!("{} ordered pairs among {} interfaces", grouped(all), audit.interfaces);
    let protocol = style.strong.paint(&format!("{} every port", question.protocol)).to_string();
    page.line(&format!("{protocol}  {pairs}"));
    page.line("");
    let heads =
        ["ports", "reachable", "intermittent", "unknown", "from the internet", "to the internet"];
    let mut rows = vec![heads.map(str::to_owned)];
    for port in &audit.ports {
        let Pairs { reachable, intermittent, unknown, .. } = port.pairs;
        let exposed = port.from_internet.len() as u64;
        let leaving = port.to_internet.len() as u64;
        let counts = [reachable, intermittent, unknown, exposed, leaving].map(grouped);
        let [reachable, intermittent, unknown, exposed, leaving] = counts;
        rows.push([ports(port), reachable, intermittent, unknown, exposed, leaving]);
    }
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0))
        .collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}"));
        page.line(&format!("  {}", cells.collect::<Vec<_>>().join("  ")));
    }
}

fn show(page: &mut Page<'_>, audit: &Audit, port: &PortAudit, question: &Question) {
    let style = page.style;
    let protocol = question.protocol.to_string();
    page.line(&format!(
        "{}  {} among {} interfaces",
        style.strong.paint(&format!("{protocol} {}", ports(port))),
        grouped(audit.interfaces * audit.interfaces.saturating_sub(1)) + " ordered pairs",
        grouped(audit.interfaces),
    ));
    page.line("");
    let pairs = [
        ("reachable", port.pairs.reachable, &style.bad),
        ("intermittent", port.pairs.intermittent, &style.doubtful),
        ("unknown", port.pairs.unknown, &style.doubtful),
        ("blocked", port.pairs.blocked, &style.good),
    ];
    let width = pairs.iter().map(|(_, count, _)| grouped(*count).len()).max().unwrap_or(0);
    for (word, count, paint) in pairs.into_iter().filter(|(_, count, _)| *count > 0) {
        let padded = format!("{:>width$}", grouped(count));
        let through = match word {
            "reachable" if port.through_nat > 0 => {
                format!(", {} of them through NAT gateways", grouped(port.through_nat))
            }
            _ => String::new(),
        };
        page.line(&format!("  {padded}  {}{through}", paint.paint(word)));
    }
    let word = match question.by {
        By::Vpc => "vpc",
        By::Account => "account",
        By::Subnet => "subnet",
        By::Class => "class",
    };
    let plural = words::plural(word);
    let across: Vec<&Between> =
        port.between.iter().filter(|one| one.from != one.to && one.pairs.reachable > 0).collect();
    // Where the ways are too many to read, whom they lead to.
    if across.len() > SHOWN {
        page.line("");
        let count = grouped(port.reached.len() as u64);
        page.line(&format!("  reached from another {word}: {count} {plural}, the most first"));
        for one in port.reached.iter().take(SHOWN) {
            let (pairs, from) = (grouped(one.pairs), grouped(one.from_groups));
            let from = format!("{from} {}", if one.from_groups == 1 { word } else { &plural });
            page.line(&format!("    {}  {pairs} pairs, from {from}", one.group));
        }
        more(page, port.reached.len());
    }
    if !across.is_empty() {
        page.line("");
        let ways = if across.len() == 1 { "way" } else { "ways" };
        let count = grouped(across.len() as u64);
        page.line(&format!("  from one {word} into another: {count} {ways}, the most first"));
        for one in across.iter().take(SHOWN) {
            let all = one.pairs.reachable
                + one.pairs.blocked
                + one.pairs.unknown
                + one.pairs.intermittent;
            page.line(&format!(
                "    {} → {}  {} of {} pairs",
                one.from,
                one.to,
                grouped(one.pairs.reachable),
                grouped(all)
            ));
        }
        more(page, across.len());
    }
    show_from_internet(page, port);
    show_to_internet(page, port, word);
}

fn show_from_internet(page: &mut Page<'_>, port: &PortAudit) {
    if port.from_internet.is_empty() {
        return;
    }
    page.line("");
    page.line(&format!(
        "  from the internet: {}",
        words::count(port.from_internet.len(), "interface")
    ));
    for one in port.from_internet.iter().take(SHOWN) {
        let sure = if one.sure { "" } else { "  (not for sure)" };
        page.line(&format!("    {} at {} in {}{sure}", one.name, one.address, one.group));
    }
    more_in_json(page, port.from_internet.len());
}

/// How many go out by which way, and from where.
fn show_to_internet(page: &mut Page<'_>, port: &PortAudit, word: &str) {
    if port.to_internet.is_empty() {
        return;
    }
    let (mut ways, mut groups) = (BTreeMap::new(), BTreeMap::new());
    let mut unsure = 0;
    for Leaving { way, group, sure, .. } in &port.to_internet {
        *ways.entry(by_way(way)).or_insert(0_u64) += 1;
        *groups.entry(group.clone()).or_insert(0_u64) += 1;
        unsure += u64::from(!sure);
    }
    let in_part = match unsure {
        0 => String::new(),
        some => format!(", {} of them in part or not for sure", grouped(some)),
    };
    page.line("");
    let count = port.to_internet.len() as u64;
    let interfaces = if count == 1 { "interface" } else { "interfaces" };
    page.line(&format!("  to the internet: {} {interfaces}{in_part}", grouped(count)));
    for (way, count) in most_first(ways) {
        page.line(&format!("    {way}  {}", grouped(count)));
    }
    page.line(&format!("    by {word}"));
    let groups = most_first(groups);
    for (group, count) in groups.iter().take(SHOWN) {
        page.line(&format!("      {group}  {}", grouped(*count)));
    }
    more_in_json(page, groups.len());
}

/// `through a transit gateway, then a NAT gateway`
fn by_way(way: &[&str]) -> String {
    let named = way.iter().map(|&kind| match kind {
        "nat-gateway" => "a NAT gateway".to_owned(),
        "endpoint" => "a Gateway Load Balancer endpoint".to_owned(),
        "egress-only-internet-gateway" => "an egress-only internet gateway".to_owned(),
        "eni" => "a host that forwards".to_owned(),
        other => {
            let vowel = other.starts_with(['a', 'e', 'i', 'o', 'u']);
            format!("{} {}", if vowel { "an" } else { "a" }, other.replace('-', " "))
        }
    });
    match named.collect::<Vec<_>>().join(", then ") {
        unknown if unknown.is_empty() => "by a way that is not known".to_owned(),
        way => format!("through {way}"),
    }
}

fn most_first(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

fn more(page: &mut Page<'_>, count: usize) {
    more_by(page, count, "--format json or --csv lists all");
}

fn more_in_json(page: &mut Page<'_>, count: usize) {
    more_by(page, count, "--format json lists all");
}

fn more_by(page: &mut Page<'_>, count: usize, how: &str) {
    if count > SHOWN {
        let rest = grouped((count - SHOWN) as u64);
        page.line(&format!("    … and {rest} more: {how}"));
    }
}

/// `1,121,186,566`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

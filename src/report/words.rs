//! How things are called in a text.

use super::{Paint, Style};
use crate::answer::{Blocker, Direction, End, Location, ResourceRef, Verdict};
use crate::header::Protocol;
use crate::network::Kind;

/// `sg task`, `rtb private`; a name that says its kind itself (`nat-a`, `igw`, `sg-0a1b`) goes
/// without.
pub(super) fn resource(resource: &ResourceRef) -> String {
    let label = resource.label();
    match Kind::from_word(&resource.kind).map(Kind::short) {
        Some(short) if !says_kind(label, short) && !says_kind(label, &resource.kind) => {
            format!("{short} {label}")
        }
        _ => label.to_owned(),
    }
}

/// A statement on a resource: `rtb private has no route for it`.
pub(super) fn said(of: &ResourceRef, what: &str) -> String {
    format!("{} {what}", resource(of))
}

/// A step of a path: as in prose, but places go by their bare names.
pub(super) fn step(step: &ResourceRef) -> String {
    match Kind::from_word(&step.kind) {
        Some(Kind::Subnet | Kind::NetworkInterface | Kind::Service | Kind::Task) => {
            step.label().to_owned()
        }
        _ => resource(step),
    }
}

/// The client in a headline: `service/web in private-a`.
pub(super) fn source(end: &End) -> String {
    let label = end.resource.label();
    let kind = &end.resource.kind;
    let named = Kind::from_word(kind).is_some() && !says_kind(label, kind);
    let who = if named { format!("{kind}/{label}") } else { label.to_owned() };
    within(who, end)
}

/// The server in a headline: `ecr.dkr:443`.
pub(super) fn destination(end: &End, protocol: Protocol) -> String {
    let label = end.resource.label();
    let several = || end.ports.as_ref().map(|ports| format!("{label}:{ports}"));
    let what = match end.port {
        Some(port) if label.contains(':') && !label.starts_with("arn:") => {
            format!("[{label}]:{port}")
        }
        Some(port) => format!("{label}:{port}"),
        None => several().unwrap_or_else(|| label.to_owned()),
    };
    let what = match protocol {
        Protocol::Udp => format!("{what}/udp"),
        Protocol::Icmp | Protocol::Icmpv6 => format!("{what}/icmp"),
        _ => what,
    };
    within(what, end)
}

fn within(text: String, end: &End) -> String {
    match &end.subnet {
        Some(subnet) => format!("{text} in {}", subnet.label()),
        None => text,
    }
}

fn says_kind(label: &str, word: &str) -> bool {
    label.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// How it fails, as a beginning: `dropped: …`, `reply dropped: …`.
pub(super) fn failure(blocker: &Blocker) -> String {
    let reply = if blocker.direction == Direction::Return { "reply " } else { "" };
    format!("{reply}{}", blocker.failure)
}

/// Where it is stated: a line of the user's file, else the id AWS knows it by, else the file's own
/// name. A file that is named elsewhere is left out.
pub(super) fn place(
    resource: &ResourceRef,
    location: Option<&Location>,
    named: Option<&str>,
) -> String {
    match location {
        Some(at) if at.line.is_some() => line_or_place(at, named),
        _ if resource.name.is_some() => resource.id.clone(),
        Some(at) => at.file.rsplit('/').next().unwrap_or(&at.file).to_owned(),
        None => String::new(),
    }
}

/// `line 14` of the file that is named elsewhere, else `reach.yaml:14`.
pub(super) fn line_or_place(at: &Location, named: Option<&str>) -> String {
    match at.line {
        Some(line) if named == Some(&*at.file) => format!("line {line}"),
        _ => at.to_string(),
    }
}

pub(super) fn paint_of(verdict: Verdict, style: &Style) -> &Paint {
    match verdict {
        Verdict::Reachable => &style.good,
        Verdict::Blocked => &style.bad,
        Verdict::Intermittent | Verdict::Unknown => &style.doubtful,
    }
}

/// `1 placement`, `2 placements`.
pub(super) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// `vpcs`, `classes`
pub(super) fn plural(thing: &str) -> String {
    format!("{thing}{}", if thing.ends_with('s') { "es" } else { "s" })
}

/// Lines of at most `width` characters, broken at spaces; a longer word has a line of its own.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    fill(&words, " ", width)
}

/// Lines of at most `width` characters, made of whole pieces.
pub(super) fn fill(pieces: &[impl AsRef<str>], between: &str, width: usize) -> Vec<String> {
    let length = |text: &str| text.chars().count();
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces.iter().map(AsRef::as_ref) {
        match lines.last_mut() {
            Some(line) if length(line) + length(between) + length(piece) <= width => {
                line.push_str(between);
                line.push_str(piece);
            }
            _ => lines.push(piece.to_owned()),
        }
    }
    lines
}

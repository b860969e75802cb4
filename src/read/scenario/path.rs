//! `security_groups.task.egress.0.port`: the way to one field.

use super::SECTIONS;
use super::node::Node;
use super::overlay::nested;
use crate::network::{Network, closest};
use crate::read::ReadError;

/// Keys under which the author chooses the keys, which may hold dots of their own.
const OPEN: [&str; 4] = ["routes", "records", "answers", "options"];

/// What may stand behind such a key.
const BEHIND: [&str; 10] =
    ["target", "state", "origin", "A", "AAAA", "CNAME", "alias", "NS", "TXT", "weight"];

/// A path and a value: the first `=` outside quotes divides them.
pub(super) fn split_value(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let divides = |(_, c): &(usize, char)| {
        quoted ^= *c == '"';
        *c == '=' && !quoted
    };
    let (at, _) = text.char_indices().find(divides)?;
    Some((text.get(..at)?.trim(), text.get(at + 1..)?.trim()))
}

/// The overlay that states a value at the end of a path.
pub(super) fn resolve(base: &Network, path: &str, value: Node) -> Result<Node, ReadError> {
    let at = value.at.clone();
    let (section, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some((name, kind, _)) = SECTIONS.iter().find(|(name, ..)| *name == section) else {
        let error = ReadError::at(&at, format!("`{section}` is no section"));
        let sections = SECTIONS.iter().map(|(name, ..)| *name);
        return Err(match closest(section, sections) {
            Some(meant) => error.hint(format!("did you mean `{meant}`?")),
            None => error.hint("a path begins like security_groups.task or route_tables.private"),
        });
    };
    let Some((resource, rest)) = first_key(rest, |text| {
        let mut all = base.resources().filter(|(other, ..)| other == kind);
        all.any(|(_, id, label)| id == text || label == text)
    }) else {
        return Err(ReadError::at(&at, format!("`{path}` does not say of which resource"))
            .hint(format!("write {section}.NAME.FIELD")));
    };
    let mut keys = vec![(*name).to_owned(), resource];
    let mut rest = rest;
    while !rest.is_empty() {
        let open = keys.last().is_some_and(|key| OPEN.contains(&key.as_str()));
        let (key, left) = match open && !rest.starts_with('"') {
            true => match rest.rsplit_once('.') {
                Some((key, last)) if BEHIND.contains(&last) => (key.to_owned(), last),
                _ => (rest.to_owned(), ""),
            },
            false => match first_key(rest, |_| false) {
                Some(found) => found,
                None => break,
            },
        };
        keys.push(key);
        rest = left;
    }
    Ok(nested(keys, value))
}

/// The first key of a path: in quotes, or the longest one that is `known`, or up to the first dot.
fn first_key(path: &str, known: impl Fn(&str) -> bool) -> Option<(String, &str)> {
    if let Some(inner) = path.strip_prefix('"') {
        let (key, rest) = inner.split_once('"')?;
        return Some((key.to_owned(), rest.strip_prefix('.').unwrap_or(rest)));
    }
    let dots = path.match_indices('.').map(|(at, _)| at);
    let mut ends: Vec<usize> = dots.chain([path.len()]).collect();
    ends.reverse();
    let longest = ends.iter().find(|&&end| path.get(..end).is_some_and(&known));
    let end = longest.or(ends.last())?;
    let key = path.get(..*end).filter(|key| !key.is_empty())?;
    Some((key.to_owned(), path.get(end + 1..).unwrap_or_default()))
}

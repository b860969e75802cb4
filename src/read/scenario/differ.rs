//! What differs between two states of a resource, in a scenario's words.

use super::node::{Node, Value};
use super::{emit, stated};
use crate::network::{Kind, Network};

/// What differs in a resource between two networks, one line each: `+ egress: { to: … }`,
/// `- routes.0.0.0.0/0: nat/nat-a`, `private_dns: false → true`. Nothing where a scenario cannot
/// say it.
#[must_use]
pub fn difference(before: &Network, after: &Network, kind: Kind, id: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if let (Some(one), Some(other)) =
        (stated::entry(before, kind, id), stated::entry(after, kind, id))
    {
        differ("", &one, &other, &mut lines);
    }
    lines
}

fn differ(path: &str, one: &Node, other: &Node, lines: &mut Vec<String>) {
    if one.reads_like(other) {
        return;
    }
    match (&one.value, &other.value) {
        (Value::Mapping(fields), Value::Mapping(others)) => {
            let dot = if path.is_empty() { "" } else { "." };
            for (key, value) in fields {
                let path = format!("{path}{dot}{}", key.text);
                match others.iter().find(|(other, _)| other.text == key.text) {
                    Some((_, other)) => differ(&path, value, other, lines),
                    None => lines.push(format!("- {path}: {}", emit::flow(value))),
                }
            }
            for (key, value) in others {
                if !fields.iter().any(|(one, _)| one.text == key.text) {
                    lines.push(format!("+ {path}{dot}{}: {}", key.text, emit::flow(value)));
                }
            }
        }
        (Value::Sequence(items), Value::Sequence(others)) => {
            let lacks = |items: &[Node], one: &Node| !items.iter().any(|item| item.reads_like(one));
            let gone = items.iter().filter(|one| lacks(others, one));
            let new = others.iter().filter(|one| lacks(items, one));
            let before = lines.len();
            lines.extend(gone.map(|one| format!("- {path}: {}", emit::flow(one))));
            lines.extend(new.map(|one| format!("+ {path}: {}", emit::flow(one))));
            if lines.len() == before {
                lines.push(format!("{path}: {} → {}", emit::flow(one), emit::flow(other)));
            }
        }
        _ => lines.push(format!("{path}: {} → {}", emit::flow(one), emit::flow(other))),
    }
}

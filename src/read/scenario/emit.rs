//! Writing a tree down as YAML that reads as the same tree.

use super::node::{Node, Value};
use std::fmt::Write;

/// How wide a line may become before its mapping is written one key per line.
const WIDTH: usize = 90;

/// The text of a tree, ending in a line break.
pub(super) fn yaml(node: &Node) -> String {
    let mut out = String::new();
    block(node, 0, &mut out);
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn block(node: &Node, depth: usize, out: &mut String) {
    let Value::Mapping(entries) = &node.value else {
        out.push_str(&flow(node));
        return;
    };
    for (key, value) in entries {
        let indent = "  ".repeat(depth);
        let line = flow(value);
        let head = format!("{indent}{}:", scalar(&key.text));
        let nested = matches!(&value.value, Value::Mapping(inner) if !inner.is_empty());
        // What a person looks for, the resources, begin lines of their own.
        if nested && (depth == 0 || head.len() + 1 + line.len() > WIDTH) {
            let _ = writeln!(out, "{head}");
            block(value, depth + 1, out);
        } else {
            let _ = writeln!(out, "{head} {line}");
        }
    }
}

pub(super) fn flow(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar(text) => scalar(text),
        Value::Sequence(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Mapping(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Mapping(entries) => {
            let one = |(key, value): &(super::node::Key, Node)| {
                format!("{}: {}", scalar(&key.text), flow(value))
            };
            format!("{{ {} }}", entries.iter().map(one).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A scalar, in quotes where YAML would take it for something else.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c) || !c.is_ascii();
    let colons = text.contains("::") || text.ends_with(':') || text.starts_with(':');
    let safe = text.chars().all(|c| plain(c) || c == ':')
        && !colons
        && !text.starts_with('-')
        && !text.is_empty()
        && !matches!(text, "null" | "~" | "yes" | "no" | "on" | "off")
        && !text.chars().any(char::is_control);
    if safe { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

//! What a program printed, out of what a log keeps around it.

use serde_json::Value;

/// How deep messages may be packed in one another.
const DEEPEST: usize = 4;

/// The messages of a line, without colours: those of a line in JSON (`docker logs` in its files,
/// CloudWatch events, structured logs) are its strings; before others anything may stand.
pub(super) fn messages(line: &str) -> Vec<String> {
    let mut messages = Vec::new();
    unpack(line, DEEPEST, &mut messages);
    messages
}

fn unpack(text: &str, deepest: usize, messages: &mut Vec<String>) {
    let trimmed = text.trim();
    let trimmed = trimmed.strip_suffix(',').unwrap_or(trimmed);
    if deepest > 0 && trimmed.starts_with(['{', '"']) {
        // `"message": "…",` of an answer that the AWS CLI has spread over lines.
        let value = trimmed.split_once("\": ").map(|(_, value)| value);
        let found = [Some(trimmed), value].into_iter().flatten();
        let found = found.filter_map(|text| serde_json::from_str::<Value>(text).ok()).next();
        if let Some(value) = found {
            return strings(&value, deepest - 1, messages);
        }
    }
    messages.extend(text.lines().map(plain));
}

fn strings(value: &Value, deepest: usize, messages: &mut Vec<String>) {
    match value {
        Value::String(text) => unpack(text, deepest, messages),
        Value::Array(all) => all.iter().for_each(|one| strings(one, deepest, messages)),
        Value::Object(all) => all.values().for_each(|one| strings(one, deepest, messages)),
        _ => {}
    }
}

/// Without the sequences that colour it.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        if next != '\u{1b}' {
            plain.push(next);
        } else if rest.next() == Some('[') {
            // The letter that ends it.
            rest.find(char::is_ascii_alphabetic);
        }
    }
    plain
}

//! YAML as people write it: what fits on a line stands on one.

use super::super::node::{Key, Node, Value};
use crate::network::At;
use std::fmt::Display;

/// How long a line may become.
const WIDTH: usize = 100;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Yaml {
    /// Nothing.
    Null,
    /// A single value.
    Text(String),
    /// A list.
    List(Vec<Yaml>),
    /// A mapping, in order.
    Map(Map),
}

/// A mapping, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Map(pub(super) Vec<(String, Yaml)>);

impl Map {
    /// Adds a key with its value.
    pub(super) fn put(&mut self, key: impl Display, value: impl Into<Yaml>) {
        self.0.push((key.to_string(), value.into()));
    }

    /// Adds a key that has a value.
    pub(super) fn some(&mut self, key: &str, value: Option<impl Into<Yaml>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// Adds a list that has items.
    pub(super) fn items<T: Into<Yaml>>(&mut self, key: &str, items: impl IntoIterator<Item = T>) {
        let items: Vec<Yaml> = items.into_iter().map(Into::into).collect();
        if !items.is_empty() {
            self.put(key, Yaml::List(items));
        }
    }

    /// Adds what differs from the usual.
    pub(super) fn unless<T: PartialEq + Display>(&mut self, key: &str, value: T, usual: T) {
        if value != usual {
            self.put(key, text(value));
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Yaml> {
        self.0.iter().find(|(one, _)| one == key).map(|(_, value)| value)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Yaml {
    /// The same as it reads, said to stand at one place.
    pub(super) fn node(&self, at: &At) -> Node {
        let value = match self {
            Self::Null => Value::Null,
            Self::Text(text) => Value::Scalar(text.clone()),
            Self::List(items) => Value::Sequence(items.iter().map(|one| one.node(at)).collect()),
            Self::Map(Map(pairs)) => {
                let key = |text: &String| Key { text: text.clone(), at: at.clone() };
                Value::Mapping(pairs.iter().map(|(text, one)| (key(text), one.node(at))).collect())
            }
        };
        Node { at: at.clone(), value }
    }
}

impl From<Map> for Yaml {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Vec<Yaml>> for Yaml {
    fn from(items: Vec<Yaml>) -> Self {
        Self::List(items)
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Yaml {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A single value of anything that prints itself.
pub(super) fn text(value: impl Display) -> Yaml {
    Yaml::Text(value.to_string())
}

/// One item as it is, several as a list.
pub(super) fn one_or_more(mut items: Vec<Yaml>) -> Yaml {
    match items.len() {
        1 => items.remove(0),
        _ => Yaml::List(items),
    }
}

/// The lines of a section: one entry after the other.
pub(super) fn section(name: &str, entries: &Map) -> String {
    let mut lines = format!("{name}:\n");
    for (key, value) in &entries.0 {
        pair(&mut lines, 2, "", key, value);
    }
    lines
}

/// The lines of a section that is a list.
pub(super) fn list_section(name: &str, items: &[Yaml]) -> String {
    let mut lines = format!("{name}:\n");
    items.iter().for_each(|one| item(&mut lines, 2, one));
    lines
}

/// One line of a section without entries.
pub(super) fn line(name: &str, value: &str) -> String {
    format!("{name}: {}\n", scalar(value))
}

/// A mapping as an item of a list, without braces.
pub(super) fn bare_item(indent: usize, value: &Yaml) -> String {
    match value {
        Yaml::Map(map) => {
            let pairs =
                map.0.iter().map(|(key, value)| format!("{}: {}", scalar(key), flow(value)));
            format!("{:indent$}- {}\n", "", pairs.collect::<Vec<_>>().join(", "))
        }
        other => format!("{:indent$}- {}\n", "", flow(other)),
    }
}

fn pair(lines: &mut String, indent: usize, before: &str, key: &str, value: &Yaml) {
    let start = format!("{:indent$}{before}{}:", "", scalar(key));
    let inside = indent + before.len() + 2;
    let flow = flow(value);
    let fits = start.len() + 1 + flow.len() <= WIDTH && !wants_lines(value);
    lines.push_str(&start);
    match value {
        Yaml::List(items) if !fits => {
            lines.push('\n');
            items.iter().for_each(|one| item(lines, inside, one));
        }
        Yaml::Map(map) if !fits => {
            lines.push('\n');
            map.0.iter().for_each(|(key, value)| pair(lines, inside, "", key, value));
        }
        _ => {
            lines.push(' ');
            lines.push_str(&flow);
            lines.push('\n');
        }
    }
}

fn item(lines: &mut String, indent: usize, value: &Yaml) {
    let flow = flow(value);
    match value {
        Yaml::Map(map) if indent + 2 + flow.len() > WIDTH || wants_lines(value) => {
            let mut before = "- ";
            for (key, value) in &map.0 {
                let indent = if before.is_empty() { indent + 2 } else { indent };
                pair(lines, indent, before, key, value);
                before = "";
            }
        }
        _ => lines.push_str(&format!("{:indent$}- {flow}\n", "")),
    }
}

/// What reads better on lines of its own: several rules, or a mapping of mappings.
fn wants_lines(value: &Yaml) -> bool {
    match value {
        Yaml::Null | Yaml::Text(_) => false,
        Yaml::List(items) => {
            items.len() > 1 && items.iter().all(|item| matches!(item, Yaml::Map(_)))
                || items.iter().any(wants_lines)
        }
        Yaml::Map(map) => {
            let maps = map.0.iter().filter(|(_, value)| matches!(value, Yaml::Map(_))).count();
            maps > 1 || map.0.iter().any(|(_, value)| wants_lines(value))
        }
    }
}

fn flow(value: &Yaml) -> String {
    match value {
        Yaml::Null => "null".to_owned(),
        Yaml::Text(text) => scalar(text),
        Yaml::List(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Yaml::Map(map) if map.is_empty() => "{}".to_owned(),
        Yaml::Map(map) => {
            let pairs =
                map.0.iter().map(|(key, value)| format!("{}: {}", scalar(key), flow(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A single value: plain where YAML cannot take it for anything else, else in double quotes.
fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Control characters, and what YAML takes for a line's end or a mark of byte order.
            other
                if other.is_control() || matches!(other, '\u{2028}' | '\u{2029}' | '\u{feff}') =>
            {
                quoted.push_str(&format!("\\u{:04x}", u32::from(other)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

fn is_plain(text: &str) -> bool {
    const INSIDE: &str = " ._-/+=@*:()%~$^&!?;<>|'";
    const EDGES: &str = "./_+~";
    let words = ["null", "~", "true", "false"];
    let word = words.iter().take(2).any(|word| text.eq_ignore_ascii_case(word));
    // An account id, or a number whose zeros count.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let id = digits && (text.len() >= 12 || text.len() > 1 && text.starts_with('0'));
    let edge = |c: char| c.is_alphanumeric() || EDGES.contains(c);
    let inside = |c: char| c.is_alphanumeric() || INSIDE.contains(c);
    let bytes = text.as_bytes();
    // A colon is part of a value only with something behind it.
    let colons = bytes.windows(2).all(|pair| {
        pair.first() != Some(&b':') || pair.get(1).is_some_and(|b| b.is_ascii_alphanumeric())
    });
    !text.is_empty()
        && !word
        && !id
        && text.starts_with(edge)
        && text.ends_with(|c: char| edge(c) || c == '*')
        && text.chars().all(inside)
        && colons
        && !text.contains("  ")
}

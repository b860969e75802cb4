//! From YAML text to a tree whose every node knows its place.

use super::node::{Key, Node, Value};
use crate::network::At;
use crate::read::ReadError;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Error, Location, MessageFormatter, Spanned, UserMessageFormatter};
use std::fmt;
use std::sync::Arc;

/// Reads one document. An empty text gives an empty node.
pub(super) fn parse(file: &Arc<str>, text: &str) -> Result<Node, ReadError> {
    let place = Place { file, text };
    let options = serde_saphyr::options! {
        with_snippet: false,
        reject_unsupported_tags: true,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::PassThrough,
    };
    let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| place.explain(error.without_snippet()))?;
    Ok(place.node(raw))
}

/// A node before its places are joined with the file.
enum Raw {
    Null,
    /// A plain scalar that YAML takes for a number or a truth value: what counts is how it was
    /// written, so its text is cut from the source. The value is the second best.
    Typed(String),
    Text(String),
    Sequence(Vec<Spanned<Raw>>),
    Mapping(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list or a mapping")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Typed(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut sequence = Vec::new();
        while let Some(item) = items.next_element()? {
            sequence.push(item);
        }
        Ok(Raw::Sequence(sequence))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut mapping = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            mapping.push(entry);
        }
        Ok(Raw::Mapping(mapping))
    }
}

struct Place<'a> {
    file: &'a Arc<str>,
    text: &'a str,
}

impl Place<'_> {
    fn at(&self, location: Location) -> At {
        let known = |number: u64| u32::try_from(number).ok().filter(|&number| number > 0);
        At {
            file: Arc::clone(self.file),
            line: known(location.line()),
            column: known(location.column()),
        }
    }

    fn node(&self, raw: Spanned<Raw>) -> Node {
        let value = match raw.value {
            Raw::Null => Value::Null,
            Raw::Text(text) => Value::Scalar(text),
            Raw::Typed(value) => Value::Scalar(self.written(raw.defined).unwrap_or(value)),
            Raw::Sequence(items) => {
                Value::Sequence(items.into_iter().map(|item| self.node(item)).collect())
            }
            Raw::Mapping(entries) => Value::Mapping(
                entries
                    .into_iter()
                    .map(|(key, value)| {
                        let at = self.at(key.referenced);
                        (Key { text: key.value, at }, self.node(value))
                    })
                    .collect(),
            ),
        };
        Node { at: self.at(raw.referenced), value }
    }

    fn written(&self, location: Location) -> Option<String> {
        let start = usize::try_from(location.span().byte_offset()?).ok()?;
        let length = usize::try_from(location.span().byte_len()?).ok()?;
        let text = self.text.get(start..start.checked_add(length)?)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The parser's complaint, in words for someone who wrote a file and no parser.
    fn explain(&self, error: &Error) -> ReadError {
        let (message, hint) = match error {
            Error::AliasError { error, .. } => return self.explain(error),
            Error::DuplicateMappingKey { key, .. } => (
                match key {
                    Some(key) => format!("`{key}` is stated twice"),
                    None => "the same key is stated twice".to_owned(),
                },
                "keep one of the two: within one mapping, each key stands once",
            ),
            Error::Eof { .. } => {
                ("the text ends in the middle".to_owned(), "is the file cut short?")
            }
            Error::MultipleDocuments { .. } => (
                "a scenario is one YAML document, and a second one begins here".to_owned(),
                "remove the `---` line, or put the second document in a file of its own",
            ),
            Error::UnknownAnchor { .. } => (
                "this alias refers to an anchor that is not defined".to_owned(),
                "quote a value that begins with `*`",
            ),
            Error::Budget { .. } => (
                "this YAML is nested too deeply, or is too large".to_owned(),
                "a scenario needs no more than a few levels",
            ),
            Error::Unexpected { .. } | Error::NullIntoString { .. } => (
                "a key must be a single value".to_owned(),
                "quote the key, if it has brackets or braces",
            ),
            Error::UnsupportedTag { tag, .. } => {
                (format!("`{tag}` means nothing here"), "quote a value that begins with `!`")
            }
            Error::ExternalMessage { msg, .. } => (format!("this is not YAML: {msg}"), advice(msg)),
            other => {
                let message = UserMessageFormatter.format_message(other);
                (format!("this cannot be read: {message}"), ADVICE)
            }
        };
        let at = match error.location() {
            Some(location) => self.at(location),
            None => At { file: Arc::clone(self.file), line: None, column: None },
        };
        ReadError::at(&at, message).hint(hint)
    }
}

const ADVICE: &str = "check the indentation, and that every bracket and quote is closed";

/// What helps most often, by words of the parser's complaint.
const ADVICE_BY_WORDS: [(&str, &str); 5] = [
    ("tab", "indent with spaces"),
    ("unclosed", "close it, or quote the value that it is part of"),
    ("mapping values", "quote a value that holds `: `"),
    ("expected key", "indent the lines of one mapping alike, one `key: value` on each"),
    ("block sequence", "indent the items of one list alike, each with its `- `"),
];

fn advice(complaint: &str) -> &'static str {
    let fitting = ADVICE_BY_WORDS.iter().find(|(words, _)| complaint.contains(words));
    fitting.map_or(ADVICE, |(_, advice)| advice)
}

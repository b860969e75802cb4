//! The tree of a template, JSON or YAML. The short forms of YAML (`!Ref`) become the long ones.

use crate::network::At;
use crate::read::ReadError;
use granit_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use std::borrow::Cow;
use std::sync::Arc;

/// How deep a template may be nested.
const DEEPEST: usize = 100;

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub at: At,
    pub value: Value,
}

/// What a node is. Scalars are kept as they were written: AWS takes `"443"` for `443`.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One entry of a map, with the key's place.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub at: At,
    pub value: Node,
}

impl Node {
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads one document.
pub(super) fn parse(file: &Arc<str>, text: &str) -> Result<Node, ReadError> {
    let mut reader = Reader { file, events: Parser::new_from_str(text), anchors: Vec::new() };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(..), _) => {}
            (Event::StreamEnd | Event::DocumentEnd, at) => {
                return Ok(Node { at, value: Value::Null });
            }
            (event, at) => return reader.node(event, at, 0),
        }
    }
}

struct Reader<'t> {
    file: &'t Arc<str>,
    events: Parser<'t, granit_parser::StrInput<'t>>,
    /// Nodes that an alias may repeat, by the anchor's number.
    anchors: Vec<(usize, Node)>,
}

impl<'t> Reader<'t> {
    fn at(&self, marker: &Marker) -> At {
        let number = |number: usize| u32::try_from(number).ok();
        At {
            file: Arc::clone(self.file),
            line: number(marker.line()),
            column: number(marker.col() + 1),
        }
    }

    fn next(&mut self) -> Result<(Event<'t>, At), ReadError> {
        loop {
            match self.events.next() {
                // Comments are no part of the value.
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => {
                    let at = self.at(&span.start);
                    return Ok((event, at));
                }
                Some(Err(error)) => {
                    let at = self.at(error.marker());
                    let message = format!("this is neither JSON nor YAML: {}", error.info());
                    return Err(ReadError::at(&at, message)
                        .hint("check that every bracket and quote is closed"));
                }
                None => {
                    let at = At { file: Arc::clone(self.file), line: None, column: None };
                    return Ok((Event::StreamEnd, at));
                }
            }
        }
    }

    fn node(&mut self, event: Event<'t>, at: At, depth: usize) -> Result<Node, ReadError> {
        if depth > DEEPEST {
            return Err(ReadError::at(&at, "this template is nested too deeply")
                .hint(format!("AWS takes no more than {DEEPEST} levels")));
        }
        let (node, anchor, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = match plain && matches!(text.as_ref(), "" | "~" | "null") {
                    true => Value::Null,
                    false => Value::Scalar(text.into_owned()),
                };
                (Node { at, value }, anchor, tag)
            }
            Event::SequenceStart(_, anchor, tag) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        (event, at) => items.push(self.node(event, at, depth + 1)?),
                    }
                }
                (Node { at, value: Value::List(items) }, anchor, tag)
            }
            Event::MappingStart(_, anchor, tag) => {
                let mut entries = Vec::new();
                loop {
                    let (key, place) = match self.next()? {
                        (Event::MappingEnd, _) => break,
                        (Event::Scalar(text, ..), at) => (text.into_owned(), at),
                        (_, at) => {
                            return Err(ReadError::at(&at, "a key must be a single value"));
                        }
                    };
                    let (event, at) = self.next()?;
                    let value = self.node(event, at, depth + 1)?;
                    entries.push(Entry { key, at: place, value });
                }
                (Node { at, value: Value::Map(entries) }, anchor, tag)
            }
            Event::Alias(number) => {
                let found = self.anchors.iter().find(|(own, _)| *own == number);
                let node = found.map(|(_, node)| node.clone());
                (node.unwrap_or(Node { at, value: Value::Null }), 0, None)
            }
            _ => return Err(ReadError::at(&at, "the text ends in the middle")),
        };
        let node = long_form(node, tag);
        if anchor > 0 {
            self.anchors.push((anchor, node.clone()));
        }
        Ok(node)
    }
}

/// `!Ref x` is `{Ref: x}`, `!GetAtt a.b` is `{"Fn::GetAtt": a.b}`.
fn long_form(node: Node, tag: Option<Cow<'_, Tag>>) -> Node {
    let Some(tag) = tag.filter(|tag| tag.handle() == "!") else { return node };
    let key = match tag.suffix() {
        "Ref" | "Condition" => tag.suffix().to_owned(),
        name => format!("Fn::{name}"),
    };
    let at = node.at.clone();
    let entry = Entry { key, at: at.clone(), value: node };
    Node { at, value: Value::Map(vec![entry]) }
}

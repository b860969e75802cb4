//! Documents to answers: one JSON object per page of one call, or of several calls merged.

use super::field::Text;
use super::{Document, Fault, ReadError};
use crate::network::At;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The members of a JSON object in their order, repeated ones too, none of them parsed yet.
pub(super) struct Members<'d>(pub Vec<(Cow<'d, str>, &'d RawValue)>);

fn members<'de, A: MapAccess<'de>>(mut map: A) -> Result<Members<'de>, A::Error> {
    let mut members = Vec::new();
    while let Some((Text(key), value)) = map.next_entry()? {
        members.push((key, value));
    }
    Ok(Members(members))
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                members(map)
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// The objects of a value: it is one, or it lists them.
struct Objects<'d>(Vec<Members<'d>>);

impl<'de> Deserialize<'de> for Objects<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;
        impl<'de> Visitor<'de> for Value {
            type Value = Objects<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, or objects in a list")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Ok(Objects(vec![members(map)?]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut objects = Vec::new();
                while let Some(object) = list.next_element()? {
                    objects.push(object);
                }
                Ok(Objects(objects))
            }
        }
        deserializer.deserialize_any(Value)
    }
}

/// What comes with a list that has a further page.
const TOKENS: [&str; 4] = ["NextToken", "nextToken", "NextMarker", "Marker"];

/// One object of a document: a page of an answer, or several answers merged.
pub(super) struct Page<'d> {
    pub document: &'d Document,
    pub file: Arc<str>,
    /// What the answer may say of its owner: the file's name without folder and ending, or the key
    /// that holds the answer.
    pub name: String,
    pub members: Vec<(Cow<'d, str>, &'d RawValue)>,
}

impl<'d> Page<'d> {
    /// The members with that key.
    pub fn all(&self, key: &str) -> impl Iterator<Item = &'d RawValue> {
        self.members.iter().filter(move |(name, _)| name == key).map(|(_, raw)| *raw)
    }

    /// The text under a key, when it is text and not empty.
    pub fn text(&self, key: &str) -> Option<String> {
        let raw = self.all(key).next()?;
        serde_json::from_str(raw.get()).ok().filter(|text: &String| !text.is_empty())
    }

    /// Whether it says that more follow.
    pub fn more(&self) -> bool {
        TOKENS.iter().any(|token| self.text(token).is_some())
    }

    /// The part of the name that begins with `prefix`: `describe-vpc-attribute.vpc-1.enableDns…`
    /// has `vpc-1`.
    pub fn part(&self, prefix: &str) -> Option<&str> {
        self.parts().find(|part| part.starts_with(prefix))
    }

    /// The parts of the name after the call.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.name.split('.').skip(1)
    }

    /// Where the document is.
    pub fn at(&self) -> At {
        At { file: Arc::clone(&self.file), line: None, column: None }
    }
}

/// Whether a text is JSON from its beginning to its end.
pub(crate) fn is_json(text: &str) -> bool {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.all(|value| value.is_ok())
}

/// The pages of a document: its object, the objects of its array, or one after the other.
/// `is_known` tells the top-level keys of AWS answers, so that answers gathered in one object under
/// names of their own are found.
pub(super) fn pages<'d>(
    document: &'d Document,
    is_known: impl Fn(&str) -> bool,
) -> Result<Vec<Page<'d>>, ReadError> {
    let file: Arc<str> = Arc::from(document.file.as_str());
    let name = base_name(&document.file);
    let page = |name: &str, members| Page {
        document,
        file: Arc::clone(&file),
        name: name.to_owned(),
        members,
    };
    let mut pages = Vec::new();
    for Members(members) in objects(document)? {
        let mut own = Vec::new();
        for (key, value) in members {
            let gathered = match call_name(&key) {
                Some(_) => gathered(document, value, &is_known)?,
                None => Vec::new(),
            };
            if gathered.is_empty() {
                own.push((key, value));
            } else {
                let name = call_name(&key).unwrap_or_default();
                pages.extend(gathered.into_iter().map(|members| page(name, members)));
            }
        }
        if !own.is_empty() {
            pages.push(page(name, own));
        }
    }
    Ok(pages)
}

/// The objects of a document.
fn objects(document: &Document) -> Result<Vec<Members<'_>>, ReadError> {
    // As nearly all are: objects, one after the other or in a list.
    let values = serde_json::Deserializer::from_str(&document.text).into_iter::<Objects<'_>>();
    if let Ok(objects) = values.collect::<Result<Vec<_>, _>>() {
        return Ok(objects.into_iter().flat_map(|Objects(objects)| objects).collect());
    }
    // Anything else, value by value: what is no object is passed over, what is no JSON is refused.
    let mut objects: Vec<&RawValue> = Vec::new();
    for value in serde_json::Deserializer::from_str(&document.text).into_iter::<&RawValue>() {
        let value = value.map_err(|error| not_json(document, &error))?;
        match value.get().as_bytes().first() {
            Some(b'[') => objects.extend(list(document, value)?),
            _ => objects.push(value),
        }
    }
    let objects = objects.into_iter().filter(|value| value.get().starts_with('{'));
    objects.map(|object| parse(document, object)).collect()
}

/// A file's name without folder and ending.
fn base_name(file: &str) -> &str {
    let base = file.rsplit(['/', '\\']).next().unwrap_or_default();
    base.strip_suffix(".json").unwrap_or(base)
}

/// The name of the call under whose name answers were gathered: a command or a file called after
/// one.
fn call_name(key: &str) -> Option<&str> {
    let name = base_name(key);
    let verbs = ["describe-", "list-", "get-", "search-"];
    verbs.iter().any(|verb| name.starts_with(verb)).then_some(name)
}

type RawMembers<'d> = Vec<(Cow<'d, str>, &'d RawValue)>;

/// The answers under one key: `{"describe-vpcs": {"Vpcs": …}, …}`.
fn gathered<'d>(
    document: &'d Document,
    value: &'d RawValue,
    is_known: &impl Fn(&str) -> bool,
) -> Result<Vec<RawMembers<'d>>, ReadError> {
    let objects = match value.get().as_bytes().first() {
        Some(b'{') => vec![value],
        Some(b'[') => list(document, value)?,
        _ => Vec::new(),
    };
    let mut answers = Vec::new();
    for object in objects.into_iter().filter(|value| value.get().starts_with('{')) {
        let members: Members<'_> = parse(document, object)?;
        if members.0.iter().any(|(key, _)| is_known(key)) {
            answers.push(members.0);
        }
    }
    Ok(answers)
}

fn list<'d>(document: &Document, value: &'d RawValue) -> Result<Vec<&'d RawValue>, ReadError> {
    parse(document, value)
}

/// Reads a value that stands somewhere in a document.
fn parse<'d, T: Deserialize<'d>>(document: &Document, value: &'d RawValue) -> Result<T, ReadError> {
    serde_json::from_str(value.get()).map_err(|error| misfit(document, value, &error))
}

/// A value that is not what was expected.
pub(super) fn misfit(
    document: &Document,
    value: &RawValue,
    error: &serde_json::Error,
) -> ReadError {
    let place = place(document, value, error.line(), error.column());
    refusal(document, place, reason(error))
}

/// An element of an answer that cannot be understood.
pub(super) fn refuse(
    page: &Page<'_>,
    key: &str,
    value: &RawValue,
    index: usize,
    fault: &Fault,
) -> ReadError {
    let elements: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
    let (what, element) = match elements.get(index) {
        Some(element) => (format!("`{key}[{index}]`"), *element),
        None => (format!("`{key}`"), value),
    };
    let place = place(page.document, element, 1, 1);
    refusal(page.document, place, format!("{what} {}", fault.0))
}

fn refusal(document: &Document, place: (u32, u32), message: String) -> ReadError {
    let at =
        At { file: Arc::from(document.file.as_str()), line: Some(place.0), column: Some(place.1) };
    let mut error = ReadError::at(&at, message);
    error.text = Some(Arc::from(document.text.as_str()));
    error.hint("save the answer again as the AWS CLI prints it (--output json)")
}

fn not_json(document: &Document, error: &serde_json::Error) -> ReadError {
    let position = (number(error.line()).max(1), number(error.column()).max(1));
    match error.classify() {
        Category::Eof => {
            let message = format!("the JSON is cut short: {}", reason(error));
            refusal(document, position, message)
                .hint("the file ends in the middle of a value: run the AWS CLI command again")
        }
        _ => refusal(document, position, format!("this is no JSON: {}", reason(error)))
            .hint("expected JSON as the AWS CLI prints it (--output json)"),
    }
}

/// serde_json's message without its position, which is told apart.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// A line and column within `value` as a line and column of the document, whose text holds it.
fn place(document: &Document, value: &RawValue, line: usize, column: usize) -> (u32, u32) {
    let start = (value.get().as_ptr() as usize).checked_sub(document.text.as_ptr() as usize);
    let before = start.and_then(|start| document.text.get(..start)).unwrap_or_default();
    let lines = before.matches('\n').count();
    let last_line = before.rsplit('\n').next().unwrap_or_default().chars().count();
    match line {
        0 | 1 => (number(lines + 1), number(last_line + column.max(1))),
        _ => (number(lines + line), number(column.max(1))),
    }
}

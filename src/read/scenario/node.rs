//! The tree of a scenario file, and how its mappings are taken apart.

use crate::network::{At, closest};
use crate::read::ReadError;

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub at: At,
    pub value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    /// Text as it was written, whatever YAML would make of it.
    Scalar(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(Key, Node)>),
}

/// A key with its place.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub text: String,
    pub at: At,
}

impl Node {
    /// What the node is, for a message.
    fn noun(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Scalar(_) => "a single value",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// An error: something else should stand here.
    pub(super) fn expected(&self, what: &str, should: &str) -> ReadError {
        ReadError::at(&self.at, format!("{what} must be {should}, and here is {}", self.noun()))
    }

    /// The text of a single value.
    pub(super) fn text(&self, what: &str) -> Result<&str, ReadError> {
        match &self.value {
            Value::Scalar(text) => Ok(text),
            _ => Err(self.expected(what, "a single value")),
        }
    }

    /// The items of a list.
    pub(super) fn list(&self, what: &str) -> Result<&[Node], ReadError> {
        match &self.value {
            Value::Sequence(items) => Ok(items),
            _ => Err(self
                .expected(what, "a list")
                .hint("write `[a, b]`, or one `- item` per line; `[]` for none")),
        }
    }

    /// The items of a list; a lone value is a list of one.
    pub(super) fn one_or_more(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// Whether both say the same, wherever they stand.
    pub(super) fn reads_like(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Null, Value::Null) => true,
            (Value::Scalar(one), Value::Scalar(other)) => one == other,
            (Value::Sequence(one), Value::Sequence(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| one.reads_like(other))
            }
            (Value::Mapping(one), Value::Mapping(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|((key, one), (other_key, other))| {
                        key.text == other_key.text && one.reads_like(other)
                    })
            }
            _ => false,
        }
    }

    /// Says of it and everything in it that it stands at one place.
    pub(super) fn stand_at(&mut self, at: &At) {
        self.at = at.clone();
        match &mut self.value {
            Value::Null | Value::Scalar(_) => {}
            Value::Sequence(items) => items.iter_mut().for_each(|item| item.stand_at(at)),
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    key.at = at.clone();
                    value.stand_at(at);
                }
            }
        }
    }

    /// The entries of a mapping whose keys the author chose.
    pub(super) fn entries(&self, what: &str) -> Result<&[(Key, Node)], ReadError> {
        match &self.value {
            Value::Mapping(entries) => Ok(entries),
            _ => Err(self
                .expected(what, "a mapping")
                .hint("the names are the keys: `name: { key: value }`")),
        }
    }
}

/// A mapping with known keys.
pub(super) struct Fields<'n> {
    what: String,
    at: &'n At,
    entries: &'n [(Key, Node)],
}

impl<'n> Fields<'n> {
    /// Takes a mapping apart; nothing at all is an empty mapping. `what` names it in messages.
    pub(super) fn of(
        node: &'n Node,
        what: impl Into<String>,
        at: &'n At,
        known: &[&str],
    ) -> Result<Self, ReadError> {
        let what = what.into();
        let entries: &[(Key, Node)] = match &node.value {
            Value::Mapping(entries) => entries,
            Value::Null => &[],
            _ => {
                return Err(node
                    .expected(&what, "a mapping")
                    .hint(format!("its keys are {}", known.join(", "))));
            }
        };
        for (key, value) in entries {
            if !known.contains(&key.text.as_str()) {
                let hint = match closest(&key.text, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("its keys are {}", known.join(", ")),
                };
                return Err(
                    ReadError::at(&key.at, format!("{what} has no key `{}`", key.text)).hint(hint)
                );
            }
            if matches!(value.value, Value::Null) {
                return Err(ReadError::at(&key.at, format!("`{}` of {what} is empty", key.text))
                    .hint("write a value after the colon (`[]` for none), or leave the line out"));
            }
        }
        Ok(Self { what, at, entries })
    }

    /// The mapping's name in messages.
    pub(super) fn what(&self) -> &str {
        &self.what
    }

    /// Where the mapping stands: at its key, when it has one.
    pub(super) fn at(&self) -> &'n At {
        self.at
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(one, _)| one.text == key).map(|(_, value)| value)
    }

    /// The value of a key that must be there.
    pub(super) fn need(&self, key: &str) -> Result<&'n Node, ReadError> {
        self.get(key).ok_or_else(|| {
            ReadError::at(self.at, format!("{} has no `{key}`", self.what))
                .hint(format!("add `{key}: …`"))
        })
    }

    /// How a key of this mapping is called in messages.
    pub(super) fn name(&self, key: &str) -> String {
        format!("`{key}` of {}", self.what)
    }

    /// The text of a key.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'n str>, ReadError> {
        self.get(key).map(|node| node.text(&self.name(key))).transpose()
    }

    /// The items of a key that holds a list; none when it is left out.
    pub(super) fn list(&self, key: &str) -> Result<&'n [Node], ReadError> {
        self.get(key).map_or(Ok(&[]), |node| node.list(&self.name(key)))
    }

    /// Whichever of two spellings of a key is used.
    pub(super) fn either(&self, one: &str, other: &str) -> Result<Option<&'n Node>, ReadError> {
        match (self.get(one), self.get(other)) {
            (Some(_), Some(second)) => {
                Err(ReadError::at(&second.at, format!("{} has `{one}` and `{other}`", self.what))
                    .hint("they say the same thing: keep one"))
            }
            (node, None) | (None, node) => Ok(node),
        }
    }
}

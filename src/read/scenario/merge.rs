//! Merging what an overlay states into what there is.

use super::node::{Key, Node, Value};
use crate::read::ReadError;

/// The key that appends to a list.
pub(super) const APPEND: &str = "+";

/// Keys that say the same in two spellings, of which a file has one.
const SPELLINGS: [(&str, &str); 4] =
    [("cidr", "cidrs"), ("port", "ports"), ("target_group", "target_groups"), ("allow", "deny")];

/// What there is, with what the overlay states: a mapping merges key by key, `null` takes a key
/// away, a mapping of positions and `+` changes the items of a list, and everything else replaces.
pub(super) fn merged(base: &Node, over: &Node) -> Result<Node, ReadError> {
    let value = match (&base.value, &over.value) {
        (Value::Mapping(fields), Value::Mapping(changes)) => {
            Value::Mapping(merged_fields(fields, changes)?)
        }
        (Value::Sequence(items), Value::Mapping(changes)) if of_items(changes) => {
            Value::Sequence(merged_items(items, changes)?)
        }
        _ => return added(over),
    };
    Ok(Node { at: over.at.clone(), value })
}

/// What stands where nothing was.
fn added(over: &Node) -> Result<Node, ReadError> {
    let value = match &over.value {
        Value::Mapping(changes) if !changes.is_empty() && of_items(changes) => {
            Value::Sequence(merged_items(&[], changes)?)
        }
        Value::Mapping(changes) => Value::Mapping(merged_fields(&[], changes)?),
        other => other.clone(),
    };
    Ok(Node { at: over.at.clone(), value })
}

fn merged_fields(
    fields: &[(Key, Node)],
    changes: &[(Key, Node)],
) -> Result<Vec<(Key, Node)>, ReadError> {
    let mut fields = fields.to_vec();
    let has = |name: &str| changes.iter().any(|(key, _)| key.text == name);
    // What was said of a former target does not hold of a new one.
    if has("target") {
        fields.retain(|(key, _)| !["state", "origin"].contains(&key.text.as_str()));
    }
    for (key, value) in changes {
        let other = SPELLINGS.into_iter().find_map(|(one, other)| match key.text.as_str() {
            text if text == one => Some(other),
            text if text == other => Some(one),
            _ => None,
        });
        let spelled = other.and_then(|other| {
            let at = fields.iter().position(|(key, _)| key.text == other)?;
            Some(fields.remove(at).1)
        });
        let place = fields.iter().position(|(one, _)| one.text == key.text);
        let former = place.map(|place| fields.remove(place).1).or(spelled);
        match (&value.value, former) {
            (Value::Null, Some(_)) => {}
            (Value::Null, None) => {
                let message = format!("there is no `{}` here to take away", key.text);
                return Err(ReadError::at(&key.at, message).hint(
                    "`null` takes away what is stated; a name of something new needs a value",
                ));
            }
            (_, Some(former)) => {
                let place = place.unwrap_or(fields.len()).min(fields.len());
                fields.insert(place, (key.clone(), merged(&former, value)?));
            }
            (_, None) => fields.push((key.clone(), added(value)?)),
        }
    }
    Ok(fields)
}

/// Whether a mapping speaks of positions in a list.
fn of_items(changes: &[(Key, Node)]) -> bool {
    changes.iter().all(|(key, _)| key.text == APPEND)
        || changes.iter().all(|(key, _)| key.text == APPEND || position(key).is_some())
            && changes.iter().any(|(key, _)| key.text == APPEND)
        || changes.iter().all(|(key, _)| position(key).is_some())
}

fn position(key: &Key) -> Option<usize> {
    let digits = !key.text.is_empty() && key.text.bytes().all(|byte| byte.is_ascii_digit());
    key.text.parse().ok().filter(|_| digits)
}

fn merged_items(items: &[Node], changes: &[(Key, Node)]) -> Result<Vec<Node>, ReadError> {
    let mut all: Vec<Option<Node>> = items.iter().cloned().map(Some).collect();
    let mut appended = Vec::new();
    for (key, value) in changes {
        let Some(position) = position(key) else {
            match &value.value {
                Value::Sequence(several) => appended.extend(several.iter().cloned()),
                Value::Null => {
                    return Err(ReadError::at(
                        &key.at,
                        "`+` appends to a list, and here is nothing",
                    ));
                }
                _ => appended.push(value.clone()),
            }
            continue;
        };
        let Some(item) = all.get_mut(position) else {
            let count = items.len();
            return Err(ReadError::at(&key.at, format!("this list has no item {position}")).hint(
                match count {
                    0 => "it is empty: `+` appends to it".to_owned(),
                    _ => format!("it has items 0 to {}; `+` appends to it", count - 1),
                },
            ));
        };
        *item = match (&value.value, item.take()) {
            (Value::Null, _) => None,
            (_, Some(former)) => Some(merged(&former, value)?),
            (_, None) => Some(value.clone()),
        };
    }
    Ok(all.into_iter().flatten().chain(appended).collect())
}

/// Two overlays as one: what the second states wins, and both append.
pub(super) fn joined(one: &Node, other: &Node) -> Node {
    let value = match (&one.value, &other.value) {
        (Value::Mapping(fields), Value::Mapping(changes)) => {
            let mut fields = fields.clone();
            for (key, value) in changes {
                match fields.iter_mut().find(|(one, _)| one.text == key.text) {
                    Some((_, former)) if key.text == APPEND => {
                        *former = appended(former, value);
                    }
                    Some((_, former)) => *former = joined(former, value),
                    None => fields.push((key.clone(), value.clone())),
                }
            }
            Value::Mapping(fields)
        }
        _ => other.value.clone(),
    };
    Node { at: other.at.clone(), value }
}

/// Both, each once.
pub(super) fn appended(one: &Node, other: &Node) -> Node {
    let mut items: Vec<Node> = one.one_or_more().to_vec();
    for item in other.one_or_more() {
        if !items.iter().any(|known| known.reads_like(item)) {
            items.push(item.clone());
        }
    }
    Node { at: one.at.clone(), value: Value::Sequence(items) }
}

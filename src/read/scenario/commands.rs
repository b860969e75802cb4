//! What a container runs: its command, entry point, environment and user.

use super::node::{Fields, Node, Value};
use crate::read::ReadError;
use std::collections::BTreeMap;

/// The keys of a container that say what it runs.
pub(super) struct Commands {
    pub command: Option<Vec<String>>,
    pub entry_point: Option<Vec<String>>,
    pub environment: BTreeMap<String, Option<String>>,
    pub user: Option<String>,
}

/// The names of those keys.
pub(super) const KEYS: [&str; 4] = ["command", "entry_point", "environment", "user"];

pub(super) fn read(fields: &Fields<'_>) -> Result<Commands, ReadError> {
    Ok(Commands {
        command: words(fields, "command")?,
        entry_point: words(fields, "entry_point")?,
        environment: environment(fields)?,
        user: fields.text("user")?.map(str::to_owned),
    })
}

/// `[uvicorn, "app:app"]`
fn words(fields: &Fields<'_>, key: &str) -> Result<Option<Vec<String>>, ReadError> {
    let Some(node) = fields.get(key) else { return Ok(None) };
    let what = fields.name(key);
    if let Value::Scalar(text) = &node.value {
        // ECS takes words and has no shell of its own.
        let quoted: Vec<String> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
        return Err(ReadError::at(&node.at, format!("{what} must be a list of words"))
            .hint(format!("write [{}], or [sh, -c, {text:?}]", quoted.join(", "))));
    }
    let list = node.list(&what)?;
    let words = list.iter().map(|word| word.text(&what).map(str::to_owned));
    words.collect::<Result<_, _>>().map(Some)
}

/// `{ PORT: 8080 }`; nothing behind a name is a value that is not known.
fn environment(fields: &Fields<'_>) -> Result<BTreeMap<String, Option<String>>, ReadError> {
    let Some(node) = fields.get("environment") else { return Ok(BTreeMap::new()) };
    let what = fields.name("environment");
    let Value::Mapping(entries) = &node.value else {
        return Err(node
            .expected(&what, "a mapping")
            .hint("write names and values: { PORT: 8080, HOST: 0.0.0.0 }"));
    };
    let mut environment = BTreeMap::new();
    for (key, value) in entries {
        if key.text.is_empty() || key.text.contains('=') {
            let message = format!("`{}` is no name of a variable", key.text);
            return Err(ReadError::at(&key.at, message).hint("write `NAME: value`"));
        }
        environment.insert(key.text.clone(), variable(value, &what, &key.text)?);
    }
    Ok(environment)
}

fn variable(node: &Node, what: &str, name: &str) -> Result<Option<String>, ReadError> {
    match &node.value {
        Value::Null => Ok(None),
        _ => node.text(&format!("`{name}` of {what}")).map(|text| Some(text.to_owned())),
    }
}

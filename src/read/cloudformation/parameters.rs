//! What the person who asks says that a template's parameters are.

use super::template::Template;
use super::tree::Node;
use crate::network::closest;
use crate::read::ReadError;
use std::collections::BTreeMap;

/// Values of parameters by name: as `aws cloudformation deploy --parameter-overrides` takes them,
/// with commas between the items of a list; of one that names an SSM parameter, what that holds.
pub type Parameters = BTreeMap<String, String>;

/// Whether the templates have these parameters, and take these values.
pub(super) fn check(given: &Parameters, templates: &[Template]) -> Result<(), ReadError> {
    for (name, value) in given {
        let declared = |template: &Template| {
            template.root.get("Parameters").and_then(|all| all.get(name)).cloned()
        };
        let mut all = templates.iter().filter_map(declared).peekable();
        if all.peek().is_none() {
            return Err(unheard_of(name, templates));
        }
        for parameter in all {
            let Some(allowed) = parameter.get("AllowedValues") else { continue };
            let values: Vec<&str> = allowed.items().iter().filter_map(Node::text).collect();
            if !values.is_empty() && !values.contains(&value.as_str()) {
                let message = format!("parameter `{name}` may not be `{value}`");
                return Err(ReadError::at(&allowed.at, message)
                    .hint(format!("its allowed values: {}", values.join(", "))));
            }
        }
    }
    Ok(())
}

fn unheard_of(name: &str, templates: &[Template]) -> ReadError {
    let entries = templates.iter().filter_map(|one| one.root.get("Parameters"));
    let names: Vec<&str> =
        entries.flat_map(|all| all.entries()).map(|entry| entry.key.as_str()).collect();
    let error = ReadError::new(format!("no template here has a parameter `{name}`"));
    match (closest(name, names.iter().copied()), names.is_empty()) {
        (Some(meant), _) => error.hint(format!("did you mean `{meant}`?")),
        (None, true) => error.hint("none here has any"),
        (None, false) => error.hint(format!("there is {}", names.join(", "))),
    }
}

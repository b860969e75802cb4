//! What is assumed where AWS's rules leave it open.

use super::closest;
use crate::models;
use std::collections::BTreeMap;
use thiserror::Error;

/// The named assumptions that were given another value than their default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assumptions {
    set: BTreeMap<&'static str, &'static str>,
}

/// An assumption that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct AssumptionError {
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Assumptions {
    /// The value of a named assumption: the one it was given, else its default.
    #[must_use]
    pub fn value(&self, name: &str) -> &'static str {
        match self.set.get(name) {
            Some(value) => value,
            None => models::assumption(name).map_or("true", |entry| entry.default),
        }
    }

    /// Whether a named assumption has the value `true`.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.value(name) == "true"
    }

    /// Those that were given another value than their default, with that value.
    pub fn changed(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        let other =
            |name| models::assumption(name).is_none_or(|entry| entry.default != self.value(name));
        self.set.iter().map(|(&name, &value)| (name, value)).filter(move |(name, _)| other(name))
    }

    /// Takes away the value that an assumption was given, and says whether it had one.
    pub fn reset(&mut self, name: &str) -> bool {
        self.set.remove(name).is_some()
    }

    /// Gives an assumption a value.
    ///
    /// # Errors
    /// When no assumption has the name, or when this version does not evaluate that value of it.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), AssumptionError> {
        let written = name.to_ascii_uppercase().replace('-', "_");
        let Some(entry) = models::assumption(&written) else {
            let names = models::assumptions().iter().map(|entry| entry.name);
            return Err(AssumptionError {
                message: format!("there is no assumption `{name}`"),
                hint: match closest(&written, names) {
                    Some(meant) => format!("did you mean {meant}?"),
                    None => "`reach assumptions` lists them all".to_owned(),
                },
            });
        };
        let values = entry.values();
        let Some(known) = values.iter().find(|known| known.eq_ignore_ascii_case(value)) else {
            let message = match values.as_slice() {
                [only] => format!(
                    "this version evaluates {} only as {only}, and cannot take `{value}` for it",
                    entry.name
                ),
                _ => format!("{} cannot be `{value}`", entry.name),
            };
            return Err(AssumptionError {
                message,
                hint: match values.as_slice() {
                    [_] => match entry.only_default() {
                        Some(why) => format!("there is nothing else to evaluate: {why}"),
                        None => "`reach assumptions` says which can be changed".to_owned(),
                    },
                    several => format!("it is one of {}", several.join(", ")),
                },
            });
        };
        self.set.insert(entry.name, known);
        Ok(())
    }
}

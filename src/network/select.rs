//! Finding resources by the names people use for them.

use super::closest::likeness;
use super::{Kind, Network, Resource};
use thiserror::Error;

/// A resource that a name means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selected {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Its name, or else its id.
    pub label: String,
}

/// A name that means nothing, or too much.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SelectError {
    /// Nothing is called that.
    #[error("nothing here is called `{text}`")]
    Nothing {
        /// The name.
        text: String,
        /// Names that are close to it.
        similar: Vec<String>,
    },
    /// Several things are called that.
    #[error("`{text}` could mean {} things", candidates.len())]
    Ambiguous {
        /// The name.
        text: String,
        /// What it could mean, as names that are not ambiguous.
        candidates: Vec<String>,
    },
}

impl Network {
    /// The one resource of the given kinds that `text` names: an id, an ARN, a `Name` tag or AWS's
    /// name, with `kind/` in front where wanted; or the beginning of one, when only one begins so.
    ///
    /// Whole names win over beginnings. Among `kinds`, earlier ones win over later ones.
    ///
    /// # Errors
    /// When nothing, or more than one resource of the winning kind, is called that.
    pub fn select(&self, text: &str, kinds: &[Kind]) -> Result<Selected, SelectError> {
        self.find(text, kinds)?.ok_or_else(|| {
            let (only, name) = written(text, kinds);
            let mut close: Vec<(f64, String)> = self
                .resources()
                .filter(|(kind, ..)| only.map_or(kinds.contains(kind), |only| only == *kind))
                .map(|(_, _, label)| (likeness(label, name), label.to_owned()))
                .filter(|(score, _)| *score > 0.8)
                .collect();
            close.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            close.dedup_by(|a, b| a.1 == b.1);
            let similar = close.into_iter().take(3).map(|(_, label)| label).collect();
            SelectError::Nothing { text: text.to_owned(), similar }
        })
    }

    /// As [`Network::select`], where that nothing is called so is no error.
    ///
    /// # Errors
    /// When more than one resource of the winning kind is called that.
    pub fn find(&self, text: &str, kinds: &[Kind]) -> Result<Option<Selected>, SelectError> {
        let (only, name) = written(text, kinds);
        let wanted = |kind: Kind| only.map_or(kinds.contains(&kind), |only| only == kind);

        let named = |id: &str, label: &str| {
            id == name || label == name || (id.ends_with(name) && tail(id) == name)
        };
        let begun = |id: &str, label: &str| {
            !name.is_empty() && (id.starts_with(name) || label.starts_with(name))
        };
        for matches in [&named as &dyn Fn(&str, &str) -> bool, &begun] {
            let found: Vec<Selected> = self
                .resources()
                .filter(|&(kind, id, label)| wanted(kind) && matches(id, label))
                .map(|(kind, id, label)| Selected {
                    kind,
                    id: id.to_owned(),
                    label: label.to_owned(),
                })
                .collect();
            let first = kinds.iter().find(|&&kind| found.iter().any(|one| one.kind == kind));
            let Some(&first) = first else { continue };
            let mut best: Vec<Selected> =
                found.into_iter().filter(|one| one.kind == first).collect();
            if best.len() == 1 {
                return Ok(Some(best.remove(0)));
            }
            return Err(SelectError::Ambiguous {
                text: text.to_owned(),
                candidates: best.iter().map(Selected::unambiguous).collect(),
            });
        }
        Ok(None)
    }
}

/// The kind that stands before a name, and the name.
fn written<'t>(text: &'t str, kinds: &[Kind]) -> (Option<Kind>, &'t str) {
    let parts = text.split_once('/').and_then(|(word, name)| {
        Kind::from_word(word).filter(|kind| kinds.contains(kind)).map(|kind| (kind, name))
    });
    parts.map_or((None, text), |(kind, name)| (Some(kind), name))
}

impl Selected {
    /// The choice of a resource at hand.
    #[must_use]
    pub fn of<R: Resource>(resource: &R) -> Self {
        let (id, label) = (resource.id_text().to_owned(), resource.label().to_owned());
        Self { kind: R::KIND, id, label }
    }

    /// `kind/id`, with the name behind it where it differs.
    fn unambiguous(&self) -> String {
        match self.label == self.id {
            true => format!("{}/{}", self.kind, self.id),
            false => format!("{}/{} ({})", self.kind, self.id, self.label),
        }
    }
}

/// The last part of an ARN (`…:type/cluster/name`), which is what people use.
fn tail(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

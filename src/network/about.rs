//! What every resource carries besides its own fields.

use super::{Kind, Tags};
use std::fmt;
use std::sync::Arc;

/// The account and Region that a resource belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The 12-digit account id, where known.
    pub account: Option<Arc<str>>,
    /// The Region's code, where known.
    pub region: Option<Arc<str>>,
}

/// Where in the input a resource, rule or route was stated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// One-based line, where the format has lines that mean something to a person.
    pub line: Option<u32>,
    /// One-based column.
    pub column: Option<u32>,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        Ok(())
    }
}

/// A resource's name, owner and origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The `Name` tag, or the name AWS calls it by where it has one (groups, balancers, services).
    pub name: Option<String>,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Where it was stated.
    pub at: Option<At>,
    /// Its tags, where it is of a kind whose tags are kept.
    pub tags: Tags,
}

/// A thing with an id and a name.
pub trait Resource {
    /// What kind of thing it is.
    const KIND: Kind;
    /// Its id as text.
    fn id_text(&self) -> &str;
    /// Its name, owner and origin.
    fn about(&self) -> &About;

    /// The name where it has one, else the id.
    fn label(&self) -> &str {
        self.about().name.as_deref().filter(|name| !name.is_empty()).unwrap_or(self.id_text())
    }
}

macro_rules! resource {
    ($name:ty, $kind:expr) => {
        impl $crate::network::Resource for $name {
            const KIND: $crate::network::Kind = $kind;
            fn id_text(&self) -> &str {
                self.id.as_str()
            }
            fn about(&self) -> &$crate::network::About {
                &self.about
            }
        }
    };
}
pub(super) use resource;

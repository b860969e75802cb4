//! `--assume HIDDEN_ZONE_IS_PHZ=false`

use super::arguments::Options;
use super::complaint::Complaint;
use crate::network::{AssumptionError, Assumptions};

/// The assumptions that the options change.
pub(super) fn named(options: &Options) -> Result<Assumptions, Complaint> {
    let mut assumptions = Assumptions::default();
    for text in &options.assume {
        let Some((name, value)) = text.split_once('=') else {
            return Err(Complaint::new(format!("`--assume {text}` gives no value"))
                .hint(format!("write --assume {text}=false")));
        };
        assumptions.set(name.trim(), value.trim())?;
    }
    Ok(assumptions)
}

impl From<AssumptionError> for Complaint {
    fn from(AssumptionError { message, hint }: AssumptionError) -> Self {
        Self::new(message).hint(hint)
    }
}

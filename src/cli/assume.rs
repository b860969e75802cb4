//! `--assume HIDDEN_ZONE_IS_PHZ=false`

use super::arguments::Options;
use super::complaint::Complaint;
use crate::network::{AssumptionError, Assumptions};

/// Makes the assumptions that the options name.
pub(super) fn apply(options: &Options, assumptions: &mut Assumptions) -> Result<(), Complaint> {
    for text in &options.assume {
        let Some((name, value)) = text.split_once('=') else {
            return Err(Complaint::new(format!("`--assume {text}` gives no value"))
                .hint(format!("write --assume {text}=false")));
        };
        assumptions.set(name.trim(), value.trim())?;
    }
    Ok(())
}

impl From<AssumptionError> for Complaint {
    fn from(AssumptionError { message, hint }: AssumptionError) -> Self {
        Self::new(message).hint(hint)
    }
}

//! Questions that cannot be answered as asked.

use crate::network::SelectError;
use thiserror::Error;

/// Why a question makes no sense of this network. Not a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct AskError {
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What could have been meant.
    pub candidates: Vec<String>,
}

impl AskError {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()), candidates: Vec::new() }
    }
}

impl From<SelectError> for AskError {
    fn from(error: SelectError) -> Self {
        let message = error.to_string();
        match error {
            SelectError::Nothing { similar, .. } => Self {
                message,
                hint: Some(match similar.as_slice() {
                    [] => "name a service, task, interface, instance, load balancer, subnet, AWS service (ecr.dkr, s3, …), `internet` or an address".to_owned(),
                    similar => format!("did you mean {}?", similar.join(" or ")),
                }),
                candidates: Vec::new(),
            },
            SelectError::Ambiguous { candidates, .. } => {
                Self { message, hint: Some("say which one you mean".to_owned()), candidates }
            }
        }
    }
}

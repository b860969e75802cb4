//! Questions that cannot be answered as asked.

use crate::models;
use crate::network::{SelectError, closest};
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

impl AskError {
    /// The same error about a name that may be meant for an AWS service.
    pub(super) fn or_service(self, text: &str) -> Self {
        let suggests = self.hint.as_ref().is_some_and(|hint| hint.starts_with("did you mean"));
        if suggests || !self.candidates.is_empty() {
            return self;
        }
        let names = || models::services().iter().map(|service| service.name);
        let begun: Vec<&str> =
            names().filter(|name| name.split('.').next() == Some(text)).collect();
        let similar =
            if begun.is_empty() { closest(text, names()).into_iter().collect() } else { begun };
        let hint = match similar.as_slice() {
            [] => return self,
            similar => format!("did you mean {}?", similar.join(" or ")),
        };
        Self { hint: Some(hint), ..self }
    }
}

impl AskError {
    /// Whether nothing is suggested that may have been meant.
    pub(super) fn hint_is_general(&self) -> bool {
        let suggests = |hint: &String| hint.starts_with("did you mean");
        self.candidates.is_empty() && !self.hint.as_ref().is_some_and(suggests)
    }
}

impl From<SelectError> for AskError {
    fn from(error: SelectError) -> Self {
        let message = error.to_string();
        match error {
            SelectError::Nothing { similar, .. } => Self {
                message,
                hint: Some(match similar.as_slice() {
                    [] => "name an ECS service, task, ENI, instance, load balancer, subnet or VPC, an account, a tag (tag/env=prod), an AWS service (ecr.dkr, s3, …), `internet` or an address".to_owned(),
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

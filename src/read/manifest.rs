//! `manifest.json`: what a capture asked for, and what came of it.

use super::ReadError;
use crate::network::{At, Scope};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The version of the format.
pub const SCHEMA: &str = "reach/snapshot/1";

/// The name of the file.
pub const FILE: &str = "manifest.json";

/// What a capture asked for, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// The version of the format: [`SCHEMA`].
    pub schema: String,
    /// What wrote it: `reach 0.1.0`.
    pub tool: String,
    /// When the capture began, as ISO 8601.
    pub started: String,
    /// When it ended; nothing when it did not come to its end.
    pub ended: Option<String>,
    /// The accounts asked.
    pub accounts: Vec<String>,
    /// The Regions asked.
    pub regions: Vec<String>,
    /// The service that it keeps to: `service/web`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// Every call, by account and Region.
    pub calls: Vec<CallRecord>,
    /// What else is to be known: things that changed under the capture.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One call in one account and Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The account.
    pub account: String,
    /// The Region; `global` for what is in none.
    pub region: String,
    /// The call as the AWS CLI names it: `ec2 describe-vpcs`.
    pub call: String,
    /// Which of several forms of the call it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// What came of it.
    pub status: CallStatus,
    /// How many answers, pages counted one by one.
    #[serde(default)]
    pub pages: u32,
    /// AWS's error, when it is not `ok`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The IAM action that allows the call.
    pub action: String,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallStatus {
    /// It was not made, or not to its end.
    #[default]
    Pending,
    /// Every answer is there.
    Ok,
    /// It is not allowed.
    Denied,
    /// The server does not know it.
    Unsupported,
    /// What captured does not know how to make it.
    Omitted,
    /// It failed otherwise.
    Failed,
}

impl fmt::Display for CallStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending | Self::Omitted => "not captured",
            Self::Ok => "captured",
            Self::Denied => "denied",
            Self::Unsupported => "not supported",
            Self::Failed => "failed",
        })
    }
}

/// How the error of a call begins whose arguments another call would have told.
pub const NEEDS: &str = "it needs ";

impl CallRecord {
    /// Whether it was not made because another call, which tells its arguments, gave no answer.
    #[must_use]
    pub fn lacks_arguments(&self) -> bool {
        self.status == CallStatus::Pending
            && self.error.as_deref().is_some_and(|error| error.starts_with(NEEDS))
    }

    /// The account and Region.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let region = Some(self.region.as_str()).filter(|region| *region != "global");
        Scope { account: Some(Arc::from(self.account.as_str())), region: region.map(Arc::from) }
    }
}

/// Reads a manifest; nothing when the text is another program's file of that name.
///
/// # Errors
/// When it is a manifest of a version that is not known, or is broken.
pub fn read(file: &str, text: &str) -> Result<Option<Manifest>, ReadError> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Version {
        schema: String,
    }
    let version: Version = serde_json::from_str(text).unwrap_or_default();
    let Some((family, _)) = SCHEMA.rsplit_once('/') else { return Ok(None) };
    if version.schema.rsplit_once('/').is_none_or(|(of, _)| of != family) {
        return Ok(None);
    }
    let at = At { file: Arc::from(file), line: None, column: None };
    if version.schema != SCHEMA {
        return Err(ReadError::at(
            &at,
            format!(
                "the snapshot is of format `{}`, which this reach does not know",
                version.schema
            ),
        )
        .hint(format!("this reach reads `{SCHEMA}`: update it, or capture again")));
    }
    serde_json::from_str(text)
        .map(Some)
        .map_err(|error| ReadError::at(&at, format!("the manifest is broken: {error}")))
}

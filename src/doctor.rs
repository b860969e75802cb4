//! What a network lacks for full answers, and the AWS CLI commands that supply it.
//!
//! A missing piece never makes a verdict wrong, it makes the verdicts that depend on it unknown.

mod absent;
mod kinds;
mod parts;

use crate::models;
use crate::network::{Kind, Network, Scope};

/// How a piece is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// No answer lists this kind of thing for the account and Region.
    NotCaptured,
    /// A thing is there, and part of it is not.
    Incomplete,
    /// Something names a thing that is not there.
    Absent,
    /// The thing is there, and this version does not follow what it does.
    NotFollowed,
}

/// One missing piece.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lack {
    /// Whose it is and where, as far as that is known.
    pub scope: Scope,
    /// How it is missing.
    pub gap: Gap,
    /// What is missing, in words.
    pub what: String,
    /// The AWS CLI command that supplies it, where there is one.
    pub command: Option<String>,
}

/// Everything that a network lacks, by account and Region.
///
/// ```
/// use vpc_reach::doctor::lacks;
/// use vpc_reach::read::describe::{self, Document};
/// let vpcs = r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}"#;
/// let loaded = describe::read(&[Document::new("describe-vpcs.json", vpcs)])?;
/// let lacks = lacks(&loaded.network);
/// assert!(lacks.iter().any(|one| one.command.as_deref() == Some("aws ec2 describe-subnets")));
/// # Ok::<(), vpc_reach::read::ReadError>(())
/// ```
#[must_use]
pub fn lacks(network: &Network) -> Vec<Lack> {
    let mut all = kinds::not_captured(network);
    all.extend(parts::incomplete(network));
    all.extend(absent::absent(network));
    all.extend(absent::not_followed(network));
    if network.planned {
        for lack in &mut all {
            lack.command = None;
        }
    }
    all.sort();
    all.dedup();
    all
}

/// The command whose answer has a top-level key, filled in with what is known.
fn command(key: &str, scope: &Scope, fill: &[(&str, &str)]) -> Option<String> {
    models::call_of_key(key).map(|call| filled(call.command, scope, fill))
}

/// The command that lists a kind.
fn command_of(kind: Kind, scope: &Scope, fill: &[(&str, &str)]) -> Option<String> {
    models::call(kind.word()).map(|call| filled(call.command, scope, fill))
}

fn filled(command: &str, scope: &Scope, fill: &[(&str, &str)]) -> String {
    let mut command = command.to_owned();
    for (hole, value) in fill {
        command = command.replace(&format!("<{hole}>"), value);
    }
    match &scope.region {
        Some(region) if command.contains("<region>") => command.replace("<region>", region),
        // Route 53 itself is in no Region.
        Some(region) if !command.starts_with("aws route53 ") => {
            format!("{command} --region {region}")
        }
        _ => command,
    }
}

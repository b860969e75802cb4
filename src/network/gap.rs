//! What a capture could not see.

use super::Scope;

/// A call that a capture wanted to make and could not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The account and Region.
    pub scope: Scope,
    /// The call as the AWS CLI names it: `ec2 describe-network-acls`.
    pub call: String,
    /// What came of it and what to do about it, in words: `denied in 111122223333/us-east-1: grant
    /// ec2:DescribeNetworkAcls`.
    pub why: String,
}

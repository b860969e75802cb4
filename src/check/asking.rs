//! Putting a question to the network, and what comes of it as a checked flow.

use super::{CheckedFlow, Role};
use crate::answer::{Missing, Place, QueryAnswer, Verdict};
use crate::header::Protocol;
use crate::network::Resource;
use crate::query::AskError;

/// What came of a question that we put.
pub(super) type Asking = Result<QueryAnswer, Missing>;

/// The name of the column of load balancers' flows.
pub(super) const LOAD_BALANCER: &str = "load balancer";

/// A question of ours that the network does not let us ask is a fact that is missing.
pub(super) fn missing(error: AskError) -> Missing {
    let fact = match error.hint {
        Some(hint) => format!("{}: {hint}", error.message),
        None => error.message,
    };
    Missing { fact, command: None }
}

pub(super) fn flow(
    role: Role,
    what: String,
    why: String,
    rule: &'static str,
    result: Asking,
) -> CheckedFlow {
    let (verdict, answers, missing) = match result {
        Ok(answer) => (answer.verdict, answer.answers, None),
        Err(missing) => (Verdict::Unknown, Vec::new(), Some(missing)),
    };
    // Regions and names of a capture may hold anything.
    let clean = |text: String| text.replace(char::is_control, " ");
    let (what, why) = (clean(what), clean(why));
    CheckedFlow {
        role,
        what,
        why,
        rule,
        verdict,
        answers,
        missing,
        expected: false,
        first: false,
        platform: None,
        protocol: Protocol::Tcp,
    }
}

/// A place that cannot be taken for another.
pub(super) fn place<R: Resource>(
    resource: &R,
    port: Option<u16>,
    protocol: Option<Protocol>,
) -> Place {
    Place { text: format!("{}/{}", R::KIND, resource.id_text()), port, protocol }
}

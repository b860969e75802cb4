//! Resolved addresses that fare alike make one answer.

use crate::answer::Answer;

/// Joins the answers of one client that differ only in the server's address and subnet and in the
/// way that led there.
pub(super) fn merged(answers: Vec<Answer>) -> Vec<Answer> {
    let mut kept: Vec<Answer> = Vec::new();
    for answer in answers {
        match kept.iter_mut().find(|one| alike(one, &answer)) {
            Some(one) => {
                if one.destination.subnet != answer.destination.subnet {
                    one.destination.subnet = None;
                }
                one.destination.addresses =
                    format!("{}, {}", one.destination.addresses, answer.destination.addresses);
                // The longest way tells most: within one subnet there is little to tell.
                if answer.hops.len() > one.hops.len() {
                    one.hops = answer.hops;
                    one.return_hops = answer.return_hops;
                }
            }
            None => kept.push(answer),
        }
    }
    kept
}

fn alike(a: &Answer, b: &Answer) -> bool {
    // A name gives addresses that nobody chooses among; placements are answers of their own.
    (a.name.is_some() || a.destination.subnet == b.destination.subnet)
        && a.source == b.source
        && a.destination.resource == b.destination.resource
        && a.destination.port == b.destination.port
        && a.destination.ports == b.destination.ports
        && fare_alike(a, b)
}

/// Whether two answers come to the same for the same reasons.
pub(super) fn fare_alike(a: &Answer, b: &Answer) -> bool {
    a.name == b.name
        && a.verdict == b.verdict
        && a.failure == b.failure
        && a.blockers == b.blockers
        && a.missing == b.missing
        && a.findings == b.findings
        && a.assumptions == b.assumptions
        && a.fails_for == b.fails_for
}

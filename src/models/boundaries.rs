//! Where the modelled network ends.

use super::table::rows;

/// Why nothing is known beyond something of that kind, where a path that comes to it leaves the
/// modelled network.
fn boundary(kind: &str) -> Option<&'static str> {
    rows::<2>(include_str!("../../models/boundaries.tsv"))
        .find(|[known, _]| *known == kind)
        .map(|[_, because]| because)
}

/// That a path leaves the modelled network, in words; `None` where nothing says that it does.
#[must_use]
pub fn leaves_by(kind: &str, label: &str) -> Option<String> {
    let because = boundary(kind)?;
    Some(format!("the path leaves the modelled network here: {kind} {label}, because {because}"))
}

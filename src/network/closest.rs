//! The name that was probably meant.

/// The candidate most like `text`, when one is like it at all.
#[must_use]
pub fn closest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (likeness(text, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

/// From 0, nothing alike, to 1, the same.
pub(super) fn likeness(a: &str, b: &str) -> f64 {
    // In short words, two swapped letters already look like another word.
    let one_slip = a.len().min(b.len()) >= 3 && strsim::osa_distance(a, b) == 1;
    if one_slip { 0.95 } else { strsim::jaro_winkler(a, b) }
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_slip_of_the_pen_finds_its_name() {
        assert_eq!(closest("subnts", ["services", "subnets"]), Some("subnets"));
        assert_eq!(closest("vcp", ["vpc", "cidr"]), Some("vpc"));
        assert_eq!(closest("zzz", ["vpc", "cidr"]), None);
    }
}

//! Texts of which only a deployment tells some part.

/// The first part of a text that only a deployment tells: `ImageUrl` of `${ImageUrl}:1`, as
/// CloudFormation templates are read.
#[must_use]
pub fn left_open(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("${")?;
    Some(rest.split_once('}').map_or(rest, |(inner, _)| inner))
}

//! What an endpoint's policy has to allow.

use super::table::rows;

/// Something that clients of a service ask it for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointNeed {
    /// The action: `s3:GetObject`.
    pub action: &'static str,
    /// How the ARN of the resource begins, with `{region}` and `{partition}`; `None` where nothing
    /// states which it is.
    pub resource: Option<&'static str>,
    /// For what: `pulls of images`.
    pub purpose: &'static str,
}

/// What clients of a service need through an endpoint, by the service's short name.
pub fn endpoint_needs(service: &str) -> impl Iterator<Item = EndpointNeed> {
    rows::<4>(include_str!("../../models/endpoint_needs.tsv"))
        .filter(move |[of, ..]| *of == service)
        .map(|[_, action, resource, purpose]| EndpointNeed {
            action,
            resource: Some(resource).filter(|resource| *resource != "-"),
            purpose,
        })
}

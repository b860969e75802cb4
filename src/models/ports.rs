//! The ports that hosts give out.

use super::table::rows;

/// The host ports that bridge mode publishes on a `linux` or `windows` instance that states no
/// range: the kernel's (PLC-11).
#[must_use]
pub fn dynamic_ports(system: &str) -> Option<(u16, u16)> {
    rows::<3>(include_str!("../../models/dynamic_ports.tsv"))
        .find(|[name, ..]| *name == system)
        .and_then(|[_, low, high]| Some((low.parse().ok()?, high.parse().ok()?)))
}

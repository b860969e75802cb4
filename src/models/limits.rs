//! Limits: sizes of Fargate tasks, ports that instances keep for themselves, what things on the way
//! of packets hold.

use super::table::rows;
use std::sync::LazyLock;

/// Whether Fargate has tasks of that many CPU units and that much memory, in MiB.
#[must_use]
pub fn fargate_size(cpu: u32, memory: u32) -> bool {
    rows::<5>(include_str!("../../models/fargate_sizes.tsv")).any(
        |[units, from, to, step, also]| {
            let number = |text: &str| text.parse::<u32>().ok();
            let (Some(from), Some(to), Some(step)) = (number(from), number(to), number(step))
            else {
                return false;
            };
            let stepped = (from..=to).contains(&memory) && (memory - from).is_multiple_of(step);
            number(units) == Some(cpu) && (stepped || number(also) == Some(memory))
        },
    )
}

/// What an instance keeps a port for, where it does.
#[must_use]
pub fn reserved_host_port(port: u16) -> Option<&'static str> {
    rows::<2>(include_str!("../../models/reserved_ports.tsv"))
        .find(|[number, _]| number.parse() == Ok(port))
        .map(|[_, holder]| holder)
}

static PATH_LIMITS: LazyLock<Vec<[&'static str; 3]>> =
    LazyLock::new(|| rows::<3>(include_str!("../../models/path_limits.tsv")).collect());

/// What something on the way of packets holds or carries at most: `packet of internet-gateway`, in
/// bytes, or `connections of nat-gateway`, to one address and port for each of its own addresses.
#[must_use]
pub fn path_limit(what: &str) -> Option<u64> {
    PATH_LIMITS.iter().find(|[name, ..]| *name == what).and_then(|[_, limit, _]| limit.parse().ok())
}

//! What load balancers say of their targets, and how they check them.

use super::table::rows;
use std::sync::LazyLock;

/// What a load balancer says of a target that fares in a certain way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthEntry {
    /// `application` or `network`.
    pub balancer: &'static str,
    /// How the health check fares: `dropped`, `refused`, `passes`, …
    pub case: &'static str,
    /// The target's state; `None` when there is no target.
    pub state: Option<&'static str>,
    /// The reason code.
    pub reason: Option<&'static str>,
    /// The description.
    pub description: Option<&'static str>,
    /// What a client gets whose request fares like that.
    pub request: &'static str,
    /// The rule it follows from.
    pub rule: &'static str,
}

/// How a target group checks its targets unless it says otherwise (LBH-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckEntry {
    balancer: &'static str,
    check: &'static str,
    /// Seconds between two checks.
    pub interval: u32,
    /// Seconds until a check counts as failed.
    pub timeout: u32,
    /// Checks in a row that make a target healthy.
    pub healthy: u32,
    /// Checks in a row that make it unhealthy.
    pub unhealthy: u32,
    /// The path that is asked for, where the check has one.
    pub path: Option<&'static str>,
    /// The statuses that are healthy, where the check has any.
    pub matcher: Option<&'static str>,
}

static HEALTH: LazyLock<Vec<HealthEntry>> = LazyLock::new(|| {
    let table = include_str!("../../models/target_health.tsv");
    rows::<7>(table)
        .map(|[balancer, case, state, reason, description, request, rule]| HealthEntry {
            balancer,
            case,
            state: stated(state),
            reason: stated(reason),
            description: stated(description),
            request,
            rule,
        })
        .collect()
});

fn stated(cell: &'static str) -> Option<&'static str> {
    (cell != "-").then_some(cell)
}

/// Everything that load balancers say of targets.
#[must_use]
pub fn target_health() -> &'static [HealthEntry] {
    &HEALTH
}

/// How a kind of load balancer checks by default: `application` or `network`, and the protocol of
/// the check.
#[must_use]
pub fn health_check(balancer: &str, protocol: &str) -> Option<CheckEntry> {
    let http = protocol.starts_with("HTTP");
    rows::<8>(include_str!("../../models/health_checks.tsv"))
        .filter_map(|[balancer, check, interval, timeout, healthy, unhealthy, path, matcher]| {
            Some(CheckEntry {
                balancer,
                check,
                interval: interval.parse().ok()?,
                timeout: timeout.parse().ok()?,
                healthy: healthy.parse().ok()?,
                unhealthy: unhealthy.parse().ok()?,
                path: stated(path),
                matcher: stated(matcher),
            })
        })
        .find(|entry| entry.balancer == balancer && (entry.check == "HTTP") == http)
}

#[cfg(test)]
mod tests {
    use super::{health_check, target_health};

    // LBH-02
    #[test]
    fn every_row_of_the_health_tables_is_read() {
        let lines = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(target_health().len(), lines(include_str!("../../models/target_health.tsv")));
        for (balancer, protocol, timeout) in
            [("application", "HTTPS", 5), ("network", "TCP", 10), ("network", "HTTP", 6)]
        {
            let entry = health_check(balancer, protocol).unwrap();
            assert_eq!((entry.interval, entry.unhealthy, entry.timeout), (30, 2, timeout));
        }
    }
}

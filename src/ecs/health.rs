//! What a load balancer will say of its targets (LBH-01 to LBH-20, NLB-05).

use super::legs::Leg;
use crate::answer::{Answer, Failure, RuleId, Verdict};
use crate::models::{self, HealthEntry};
use crate::network::{LoadBalancerType, Service};

/// How packets fare between the nodes of a load balancer and a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// All of them get there.
    Passes,
    /// None gets there, and nothing answers.
    Dropped,
    /// All are answered with a reset.
    Refused,
    /// A proxy takes all of them, and has nobody to hand them to (CTR-22).
    NotPassedOn,
    /// Some are lost and some are answered with a reset, by node.
    Mixed,
    /// Some get there, and some do not.
    Partly,
    /// The load balancer sends none (LBT-10).
    Unused,
    /// It cannot be told.
    Unknown,
}

impl Fate {
    /// What becomes of packets whose answers these are: one per node subnet.
    #[must_use]
    pub fn of<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> Self {
        let fates = answers.into_iter().map(|answer| match (answer.verdict, answer.failure) {
            (Verdict::Reachable, _) => Self::Passes,
            (Verdict::Blocked, Some(Failure::Refused)) => Self::Refused,
            (Verdict::Blocked, Some(Failure::NotPassedOn)) => Self::NotPassedOn,
            (Verdict::Blocked, _) => Self::Dropped,
            (Verdict::Intermittent, _) => Self::Partly,
            (Verdict::Unknown, _) => Self::Unknown,
        });
        fates.reduce(Self::and).unwrap_or(Self::Unused)
    }

    /// What becomes of packets of two kinds together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        use Fate::{Dropped, Mixed, NotPassedOn, Partly, Passes, Refused, Unknown, Unused};
        match (self, other) {
            (a, b) if a == b => a,
            (Unused, a) | (a, Unused) => a,
            (Unknown, _) | (_, Unknown) => Unknown,
            (Dropped | Refused | NotPassedOn | Mixed, Dropped | Refused | NotPassedOn | Mixed) => {
                Mixed
            }
            (Passes | Partly, _) | (_, Passes | Partly) => Partly,
        }
    }

    /// Whether every health check with this fate fails.
    #[must_use]
    pub fn fails(self) -> bool {
        matches!(self, Self::Dropped | Self::Refused | Self::NotPassedOn | Self::Mixed)
    }

    /// The word for it in the table of what load balancers say.
    fn case(self) -> Option<&'static str> {
        Some(match self {
            Self::Passes => "passes",
            Self::Dropped => "dropped",
            Self::Refused => "refused",
            Self::NotPassedOn => "not passed on",
            Self::Mixed => "mixed",
            Self::Partly => "partly",
            Self::Unused => "unused",
            Self::Unknown => return None,
        })
    }
}

/// What a load balancer says of a target, and what its clients get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predicted {
    /// The target's state, as AWS words it: `unhealthy`.
    pub state: &'static str,
    /// The reason code: `Target.Timeout`.
    pub reason: Option<&'static str>,
    /// The description: `Request timed out`.
    pub description: Option<&'static str>,
    /// What a client gets: `502`.
    pub requests: String,
    /// The rules it follows from.
    pub rules: Vec<RuleId>,
}

/// The name of a load balancer's kind in the tables; `None` for one that is not modelled.
#[must_use]
pub fn family(balancer: &LoadBalancerType) -> Option<&'static str> {
    match balancer {
        LoadBalancerType::Application => Some("application"),
        LoadBalancerType::Network => Some("network"),
        LoadBalancerType::Other(_) => None,
    }
}

/// What a kind of load balancer says of a target whose health checks fare like that.
#[must_use]
pub fn said(balancer: &LoadBalancerType, fate: Fate) -> Option<&'static HealthEntry> {
    let (family, case) = (family(balancer)?, fate.case()?);
    models::target_health().iter().find(|one| one.balancer == family && one.case == case)
}

/// What is said of one target; `None` where it cannot be told. `others` are the fates of the health
/// checks of the group's other targets.
#[must_use]
pub fn predict(
    balancer: &LoadBalancerType,
    checks: Fate,
    traffic: Fate,
    others: &[Fate],
) -> Option<Predicted> {
    let own = said(balancer, checks)?;
    let sent = said(balancer, traffic).map(|entry| entry.request);
    let mut rules = vec![RuleId::new(own.rule)];
    let mut of_traffic = |text: String| {
        rules.extend(said(balancer, traffic).map(|entry| RuleId::new(entry.rule)));
        text
    };
    let sent_or_unknown = || sent.unwrap_or("not known").to_owned();
    let requests = if checks == Fate::Unused {
        match others.iter().all(|&one| one == Fate::Unused) {
            true => {
                // LBH-10
                rules.push(RuleId::new("LBH-10"));
                let family = family(balancer)?;
                let mut entries = models::target_health().iter();
                entries
                    .find(|one| one.balancer == family && one.case == "empty")?
                    .request
                    .to_owned()
            }
            false => "go to the other targets".to_owned(),
        }
    } else if !checks.fails() {
        of_traffic(sent_or_unknown())
    } else if others.iter().all(|one| one.fails() || *one == Fate::Unused) {
        // LBH-09: when no target is healthy, requests go to all of them.
        let text = of_traffic(format!(
            "{} (no target is healthy, so requests go to all)",
            sent_or_unknown()
        ));
        rules.push(RuleId::new(if family(balancer)? == "network" { "LBH-16" } else { "LBH-09" }));
        text
    } else {
        "go to the other targets while any of them is healthy".to_owned()
    };
    rules.sort();
    rules.dedup();
    Some(Predicted {
        state: own.state?,
        reason: own.reason,
        description: own.description,
        requests,
        rules,
    })
}

/// What the health check of a leg asks for, in words: `GET / answers 200`.
#[must_use]
pub fn asks(leg: &Leg<'_>) -> Option<String> {
    let check = &leg.group.health_check;
    let family = family(&leg.balancer.balancer_type)?;
    let protocol = protocol(leg, family);
    let default = models::health_check(family, protocol)?;
    let port = leg.health_check_port.or(leg.port).map(|port| format!(" on port {port}"));
    let port = port.unwrap_or_default();
    let path = check.path.as_deref().or(default.path);
    let matcher = check.matcher.as_deref().or(default.matcher);
    Some(match (path, matcher) {
        (Some(path), Some(matcher)) if protocol.starts_with("HTTP") => {
            format!("GET {path}{port} answers {matcher}")
        }
        _ => format!("a process accepts connections{port}"),
    })
}

/// LBH-20: after how many seconds ECS first replaces a task whose health checks fail.
#[must_use]
pub fn replaced_after(leg: &Leg<'_>, service: &Service) -> Option<u32> {
    let check = &leg.group.health_check;
    let family = family(&leg.balancer.balancer_type)?;
    let default = models::health_check(family, protocol(leg, family))?;
    let interval = check.interval_seconds.unwrap_or(default.interval);
    let threshold = check.unhealthy_threshold.unwrap_or(default.unhealthy);
    Some(interval.saturating_mul(threshold).max(service.grace_seconds.unwrap_or(0)))
}

/// LBH-02: the protocol of the health check.
fn protocol<'a>(leg: &'a Leg<'_>, family: &str) -> &'a str {
    let usual = if family == "application" { "HTTP" } else { "TCP" };
    leg.group.health_check.protocol.as_deref().unwrap_or(usual)
}

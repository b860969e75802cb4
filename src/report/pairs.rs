//! Which pairs of interfaces fare otherwise, for people and for programs.

use super::audit::grouped;
use super::{Style, words};
use crate::audit::{By, Ports, Question};
use crate::compare::{Counted, LOOKS, PairChanges, PairFate, PairTurn, PairsBetween};
use crate::header::{Family, Protocol};
use serde::Serialize;

/// How many groups, and how many ranges of ports, a line names.
const NAMED: usize = 3;
/// How many lines a person is shown.
const SHOWN: usize = 20;

/// Which pairs of interfaces fare otherwise, and what was asked.
#[derive(Clone, Copy, Debug)]
pub struct Pairs<'a> {
    /// What was asked of all pairs.
    pub question: &'a Question,
    /// What was found.
    pub changes: &'a PairChanges,
}

/// The pairs as a person reads them; nothing where there are none to count.
pub(super) fn pairs_text(pairs: &Pairs<'_>, style: &Style) -> String {
    let Pairs { question, changes } = pairs;
    let (before, after) = changes.interfaces;
    if before.max(after) < 2 {
        return String::new();
    }
    let family = match question.family {
        Family::V4 => "",
        Family::V6 => " over IPv6",
    };
    let rows = rows(pairs);
    if rows.is_empty() {
        let asked = match &question.ports {
            Ports::Every => format!("any {} port", question.protocol),
            Ports::These(all) => {
                let each: Vec<(u16, u16)> = all.iter().map(|&port| (port, port)).collect();
                ports(question.protocol, &each)
            }
        };
        return format!("no pair of interfaces fares otherwise{family} on {asked}\n");
    }
    let mut out = format!("{}{family}\n", style.strong.paint("pairs of interfaces"));
    let widest = |of: fn(&Row) -> &str| {
        rows.iter().take(SHOWN).map(|row| of(row).chars().count()).max().unwrap_or(0)
    };
    let (ports, told) = (widest(|row| &row.ports), widest(|row| &row.told));
    for row in rows.iter().take(SHOWN) {
        let paint = match row.after {
            Some(PairFate::Reachable) => &style.good,
            Some(PairFate::Blocked | PairFate::Absent) => &style.bad,
            _ => &style.doubtful,
        };
        let gap = " ".repeat(told - row.told.chars().count());
        let line =
            format!("  {:<ports$}  {}{gap}  {}", row.ports, paint.paint(&row.told), row.more);
        out.push_str(line.trim_end());
        out.push('\n');
    }
    if rows.len() > SHOWN {
        let rest = grouped((rows.len() - SHOWN) as u64);
        out.push_str(&format!("  … and {rest} more: --format json lists all\n"));
    }
    out
}

/// One line.
struct Row {
    ports: String,
    told: String,
    after: Option<PairFate>,
    more: String,
}

fn rows(pairs: &Pairs<'_>) -> Vec<Row> {
    let Pairs { question, changes } = pairs;
    let mut rows: Vec<Row> = Vec::new();
    for turn in &changes.turns {
        rows.push(Row {
            ports: ports(question.protocol, &turn.ports),
            told: format!("{} {}", word(turn), grouped(turn.pairs)),
            after: Some(turn.after),
            more: format!("{}{}", between(&turn.between), beside(turn, changes)),
        });
    }
    for one in &changes.not_walked {
        rows.push(Row {
            ports: ports(question.protocol, &one.ports),
            told: format!("not told {}", grouped(one.pairs)),
            after: None,
            more: "only walks say how they fare: --walks NUMBER walks more".to_owned(),
        });
    }
    if !changes.not_counted.is_empty() {
        let more = format!(
            "more than {} pairs of classes of interfaces to look at: --port asks for less",
            grouped(LOOKS)
        );
        rows.push(Row {
            ports: ports(question.protocol, &changes.not_counted),
            told: "not counted".to_owned(),
            after: None,
            more,
        });
    }
    rows
}

fn word(turn: &PairTurn) -> &'static str {
    use PairFate::{Absent, Blocked, Intermittent, Reachable, Unknown};
    match (turn.before, turn.after) {
        (Blocked | Absent, Reachable) => "opens",
        (Reachable, Blocked | Absent) => "closes",
        (_, Reachable) => "reachable now",
        (_, Blocked) => "blocked now",
        (_, Intermittent) => "intermittent now",
        (_, Unknown) => "unknown now",
        (_, Absent) => "gone",
    }
}

/// `dev-3 → hub 2,200, dev-3 → prod-1 9`
fn between(all: &[PairsBetween]) -> String {
    let named = all.iter().take(NAMED);
    let mut told: Vec<String> =
        named.map(|one| format!("{} → {} {}", one.from, one.to, grouped(one.pairs))).collect();
    if all.len() > NAMED {
        told.push(format!("and {}", words::count(all.len() - NAMED, "more way")));
    }
    told.join(", ")
}

/// How they fared where the word does not say it, and with whom.
fn beside(turn: &PairTurn, changes: &PairChanges) -> String {
    use PairFate::{Absent, Intermittent, Reachable, Unknown};
    let those = |all: &[Counted], what: &str| match all {
        [only] => format!(", with {}, which is {what}", only.name),
        all => {
            let count = words::count(all.len(), "interface");
            format!(", with {count} that are {what}")
        }
    };
    match (turn.before, turn.after) {
        (Absent, _) => those(&changes.new, "new"),
        (Reachable, Absent) => those(&changes.gone, "gone"),
        (before @ (Unknown | Intermittent), Absent) => {
            let before = fate(before);
            format!(", {before} before{}", those(&changes.gone, "gone"))
        }
        (before, Unknown | Intermittent) | (before @ (Unknown | Intermittent), _) => {
            format!(", {} before", fate(before))
        }
        _ => String::new(),
    }
}

fn fate(fate: PairFate) -> &'static str {
    match fate {
        PairFate::Reachable => "reachable",
        PairFate::Blocked => "blocked",
        PairFate::Intermittent => "intermittent",
        PairFate::Unknown => "unknown",
        PairFate::Absent => "absent",
    }
}

/// `tcp 443`, `all tcp ports but 22`, `tcp 1024-65535`.
fn ports(protocol: Protocol, ranges: &[(u16, u16)]) -> String {
    let range = |&(first, last): &(u16, u16)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let listed = |ranges: &[(u16, u16)]| {
        let mut all: Vec<String> = ranges.iter().take(NAMED).map(range).collect();
        if ranges.len() > NAMED {
            all.push(format!("and {}", words::count(ranges.len() - NAMED, "more range")));
        }
        all.join(", ")
    };
    let (Some(&(first, _)), Some(&(_, last))) = (ranges.first(), ranges.last()) else {
        return protocol.to_string();
    };
    let whole = match (first, last) {
        (1, u16::MAX) => format!("all {protocol} ports"),
        ends => format!("{protocol} {}", range(&ends)),
    };
    let gaps: Vec<(u16, u16)> = ranges.windows(2).map(|two| (two[0].1 + 1, two[1].0 - 1)).collect();
    let size = |ranges: &[(u16, u16)]| -> u64 {
        ranges.iter().map(|&(first, last)| u64::from(last - first) + 1).sum()
    };
    match gaps.is_empty() {
        true => whole,
        // What is left out is told where that is less.
        false if size(&gaps) < size(ranges) => format!("{whole} but {}", listed(&gaps)),
        false => format!("{protocol} {}", listed(ranges)),
    }
}

/// Which pairs of interfaces fare otherwise.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub(super) struct PairsDocument<'a> {
    /// `tcp` or `udp`.
    protocol: String,
    /// The family of the addresses that pairs are counted by: `IPv4` or `IPv6`.
    family: String,
    /// The ports that were asked about; empty for every one.
    asked: &'a [u16],
    /// What pairs are grouped by: `vpc`, `account` or `subnet`.
    by: &'static str,
    /// How many existing interfaces are counted.
    interfaces: Sides,
    /// Interfaces that are there with the change only.
    new: &'a [Counted],
    /// Interfaces that are there without the change only.
    gone: &'a [Counted],
    /// What turns: on the ports that are named, so many pairs from one group to another. On ports
    /// that no turn names, all fares as before.
    turns: Vec<TurnDocument<'a>>,
    /// Pairs of which only walks would tell, and which were too many to walk: they may turn, too.
    not_walked: Vec<NotWalkedDocument>,
    /// Ports on which nothing was counted, because that would take too long.
    not_counted: Vec<PortsDocument>,
}

/// A number without the change and with it.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct Sides {
    /// Without the change.
    before: u64,
    /// With it.
    after: u64,
}

/// Some ports.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct PortsDocument {
    /// The first.
    first: u16,
    /// The last.
    last: u16,
}

/// Pairs that turn.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct TurnDocument<'a> {
    /// The ports on which they do.
    ports: Vec<PortsDocument>,
    /// How they fare without the change; `absent` where one of the two interfaces is new.
    before: PairFate,
    /// How they fare with it; `absent` where one of the two is gone.
    after: PairFate,
    /// How many ordered pairs, on each of the ports.
    pairs: u64,
    /// The same from group to group, the most first.
    between: &'a [PairsBetween],
}

/// Pairs that were not walked.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct NotWalkedDocument {
    /// The ports.
    ports: Vec<PortsDocument>,
    /// How many ordered pairs, on each of the ports.
    pairs: u64,
}

impl<'a> PairsDocument<'a> {
    pub(super) fn of(pairs: &Pairs<'a>) -> Self {
        let Pairs { question, changes } = *pairs;
        let listed = |ranges: &[(u16, u16)]| -> Vec<PortsDocument> {
            ranges.iter().map(|&(first, last)| PortsDocument { first, last }).collect()
        };
        let turns = changes.turns.iter().map(|turn| TurnDocument {
            ports: listed(&turn.ports),
            before: turn.before,
            after: turn.after,
            pairs: turn.pairs,
            between: &turn.between,
        });
        let not_walked = changes
            .not_walked
            .iter()
            .map(|one| NotWalkedDocument { ports: listed(&one.ports), pairs: one.pairs });
        Self {
            protocol: question.protocol.to_string(),
            family: question.family.to_string(),
            asked: match &question.ports {
                Ports::Every => &[],
                Ports::These(ports) => ports,
            },
            by: match question.by {
                By::Vpc => "vpc",
                By::Account => "account",
                By::Subnet => "subnet",
                By::Class => "class",
            },
            interfaces: Sides { before: changes.interfaces.0, after: changes.interfaces.1 },
            new: &changes.new,
            gone: &changes.gone,
            turns: turns.collect(),
            not_walked: not_walked.collect(),
            not_counted: listed(&changes.not_counted),
        }
    }
}

//! What servers print when they begin to listen.

use super::table::rows;
use std::sync::LazyLock;

/// A shape of line, and what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartupLine {
    /// The program that prints it.
    pub program: &'static str,
    /// Its words, with `{bind}`, `{binds}`, `{host}`, `{port}` and `{any}` between them.
    pub text: &'static str,
    /// What it shows.
    pub shows: Shows,
    /// Whether it was seen beside the sockets, or stands in the program's source.
    pub verified: bool,
    /// What the program's sockets on a wildcard address take.
    pub wildcard: Wildcard,
    /// Where it was seen.
    pub source: &'static str,
}

/// What a line shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// The address as it was configured, in the one line of a start.
    Address,
    /// The same, in a line per address.
    Addresses,
    /// The same, but `0.0.0.0` stands for no address at all too.
    Unset,
    /// One of the addresses that are served.
    Set,
    /// All addresses of a family; the port follows.
    Every,
    /// A port; the address is for people.
    Local,
    /// Loopback only, on the port that was shown last.
    Loopback,
    /// The `::` of the line that follows is of this kind.
    Alone,
    /// The `::` of the line before was of this kind.
    Several,
    /// The program begins anew.
    Start,
    /// Nothing of the address.
    Nothing,
}

/// What a program's wildcard sockets take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wildcard {
    /// Whether `::` excludes IPv4; `None` when not known.
    pub v6_only: Option<bool>,
    /// Whether `0.0.0.0` takes IPv6 as well.
    pub both: bool,
    /// Whether that is inferred from the program's runtime, and so at most likely.
    pub inferred: bool,
}

static LINES: LazyLock<Vec<StartupLine>> = LazyLock::new(|| {
    rows::<6>(include_str!("../../models/startup-logs.tsv"))
        .map(|[program, text, reads, status, v6, source]| StartupLine {
            program,
            text,
            shows: match reads {
                "address" => Shows::Address,
                "addresses" => Shows::Addresses,
                "unset" => Shows::Unset,
                "set" => Shows::Set,
                "every" => Shows::Every,
                "local" => Shows::Local,
                "loopback" => Shows::Loopback,
                "alone" => Shows::Alone,
                "several" => Shows::Several,
                "start" => Shows::Start,
                _ => Shows::Nothing,
            },
            verified: status != "unverified",
            wildcard: wildcard(v6),
            source,
        })
        .collect()
});

fn wildcard(cell: &str) -> Wildcard {
    let inferred = cell.starts_with('~');
    let (v6_only, both) = match cell.trim_start_matches('~') {
        "dual" => (Some(false), false),
        "dual+" => (Some(false), true),
        "v6only" => (Some(true), false),
        _ => (None, false),
    };
    Wildcard { v6_only, both, inferred }
}

/// Every shape of line.
#[must_use]
pub fn startup_lines() -> &'static [StartupLine] {
    &LINES
}

#[cfg(test)]
mod tests {
    use super::super::table::rows;

    #[test]
    fn every_word_of_the_table_has_a_meaning() {
        let reads = [
            "address",
            "addresses",
            "unset",
            "set",
            "every",
            "local",
            "loopback",
            "alone",
            "several",
            "start",
            "port",
            "display",
        ];
        let v6 = ["dual", "v6only", "dual+", "~dual", "~dual+", "?", "-"];
        for row in rows::<6>(include_str!("../../models/startup-logs.tsv")) {
            assert!(reads.contains(&row[2]), "{row:?}");
            assert!(["run", "read", "unverified"].contains(&row[3]), "{row:?}");
            assert!(v6.contains(&row[4]), "{row:?}");
        }
    }
}

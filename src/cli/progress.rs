//! What is seen while a large network is read.

use super::terminal::Terminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long nothing is shown: what is over sooner needs no telling.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often what is shown changes.
const BEAT: Duration = Duration::from_millis(100);

/// Back to the beginning of the line, and the line away.
const AWAY: &str = "\r\x1b[K";

/// A line on stderr that tells how far reading is, where a person looks on.
pub(super) struct Progress<'t> {
    terminal: &'t Terminal,
    watched: bool,
    started: Instant,
    shown: Mutex<Option<Instant>>,
}

impl<'t> Progress<'t> {
    pub fn new(terminal: &'t Terminal, quiet: bool) -> Self {
        let watched = terminal.is_watched() && !quiet;
        Self { terminal, watched, started: Instant::now(), shown: Mutex::new(None) }
    }

    /// Hears that so many bytes of all were read.
    pub fn told(&self, read: u64, all: u64) {
        // Whoever finds it busy has nothing newer to show.
        let Some(mut shown) = self.shown.try_lock().ok().filter(|_| self.watched) else { return };
        if is_due(self.started.elapsed(), shown.map(|at| at.elapsed())) {
            self.terminal.complain(&format!("{AWAY}{}", line(read, all)));
            *shown = Some(Instant::now());
        }
    }

    /// Takes the line away.
    pub fn end(&self) {
        if self.shown.lock().is_ok_and(|shown| shown.is_some()) {
            self.terminal.complain(AWAY);
        }
    }
}

fn is_due(since_start: Duration, since_shown: Option<Duration>) -> bool {
    since_start >= PATIENCE && since_shown.is_none_or(|since| since >= BEAT)
}

/// `reading: 120 of 773 MB, 15 %`
fn line(read: u64, all: u64) -> String {
    let mb = |bytes: u64| bytes / 1_000_000;
    let percent = read.saturating_mul(100).checked_div(all).unwrap_or(100);
    format!("reading: {} of {} MB, {percent} %", mb(read), mb(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_longer_than_a_second_is_shown_ten_times_a_second() {
        let millis = Duration::from_millis;
        assert!(!is_due(millis(999), None));
        assert!(is_due(millis(1000), None));
        assert!(!is_due(millis(1050), Some(millis(50))));
        assert!(is_due(millis(1100), Some(millis(100))));
        assert_eq!(line(120_500_000, 773_000_000), "reading: 120 of 773 MB, 15 %");
        assert_eq!(line(0, 0), "reading: 0 of 0 MB, 100 %");
    }
}

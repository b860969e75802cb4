//! As fast as AWS allows: a bucket of tokens whose rate halves when a call is throttled and grows
//! again with every call that is not.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Calls per second to begin with, below what AWS allows an account for reading.
const BEGIN: f64 = 20.0;
/// The most and the least calls per second.
const LIMITS: (f64, f64) = (0.5, 100.0);
/// How much faster every call that is not throttled makes the next ones, in calls per second.
const GROWTH: f64 = 0.5;

/// How much time's worth of unused turns may be made up for.
const BURST: Duration = Duration::from_secs(1);

/// The rate of one service in one account and Region, which is what AWS throttles by.
#[derive(Debug)]
pub(super) struct Pace(Mutex<State>);

#[derive(Debug)]
struct State {
    rate: f64,
    /// When the next call may begin.
    next: Instant,
    /// Calls that were throttled together halve the rate only once.
    halved: Instant,
}

impl Pace {
    pub fn new() -> Self {
        let now = Instant::now();
        let next = now.checked_sub(BURST).unwrap_or(now);
        Self(Mutex::new(State { rate: BEGIN, next, halved: now }))
    }

    /// Waits for the turn of a call.
    pub async fn turn(&self) {
        let turn = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let earliest = now.checked_sub(BURST).unwrap_or(now);
            let turn = state.next.max(earliest);
            state.next = turn + Duration::from_secs_f64(1.0 / state.rate);
            turn
        };
        sleep_until(turn).await;
    }

    /// A call was answered.
    pub fn answered(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.rate = (state.rate + GROWTH).min(LIMITS.1);
    }

    /// A call was throttled.
    pub fn throttled(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if now >= state.halved {
            state.rate = (state.rate / 2.0).max(LIMITS.0);
            state.halved = now + Duration::from_secs_f64(1.0 / state.rate);
        }
        state.next = state.next.max(now);
    }

    #[cfg(test)]
    fn rate(&self) -> f64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttling_halves_the_rate_once_and_answers_raise_it() {
        let pace = Pace::new();
        pace.throttled();
        pace.throttled();
        assert!((pace.rate() - BEGIN / 2.0).abs() < 1e-9);
        pace.answered();
        assert!((pace.rate() - (BEGIN / 2.0 + GROWTH)).abs() < 1e-9);
    }
}

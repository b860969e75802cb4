//! Work that several threads share.

use std::convert::Infallible;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Into how many parts small pieces of work are put together, at most.
const PARTS: usize = 256;

/// How many threads there are to be, where the caller leaves it open.
pub(crate) fn available() -> usize {
    match cfg!(feature = "threads") {
        true => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        false => 1,
    }
}

/// What `work` makes of every number, in their order; or else of the first for which it fails. It
/// is the same for any number of threads.
pub(crate) fn each<T: Send, E: Send>(
    numbers: Range<usize>,
    threads: usize,
    work: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let done: Vec<Mutex<Option<Result<T, E>>>> =
        numbers.clone().map(|_| Mutex::new(None)).collect();
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
    run(threads.min(done.len()), || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            // What comes after a failure is not asked for any more.
            let Some(slot) = done.get(index).filter(|_| index < failed.load(Ordering::Relaxed))
            else {
                return;
            };
            let result = work(numbers.start + index);
            if result.is_err() {
                failed.fetch_min(index, Ordering::Relaxed);
            }
            *locked(slot) = Some(result);
        }
    });
    // Up to the first failure, all of them are there.
    done.into_iter()
        .map_while(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect()
}

/// What `work` makes of each of some things, in their order, on all threads that there are; on this
/// one alone where there are fewer than `many`. It is the same for any number of them.
pub(crate) fn map<A: Sync, T: Send>(
    of: &[A],
    many: usize,
    work: impl Fn(&A) -> T + Sync,
) -> Vec<T> {
    if of.len() < many {
        return of.iter().map(work).collect();
    }
    let parts: Vec<&[A]> = of.chunks(of.len().div_ceil(PARTS).max(1)).collect();
    let made = |number: usize| -> Result<Vec<T>, Infallible> {
        Ok(parts.get(number).into_iter().flat_map(|part| part.iter().map(&work)).collect())
    };
    match each(0..parts.len(), available(), made) {
        Ok(made) => made.into_iter().flatten().collect(),
        Err(never) => match never {},
    }
}

/// What two pieces of work make, which are done at the same time where there are threads and it is
/// `much`.
pub(crate) fn both<A, B: Send>(
    much: bool,
    one: impl FnOnce() -> A,
    other: impl Fn() -> B + Sync,
) -> (A, B) {
    #[cfg(feature = "threads")]
    if much && available() > 1 {
        return std::thread::scope(|scope| {
            let beside = std::thread::Builder::new().spawn_scoped(scope, &other);
            let own = one();
            let others = match beside {
                Ok(thread) => {
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                }
                // Where no more threads are to be had, this one does it alone.
                Err(_) => other(),
            };
            (own, others)
        });
    }
    let _ = much;
    (one(), other())
}

/// What is behind a lock, whatever became of others who held it.
pub(crate) fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` on so many threads, this one among them, until all have returned.
fn run(threads: usize, work: impl Fn() + Sync) {
    #[cfg(feature = "threads")]
    if threads > 1 {
        std::thread::scope(|scope| {
            for _ in 1..threads {
                // Where no more threads are to be had, this one does it alone.
                drop(std::thread::Builder::new().spawn_scoped(scope, &work));
            }
            work();
        });
        return;
    }
    // Without threads there is one.
    let _ = threads;
    work();
}

//! How a network is read.

use super::Cache;
use crate::threads;

/// How a network is read: what is read is the same in any way.
#[derive(Clone, Copy, Default)]
pub struct Reading<'r> {
    /// How many threads read; 0 means as many as there are cores.
    pub threads: usize,
    /// Where large networks are kept once they were read; `None` keeps none.
    pub cache: Option<&'r Cache>,
    /// Told of every file of a folder that was read: the bytes read so far, and of how many.
    pub progress: Option<&'r (dyn Fn(u64, u64) + Sync)>,
}

impl Reading<'_> {
    /// How many threads read.
    pub(super) fn threads(&self) -> usize {
        match self.threads {
            0 => threads::available(),
            stated => stated,
        }
    }
}

//! Chance, and what happened: both follow from the seed alone.

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::time::Instant;

/// The dice of one simulation; clones share them.
#[derive(Clone)]
pub(super) struct Dice(Arc<Mutex<StdRng>>);

impl Dice {
    pub(super) fn of(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    fn throw(&self) -> MutexGuard<'_, StdRng> {
        self.0.lock().unwrap()
    }

    /// A number below `end`.
    pub(super) fn below(&self, end: usize) -> usize {
        self.throw().random_range(0..end)
    }

    /// Once in `n` times.
    pub(super) fn one_in(&self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// A span between so many milliseconds.
    pub(super) fn span(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.throw().random_range(from..to))
    }
}

/// What happened in a simulation, line by line; clones share it.
#[derive(Clone)]
pub(super) struct Chronicle {
    start: Instant,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Chronicle {
    /// A chronicle that begins now.
    pub(super) fn begin() -> Self {
        Self { start: Instant::now(), lines: Arc::default() }
    }

    pub(super) fn note(&self, what: impl Display) {
        let line = format!("{:>10.3} s  {what}", self.start.elapsed().as_secs_f64());
        self.lines.lock().unwrap().push(line);
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().unwrap())
    }
}

//! The machine's own clock and the runtime's own timer, for those who do not bring others.

use std::time::{Duration, UNIX_EPOCH};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use syfthub_core::{Clock, Timer, Timestamp};
use tokio::time::Instant;

/// Tells the time of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that the others are given")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Time passing, measured by the runtime since this was made.
#[derive(Debug, Clone, Copy)]
pub struct RuntimeTimer(Instant);

impl Default for RuntimeTimer {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Timer for RuntimeTimer {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(span).boxed()
    }
}

//! The server's one reading of the calendar and of time passing.

use std::time::{Duration, Instant, SystemTime};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use syfthub_core::{Clock, Timer, Timestamp};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the server's implementation of the Clock port"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Time passing, measured by the runtime.
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

//! Which endpoints answer, and for how much of the time they did (contract hub 7.3 to 7.5).
//!
//! An endpoint is listed unless its owner removed it, an administrator disabled it, or it is down: three facts of which this
//! capability writes the last alone. It is down after several failures in a row, and up with the first success. A space's
//! report about the endpoint counts first (`reports`), then its owner's heartbeat (`heartbeats`), then the hub's own probe
//! (`monitor`); of what nobody knows anything, nothing is held against it. All times are the hub's own.
//!
//! Reading order: `model` (the rules), `settle` (their effect), the three sources, `uptime`, and `store` below them.

mod domains;
mod heartbeats;
mod metrics;
mod model;
mod monitor;
mod probe;
mod refusal;
mod reports;
mod routes;
mod settle;
mod store;
#[cfg(test)]
mod tests;
mod uptime;

pub(crate) use monitor::{prune, watch};
pub(crate) use routes::routes;

use std::time::Duration;

use crate::config::HealthSettings;
use metrics::Probes;

/// The part of the hub that knows which endpoints answer.
pub(crate) struct Health {
    settings: HealthSettings,
    probes: Probes,
}

impl Health {
    /// Keeps to the given settings.
    pub(crate) fn new(settings: HealthSettings) -> Self {
        Self { settings, probes: Probes::new() }
    }

    /// How often [`watch`] is to be called.
    pub(crate) fn interval(&self) -> Duration {
        self.settings.interval
    }

    /// How long a sign of life holds that asks for `seconds`.
    fn ttl(&self, seconds: Option<i64>) -> Duration {
        let asked = seconds.and_then(|seconds| u64::try_from(seconds).ok());
        asked.map_or(self.settings.ttl, Duration::from_secs).min(self.settings.max_ttl)
    }

    /// Failures in a row that take an endpoint off the lists.
    fn tolerance(&self) -> i64 {
        i64::try_from(self.settings.failures).unwrap_or(i64::MAX)
    }
}

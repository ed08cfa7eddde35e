//! Reports of what went wrong: the hub's own failures, and those that users' programs and the operator's services tell of
//! (contract hub 3.7 and 8.3).
//!
//! Whatever a report holds is cut and blanked (`redact`) before it is put into a queue, from which one task stores it
//! (`queue`): no answer waits for it, and when too much comes at once, reports are dropped and counted.
//!
//! Reading order: `report` (what is kept, and what becomes of what was sent), `redact`, `queue`, `routes`, `store`.

mod queue;
mod redact;
mod report;
mod routes;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use routes::routes;

use std::sync::Arc;
use syfthub_core::Clock;

use crate::config::ErrorSettings;
use crate::db::{Db, StoreError};
use crate::http::{FailedRequest, Witness};
use crate::hub::Hub;
use queue::Queue;
use report::Report;

/// The part of the hub that keeps reports.
pub(crate) struct Errors {
    settings: ErrorSettings,
    queue: Queue,
    clock: Arc<dyn Clock>,
}

impl Errors {
    /// Starts the task that stores reports.
    pub(crate) fn start(settings: &ErrorSettings, db: Db, clock: Arc<dyn Clock>) -> Self {
        let queue = Queue::start(db, settings.error_report_queue);
        Self { settings: settings.clone(), queue, clock }
    }

    /// Stores what waits, and ends.
    pub(crate) async fn close(&self) {
        self.queue.close().await;
    }
}

/// The edge tells of every request that the hub failed to answer.
impl Witness for Hub {
    fn failed(&self, request: &FailedRequest<'_>) {
        let report = Report::of_failure(request, self.errors.clock.now());
        self.errors.queue.put(report);
    }
}

/// Reports that are removed in one transaction.
const BATCH: i64 = 1000;

/// Removes reports that are too old, or too many; a job.
pub(crate) async fn remove_old(hub: Hub) -> Result<(), StoreError> {
    let settings = &hub.errors.settings;
    let kept = i64::try_from(settings.error_reports_kept).unwrap_or(i64::MAX);
    let age = i64::try_from(settings.error_retention.as_micros()).unwrap_or(i64::MAX);
    let now = hub.clock.now();
    let before = syfthub_core::Timestamp::from_micros(now.micros().saturating_sub(age));
    loop {
        let write = hub.db.write(move |tx| {
            Box::pin(async move { store::delete_old(tx, before, kept, BATCH).await })
        });
        if write.await? == 0 {
            return Ok(());
        }
    }
}

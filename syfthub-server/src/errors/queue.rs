//! Reports that wait to be stored.

use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::report::Report;
use super::store;
use crate::db::{Db, StoreError};

/// Reports that are stored in one transaction.
const BATCH: usize = 100;

/// The way to the task that stores reports.
pub(super) struct Queue {
    reports: mpsc::Sender<Report>,
    stop: CancellationToken,
    worker: Mutex<Option<JoinHandle<()>>>,
}

impl Queue {
    pub(super) fn start(db: Db, length: usize) -> Self {
        let (reports, waiting) = mpsc::channel(length);
        let stop = CancellationToken::new();
        let worker = tokio::spawn(store_all(db, waiting, stop.clone()));
        Self { reports, stop, worker: Mutex::new(Some(worker)) }
    }

    /// Puts a report in; false when there is no room, which is counted.
    pub(super) fn put(&self, report: Report) -> bool {
        let is_in = self.reports.try_send(report).is_ok();
        if !is_in {
            count("dropped", 1);
        }
        is_in
    }

    pub(super) async fn close(&self) {
        self.stop.cancel();
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker
            && let Err(error) = worker.await
        {
            tracing::error!(%error, "the task that stores error reports failed");
        }
    }
}

fn count(outcome: &'static str, reports: usize) {
    metrics::counter!("error_reports_total", "outcome" => outcome).increment(reports as u64);
}

async fn store_all(db: Db, mut waiting: mpsc::Receiver<Report>, stop: CancellationToken) {
    loop {
        let mut batch = Vec::new();
        tokio::select! {
            () = stop.cancelled(), if !waiting.is_closed() => {
                waiting.close();
                continue;
            }
            taken = waiting.recv_many(&mut batch, BATCH) => if taken == 0 {
                return;
            }
        }
        let length = batch.len();
        let write = db.write(move |tx| {
            Box::pin(async move {
                for report in &batch {
                    store::insert(tx, report).await?;
                }
                Ok(())
            })
        });
        match write.await.map_err(|error: StoreError| error) {
            Ok(()) => count("stored", length),
            Err(error) => {
                count("failed", length);
                // Logged and no more: a failure to store failures must not make further ones.
                tracing::warn!(%error, length, "error reports were not stored");
            }
        }
    }
}

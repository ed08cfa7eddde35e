//! The task that works a dataset's queue off.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use syfthub_core::Timestamp;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, Outcome};
use super::store::{self, Claim, Ending};
use super::{IngestError, Shared, backoff};
use crate::space::chunk::Chunk;
use crate::space::parse::{Content, Document, ParseError, Task};
use crate::space::passage::{Change, Passage};

/// Files taken from the queue in one go.
const CLAIMS: usize = 64;

/// Bytes of a document's hash that go into its chunks' ids.
const ID_BYTES: usize = 8;

/// Works until cancelled. After the first look, `looked` learns how many files that queued. A failure of the database or of
/// the store is shown and waited out: what is not committed goes back into the queue.
pub(super) async fn run(
    shared: Arc<Shared>,
    looked: oneshot::Sender<u64>,
    cancel: CancellationToken,
) {
    tokio::select! {
        () = cancel.cancelled() => {}
        () = shared.work_through_failures(looked) => {}
    }
    if let Err(error) = store::release(&shared.around.db, shared.dataset).await {
        tracing::debug!(%error, "claimed jobs are put back at the next start");
    }
}

impl Shared {
    async fn work_through_failures(self: &Arc<Self>, looked: oneshot::Sender<u64>) {
        let mut looked = Some(looked);
        let mut failures = 0_u32;
        loop {
            let Err(error) = self.work(&mut looked, &mut failures).await else { continue };
            failures = failures.saturating_add(1);
            tracing::error!(dataset = %self.dataset, error = &error as &dyn std::error::Error, "ingestion waits");
            self.lane.rest();
            self.lane.update(|progress| progress.error = Some(error.to_string()));
            tokio::time::sleep(backoff::wait(self.around.limits.retry_after, failures)).await;
        }
    }

    /// Works until something fails.
    async fn work(
        self: &Arc<Self>,
        looked: &mut Option<oneshot::Sender<u64>>,
        failures: &mut u32,
    ) -> Result<(), IngestError> {
        let db = &self.around.db;
        self.claimed().clear();
        store::release(db, self.dataset).await?;
        let queued = self.look_at_everything().await?;
        if let Some(looked) = looked.take() {
            // Nobody asks at the start of the space.
            looked.send(queued).ok();
        }
        self.show_counts(false).await?;
        let contents = self.store.open().await?;
        store::hold(db, self.dataset, contents).await?;
        loop {
            self.work_off_queue().await?;
            *failures = 0;
            self.wait_for_work().await?;
            self.look_at(self.watcher.news()).await?;
        }
    }

    /// Waits until something happens to a file, or a postponed job is due.
    async fn wait_for_work(&self) -> Result<(), IngestError> {
        let due = store::next_due(&self.around.db, self.dataset).await?;
        match due.map(|due| due.since(self.around.clock.now())) {
            // Nothing happening is one of the two things waited for.
            Some(wait) => drop(tokio::time::timeout(wait, self.watcher.changed()).await),
            None => self.watcher.changed().await,
        }
        Ok(())
    }

    /// Takes jobs until none is due, several side by side; commits as it goes.
    async fn work_off_queue(self: &Arc<Self>) -> Result<(), IngestError> {
        self.show_counts(false).await?;
        let mut waiting = VecDeque::new();
        let mut running = FuturesUnordered::new();
        let mut batch = Batch::default();
        let mut is_queue_empty = false;
        loop {
            if waiting.is_empty() && !is_queue_empty {
                waiting.extend(self.claim().await?);
                is_queue_empty = waiting.is_empty();
            }
            while running.len() < self.around.limits.workers.max(1)
                && let Some(claim) = waiting.pop_front()
            {
                running.push(self.work_on(claim));
            }
            if running.is_empty() {
                break;
            }
            if let Some(outcome) = next_until(&mut running, &batch).await {
                batch.add(outcome);
            }
            if batch.is_handful() {
                self.apply(&mut batch).await?;
            }
            if batch.is_due() {
                self.commit(std::mem::take(&mut batch)).await?;
                self.look_at(self.watcher.news()).await?;
                self.show_counts(false).await?;
            }
        }
        self.commit(batch).await?;
        self.store.finish().await?;
        self.around.parsers.rest();
        self.lane.rest();
        self.show_counts(true).await
    }

    async fn claim(&self) -> Result<Vec<Claim>, IngestError> {
        let limit = i64::try_from(CLAIMS).unwrap_or(i64::MAX);
        let now = self.around.clock.now();
        let claims = store::claim(&self.around.db, self.dataset, limit, now).await?;
        self.claimed().extend(claims.iter().map(|claim| (claim.id, CancellationToken::new())));
        Ok(claims)
    }

    async fn apply(&self, batch: &mut Batch) -> Result<(), IngestError> {
        let changes = batch.take_changes();
        if !changes.is_empty() {
            batch.refuse(self.store.apply(changes).await?);
        }
        Ok(())
    }

    async fn commit(&self, mut batch: Batch) -> Result<(), IngestError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.apply(&mut batch).await?;
        self.store.commit().await?;
        store::end(&self.around.db, batch.into_endings(), self.around.clock.now()).await?;
        Ok(())
    }

    async fn work_on(&self, claim: Claim) -> Outcome {
        let cancel = self.claimed().get(&claim.id).cloned().unwrap_or_default();
        let outcome = tokio::select! {
            () = cancel.cancelled() => None,
            outcome = self.prepare(&claim) => Some(outcome),
        };
        self.claimed().remove(&claim.id);
        let (change, ending) = outcome.unwrap_or((None, Ending::Cancelled));
        Outcome { claim, change, ending }
    }

    async fn prepare(&self, claim: &Claim) -> (Option<Change>, Ending) {
        let source = claim.id.to_string();
        if claim.gone {
            return (Some(Change::Remove { source }), Ending::Removed);
        }
        let task = Task {
            path: claim.path.clone(),
            shown: claim.shown.clone(),
            indexed: claim.content_hash.clone(),
            cut: self.selection.cut,
            file_bytes: self.around.limits.file_bytes,
            text_bytes: self.around.limits.text_bytes,
            unpacking: self.around.limits.unpacking,
        };
        self.lane.update(|progress| progress.current = Some(task.shown.clone()));
        let outcome = self.around.parsers.read(task).await;
        self.lane.count(claim.size, outcome.is_ok());
        match outcome {
            Ok(Content::Unchanged) => {
                let hash = claim.content_hash.clone().unwrap_or_default();
                (None, Ending::Completed { hash, chunks: None })
            }
            Ok(Content::New(document)) => {
                let (hash, chunks) = (document.hash.clone(), document.chunks.len());
                let passages = passages(document, &claim.shown);
                let ending = Ending::Completed { hash, chunks: i64::try_from(chunks).ok() };
                (Some(Change::Replace { source, passages }), ending)
            }
            Err(error) => self.failed(claim, source, &error),
        }
    }

    /// A failure that may pass leaves the index as it is. After any other, what the file held before is no longer true: its
    /// old chunks go.
    fn failed(
        &self,
        claim: &Claim,
        source: String,
        error: &ParseError,
    ) -> (Option<Change>, Ending) {
        let (path, reason) = (claim.path.display(), error.to_string());
        let attempt = u32::try_from(claim.attempts).unwrap_or(u32::MAX).saturating_add(1);
        if error.may_pass() && attempt < self.around.limits.attempts {
            tracing::debug!(dataset = %self.dataset, %path, %error, attempt, "document is tried again");
            let until = self.later(attempt);
            return (None, Ending::Postponed { reason, until });
        }
        tracing::warn!(dataset = %self.dataset, %path, %error, "document left out");
        (Some(Change::Remove { source }), Ending::Failed { reason })
    }

    fn later(&self, attempt: u32) -> Timestamp {
        self.around.clock.now().after(backoff::wait(self.around.limits.retry_after, attempt))
    }

    async fn show_counts(&self, ready: bool) -> Result<(), IngestError> {
        let counts = store::counts(&self.around.db, self.dataset).await?;
        let number = |count: i64| u64::try_from(count).unwrap_or_default();
        self.lane.update(|progress| {
            progress.total = number(counts.total_jobs);
            progress.done = number(counts.completed);
            progress.failed = number(counts.failed);
            progress.ready = ready;
            progress.error = None;
        });
        Ok(())
    }
}

/// The chunks of a document as they are stored.
fn passages(document: Document, shown: &str) -> Vec<Passage> {
    let Document { hash, title, file_size, metadata, chunks } = document;
    let id = &hash[..hash.len().min(2 * ID_BYTES)];
    let file_type =
        Path::new(shown).extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let chunk_count = chunks.len() as u64;
    let passage = |(chunk_index, Chunk { headings, text, pages })| Passage {
        id: format!("{id}_{chunk_index}"),
        title: title.clone(),
        headings: headings.join(" > "),
        path: shown.to_owned(),
        text,
        chunk_index,
        chunk_count,
        pages,
        file_type: file_type.clone(),
        file_size,
        metadata: metadata.clone(),
    };
    (0..).zip(chunks).map(passage).collect()
}

/// The next finished file; nothing when the batch has to be committed before there is one.
async fn next_until<F: Future<Output = Outcome>>(
    running: &mut FuturesUnordered<F>,
    batch: &Batch,
) -> Option<Outcome> {
    match batch.due() {
        Some(due) => tokio::time::timeout_at(due, running.next()).await.ok().flatten(),
        None => running.next().await,
    }
}

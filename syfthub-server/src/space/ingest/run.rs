//! The task that works a dataset's queue off.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::prepare::{Prepared, Task, prepare};
use super::scan::Look;
use super::store::{self, Claim, Ending};
use super::{IngestError, Shared};
use crate::space::index::{Change, IndexError, Writer};
use crate::space::parse::ParseError;

/// Files per commit of the index: a commit costs some flushes, and a crash repeats at most this many files.
const BATCH: i64 = 256;

/// Files whose chunks are handed to the index in one go.
const HANDFUL: usize = 16;

/// Works until cancelled. A failure of the database or the index ends it, and the progress says so.
pub(super) async fn run(shared: Arc<Shared>, cancel: CancellationToken) {
    let outcome = tokio::select! {
        () = cancel.cancelled() => Ok(()),
        outcome = shared.work() => outcome,
    };
    if let Err(error) = outcome {
        tracing::error!(dataset = %shared.dataset, error = &error as &dyn std::error::Error, "ingestion stopped");
        shared.lane.update(|progress| progress.error = Some(error.to_string()));
    }
    if let Err(error) = store::release(&shared.around.db, shared.dataset).await {
        tracing::debug!(%error, "claimed jobs are put back at the next start");
    }
}

impl Shared {
    async fn work(self: &Arc<Self>) -> Result<(), IngestError> {
        self.look_at_everything().await?;
        loop {
            self.work_off_queue().await?;
            self.watcher.changed().await;
            let news = self.watcher.news();
            if news.everything {
                self.look_at_everything().await?;
            } else {
                self.look_at(news.paths).await?;
            }
        }
    }

    async fn look_at_everything(self: &Arc<Self>) -> Result<(), IngestError> {
        let this = Arc::clone(self);
        let Look { files, unreadable } =
            self.around.tasks.spawn_blocking(move || this.selection.look()).await?;
        let there: HashSet<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
        let known = store::paths(&self.around.db, self.dataset).await?;
        let gone = known.into_iter().filter(|path| {
            !there.contains(path) && !unreadable.iter().any(|folder| path.starts_with(folder))
        });
        self.note(files, gone.collect()).await
    }

    async fn look_at(
        self: &Arc<Self>,
        paths: impl IntoIterator<Item = PathBuf> + Send + 'static,
    ) -> Result<(), IngestError> {
        let this = Arc::clone(self);
        let (files, gone) = self
            .around
            .tasks
            .spawn_blocking(move || {
                let (mut files, mut gone) = (Vec::new(), Vec::new());
                for path in paths {
                    let look = this.selection.look_at(&path);
                    if look.files.is_empty() && look.unreadable.is_empty() {
                        // Not there, or not a document (any more); what was below it may still be in the index.
                        gone.push(path);
                    } else {
                        files.extend(look.files);
                    }
                }
                (files, gone)
            })
            .await?;
        self.note(files, gone).await
    }

    async fn note(
        &self,
        files: Vec<super::scan::Seen>,
        gone: Vec<PathBuf>,
    ) -> Result<(), IngestError> {
        let db = &self.around.db;
        store::gone(db, self.dataset, gone).await?;
        store::see(db, self.dataset, files, self.around.clock.now()).await?;
        Ok(())
    }

    /// Takes batches until the queue is empty. The writer lives no longer than that: it holds threads and memory.
    async fn work_off_queue(self: &Arc<Self>) -> Result<(), IngestError> {
        let mut writer = None;
        loop {
            self.show_counts(false).await?;
            let now = self.around.clock.now();
            let claims = store::claim(&self.around.db, self.dataset, BATCH, now).await?;
            if claims.is_empty() {
                break;
            }
            let open = match writer.take() {
                Some(writer) => writer,
                None => self.open_writer().await?,
            };
            writer = Some(self.work_off(claims, open).await?);
        }
        if let Some(writer) = writer {
            self.around.tasks.spawn_blocking(move || writer.finish()).await??;
        }
        self.show_counts(true).await
    }

    async fn open_writer(&self) -> Result<Writer, IngestError> {
        let index = self.index.clone();
        Ok(self.around.tasks.spawn_blocking(move || index.writer()).await??)
    }

    /// Prepares the claimed files side by side, hands them to the index as they come, commits, and notes the endings.
    async fn work_off(
        &self,
        claims: Vec<Claim>,
        mut writer: Writer,
    ) -> Result<Writer, IngestError> {
        let mut endings = Vec::with_capacity(claims.len());
        let prepared = futures_util::stream::iter(claims)
            .map(|claim| self.prepare(claim))
            .buffer_unordered(self.around.limits.workers.max(1))
            .ready_chunks(HANDFUL);
        let mut prepared = std::pin::pin!(prepared);
        while let Some(handful) = prepared.next().await {
            let mut changes = Vec::new();
            for (claim, change, ending) in handful {
                changes.extend(change);
                endings.push((claim, ending));
            }
            writer = self
                .on_writer(writer, move |writer| {
                    changes.into_iter().try_for_each(|change| writer.apply(change))
                })
                .await?;
        }
        writer = self.on_writer(writer, Writer::commit).await?;
        store::end(&self.around.db, endings, self.around.clock.now()).await?;
        Ok(writer)
    }

    /// Runs `work` with the writer on a blocking thread and gives it back. The space waits for it when it shuts down, so that
    /// no writer outlives its lock.
    async fn on_writer(
        &self,
        mut writer: Writer,
        work: impl FnOnce(&mut Writer) -> Result<(), IndexError> + Send + 'static,
    ) -> Result<Writer, IngestError> {
        let back = self.around.tasks.spawn_blocking(move || {
            work(&mut writer)?;
            Ok::<_, IndexError>(writer)
        });
        Ok(back.await??)
    }

    async fn prepare(&self, claim: Claim) -> (Claim, Option<Change>, Ending) {
        let source = claim.id.to_string();
        if claim.gone {
            return (claim, Some(Change::Remove { source }), Ending::Removed);
        }
        let task = Task {
            path: claim.path.clone(),
            shown: claim.shown.clone(),
            indexed: claim.content_hash.clone(),
            chunk_size: self.selection.chunk_size,
            file_bytes: self.around.limits.file_bytes,
        };
        self.lane.update(|progress| progress.current = Some(task.shown.clone()));
        let outcome = self.around.isolation.run(move || prepare(&task)).await;
        self.count(outcome.is_ok());
        match outcome {
            Ok(Prepared::Unchanged) => {
                let hash = claim.content_hash.clone().unwrap_or_default();
                (claim, None, Ending::Completed { hash, chunks: None })
            }
            Ok(Prepared::Passages { hash, passages }) => {
                let chunks = i64::try_from(passages.len()).ok();
                let change = Change::Replace { source, passages };
                (claim, Some(change), Ending::Completed { hash, chunks })
            }
            Err(error) => self.failed(claim, source, &error),
        }
    }

    /// What the file held before is no longer true: its old chunks go.
    fn failed(
        &self,
        claim: Claim,
        source: String,
        error: &ParseError,
    ) -> (Claim, Option<Change>, Ending) {
        tracing::warn!(dataset = %self.dataset, path = %claim.path.display(), %error, "document left out");
        (claim, Some(Change::Remove { source }), Ending::Failed { reason: error.to_string() })
    }

    fn count(&self, succeeded: bool) {
        self.lane.update(|progress| {
            if succeeded {
                progress.done += 1;
            } else {
                progress.failed += 1;
            }
        });
    }

    async fn show_counts(&self, ready: bool) -> Result<(), IngestError> {
        let counts = store::counts(&self.around.db, self.dataset).await?;
        let number = |count: i64| u64::try_from(count).unwrap_or_default();
        self.lane.update(|progress| {
            progress.total = number(counts.total_jobs);
            progress.done = number(counts.completed);
            progress.failed = number(counts.failed);
            progress.ready = ready;
            if ready {
                progress.current = None;
            }
        });
        Ok(())
    }
}

//! What the owner can do with the ingestion of a dataset: start, stop, retry, cancel.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::watch::Watcher;
use super::{ChunkStore, IngestError, Selection, Shared, Surroundings, run, store};
use crate::db::StoreError;
use crate::space::access::Actor;
use crate::space::ids::{DatasetId, JobId};

/// How long a start waits for the first look to tell how many files it queued.
const FIRST_LOOK: Duration = Duration::from_secs(10);

/// The ingestion of one dataset. It ends when it is dropped or the space shuts down.
pub(crate) struct Ingestion {
    dataset: DatasetId,
    name: Mutex<String>,
    selection: Arc<Selection>,
    store: Arc<dyn ChunkStore>,
    around: Surroundings,
    /// One start or stop at a time.
    turn: tokio::sync::Mutex<()>,
    running: Mutex<Option<Running>>,
}

struct Running {
    shared: Arc<Shared>,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.shared.lane.remove();
    }
}

impl Ingestion {
    /// The ingestion of `selection` into `store`. It starts watching and indexing, unless the owner stopped it before.
    pub(crate) async fn open(
        dataset: DatasetId,
        name: &str,
        selection: Selection,
        store: Arc<dyn ChunkStore>,
        around: Surroundings,
    ) -> Result<Self, IngestError> {
        let is_stopped = store::is_stopped(&around.db, dataset).await?;
        let this = Self {
            dataset,
            name: Mutex::new(name.to_owned()),
            selection: Arc::new(selection),
            store,
            around,
            turn: tokio::sync::Mutex::default(),
            running: Mutex::default(),
        };
        if !is_stopped {
            this.begin().await?;
        }
        Ok(this)
    }

    /// Starts it again after a stop; answers how many files that queued, as far as it is known within ten seconds. 0 when it
    /// runs already.
    pub(crate) async fn start(&self, actor: &Actor) -> Result<u64, IngestError> {
        let _turn = self.turn.lock().await;
        if self.running().is_some() {
            return Ok(0);
        }
        let db = &self.around.db;
        let trace = actor.trace(self.around.clock.now());
        store::set_stopped(db, self.dataset, None, trace).await?;
        let requeued = store::resume_cancelled(db, self.dataset).await?;
        let looked = self.begin().await?;
        let queued = tokio::time::timeout(FIRST_LOOK, looked).await;
        Ok(requeued + queued.ok().and_then(Result::ok).unwrap_or_default())
    }

    /// Stops watching, gives up what is being read and takes everything off the queue; answers how many files that are. It
    /// stays stopped over restarts.
    pub(crate) async fn stop(&self, actor: &Actor) -> Result<u64, IngestError> {
        let _turn = self.turn.lock().await;
        let (db, now) = (&self.around.db, self.around.clock.now());
        store::set_stopped(db, self.dataset, Some(now), actor.trace(now)).await?;
        self.end().await?;
        Ok(store::cancel_all(db, self.dataset, now).await?)
    }

    /// Ends the work as a shutdown does, and waits until nothing is written any more.
    pub(crate) async fn close(&self) {
        let _turn = self.turn.lock().await;
        if let Err(error) = self.end().await {
            tracing::warn!(dataset = %self.dataset, %error, "the ingestion ended in disorder");
        }
    }

    async fn end(&self) -> Result<(), tokio::task::JoinError> {
        let running = self.running().take();
        if let Some(mut running) = running {
            running.cancel.cancel();
            (&mut running.task).await?;
        }
        Ok(())
    }

    /// Puts failed jobs back into the queue; tells how many.
    pub(crate) async fn retry(&self, actor: &Actor) -> Result<u64, StoreError> {
        let trace = actor.trace(self.around.clock.now());
        let reset = store::retry_failed(&self.around.db, self.dataset, trace).await?;
        if let Some(running) = &*self.running() {
            running.shared.watcher.wake();
        }
        Ok(reset)
    }

    /// Takes one file off the queue, or stops reading it; tells whether there was something to stop. The index keeps what it
    /// has of the file, and a change of the file queues it again.
    pub(crate) async fn cancel(&self, job: JobId, actor: &Actor) -> Result<bool, StoreError> {
        let (db, now) = (&self.around.db, self.around.clock.now());
        if let Some(claimed) = self.claimed(job) {
            store::note_cancel(db, self.dataset, job, actor.trace(now)).await?;
            claimed.cancel();
            return Ok(true);
        }
        store::cancel(db, self.dataset, job, now, actor.trace(now)).await
    }

    /// What stops the reading of a file, while it is read.
    fn claimed(&self, job: JobId) -> Option<CancellationToken> {
        self.running().as_ref().and_then(|running| running.shared.claimed().get(&job).cloned())
    }

    /// Whether changes of the files are noticed as they happen.
    pub(crate) fn is_watching(&self) -> bool {
        self.running().as_ref().is_some_and(|running| {
            running.shared.watcher.is_active() && !running.cancel.is_cancelled()
        })
    }

    /// Shows the progress under another name.
    pub(crate) fn rename(&self, name: &str) {
        name.clone_into(&mut self.name());
        if let Some(running) = &*self.running() {
            running.shared.lane.update(|progress| name.clone_into(&mut progress.name));
        }
    }

    fn name(&self) -> MutexGuard<'_, String> {
        self.name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the task; what it answers is how many files its first look queued.
    async fn begin(&self) -> Result<oneshot::Receiver<u64>, IngestError> {
        let (selection, debounce) = (Arc::clone(&self.selection), self.around.limits.debounce);
        let watcher = self
            .around
            .tasks
            .spawn_blocking(move || Watcher::start(&selection.roots, debounce))
            .await?;
        let shared = Arc::new(Shared {
            dataset: self.dataset,
            selection: Arc::clone(&self.selection),
            store: Arc::clone(&self.store),
            lane: self.around.board.lane(self.dataset, &self.name()),
            around: self.around.clone(),
            watcher,
            claimed: Mutex::default(),
        });
        let cancel = self.around.shutdown.child_token();
        let (looked, answer) = oneshot::channel();
        let work = run::run(Arc::clone(&shared), looked, cancel.clone());
        let task = self.around.tasks.spawn(work);
        *self.running() = Some(Running { shared, cancel, task });
        Ok(answer)
    }
}

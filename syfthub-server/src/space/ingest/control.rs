//! What the owner can do with the ingestion of a dataset: start, stop, retry, cancel.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::watch::Watcher;
use super::{ChunkStore, IngestError, Selection, Shared, Surroundings, run, store};
use crate::db::StoreError;
use crate::space::ids::{DatasetId, JobId};

/// How long a start waits for the first look to tell how many files it queued.
const FIRST_LOOK: Duration = Duration::from_secs(10);

/// The ingestion of one dataset. It ends when it is dropped or the space shuts down.
pub(crate) struct Ingestion {
    dataset: DatasetId,
    name: String,
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
            name: name.to_owned(),
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
    pub(crate) async fn start(&self) -> Result<u64, IngestError> {
        let _turn = self.turn.lock().await;
        if self.running().is_some() {
            return Ok(0);
        }
        let db = &self.around.db;
        store::set_stopped(db, self.dataset, None).await?;
        let requeued = store::requeue(db, self.dataset, "cancelled").await?;
        let looked = self.begin().await?;
        let queued = tokio::time::timeout(FIRST_LOOK, looked).await;
        Ok(requeued + queued.ok().and_then(Result::ok).unwrap_or_default())
    }

    /// Stops watching, gives up what is being read and takes everything off the queue; answers how many files that are. It
    /// stays stopped over restarts.
    pub(crate) async fn stop(&self) -> Result<u64, IngestError> {
        let _turn = self.turn.lock().await;
        let (db, now) = (&self.around.db, self.around.clock.now());
        store::set_stopped(db, self.dataset, Some(now)).await?;
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
    pub(crate) async fn retry(&self) -> Result<u64, StoreError> {
        let reset = store::requeue(&self.around.db, self.dataset, "failed").await?;
        if let Some(running) = &*self.running() {
            running.shared.watcher.wake();
        }
        Ok(reset)
    }

    /// Takes one file off the queue, or stops reading it; tells whether there was something to stop. The index keeps what it
    /// has of the file, and a change of the file queues it again.
    pub(crate) async fn cancel(&self, job: JobId) -> Result<bool, StoreError> {
        if let Some(running) = &*self.running()
            && let Some(claimed) = running.shared.claimed().get(&job)
        {
            claimed.cancel();
            return Ok(true);
        }
        store::cancel(&self.around.db, self.dataset, job, self.around.clock.now()).await
    }

    /// Whether changes of the files are noticed as they happen.
    pub(crate) fn is_watching(&self) -> bool {
        self.running().as_ref().is_some_and(|running| {
            running.shared.watcher.is_active() && !running.cancel.is_cancelled()
        })
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
            lane: self.around.board.lane(self.dataset, &self.name),
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

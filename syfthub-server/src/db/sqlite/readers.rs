//! The threads that read.

use std::collections::VecDeque;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::connection::SqliteTx;
use super::job::Job;
use crate::db::changes::Changes;
use crate::db::{DbOptions, StoreError, Tx};

#[derive(Clone)]
pub(super) struct Readers(Arc<Pool>);

struct Pool {
    shared: Arc<Shared>,
    /// One permit for each transaction that may wait or run.
    turns: Semaphore,
    patience: Duration,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    ready: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Box<dyn Job>>,
    closed: bool,
}

impl Readers {
    pub(super) fn start(path: PathBuf, options: &DbOptions) -> Self {
        let shared = Arc::new(Shared::default());
        let path = Arc::new(path);
        for _ in 0..options.connections.unwrap_or_else(processors).max(1) {
            let (shared, path) = (Arc::clone(&shared), Arc::clone(&path));
            let run = move || serve(&shared, &path);
            thread::Builder::new()
                .name("db-reader".to_owned())
                .spawn(run)
                .expect("the system starts a thread");
        }
        let turns = Semaphore::new(options.queue.max(1));
        Self(Arc::new(Pool { shared, turns, patience: options.patience }))
    }

    /// Queues a transaction; keep the permit until its answer is there.
    pub(super) async fn submit(
        &self,
        job: Box<dyn Job>,
    ) -> Result<SemaphorePermit<'_>, StoreError> {
        let turn = match self.0.turns.try_acquire() {
            Ok(turn) => turn,
            Err(_) => tokio::time::timeout(self.0.patience, self.0.turns.acquire())
                .await
                .map_err(|_| StoreError::Unavailable("too many reads are waiting".to_owned()))?
                .map_err(|_| StoreError::Unavailable("it is closed".to_owned()))?,
        };
        self.0.shared.lock().jobs.push_back(job);
        self.0.shared.ready.notify_one();
        Ok(turn)
    }

    pub(super) fn close(&self) {
        self.0.turns.close();
        self.0.shared.close();
    }
}

/// Threads unless the options say; more of them than processors would only take turns.
fn processors() -> usize {
    thread::available_parallelism().map_or(2, NonZero::get).clamp(2, 8)
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // No code that can panic runs under the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_all();
    }

    /// The next transaction; `None` when the queue is closed and empty.
    fn next(&self) -> Option<Box<dyn Job>> {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            if queue.closed {
                return None;
            }
            queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Serves until the queue is closed. A connection that broke is opened anew for the next transaction.
fn serve(shared: &Shared, path: &Path) {
    let mut connection = None;
    while let Some(job) = shared.next() {
        let opened = connection.take().map_or_else(
            || SqliteTx::open_reader(path).map(|reader| Tx::sqlite(reader, Changes::default())),
            Ok,
        );
        let mut tx = match opened {
            Ok(tx) => tx,
            Err(error) => {
                job.answer(Err(error.to_string()));
                continue;
            }
        };
        if run(&mut tx, job).is_ok() {
            connection = Some(tx);
        }
    }
}

fn run(tx: &mut Tx, mut job: Box<dyn Job>) -> Result<(), StoreError> {
    if let Err(error) = tx.as_sqlite().control("BEGIN") {
        job.answer(Err(error.to_string()));
        return Err(error);
    }
    job.run(tx);
    let ended = tx.as_sqlite().control("ROLLBACK");
    job.answer(Ok(()));
    ended
}

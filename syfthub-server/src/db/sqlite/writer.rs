//! The thread that writes, with group commit.

use std::thread;
use std::time::Duration;

use refinery::Runner;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;

use super::connection::SqliteTx;
use super::job::Job;
use crate::db::changes::Changes;
use crate::db::url::Location;
use crate::db::{DbOptions, StoreError, Tx, migrate};

/// Transactions committed together at most, so that the first of them is not kept waiting for long.
const BATCH: usize = 512;

enum Message {
    Job(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    patience: Duration,
}

impl Writer {
    /// Starts the thread. It opens and migrates the database, says on `ready` how that went, and then serves.
    pub(super) fn start(
        location: Location,
        migrations: Runner,
        changes: Changes,
        options: &DbOptions,
        ready: oneshot::Sender<Result<(), StoreError>>,
    ) -> Self {
        let (queue, messages) = mpsc::channel(options.queue.max(1));
        let run = move || match open(&location, &migrations, changes) {
            Ok(tx) => {
                if ready.send(Ok(())).is_ok() {
                    serve(tx, messages);
                }
            }
            Err(error) => drop(ready.send(Err(error))),
        };
        thread::Builder::new()
            .name("db-writer".to_owned())
            .spawn(run)
            .expect("the system starts a thread");
        Self { queue, patience: options.patience }
    }

    /// Queues a transaction.
    pub(super) async fn submit(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let message = match self.queue.try_send(Message::Job(job)) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Closed(_)) => return Err(closed()),
            Err(TrySendError::Full(message)) => message,
        };
        match tokio::time::timeout(self.patience, self.queue.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(closed()),
            Err(_) => Err(StoreError::Unavailable("too many writes are waiting".to_owned())),
        }
    }

    /// Waits until everything queued before is committed and the file is closed.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // An error means that the thread has ended, which is what we wait for.
            drop(closed.await);
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("it is closed".to_owned())
}

fn open(location: &Location, migrations: &Runner, changes: Changes) -> Result<Tx, StoreError> {
    let mut writer = SqliteTx::open_writer(location)?;
    migrations.run(writer.connection()).map_err(|error| migrate::failed(&error))?;
    Ok(Tx::sqlite(writer, changes))
}

fn serve(mut tx: Tx, mut messages: mpsc::Receiver<Message>) {
    let mut closing = None;
    let mut batch = Vec::new();
    while closing.is_none() {
        match messages.blocking_recv() {
            Some(Message::Job(first)) => {
                batch.push(first);
                closing = commit_batch(&mut tx, &mut batch, &mut messages);
            }
            Some(Message::Close(done)) => closing = Some(done),
            None => break,
        }
    }
    // The log goes back into the file, which would also happen at the next start: a failure loses nothing.
    drop(tx.as_sqlite().query("PRAGMA wal_checkpoint(TRUNCATE)", &[]));
    drop(tx);
    if let Some(done) = closing {
        // Whoever asked may have stopped waiting.
        done.send(()).ok();
    }
}

/// Runs the first transaction and whatever queues up meanwhile, commits them at once and then answers them all.
fn commit_batch(
    tx: &mut Tx,
    batch: &mut Vec<Box<dyn Job>>,
    messages: &mut mpsc::Receiver<Message>,
) -> Option<oneshot::Sender<()>> {
    let mut closing = None;
    let mut fate = tx.as_sqlite().control("BEGIN IMMEDIATE");
    let mut done = 0;
    while fate.is_ok() {
        fate = run_alone(tx, batch[done].as_mut());
        done += 1;
        if done == BATCH {
            break;
        }
        match messages.try_recv() {
            Ok(Message::Job(next)) => batch.push(next),
            Ok(Message::Close(sender)) => {
                closing = Some(sender);
                break;
            }
            Err(_) => break,
        }
    }
    let fate =
        fate.and_then(|()| tx.as_sqlite().control("COMMIT")).map_err(|error| error.to_string());
    if let Err(reason) = &fate {
        tracing::error!(reason, transactions = batch.len(), "a batch of writes was not committed");
        if tx.as_sqlite().in_transaction() {
            // Should this fail too, the next BEGIN says so.
            drop(tx.as_sqlite().control("ROLLBACK"));
        }
    }
    tx.announce();
    for job in batch.drain(..) {
        job.answer(fate.clone());
    }
    closing
}

/// Runs one transaction so that undoing it leaves the others of its batch alone.
fn run_alone(tx: &mut Tx, job: &mut dyn Job) -> Result<(), StoreError> {
    tx.as_sqlite().control("SAVEPOINT job")?;
    let keep = job.run(tx);
    let connection = tx.as_sqlite();
    if !connection.in_transaction() {
        return Err(StoreError::Unavailable("the disk failed or is full".to_owned()));
    }
    if !keep {
        connection.control("ROLLBACK TO job")?;
    }
    connection.control("RELEASE job")
}

//! What the writer's thread promises about transactions that share a commit.

use std::sync::mpsc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::db::testing::sqlite;
use crate::db::{DatabaseUrl, Db, DbOptions, Schema, StoreError, params};

async fn run(db: &Db, sql: &'static str) -> Result<u64, StoreError> {
    db.write(move |tx| Box::pin(async move { tx.execute(sql, params![]).await })).await
}

async fn count(db: &Db) -> i64 {
    let read = db.read(|tx| {
        Box::pin(async move {
            tx.query_opt("SELECT COUNT(*) FROM things", params![]).await?.unwrap().get(0)
        })
    });
    read.await.map_err(|error: StoreError| error).unwrap()
}

/// Occupies the writer until the answer's second half is dropped or used; what is written meanwhile queues up.
async fn occupy(db: &Db) -> (JoinHandle<Result<(), StoreError>>, mpsc::Sender<()>) {
    let (release, released) = mpsc::channel();
    let (started, start) = tokio::sync::oneshot::channel();
    let db = db.clone();
    let busy = tokio::spawn(async move {
        let work = db.write(move |_| {
            started.send(()).unwrap();
            released.recv().ok();
            Box::pin(async { Ok(()) })
        });
        work.await
    });
    start.await.unwrap();
    (busy, release)
}

/// Polls `work` once, so that it is in the queue.
async fn queued<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    let mut work = Box::pin(work);
    let now = futures_util::poll!(work.as_mut());
    assert!(now.is_pending(), "the writer is busy");
    tokio::spawn(work)
}

fn writing(db: &Db, sql: &'static str) -> impl Future<Output = Result<u64, StoreError>> + use<> {
    let db = db.clone();
    async move { run(&db, sql).await }
}

const INSERT: &str = "INSERT INTO things VALUES (1)";
const TABLE: &str = "CREATE TABLE things (id BIGINT)";

#[tokio::test]
async fn a_transaction_that_waits_for_something_else_is_a_mistake_and_undone() {
    let (db, _folder) = sqlite(Schema::Hub).await;
    run(&db, TABLE).await.unwrap();
    let other = db.clone();
    let mistaken = tokio::spawn(async move {
        let work = other.write(|tx| {
            Box::pin(async move {
                tx.execute(INSERT, params![]).await?;
                std::future::pending::<()>().await;
                Ok::<(), StoreError>(())
            })
        });
        work.await
    });
    let panic = mistaken.await.unwrap_err().into_panic();
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap();
    assert!(text.contains("awaits nothing but its own statements"), "{text}");
    assert_eq!(count(&db).await, 0);
}

#[tokio::test]
async fn a_transaction_whose_caller_has_left_is_not_begun() {
    let (db, _folder) = sqlite(Schema::Hub).await;
    run(&db, TABLE).await.unwrap();
    let (busy, release) = occupy(&db).await;
    let left = queued(writing(&db, INSERT)).await;
    left.abort();
    assert!(left.await.unwrap_err().is_cancelled());
    drop(release);
    busy.await.unwrap().unwrap();
    run(&db, INSERT).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn when_a_commit_fails_nobody_who_shared_it_is_told_otherwise() {
    let (db, _folder) = sqlite(Schema::Hub).await;
    run(&db, TABLE).await.unwrap();
    run(&db, "CREATE TABLE owners (id BIGINT PRIMARY KEY)").await.unwrap();
    let deferred =
        "CREATE TABLE pets (owner BIGINT REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED)";
    run(&db, deferred).await.unwrap();
    let (busy, release) = occupy(&db).await;
    let sound = queued(writing(&db, INSERT)).await;
    let unsound = queued(writing(&db, "INSERT INTO pets VALUES (404)")).await;
    drop(release);
    for shared in [sound.await.unwrap(), unsound.await.unwrap()] {
        assert!(matches!(shared, Err(StoreError::Unavailable(_))), "{shared:?}");
    }
    assert!(busy.await.unwrap().is_err());
    assert_eq!(count(&db).await, 0);
    run(&db, INSERT).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_refused_transaction_leaves_those_that_share_its_commit_alone() {
    let (db, _folder) = sqlite(Schema::Hub).await;
    run(&db, "CREATE TABLE things (id BIGINT UNIQUE)").await.unwrap();
    let (busy, release) = occupy(&db).await;
    let first = queued(writing(&db, INSERT)).await;
    let again = queued(writing(&db, INSERT)).await;
    let other = queued(writing(&db, "INSERT INTO things VALUES (2)")).await;
    drop(release);
    busy.await.unwrap().unwrap();
    assert_eq!(first.await.unwrap().unwrap(), 1);
    assert!(again.await.unwrap().unwrap_err().is_conflict("things_id_key"));
    assert_eq!(other.await.unwrap().unwrap(), 1);
    assert_eq!(count(&db).await, 2);
}

#[tokio::test]
async fn who_waits_longer_than_patience_is_told_that_the_database_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::file(folder.path().join("test.db"));
    let options =
        DbOptions { queue: 1, patience: Duration::from_millis(20), ..DbOptions::default() };
    let db = Db::open(&url, Schema::Hub, options).await.unwrap();
    run(&db, TABLE).await.unwrap();
    let (busy, release) = occupy(&db).await;
    let waiting = queued(writing(&db, INSERT)).await;
    let refused = run(&db, INSERT).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    drop(release);
    busy.await.unwrap().unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_database_in_memory_reads_what_was_written() {
    let url: DatabaseUrl = "sqlite::memory:".parse().unwrap();
    let db = Db::open(&url, Schema::Hub, DbOptions::default()).await.unwrap();
    run(&db, TABLE).await.unwrap();
    run(&db, INSERT).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn what_was_closed_is_there_when_it_is_opened_again() {
    let (db, folder) = sqlite(Schema::Hub).await;
    run(&db, TABLE).await.unwrap();
    run(&db, INSERT).await.unwrap();
    db.close().await;
    let url = DatabaseUrl::file(folder.path().join("test.db"));
    let db = Db::open(&url, Schema::Hub, DbOptions::default()).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

//! Stores that are away, refuse a file, lose what they had, or are slow.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;

use super::*;
use crate::space::passage::Change;

/// The embedded store behind a connection that can fail.
#[derive(Clone)]
struct Fixture(Arc<Behaviour>);

struct Behaviour {
    store: Mutex<Option<Arc<IndexStore>>>,
    is_away: AtomicBool,
    refused: Mutex<Option<String>>,
    contents: AtomicUsize,
    applied: AtomicUsize,
    /// One permit per call that may pass.
    gate: Semaphore,
}

impl Fixture {
    fn new() -> Self {
        Self(Arc::new(Behaviour {
            store: Mutex::default(),
            is_away: AtomicBool::new(false),
            refused: Mutex::default(),
            contents: AtomicUsize::new(0),
            applied: AtomicUsize::new(0),
            gate: Semaphore::new(1000),
        }))
    }

    /// Stands before `store` from now on.
    fn before(&self, store: IndexStore) -> Self {
        *self.0.store.lock().unwrap() = Some(Arc::new(store));
        self.clone()
    }

    fn store(&self) -> Result<Arc<IndexStore>, StoreAway> {
        if self.0.is_away.load(Ordering::SeqCst) {
            return Err(StoreAway("connection refused".into()));
        }
        Ok(self.0.store.lock().unwrap().clone().expect("it stands before a store"))
    }
}

impl ChunkStore for Fixture {
    fn open(&self) -> BoxFuture<'_, Result<String, StoreAway>> {
        async {
            self.store()?.open().await?;
            Ok(self.0.contents.load(Ordering::SeqCst).to_string())
        }
        .boxed()
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Refused>, StoreAway>> {
        async move {
            self.0.gate.acquire().await.unwrap().forget();
            let word = self.0.refused.lock().unwrap().clone();
            let is_bad = |text: &str| word.as_deref().is_some_and(|word| text.contains(word));
            let mut refused = Vec::new();
            for change in &changes {
                if let Change::Replace { source, passages } = change
                    && passages.iter().any(|passage| is_bad(&passage.text))
                {
                    let reason = "the model does not take it".to_owned();
                    refused.push(Refused { source: source.clone(), reason });
                }
            }
            self.0.applied.fetch_add(changes.len(), Ordering::SeqCst);
            self.store()?.apply(changes).await?;
            Ok(refused)
        }
        .boxed()
    }

    fn commit(&self) -> BoxFuture<'_, Result<(), StoreAway>> {
        async { self.store()?.commit().await }.boxed()
    }

    fn finish(&self) -> BoxFuture<'_, Result<(), StoreAway>> {
        async { self.store()?.finish().await }.boxed()
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_waited_for_and_nothing_counts_as_done_meanwhile() {
    let bench = Bench::new().await;
    bench.write("a.md", "alpha");
    let fixture = Fixture::new();
    fixture.0.is_away.store(true, Ordering::SeqCst);
    let run = bench.run_on(bench.documents.path(), None, |store| fixture.before(store)).await;
    let mut progress = run.board.watch();
    let stuck = progress.wait_for(|all| all.datasets.values().any(|one| one.error.is_some()));
    let error = stuck.await.unwrap().datasets.values().next().unwrap().error.clone().unwrap();
    assert_eq!(error, "the index cannot be written: connection refused");
    let waiting = bench.only_job(|_| true).await;
    assert_eq!((waiting.status.as_str(), waiting.retry_count), ("pending", 0));
    fixture.0.is_away.store(false, Ordering::SeqCst);
    run.finds("alpha", &["a.md"]).await;
    run.ready().await;
    assert_eq!(run.board.watch().borrow().datasets.values().next().unwrap().error, None);
    run.stop().await;
}

#[tokio::test]
async fn a_file_that_the_store_refuses_fails_alone() {
    let bench = Bench::new().await;
    bench.write("a.md", "alpha");
    bench.write("b.md", "poison");
    let fixture = Fixture::new();
    *fixture.0.refused.lock().unwrap() = Some("poison".to_owned());
    let run = bench.run_on(bench.documents.path(), None, |store| fixture.before(store)).await;
    run.ready().await;
    let jobs = bench.jobs().await;
    assert_eq!(broken("b.md", &jobs), "the model does not take it");
    assert_eq!(jobs[0].1, "completed");
    run.stop().await;
}

#[tokio::test]
async fn a_store_with_other_contents_gets_every_file_again_and_one_with_the_same_none() {
    let bench = Bench::new().await;
    bench.write("a.md", "alpha");
    bench.write("b.md", "alpha too");
    let fixture = Fixture::new();
    for (contents, applied) in [(0, 2), (0, 2), (1, 4)] {
        fixture.0.contents.store(contents, Ordering::SeqCst);
        let run = bench.run_on(bench.documents.path(), None, |store| fixture.before(store)).await;
        run.ready().await;
        assert_eq!(fixture.0.applied.load(Ordering::SeqCst), applied);
        run.stop().await;
    }
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_worked_on_is_indexed_in_its_last_version() {
    let bench = Bench::new().await;
    bench.write("a.md", "alpha");
    let fixture = Fixture::new();
    fixture.0.gate.forget_permits(1000);
    let run = bench.run_on(bench.documents.path(), None, |store| fixture.before(store)).await;
    bench.only_job(|job| job.status == "in_progress").await;
    bench.write("a.md", "beta");
    bench.write("b.md", "alpha of another file");
    std::fs::rename(bench.at("b.md"), bench.at("c.md")).unwrap();
    std::fs::remove_file(bench.at("a.md")).unwrap();
    bench.write("a.md", "gamma");
    fixture.0.gate.add_permits(1000);
    run.finds("gamma", &["a.md"]).await;
    run.finds("alpha", &["c.md"]).await;
    run.ready().await;
    assert_eq!(run.found("beta"), [""; 0]);
    let mut progress = run.board.watch();
    progress.wait_for(|all| all.done() == 2 && all.is_ready()).await.unwrap();
    let states: Vec<_> = bench.jobs().await.into_iter().map(|job| (job.0, job.1)).collect();
    let expected = [("a.md", "completed"), ("c.md", "completed")];
    assert_eq!(states, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    run.stop().await;
}

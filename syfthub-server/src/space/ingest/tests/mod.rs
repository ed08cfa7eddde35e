mod owner;
mod stores;

use std::path::Path;
use std::time::Duration;

use syfthub_core::{FixedClock, Timestamp};

use super::*;
use crate::db::{DatabaseUrl, DbOptions, Schema, params};
use crate::space::access::Actor;
use crate::space::chunk::Cut;
use crate::space::index::{Asked, IndexStore, PassageIndex};
use crate::space::parse::{Bounds, Parsers, Unpacking, pdf_sample};

/// A folder of documents and the state of a space, which outlives the ingestion that runs over them.
struct Bench {
    documents: tempfile::TempDir,
    state: tempfile::TempDir,
    db: Db,
    dataset: DatasetId,
    clock: Arc<FixedClock>,
}

struct Run {
    ingestion: Ingestion,
    index: PassageIndex,
    board: Board,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl Bench {
    async fn new() -> Self {
        let (documents, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let url = DatabaseUrl::file(state.path().join("space.db"));
        let db = Db::open(&url, Schema::Space, DbOptions::default()).await.unwrap();
        let dataset = DatasetId::new();
        db.write(move |tx| {
            Box::pin(async move {
                let row =
                    "INSERT INTO datasets (id, name, dtype, configuration, summary, tags, created_at, updated_at) \
                     VALUES ($1, 'notes', 'local_file', '{}', '', '', 0, 0)";
                tx.execute(row, params![dataset]).await
            })
        })
        .await
        .unwrap();
        let clock = Arc::new(FixedClock::at(Timestamp::from_secs(1_800_000_000)));
        Self { documents, state, db, dataset, clock }
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.documents.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn at(&self, name: &str) -> PathBuf {
        self.documents.path().join(name)
    }

    async fn run(&self) -> Run {
        self.run_on(self.documents.path(), None, |store| store).await
    }

    /// As [`run`](Self::run), over other roots, with another program as parser, and with something before the store.
    async fn run_on<S: ChunkStore + 'static>(
        &self,
        root: &Path,
        program: Option<PathBuf>,
        before: impl FnOnce(IndexStore) -> S,
    ) -> Run {
        let index = PassageIndex::open(&self.state.path().join("index"), None).unwrap();
        let (board, shutdown, tasks) =
            (Board::default(), CancellationToken::new(), TaskTracker::new());
        let around = self.surroundings(program, &board, &shutdown, &tasks);
        let selection = Selection {
            roots: vec![root.to_owned()],
            extensions: [".md", ".txt", ".html", ".pdf"].map(str::to_owned).to_vec(),
            ignored: Vec::new(),
            cut: Cut::default(),
        };
        let store = Arc::new(before(IndexStore::new(index.clone(), None, tasks.clone())));
        let ingestion = Ingestion::open(self.dataset, "notes", selection, store, around).await;
        Run { ingestion: ingestion.unwrap(), index, board, shutdown, tasks }
    }

    fn surroundings(
        &self,
        program: Option<PathBuf>,
        board: &Board,
        shutdown: &CancellationToken,
        tasks: &TaskTracker,
    ) -> Surroundings {
        let deadline = Duration::from_mins(1);
        let parsers = Parsers::new(Bounds { workers: 2, deadline, memory: 256 << 20, program });
        Surroundings {
            db: self.db.clone(),
            clock: self.clock.clone(),
            parsers,
            limits: Limits {
                workers: 2,
                file_bytes: 10_000,
                text_bytes: 10_000,
                unpacking: Unpacking::default(),
                debounce: Duration::from_millis(20),
                attempts: 2,
                retry_after: Duration::from_millis(10),
            },
            board: board.clone(),
            tasks: tasks.clone(),
            shutdown: shutdown.clone(),
        }
    }

    /// The only job there is, once it is as wanted.
    async fn only_job(&self, is_wanted: impl Fn(&store::Job) -> bool) -> store::Job {
        let until = async {
            loop {
                let mut jobs = store::list(&self.db, self.dataset, None, 2, 0).await.unwrap();
                match (jobs.pop(), jobs.pop()) {
                    (Some(job), None) if is_wanted(&job) => return job,
                    _ => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), until).await.expect("the job gets there")
    }

    async fn jobs(&self) -> Vec<(String, String, Option<String>)> {
        let mut jobs: Vec<_> = store::list(&self.db, self.dataset, None, 1000, 0)
            .await
            .unwrap()
            .into_iter()
            .map(|job| (job.file_name, job.status, job.error_message))
            .collect();
        jobs.sort();
        jobs
    }
}

impl Run {
    async fn ready(&self) {
        let mut progress = self.board.watch();
        let ready = progress.wait_for(|progress| progress.datasets.values().all(|one| one.ready));
        tokio::time::timeout(Duration::from_mins(1), ready).await.expect("it gets ready").unwrap();
    }

    fn found(&self, word: &str) -> Vec<String> {
        let hits = self.index.search(&Asked { limit: 50, ..Asked::words(word) }).unwrap();
        let mut paths: Vec<String> = hits.into_iter().map(|hit| hit.passage.path).collect();
        paths.sort();
        paths
    }

    async fn finds(&self, word: &str, expected: &[&str]) {
        let mut progress = self.board.watch();
        let until = async {
            while self.found(word) != expected {
                progress.changed().await.unwrap();
            }
        };
        let outcome = tokio::time::timeout(Duration::from_secs(30), until).await;
        outcome.unwrap_or_else(|_| panic!("{word}: {:?}, not {expected:?}", self.found(word)));
    }

    async fn stop(self) {
        self.shutdown.cancel();
        drop(self.ingestion);
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn broken(name: &str, jobs: &[(String, String, Option<String>)]) -> String {
    let job = jobs.iter().find(|(file, ..)| file == name).expect("the job is there");
    assert_eq!(job.1, "failed", "{job:?}");
    job.2.clone().unwrap()
}

#[tokio::test]
async fn every_kind_of_file_becomes_searchable_and_broken_ones_fail_alone() {
    let bench = Bench::new().await;
    bench.write("a.txt", "the zebra is striped");
    bench.write("b/b.md", "# Zebra\nStripes of the animal");
    bench.write("b/c.html", "<title>Z</title><p>A zebra &amp; more");
    bench.write("d.pdf", pdf_sample("Animals", &["The zebra lives in herds."]));
    bench.write("latin.txt", b"zebra \xfc\xdf");
    bench.write("torn.pdf", b"%PDF-1.7\n1 0 obj <<");
    bench.write("binary.txt", b"zebra\0\x01\x02");
    bench.write("empty.md", "  \n");
    bench.write("huge.txt", "zebra ".repeat(2000));
    let run = bench.run().await;
    run.ready().await;
    assert_eq!(run.found("zebra"), ["a.txt", "b/b.md", "b/c.html", "d.pdf", "latin.txt"]);
    let progress = run.board.watch().borrow().clone();
    assert_eq!((progress.total(), progress.done(), progress.failed()), (9, 5, 4));
    let jobs = bench.jobs().await;
    assert!(broken("torn.pdf", &jobs).starts_with("the PDF cannot be read"));
    assert_eq!(broken("binary.txt", &jobs), "the file holds binary data, not text");
    assert_eq!(broken("empty.md", &jobs), "the file holds no text");
    assert_eq!(broken("huge.txt", &jobs), "the file is larger than 10000 bytes");
    run.stop().await;
}

#[tokio::test]
async fn changed_moved_and_deleted_files_leave_no_stale_text() {
    let bench = Bench::new().await;
    bench.write("a.md", "alpha one");
    bench.write("keep.md", "kept alpha");
    bench.write("dir/b.md", "beta one");
    let run = bench.run().await;
    run.ready().await;
    assert!(run.ingestion.is_watching());
    bench.write("a.md", "gamma two, longer");
    run.finds("gamma", &["a.md"]).await;
    assert_eq!(run.found("alpha"), ["keep.md"]);
    std::fs::rename(bench.at("a.md"), bench.at("dir/c.md")).unwrap();
    run.finds("gamma", &["dir/c.md"]).await;
    std::fs::rename(bench.at("dir"), bench.at("moved")).unwrap();
    run.finds("beta", &["moved/b.md"]).await;
    run.finds("gamma", &["moved/c.md"]).await;
    std::fs::remove_dir_all(bench.at("moved")).unwrap();
    run.finds("beta", &[]).await;
    run.finds("gamma", &[]).await;
    bench.write("new/deep/d.md", "delta");
    run.finds("delta", &["new/deep/d.md"]).await;
    bench.write("new/deep/d.md", b"delta \0 broken");
    run.finds("delta", &[]).await;
    run.ready().await;
    assert_eq!(bench.jobs().await.len(), 2);
    run.stop().await;
}

#[tokio::test]
async fn a_restart_sees_what_happened_meanwhile_and_reads_nothing_twice() {
    let bench = Bench::new().await;
    bench.write("same.md", "same words");
    bench.write("changed.md", "old words");
    bench.write("deleted.md", "deleted words");
    bench.write("torn.pdf", "%PDF");
    let run = bench.run().await;
    run.ready().await;
    run.stop().await;
    bench.write("changed.md", "fresh content");
    std::fs::remove_file(bench.at("deleted.md")).unwrap();
    bench.write("torn.pdf", pdf_sample("", &["mended words"]));
    let run = bench.run().await;
    run.ready().await;
    assert_eq!(run.found("words"), ["same.md", "torn.pdf"]);
    assert_eq!(run.found("fresh"), ["changed.md"]);
    let statuses: Vec<_> = bench.jobs().await.into_iter().map(|job| job.1).collect();
    assert_eq!(statuses, ["completed"; 3]);
    run.stop().await;
}

#[tokio::test]
async fn work_that_a_crash_cut_off_is_done_again() {
    let bench = Bench::new().await;
    bench.write("a.md", "alpha");
    bench.write("b.md", "beta");
    let run = bench.run().await;
    run.ready().await;
    run.stop().await;
    // As a crash leaves it: one file claimed, and the index of the other lost with its directory.
    bench
        .db
        .write(|tx| {
            Box::pin(async move {
                let sql =
                    "UPDATE ingestion_jobs SET status = 'in_progress' WHERE shown_path = 'a.md'";
                tx.execute(sql, params![]).await
            })
        })
        .await
        .unwrap();
    std::fs::remove_dir_all(bench.state.path().join("index")).unwrap();
    let run = bench.run().await;
    run.ready().await;
    assert_eq!((run.found("alpha"), run.found("beta")), (vec!["a.md".into()], vec!["b.md".into()]));
    run.stop().await;
}

#[tokio::test]
async fn a_folder_that_is_away_keeps_its_documents() {
    let bench = Bench::new().await;
    bench.write("a.md", "alpha");
    let run = bench.run().await;
    run.ready().await;
    run.stop().await;
    let elsewhere = bench.state.path().join("elsewhere");
    std::fs::rename(bench.documents.path(), &elsewhere).unwrap();
    let run = bench.run().await;
    run.ready().await;
    assert!(!run.ingestion.is_watching());
    assert_eq!(run.found("alpha"), ["a.md"]);
    run.stop().await;
    std::fs::rename(&elsewhere, bench.documents.path()).unwrap();
    assert_eq!(bench.jobs().await.len(), 1);
}

#[tokio::test]
async fn a_failed_document_is_read_again_when_asked() {
    let bench = Bench::new().await;
    bench.write("a.md", " ");
    let run = bench.run().await;
    run.ready().await;
    assert_eq!(run.ingestion.retry(&Actor::program()).await.unwrap(), 1);
    bench.only_job(|job| job.retry_count == 2).await;
    run.stop().await;
}

#[tokio::test]
async fn hostile_names_are_only_names() {
    let bench = Bench::new().await;
    let names =
        ["a%_'\";--.md", "b\n<script>.md", "ü \u{202e}dm.md", "$(rm -rf).md", "x\\..\\y.md"];
    for name in names {
        bench.write(name, "zebra");
    }
    let run = bench.run().await;
    run.ready().await;
    let mut expected = names.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(run.found("zebra"), expected);
    std::fs::remove_file(bench.at(names[0])).unwrap();
    let rest: Vec<_> =
        expected.iter().filter(|name| *name != names[0]).map(String::as_str).collect();
    run.finds("zebra", &rest).await;
    run.stop().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_name_that_is_no_text_fails_alone() {
    use std::os::unix::ffi::OsStrExt as _;
    let bench = Bench::new().await;
    bench.write("a.md", "zebra");
    let odd = Path::new(std::ffi::OsStr::from_bytes(b"odd\xff.md"));
    std::fs::write(bench.documents.path().join(odd), "zebra").unwrap();
    let run = bench.run().await;
    run.ready().await;
    assert_eq!(run.found("zebra"), ["a.md"]);
    let jobs = bench.jobs().await;
    assert!(broken("odd\u{fffd}.md", &jobs).starts_with("the file cannot be read"), "{jobs:?}");
    run.stop().await;
}

//! A space that is killed again and again while it indexes and answers ends with exactly the right index.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::process::SpaceProcess;

/// How often it is killed.
const KILLS: usize = 100;

/// The longest that it lives, in times of a start: some die before they listen, some when all is done.
const LONGEST_LIFE: u32 = 5;

/// What a start takes at least on the scale of lives, so that a quick machine leaves time to index.
const SHORTEST_START: Duration = Duration::from_millis(100);

/// Files at the beginning; about as many stay.
const FILES: usize = 30;

/// Quick to notice changes, and alone in the world.
const SETTINGS: &[(&str, &str)] = &[("SPACE_TUNNEL", "off"), ("SPACE_WATCH_DELAY", "0.02")];

/// The documents as they should be.
struct Documents {
    folder: PathBuf,
    now: BTreeMap<String, String>,
    dice: StdRng,
}

impl Documents {
    fn new(folder: PathBuf, seed: u64) -> Self {
        let dice = StdRng::seed_from_u64(seed);
        let mut documents = Self { folder, now: BTreeMap::new(), dice };
        (0..FILES).for_each(|_| documents.create());
        documents
    }

    /// Does something to a random file.
    fn change_something(&mut self) {
        match self.dice.random_range(0..10) {
            _ if self.now.is_empty() => self.create(),
            0..3 => self.create(),
            3..6 => {
                let name = self.any();
                self.write(&name);
            }
            6..8 => {
                let (from, to) = (self.any(), self.new_name());
                std::fs::create_dir_all(self.path(&to).parent().unwrap()).unwrap();
                std::fs::rename(self.path(&from), self.path(&to)).unwrap();
                let text = self.now.remove(&from).unwrap();
                self.now.insert(to, text);
            }
            _ => {
                let name = self.any();
                std::fs::remove_file(self.path(&name)).unwrap();
                self.now.remove(&name);
            }
        }
    }

    fn create(&mut self) {
        let name = self.new_name();
        self.write(&name);
    }

    /// Half of the time all at once, as editors do, else in place.
    fn write(&mut self, name: &str) {
        let text = format!("The zebra number {} lives here.", self.dice.random::<u32>());
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        if self.dice.random() {
            let beside = path.with_extension("part");
            std::fs::write(&beside, &text).unwrap();
            std::fs::rename(beside, path).unwrap();
        } else {
            std::fs::write(path, &text).unwrap();
        }
        self.now.insert(name.to_owned(), text);
    }

    fn any(&mut self) -> String {
        let at = self.dice.random_range(0..self.now.len());
        self.now.keys().nth(at).expect("it is one of them").clone()
    }

    fn new_name(&mut self) -> String {
        let (folder, name) = (self.dice.random_range(0..5), self.dice.random::<u32>());
        let extension = ["md", "txt", "csv", "json", "html"][self.dice.random_range(0..5)];
        format!("folder-{folder}/{name}.{extension}")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "tests have no Config")]
async fn a_hundred_kills_while_it_indexes_and_answers_leave_exactly_the_right_index() {
    let seed = std::env::var("SYFTHUB_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(rand::random);
    eprintln!("the dice are thrown with SYFTHUB_TEST_SEED={seed}");
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().canonicalize().unwrap().join("documents");
    let mut documents = Documents::new(folder, seed);
    let (dataset, start) = set_up(home.path(), &documents.folder).await;
    let longest = start.max(SHORTEST_START) * LONGEST_LIFE;
    let mut answered = 0;
    for _ in 0..KILLS {
        answered += usize::from(live_and_die(home.path(), &mut documents, longest).await);
    }
    assert!(answered > KILLS / 10, "only {answered} lived long enough to answer");
    let space = SpaceProcess::with(home.path(), SETTINGS, &[]).await;
    until_ready(&space, &dataset).await;
    assert_eq!(indexed(&space).await, listed(&documents.now));
    let jobs = space.get(&format!("ingestion/datasets/{dataset}/jobs?limit=1000")).await;
    let states: Vec<_> = jobs["jobs"].as_array().unwrap().iter().map(state).collect();
    assert!(states.iter().all(|(_, status)| status == "completed"), "{states:?}");
    let names: BTreeSet<_> = states.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, documents.now.keys().cloned().collect());
    drop(space);
    let db = rusqlite::Connection::open(home.path().join("space/space.db")).unwrap();
    let verdict: String =
        db.query_row("PRAGMA integrity_check", (), |row| row.get(0)).expect("SQLite answers");
    assert_eq!(verdict, "ok");
}

/// A space with the documents, and an endpoint over them; the dataset's id, and how long a start takes here.
async fn set_up(home: &Path, folder: &Path) -> (String, Duration) {
    let begun = std::time::Instant::now();
    let space = SpaceProcess::with(home, SETTINGS, &[]).await;
    let start = begun.elapsed();
    let new = json!({"name": "notes", "dtype": "local_file", "configuration": {"filePaths": [{"path": folder}]}});
    let dataset = space.post("datasets", &new).await["id"].as_str().unwrap().to_owned();
    let new =
        json!({"name": "Notes", "slug": "notes", "dataset_id": dataset, "response_type": "raw"});
    space.post("endpoints", &new).await;
    (dataset, start)
}

/// Starts it, changes documents and asks while it works, and kills it at a random moment; whether it answered before.
async fn live_and_die(home: &Path, documents: &mut Documents, longest: Duration) -> bool {
    let life = longest.mul_f64(documents.dice.random_range(0.04..1.0));
    let changes = documents.dice.random_range(0..4);
    let space = SpaceProcess::spawn(home, SETTINGS, &[]);
    let has_answered = AtomicBool::new(false);
    let asking = async {
        loop {
            // Before it listens and after it is dead there is no answer; any other answer is a true one.
            if let Some(found) = space.try_ask("notes", &question()).await {
                has_answered.store(true, Ordering::Relaxed);
                for (_, text) in passages(&found) {
                    let is_whole = text.starts_with("The zebra") && text.ends_with("lives here.");
                    assert!(is_whole, "{text:?}");
                }
            }
            tokio::task::yield_now().await;
        }
    };
    let end = tokio::time::Instant::now() + life;
    let changing = async {
        for change in 1..=changes {
            tokio::time::sleep_until(end - life.mul_f64(f64::from(change) / 4.0)).await;
            documents.change_something();
        }
        tokio::time::sleep_until(end).await;
    };
    tokio::select! {
        () = asking => {}
        () = changing => {}
    }
    space.kill_and_wait().await;
    has_answered.into_inner()
}

fn question() -> Value {
    json!({"messages": "zebra", "limit": 1000, "similarity_threshold": 0.01})
}

/// Waits until everything that is there is indexed, by the events of the ingestion.
async fn until_ready(space: &SpaceProcess, dataset: &str) {
    let mut events = space.follow(&format!("ingestion/datasets/{dataset}/events")).await;
    let ready = async {
        while let Some(event) = events.next().await {
            if event["ready"] == true {
                return event;
            }
        }
        panic!("the events ended");
    };
    let event = tokio::time::timeout(Duration::from_mins(1), ready).await.expect("it gets ready");
    assert_eq!((&event["percent"], &event["error"]), (&json!(100.0), &Value::Null), "{event}");
}

/// Every passage of the index: its file and its text.
async fn indexed(space: &SpaceProcess) -> Vec<(String, String)> {
    let answer = space.try_ask("notes", &question()).await.expect("the space is up");
    let mut found = passages(&answer);
    found.sort();
    found
}

fn passages(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let documents = answer["references"]["documents"].as_array().into_iter().flatten();
    documents.map(|one| (text(&one["metadata"]["file_path"]), text(&one["content"]))).collect()
}

fn listed(documents: &BTreeMap<String, String>) -> Vec<(String, String)> {
    documents.iter().map(|(name, text)| (name.clone(), text.clone())).collect()
}

fn state(job: &Value) -> (String, String) {
    let text = |name: &str| job[name].as_str().unwrap_or_default().to_owned();
    (text("file_name"), text("status"))
}

//! What was acknowledged is there after a crash.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::process::HubProcess;

/// Writes acknowledged before the crash.
const WRITES: usize = 300;
/// Writers at the same time, so that the crash finds commits half way.
const WRITERS: usize = 16;

/// The names whose creation the hub confirmed.
#[derive(Clone, Default)]
struct Acknowledged(Arc<(Mutex<Vec<String>>, Notify)>);

impl Acknowledged {
    fn add(&self, name: String) {
        let mut names = self.0.0.lock().expect("no holder panics");
        names.push(name);
        if names.len() >= WRITES {
            self.0.1.notify_one();
        }
    }

    fn all(&self) -> BTreeSet<String> {
        self.0.0.lock().expect("no holder panics").iter().cloned().collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_write_is_there_after_kill_nine() {
    let home = tempfile::tempdir().unwrap();
    let hub = Arc::new(HubProcess::start(home.path(), &[]).await);
    let token = hub.register("owner").await.unwrap();
    let (endpoints, users) = (Acknowledged::default(), Acknowledged::default());

    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(publish_until_dead(hub.clone(), token.clone(), writer, endpoints.clone()));
    }
    writers.spawn(register_until_dead(hub.clone(), users.clone()));
    tokio::select! {
        () = endpoints.0.1.notified() => {}
        ended = writers.join_next() => panic!("a writer ended before the crash: {ended:?}"),
    }
    hub.kill();
    writers.join_all().await;
    drop(hub);

    let hub = HubProcess::start(home.path(), &[]).await;
    let token = hub.login("owner").await.unwrap();
    let lost: Vec<_> =
        endpoints.all().difference(&published(&hub, &token).await).cloned().collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    for user in users.all() {
        hub.login(&user).await.unwrap_or_else(|error| panic!("{user} was acknowledged: {error}"));
    }
    drop(hub);
    assert_whole(&home.path().join("hub.db"));
}

async fn publish_until_dead(
    hub: Arc<HubProcess>,
    token: String,
    writer: usize,
    done: Acknowledged,
) {
    for n in 0.. {
        let slug = format!("e-{writer}-{n}");
        let body = json!({"name": slug, "slug": slug, "type": "model", "visibility": "private", "description": "kept", "version": "1.0.0"});
        let request = hub.http().post(hub.at("/api/v1/endpoints")).bearer_auth(&token).json(&body);
        let Ok(answer) = request.send().await else { return };
        assert_eq!(answer.status(), 201);
        done.add(slug);
    }
}

async fn register_until_dead(hub: Arc<HubProcess>, done: Acknowledged) {
    for n in 0.. {
        let name = format!("user-{n}");
        match hub.register(&name).await {
            Ok(_) => done.add(name),
            Err(error) => return assert!(error.status().is_none(), "{error}"),
        }
    }
}

/// The slugs of all the caller's endpoints.
async fn published(hub: &HubProcess, token: &str) -> BTreeSet<String> {
    let mut slugs = BTreeSet::new();
    loop {
        let path = hub.at(&format!("/api/v1/endpoints?limit=100&skip={}", slugs.len()));
        let answer = hub.http().get(path).bearer_auth(token).send().await.expect("the hub is up");
        let page: Vec<Value> = answer.json().await.expect("a list");
        if page.is_empty() {
            return slugs;
        }
        slugs.extend(page.iter().filter_map(|item| item["slug"].as_str()).map(str::to_owned));
    }
}

/// The file is sound, each endpoint in it has its audit event, and no event tells of an endpoint that is not there.
fn assert_whole(path: &Path) {
    const SILENT: &str = "SELECT count(*) FROM endpoints WHERE NOT EXISTS \
        (SELECT 1 FROM audit_events WHERE subject = 'endpoint:' || endpoints.id)";
    const EMPTY: &str = "SELECT count(*) FROM audit_events WHERE subject LIKE 'endpoint:%' AND NOT EXISTS \
        (SELECT 1 FROM endpoints WHERE subject = 'endpoint:' || endpoints.id)";
    let db = rusqlite::Connection::open(path).expect("the file exists");
    let count = |sql: &str| db.query_row(sql, (), |row| row.get::<_, i64>(0)).expect(sql);
    let verdict: String =
        db.query_row("PRAGMA integrity_check", (), |row| row.get(0)).expect("SQLite answers");
    assert_eq!(verdict, "ok");
    assert_eq!((count(SILENT), count(EMPTY)), (0, 0));
}

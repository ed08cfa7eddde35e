//! A space as a process of its own that is told settings, killed and started again over the same state.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::process::admin_url;

/// How long the space may take for anything that a test waits for.
const PATIENCE: Duration = Duration::from_secs(90);

/// `syfthub-server space` on free ports; killed when dropped.
pub(crate) struct Node {
    child: Child,
    admin: String,
    key: String,
    http: reqwest::Client,
}

impl Node {
    /// Starts it with everything it keeps below `home`, under `settings`, and waits until it says that it is ready.
    pub(crate) async fn start(home: &Path, settings: &[(&str, String)]) -> Self {
        let log =
            std::fs::OpenOptions::new().create(true).append(true).open(home.join("space.log"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_syfthub-server"))
            .args(["space", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("SPACE_STATE_DIR", home.join("space"))
            .env("SPACE_TUNNEL", "off")
            .env("SPACE_WATCH_DELAY", "0.05")
            .env("SPACE_HEALTH_MAX_AGE", "0.1")
            .env("SPACE_PROVISION_INTERVAL", "0.2")
            .envs(settings.iter().map(|(name, value)| (*name, value.as_str())))
            .current_dir(home)
            .stdout(Stdio::piped())
            .stderr(log.expect("the test's folder is writable"))
            .kill_on_drop(true)
            .spawn()
            .expect("the program exists");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let ready = lines.next_line().await.expect("the line is text");
        let log = || std::fs::read_to_string(home.join("space.log")).unwrap_or_default();
        assert!(ready.is_some(), "it ended: {}", log());
        let key = std::fs::read_to_string(home.join("space/admin.key")).expect("the space made it");
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
        let http = http.expect("a client without special wishes");
        let admin = admin_url(home);
        Self { child, admin, key: key.trim().to_owned(), http }
    }

    /// Ends it the way a crash does.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it runs");
    }

    /// Asks it to stop and waits until it has.
    pub(crate) async fn stop(mut self) {
        signal(self.child.id().expect("it runs"), "TERM");
        let status = self.child.wait().await.expect("it can be waited for");
        assert!(status.success(), "{status}");
    }

    /// Asks it as its owner.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let url = format!("{}{path}", self.admin);
        let mut request = self.http.request(method, url).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("the space is up");
        (answer.status().as_u16(), answer.json().await.expect("a JSON body"))
    }

    /// Tells it something as its owner, which must succeed.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(Method::POST, path, Some(body)).await;
        assert!(status < 300, "{path}: {status}: {answer}");
        answer
    }

    /// Asks it something as its owner, which must succeed.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Asks again and again until `is_so`, and fails when that takes too long.
    pub(crate) async fn until(&self, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut pause = tokio::time::interval(Duration::from_millis(20));
        loop {
            pause.tick().await;
            let (_, answer) = self.ask(Method::GET, path, None).await;
            if is_so(&answer) {
                return answer;
            }
            assert!(tokio::time::Instant::now() < deadline, "{path} stays at {answer}");
        }
    }

    /// The passages that an endpoint finds for the owner, best first.
    pub(crate) async fn search(&self, slug: &str, question: &Value) -> Vec<Value> {
        let (status, answer) =
            self.ask(Method::POST, &format!("endpoints/{slug}/query"), Some(question)).await;
        assert_eq!(status, 200, "{answer}");
        answer["references"]["documents"].as_array().cloned().unwrap_or_default()
    }

    /// Makes a dataset and an endpoint `name` over it, and waits until all its files are in.
    pub(crate) async fn add_dataset(&self, name: &str, dtype: &str, configuration: Value) -> Value {
        let new = json!({"name": name, "dtype": dtype, "configuration": configuration});
        let dataset = self.post("datasets/", &new).await;
        let endpoint = json!({"name": name, "slug": name, "dataset_id": dataset["id"], "response_type": "raw"});
        self.post("endpoints/", &endpoint).await;
        dataset
    }
}

/// Sends a signal to a process.
pub(crate) fn signal(pid: u32, name: &str) {
    let told =
        std::process::Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
    assert!(told.expect("kill exists").success());
}

/// The processes of a space's stores, found by the mark that they carry.
pub(crate) fn store_processes(home: &Path) -> Vec<u32> {
    let mark = format!("SYFTHUB_PROVISIONED={}", home.join("space/stores").display());
    let entries = std::fs::read_dir("/proc").expect("there is /proc");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        std::fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
            environment.split(|byte| *byte == 0).any(|one| one.starts_with(mark.as_bytes()))
        })
    })
    .collect()
}

/// A folder whose path is as the system writes it.
pub(crate) fn canonical(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().canonicalize().expect("it exists")
}

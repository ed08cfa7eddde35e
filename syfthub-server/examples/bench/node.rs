//! `syfthub-server space` as a process of its own, set up through its admin API.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::stack::{first_line, socket_of};

/// How often the counts and the memory are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// By then the admin API has answered.
const ANSWER: Duration = Duration::from_mins(1);

/// By then a space has seen a file of a folder that has any.
const FIRST_LOOK: Duration = Duration::from_mins(1);

/// A running space.
pub(crate) struct Node {
    child: Child,
    state: PathBuf,
    /// Where the admin API listens, and its key.
    pub(crate) admin: SocketAddr,
    pub(crate) key: String,
    http: reqwest::Client,
    /// Where it listens for questions.
    pub(crate) address: SocketAddr,
}

/// What became of a folder that a space was given.
pub(crate) struct Ingested {
    /// The dataset's id.
    pub(crate) dataset: String,
    /// How long until all files were searchable.
    pub(crate) took: Duration,
    /// The most memory of all its processes meanwhile, in bytes.
    pub(crate) peak: u64,
}

impl Node {
    /// Starts a space on an empty state directory, under additional `settings`.
    pub(crate) fn start(
        program: &Path,
        state: &Path,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(state)?;
        let mut child = Command::new(program)
            .args(["space", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
            .arg("--state-dir")
            .arg(state)
            .env_clear()
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(state.join("stderr.log"))?)
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        first_line(&mut child)?;
        let key = std::fs::read_to_string(state.join("admin.key"))?.trim().to_owned();
        let running: Value = serde_json::from_slice(&std::fs::read(state.join("running.json"))?)?;
        let url = |name: &str| running[name].as_str().context("the space says where it is");
        let (admin, address) = (socket_of(url("admin_url")?)?, socket_of(url("url")?)?);
        let http = reqwest::Client::builder().no_proxy().timeout(ANSWER).build()?;
        Ok(Self { child, state: state.to_owned(), admin, key, http, address })
    }

    /// Makes a dataset over `files`, with `more` in its configuration, and waits until all of them are searchable.
    pub(crate) async fn ingest(
        &self,
        name: &str,
        files: &Path,
        more: &Value,
    ) -> anyhow::Result<Ingested> {
        let started = Instant::now();
        let mut configuration = json!({"filePaths": [{"path": files.canonicalize()?}]});
        let settings = configuration.as_object_mut().context("an object")?;
        settings.extend(more.as_object().cloned().unwrap_or_default());
        let body = json!({"name": name, "dtype": "local_file", "configuration": configuration});
        let made = self.post("datasets", &body).await?;
        let dataset = made["id"].as_str().context("an id")?.to_owned();
        let status = format!("ingestion/datasets/{dataset}/status");
        let mut peak = 0;
        loop {
            tokio::time::sleep(LOOK).await;
            peak = peak.max(memory_below(self.child.id()));
            let counts = self.send(self.http.get(self.url(&status))).await?;
            let count = |name: &str| counts[name].as_u64().unwrap_or_default();
            ensure!(count("failed") == 0, "files failed: {counts}");
            let none_yet = count("total_jobs") == 0 && started.elapsed() > FIRST_LOOK;
            ensure!(!none_yet, "the space finds no files in {}", files.display());
            if count("total_jobs") > 0 && count("completed") == count("total_jobs") {
                return Ok(Ingested { dataset, took: started.elapsed(), peak });
            }
        }
    }

    /// Tells it something as its owner, which must succeed; the answer.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(self.http.post(self.url(path)).json(body)).await
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Stops it as an operator does.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let status = self.child.wait()?;
        let log = || std::fs::read_to_string(self.state.join("stderr.log")).unwrap_or_default();
        ensure!(status.success(), "the space ended with {status}: {}", log());
        Ok(())
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/api/v1/{path}", self.admin)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let answer = request.bearer_auth(&self.key).send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        ensure!(status.is_success(), "{status}: {body}");
        Ok(body)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have been stopped already; either way nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Bytes resident in a process and in those it started. One that ends meanwhile counts as nothing.
fn memory_below(process: u32) -> u64 {
    let own = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let own = own.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let own = own.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten();
    let children = tasks
        .filter_map(Result::ok)
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    let children: Vec<u32> = children
        .flat_map(|list| list.split(' ').filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
        .collect();
    own.unwrap_or_default() * 1024 + children.into_iter().map(memory_below).sum::<u64>()
}

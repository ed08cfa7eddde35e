//! `syfthub-server space` as a process of its own, asked over its admin API.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::load::post;
use crate::stack::{first_line, memory_of};

/// How often progress is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// A running space.
pub(super) struct Node {
    child: Child,
    pub(super) admin: SocketAddr,
    pub(super) key: String,
    http: reqwest::Client,
}

impl Node {
    /// Starts a space on a new state directory below `folder`.
    pub(super) fn start(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let state = folder.join("state");
        let admin = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut child = Command::new(program)
            .args([
                "space",
                "--listen",
                "127.0.0.1:0",
                "--admin-listen",
                &admin.to_string(),
                "--state-dir",
            ])
            .arg(&state)
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.join("space.log"))?)
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        first_line(&mut child)?;
        let key = std::fs::read_to_string(state.join("admin.key"))?.trim().to_owned();
        let http = reqwest::Client::builder().timeout(Duration::from_mins(1)).build()?;
        Ok(Self { child, admin, key, http })
    }

    /// Makes a dataset over `folder` and an endpoint of the same name that gives documents; returns when all `files` are
    /// searchable.
    pub(super) async fn share(
        &self,
        name: &str,
        folder: &Path,
        files: usize,
        more: &Value,
    ) -> anyhow::Result<()> {
        let mut configuration = json!({"filePaths": [{"path": folder.canonicalize()?}]});
        let settings = configuration.as_object_mut().context("an object")?;
        settings.extend(more.as_object().cloned().unwrap_or_default());
        let dataset = json!({"name": name, "dtype": "local_file", "configuration": configuration});
        let dataset = self.post("datasets", &dataset).await?;
        let id = dataset["id"].as_str().context("a dataset has an id")?;
        let endpoint =
            json!({"name": name, "slug": name, "dataset_id": id, "response_type": "raw"});
        self.post("endpoints", &endpoint).await?;
        loop {
            let status = self.get(&format!("ingestion/datasets/{id}/status")).await?;
            ensure!(status["failed"] == 0, "files failed: {status}");
            if status["completed"].as_u64() == Some(files as u64) {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The request for the best passages for `question`.
    pub(super) fn question(&self, name: &str, question: &str, limit: usize) -> Vec<u8> {
        let body = json!({"messages": question, "limit": limit, "similarity_threshold": 0.0});
        post(&format!("/api/v1/endpoints/{name}/query"), Some(&self.key), &body)
    }

    /// The file names of the best passages for `question`, best first.
    pub(super) async fn ask(
        &self,
        name: &str,
        question: &str,
        limit: usize,
    ) -> anyhow::Result<Vec<String>> {
        let body = json!({"messages": question, "limit": limit, "similarity_threshold": 0.0});
        let answer = self.post(&format!("endpoints/{name}/query"), &body).await?;
        let documents = answer["references"]["documents"].as_array().context("no documents")?;
        let names = documents.iter().filter_map(|found| found["metadata"]["file_name"].as_str());
        Ok(names.map(str::to_owned).collect())
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.answer(self.http.post(self.url(path)).json(body)).await
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.answer(self.http.get(self.url(path))).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let response = request.bearer_auth(&self.key).send().await?;
        let (status, body) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "the space answers {status}: {body}");
        Ok(serde_json::from_str(&body)?)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/api/v1/{path}", self.admin)
    }

    /// The highest resident memory so far, in bytes.
    pub(super) fn peak(&self) -> anyhow::Result<u64> {
        Ok(memory_of(self.child.id())?.1)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

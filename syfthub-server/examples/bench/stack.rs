//! The program under test: `syfthub dev` as a process of its own, and what one asks it before measuring.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

/// A running `syfthub dev`.
pub(crate) struct Stack {
    child: Child,
    /// What it said when it was ready.
    pub(crate) ready: Value,
    /// From the start of the process to that line.
    pub(crate) started_in: Duration,
    /// A hub token of its user.
    pub(crate) token: String,
    http: reqwest::Client,
}

impl Stack {
    /// Starts the stack on `state` with the given data folder, waits until it is ready, and signs in.
    pub(crate) async fn start(program: &Path, state: &Path, data: &Path) -> anyhow::Result<Self> {
        let log = std::fs::File::create(state.with_extension("log"))?;
        let start = Instant::now();
        let mut child = Command::new(program)
            .args(["dev", "--json", "--listen", "127.0.0.1:0", "--state"])
            .arg(state)
            .arg("--data")
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        let line = first_line(&mut child)?;
        let started_in = start.elapsed();
        let ready =
            serde_json::from_str(&line).with_context(|| format!("not the ready line: {line:?}"))?;
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        let mut stack = Self { child, ready, started_in, token: String::new(), http };
        stack.token = stack.sign_in().await?;
        Ok(stack)
    }

    async fn sign_in(&self) -> anyhow::Result<String> {
        let form = [("username", self.text("username")), ("password", self.text("password"))];
        let answer = self
            .http
            .post(self.url("/api/v1/auth/login"))
            .form(&form)
            .send()
            .await?
            .error_for_status()?;
        Ok(answer.json::<Value>().await?["access_token"]
            .as_str()
            .context("no access token")?
            .to_owned())
    }

    /// A text of the ready line.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap_or_default()
    }

    /// The hub's address.
    pub(crate) fn hub(&self) -> anyhow::Result<SocketAddr> {
        socket_of(self.text("hub"))
    }

    /// The space's address.
    pub(crate) fn space(&self) -> anyhow::Result<SocketAddr> {
        socket_of(self.text("space"))
    }

    /// The slug of the first data source.
    pub(crate) fn source_slug(&self) -> anyhow::Result<&str> {
        let path = self.ready["sources"][0].as_str().context("no source in the ready line")?;
        Ok(path.rsplit('/').next().unwrap_or(path))
    }

    /// Asks the hub as its user.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        Ok(self
            .http
            .get(self.url(path))
            .bearer_auth(&self.token)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?)
    }

    /// Sends JSON to the hub as its user.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer =
            self.http.post(self.url(path)).bearer_auth(&self.token).json(body).send().await?;
        let status = answer.status();
        let body = answer.text().await?;
        ensure!(status.is_success(), "{path}: {status}: {body}");
        Ok(serde_json::from_str(&body)?)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.text("hub").trim_end_matches('/'))
    }

    /// Resident memory now and at its highest, in bytes.
    pub(crate) fn memory(&self) -> anyhow::Result<(u64, u64)> {
        memory_of(self.child.id())
    }

    /// Stops it the way Ctrl-C does.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill").args(["-INT", &self.child.id().to_string()]).status()?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the stack ended with {status}");
        Ok(())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory of a process, now and at its highest, in bytes.
pub(crate) fn memory_of(process: u32) -> anyhow::Result<(u64, u64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.context("no such line in /proc")?.trim().trim_end_matches(" kB");
        anyhow::Ok(number.parse::<u64>()? * 1024)
    };
    Ok((kib("VmRSS:")?, kib("VmHWM:")?))
}

/// The first line a process prints: how every server of this workspace says that it is ready.
pub(crate) fn first_line(child: &mut Child) -> anyhow::Result<String> {
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("standard output is piped")?)
        .read_line(&mut line)?;
    Ok(line)
}

/// The address that a URL leads to.
pub(crate) fn socket_of(url: &str) -> anyhow::Result<SocketAddr> {
    let url = url::Url::parse(url)?;
    url.socket_addrs(|| None)?.into_iter().next().context("a URL without an address")
}

/// Files below `folder` and their bytes.
pub(crate) fn size_of(folder: &Path) -> anyhow::Result<(u32, u64)> {
    let (mut files, mut bytes) = (0, 0);
    let mut folders: Vec<PathBuf> = vec![folder.canonicalize()?];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "html") {
                files += 1;
                bytes += entry.metadata()?.len();
            }
        }
    }
    Ok((files, bytes))
}

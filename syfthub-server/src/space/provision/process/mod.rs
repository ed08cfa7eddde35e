//! A store as a process of this machine. It outlives a crash of the space, which takes it back when it starts again: process,
//! boot and start time have to be those that were noted, and the server has to answer.
//!
//! Every process of a store carries a mark in its environment. So one that was started just before a crash, before anything
//! could be noted of it, is found and ended too, and no two servers ever share a folder.

mod log;
mod trace;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::Client;
use rustix::process::Signal;
use serde_json::{Map, Value, json};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::handshake::{self, answers, free_port, wished_port};
use super::{Place, ProvisionError, Provisioner, Pulse, Recipe};
use log::Log;
use trace::Trace;

/// The variable that marks the processes of a store with the store's folder.
const MARK: &str = "SYFTHUB_PROVISIONED";

/// Settings of this program that a store has no business with.
const OURS: [&str; 2] = ["SPACE_", "SYFTHUB_"];

/// Between two looks at a process that is about to begin or to end.
const STEP: Duration = Duration::from_millis(50);

/// How long a killed process may take to disappear.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// Ports that are tried: between finding a free one and using it another program may take it.
const TRIES: usize = 3;

/// Runs one store as a process.
pub(super) struct Process {
    recipe: Recipe,
    folder: PathBuf,
    stop_timeout: Duration,
    client: Client,
}

impl Process {
    /// Runs the store with everything it keeps below `folder`.
    pub(super) fn new(recipe: Recipe, folder: PathBuf, stop_timeout: Duration) -> Self {
        Self { recipe, folder, stop_timeout, client: handshake::client() }
    }

    fn mark(&self) -> String {
        self.folder.to_string_lossy().into_owned()
    }

    fn log(&self) -> Log {
        Log::new(self.folder.join("server.log"))
    }

    /// Starts the server on `port`; it has not begun to answer when this returns.
    fn spawn(&self, place: &Place) -> std::io::Result<Child> {
        std::fs::create_dir_all(&place.data)?;
        let log = self.log().open()?;
        let mut command = Command::new(&self.recipe.command[0]);
        for (name, _) in std::env::vars_os() {
            if OURS.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command
            .args(&self.recipe.command[1..])
            .args((self.recipe.arguments)(place))
            .env(MARK, self.mark())
            .env("ANONYMIZED_TELEMETRY", "False")
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0) // the terminal's interrupt is the space's to deal with
            .spawn()
    }

    async fn try_start(&self, port: u16) -> Result<Map<String, Value>, Attempt> {
        let place = Place { port, data: self.folder.join("data") };
        let failed =
            |error: std::io::Error| Attempt::Failed(format!("{}: {error}", self.recipe.command[0]));
        let mut child = self.spawn(&place).map_err(failed)?;
        let trace = child.id().and_then(Trace::of);
        let url = handshake::url(port);
        let greeting = format!("{url}{}", self.recipe.handshake);
        while !answers(&self.client, &greeting).await {
            if let Some(status) = child.try_wait().map_err(failed)? {
                let said = self.log().tail();
                return Err(Attempt::Ended(format!(
                    "it ended while it started ({status}): {said}"
                )));
            }
            sleep(STEP).await;
        }
        let trace = trace
            .ok_or_else(|| Attempt::Failed("this system tells nothing of processes".to_owned()))?;
        // Whoever answered may be somebody else who took the port meanwhile.
        if child.try_wait().map_err(failed)?.is_some() {
            return Err(Attempt::Ended("the port was taken".to_owned()));
        }
        let mut state = trace.to_state();
        let place = json!({
            "mode": "process", "httpPort": port, "url": url, "dataPath": place.data, "logPath": self.log().path(),
        });
        state.extend(place.as_object().cloned().unwrap_or_default());
        Ok(state)
    }

    /// The processes of this store.
    async fn living(&self) -> Vec<u32> {
        let mark = format!("{MARK}={}", self.mark());
        tokio::task::spawn_blocking(move || trace::marked(&mark)).await.unwrap_or_default()
    }

    /// Whether all of them are gone before `patience` ends.
    async fn all_gone(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        while !self.living().await.is_empty() {
            if Instant::now() >= until {
                return false;
            }
            sleep(STEP).await;
        }
        true
    }

    async fn tell(&self, signal: Signal) {
        for pid in self.living().await {
            trace::tell(pid, signal);
        }
    }
}

enum Attempt {
    /// The process ended, which another port may cure.
    Ended(String),
    Failed(String),
}

impl Provisioner for Process {
    fn usable(&self) -> BoxFuture<'_, Result<(), ProvisionError>> {
        let program = self.recipe.command[0].clone();
        async move {
            let wanted = program.clone();
            let found = tokio::task::spawn_blocking(move || is_installed(&wanted)).await;
            if found.unwrap_or_default() {
                return Ok(());
            }
            let dtype = self.recipe.dtype;
            let reason = format!("the program {program}, which runs {dtype}, is not installed");
            Err(ProvisionError::Unusable(reason))
        }
        .boxed()
    }

    fn start<'a>(
        &'a self,
        wish: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<Map<String, Value>, ProvisionError>> {
        async move {
            self.stop().await?;
            let mut wished = wished_port(wish);
            let mut reason = String::new();
            for _ in 0..TRIES {
                let port = free_port(wished.take());
                let port = port.map_err(|error| ProvisionError::Failed(error.to_string()))?;
                match self.try_start(port).await {
                    Ok(state) => return Ok(state),
                    Err(Attempt::Ended(why)) => reason = why,
                    Err(Attempt::Failed(why)) => return Err(ProvisionError::Failed(why)),
                }
            }
            Err(ProvisionError::Failed(reason))
        }
        .boxed()
    }

    fn stop(&self) -> BoxFuture<'_, Result<(), ProvisionError>> {
        async move {
            self.tell(Signal::TERM).await;
            if self.all_gone(self.stop_timeout).await {
                return Ok(());
            }
            tracing::warn!(store = self.recipe.dtype, "a store that did not end in time is killed");
            self.tell(Signal::KILL).await;
            if self.all_gone(AFTER_KILL).await {
                return Ok(());
            }
            Err(ProvisionError::Failed("its process cannot be ended".to_owned()))
        }
        .boxed()
    }

    fn pulse<'a>(&'a self, state: &'a Map<String, Value>) -> BoxFuture<'a, Pulse> {
        async move {
            let noted = Trace::from_state(state);
            if noted.is_none_or(|noted| Trace::of(noted.pid) != Some(noted)) {
                return Pulse::Gone;
            }
            let log = self.log();
            if let Ok(Err(error)) = tokio::task::spawn_blocking(move || log.keep_short()).await {
                tracing::debug!(%error, "the log of a store was not cut");
            }
            let url = state.get("url").and_then(Value::as_str).unwrap_or_default();
            let url = format!("{url}{}", self.recipe.handshake);
            if answers(&self.client, &url).await { Pulse::Running } else { Pulse::Silent }
        }
        .boxed()
    }
}

/// Whether `program` is a file, or a name on the search path.
fn is_installed(program: &str) -> bool {
    if program.contains('/') {
        return std::path::Path::new(program).is_file();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

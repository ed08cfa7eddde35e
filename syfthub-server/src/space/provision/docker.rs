//! A store in a container of this machine's Docker engine, through the engine's own program: it finds the engine wherever
//! the user's context says it is.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::Client;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;
use tokio::time::sleep;

use super::handshake::{self, answers, free_port, wished_port};
use super::{ProvisionError, Provisioner, Pulse, Recipe};

const PROGRAM: &str = "docker";

/// How long the engine may take for anything but fetching an image and ending a container.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks at a container that is about to answer.
const STEP: Duration = Duration::from_millis(200);

/// Characters of the engine's words in a reason.
const LONGEST_REASON: usize = 300;

/// Runs one store in a container.
pub(super) struct Docker {
    recipe: Recipe,
    folder: PathBuf,
    stop_timeout: Duration,
    client: Client,
}

impl Docker {
    /// Runs the store with everything it keeps below `folder`.
    pub(super) fn new(recipe: Recipe, folder: PathBuf, stop_timeout: Duration) -> Self {
        Self { recipe, folder, stop_timeout, client: handshake::client() }
    }

    /// The container's name, which no other space of this machine gives.
    fn name(&self) -> String {
        let digest = Sha256::digest(self.folder.to_string_lossy().as_bytes());
        let tag = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        format!("syfthub-{}-{tag:08x}", self.recipe.dtype)
    }

    /// Runs the engine's program; what it printed.
    async fn docker(
        &self,
        arguments: &[&str],
        patience: Duration,
    ) -> Result<String, ProvisionError> {
        let failed = |reason: String| ProvisionError::Failed(reason);
        let run =
            Command::new(PROGRAM).args(arguments).stdin(Stdio::null()).kill_on_drop(true).output();
        let output = tokio::time::timeout(patience, run).await;
        let output = output
            .map_err(|_| failed("the Docker engine took too long".to_owned()))?
            .map_err(|error| failed(format!("{PROGRAM}: {error}")))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said: Vec<&str> = said.split_whitespace().collect();
        Err(failed(said.join(" ").chars().take(LONGEST_REASON).collect()))
    }

    async fn run(&self, port: u16) -> Result<(), ProvisionError> {
        let data = self.folder.join("data");
        tokio::fs::create_dir_all(&data)
            .await
            .map_err(|error| ProvisionError::Failed(error.to_string()))?;
        let (inside_port, inside_data) = self.recipe.inside;
        let published = format!("127.0.0.1:{port}:{inside_port}");
        let mounted = format!("type=bind,source={},target={inside_data}", data.display());
        let name = self.name();
        let arguments = [
            "run",
            "--detach",
            "--name",
            &name,
            "--publish",
            &published,
            "--mount",
            &mounted,
            "--env",
            "ANONYMIZED_TELEMETRY=False",
            &self.recipe.image,
        ];
        // The image may have to be fetched first; the caller bounds the whole.
        self.docker(&arguments, Duration::MAX).await.map(drop)
    }

    async fn is_up(&self) -> bool {
        let (name, format) = (self.name(), "{{json .State.Running}}");
        let told = self.docker(&["inspect", "--format", format, &name], PATIENCE).await;
        told.is_ok_and(|told| told == "true")
    }
}

impl Provisioner for Docker {
    fn usable(&self) -> BoxFuture<'_, Result<(), ProvisionError>> {
        async move {
            let told =
                self.docker(&["version", "--format", "{{json .Server.Version}}"], PATIENCE).await;
            told.map(drop).map_err(|error| {
                ProvisionError::Unusable(format!("no Docker engine answers ({error})"))
            })
        }
        .boxed()
    }

    fn start<'a>(
        &'a self,
        wish: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<Map<String, Value>, ProvisionError>> {
        async move {
            self.stop().await?;
            let port = free_port(wished_port(wish));
            let port = port.map_err(|error| ProvisionError::Failed(error.to_string()))?;
            self.run(port).await?;
            let url = handshake::url(port);
            let greeting = format!("{url}{}", self.recipe.handshake);
            while !answers(&self.client, &greeting).await {
                if !self.is_up().await {
                    let name = self.name();
                    let said = self.docker(&["logs", "--tail", "5", &name], PATIENCE).await;
                    let said = said.unwrap_or_default();
                    return Err(ProvisionError::Failed(format!("its container ended: {said}")));
                }
                sleep(STEP).await;
            }
            let state = json!({
                "mode": "docker", "container": self.name(), "image": self.recipe.image, "httpPort": port, "url": url,
                "dataPath": self.folder.join("data"),
            });
            Ok(state.as_object().cloned().unwrap_or_default())
        }
        .boxed()
    }

    fn stop(&self) -> BoxFuture<'_, Result<(), ProvisionError>> {
        async move {
            let (name, seconds) = (self.name(), self.stop_timeout.as_secs().to_string());
            let known = ["ps", "--all", "--quiet", "--filter", &format!("name=^{name}$")];
            if self.docker(&known, PATIENCE).await?.is_empty() {
                return Ok(());
            }
            let patience = self.stop_timeout + PATIENCE;
            self.docker(&["stop", "--time", &seconds, &name], patience).await?;
            self.docker(&["rm", "--force", &name], PATIENCE).await.map(drop)
        }
        .boxed()
    }

    fn pulse<'a>(&'a self, state: &'a Map<String, Value>) -> BoxFuture<'a, Pulse> {
        async move {
            let url = state.get("url").and_then(Value::as_str).unwrap_or_default();
            if state.get("mode").and_then(Value::as_str) != Some("docker") || !self.is_up().await {
                return Pulse::Gone;
            }
            let url = format!("{url}{}", self.recipe.handshake);
            if answers(&self.client, &url).await { Pulse::Running } else { Pulse::Silent }
        }
        .boxed()
    }
}

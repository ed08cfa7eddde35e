//! An `ngrok` agent as a child process: another way for callers to get through, with a token of the owner's.
//!
//! The agent forwards to the listener for questions and to nothing else. Its token is handed over in its environment, where
//! other users of the machine cannot read it, and its address is asked of its own API on this machine.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use syfthub_core::Secret;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::TunnelStatus;
use super::waits::{Ended, Waits};

/// How long an agent may take until callers get through.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often the agent is asked, before that and afterwards.
const SOON: Duration = Duration::from_millis(200);
const LATER: Duration = Duration::from_secs(5);

/// What an agent is started with.
#[derive(Debug, Clone)]
pub(crate) struct AgentSettings {
    /// The program.
    pub(crate) program: PathBuf,
    /// Where its configuration is written.
    pub(crate) folder: PathBuf,
    /// What it forwards to, `127.0.0.1:8081`.
    pub(crate) target: String,
}

/// A running agent; it ends with this value.
#[derive(Debug)]
pub(crate) struct Agent {
    stop: CancellationToken,
    status: watch::Receiver<TunnelStatus>,
}

/// Why an agent does not run.
#[derive(Debug, thiserror::Error)]
enum AgentError {
    #[error("the program {0} cannot be started: {1}")]
    Program(PathBuf, std::io::Error),
    #[error("its configuration cannot be written: {0}")]
    Configuration(std::io::Error),
    #[error("it ended ({0})")]
    Ended(std::process::ExitStatus),
    #[error("it has no public address after {0:?}; is the token right?")]
    NoAddress(Duration),
    #[error("its API does not answer")]
    Api(#[from] reqwest::Error),
}

impl Agent {
    /// Starts one, and another one whenever it ends, until `shutdown`.
    pub(crate) fn start(
        settings: AgentSettings,
        token: Secret,
        shutdown: &CancellationToken,
    ) -> Self {
        let (tell, status) = watch::channel(TunnelStatus::default());
        let stop = shutdown.child_token();
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            let mut waits = Waits::default();
            loop {
                let begun = Instant::now();
                if let Err(error) = run(&settings, &token, &tell).await {
                    tracing::warn!(%error, "the ngrok agent does not run");
                    tell.send_replace(TunnelStatus::away(&error));
                }
                let ended = Ended { open: begun.elapsed(), farewell: None, retry_after: None };
                sleep(waits.after(ended)).await;
            }
        }));
        Self { stop, status }
    }

    /// How it is.
    pub(crate) fn status(&self) -> watch::Receiver<TunnelStatus> {
        self.status.clone()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Runs one agent until it ends or does not answer any more.
async fn run(
    settings: &AgentSettings,
    token: &Secret,
    tell: &watch::Sender<TunnelStatus>,
) -> Result<(), AgentError> {
    let free = TcpListener::bind("127.0.0.1:0").await.map_err(AgentError::Configuration)?;
    let api = free.local_addr().map_err(AgentError::Configuration)?;
    drop(free);
    let file = settings.folder.join("ngrok.yml");
    let text = format!("version: \"2\"\nweb_addr: {api}\n");
    tokio::fs::write(&file, text).await.map_err(AgentError::Configuration)?;
    let mut child = spawn(settings, &file, token)?;
    let http = syfthub_client::node::http_client().no_proxy().timeout(LATER).build()?;
    let url = format!("http://{api}/api/tunnels");
    let until = Instant::now() + PATIENCE;
    let mut known = None;
    loop {
        let wait = if known.is_some() { LATER } else { SOON };
        tokio::select! {
            ended = child.wait() => {
                return Err(ended.map_or_else(AgentError::Configuration, AgentError::Ended));
            }
            () = sleep(wait) => {}
        }
        match address(&http, &url).await {
            Ok(Some(public)) => {
                if known.as_ref() != Some(&public) {
                    tracing::info!(%public, "the ngrok agent is connected");
                    tell.send_replace(TunnelStatus::open(public.clone()));
                    known = Some(public);
                }
            }
            Ok(None) | Err(_) if known.is_none() && Instant::now() < until => {}
            Ok(None) => return Err(AgentError::NoAddress(PATIENCE)),
            Err(error) => return Err(error.into()),
        }
    }
}

fn spawn(settings: &AgentSettings, file: &Path, token: &Secret) -> Result<Child, AgentError> {
    Command::new(&settings.program)
        .arg("http")
        .arg(&settings.target)
        .arg("--config")
        .arg(file)
        .env("NGROK_AUTHTOKEN", token.expose())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| AgentError::Program(settings.program.clone(), error))
}

/// The agent's public address, once it has one.
async fn address(http: &reqwest::Client, url: &str) -> Result<Option<Url>, reqwest::Error> {
    let body: Value = http.get(url).send().await?.error_for_status()?.json().await?;
    let tunnels = body["tunnels"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut found = tunnels.iter().filter_map(|tunnel| tunnel["public_url"].as_str());
    let secure = found.clone().find(|url| url.starts_with("https://"));
    Ok(secure.or_else(|| found.next()).and_then(|url| url.parse().ok()))
}

//! The `litellm` proxy, a gateway to models that many people run, as a process of its own.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use serde_json::{Value, json};

/// What it asks its callers for.
pub(super) const KEY: &str = "sk-only-the-benchmark-knows-this";

/// By then it answers: it imports much.
const PATIENCE: Duration = Duration::from_mins(2);

/// How often it is looked whether it does.
const LOOK: Duration = Duration::from_millis(200);

/// A running proxy.
pub(super) struct Litellm {
    child: Child,
    log: PathBuf,
    /// Where it listens.
    pub(super) address: SocketAddr,
}

impl Litellm {
    /// Starts it, with a worker for each core, in front of the given models of the server at `upstream`.
    pub(super) async fn start(
        program: &Path,
        folder: &Path,
        upstream: SocketAddr,
        models: &[&str],
    ) -> anyhow::Result<Self> {
        let model = |name: &&str| {
            json!({"model_name": name, "litellm_params": {"model": format!("openai/{name}"),
                "api_key": "none", "api_base": format!("http://{upstream}/v1")}})
        };
        let models: Vec<Value> = models.iter().map(model).collect();
        let config = folder.join("litellm.json"); // YAML reads JSON
        let settings = json!({"model_list": models, "general_settings": {"master_key": KEY}});
        std::fs::write(&config, settings.to_string())?;
        let free = TcpListener::bind("127.0.0.1:0")?;
        let address = free.local_addr()?;
        drop(free);
        let log = folder.join("litellm.log");
        let child = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", &address.port().to_string()])
            .args(["--num_workers", &crate::cores().to_string(), "--config"])
            .arg(&config)
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True") // looks nothing up on the internet
            .env("LITELLM_TELEMETRY", "False")
            .env("LITELLM_LOG", "ERROR")
            .env_remove("DATABASE_URL")
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log)?)
            .spawn()?;
        let mut proxy = Self { child, log, address };
        proxy.ready().await?;
        Ok(proxy)
    }

    /// Waits until it knows its models.
    async fn ready(&mut self) -> anyhow::Result<()> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            tokio::time::sleep(LOOK).await;
            ensure!(self.child.try_wait()?.is_none(), "litellm ended: {}", self.said());
            let request = http.get(format!("http://{}/v1/models", self.address)).bearer_auth(KEY);
            let Ok(answer) = request.send().await else { continue };
            if answer.status().is_success() {
                return Ok(());
            }
        }
        bail!("litellm did not start: {}", self.said())
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Litellm {
    fn drop(&mut self) {
        // Its workers end when they are asked to, and with a parent that is killed they would not.
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        if asked.is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

//! `syfthub-server hub` as a process of its own, and the databases it runs on.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};
use tokio_postgres::{Config, NoTls};

use crate::stack::{first_line, memory_of, socket_of};

/// Signs the tokens of every hub of one run, so that two of them can stand for one.
const SECRET: &str = "the-benchmark-alone-knows-this-secret-of-64-letters-and-it-is-not-reused";

/// Where a hub keeps its data.
pub(crate) enum Engine {
    Sqlite,
    Postgres(Postgres),
}

impl Engine {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// The URL of a database that is new.
    pub(crate) async fn database(&self, folder: &Path) -> anyhow::Result<String> {
        match self {
            Self::Sqlite => Ok(format!("sqlite:{}", folder.join("hub.db").display())),
            Self::Postgres(server) => server.create().await,
        }
    }
}

/// A PostgreSQL server that is there already.
#[derive(Clone)]
pub(crate) struct Postgres(String);

impl Postgres {
    /// The server at this superuser's URL.
    pub(crate) fn at(url: &str) -> Self {
        Self(url.to_owned())
    }

    /// Makes a database on it; its URL. It goes with the server.
    pub(crate) async fn create(&self) -> anyhow::Result<String> {
        let config: Config = self.0.parse()?;
        let (client, connection) = config.connect(NoTls).await?;
        let driver = tokio::spawn(connection);
        let name = format!("bench_{}", uuid::Uuid::new_v4().simple());
        client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        drop(client);
        driver.await??;
        let (server, _) = self.0.rsplit_once('/').context("a PostgreSQL URL names a database")?;
        Ok(format!("{server}/{name}"))
    }
}

/// A running hub, or an aggregator by itself.
pub(crate) struct HubServer {
    child: Child,
    log: PathBuf,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl HubServer {
    /// Starts it with what it keeps on disk below `folder`, and waits until it is ready.
    pub(crate) fn start(
        program: &Path,
        folder: &Path,
        database: &str,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command
            .args(["hub", "--listen", "127.0.0.1:0"])
            .env_clear()
            .env("DATABASE_URL", database)
            .env("SECRET_KEY", SECRET)
            .env("RSA_KEYS_DIRECTORY", folder.join("keys"))
            .envs(UNLIMITED)
            .envs(settings.iter().copied());
        Self::launch(command, folder)
    }

    /// Starts an aggregator without a hub, which answers as many questions at a time as it is asked, and waits until it is
    /// ready. Its log is below `folder`.
    pub(crate) fn aggregator(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(["aggregator", "--host", "127.0.0.1", "--port", "0"]).env_clear();
        for limit in ["AGGREGATOR_MAX_ANSWERS", "AGGREGATOR_MAX_ANSWERS_PER_CALLER"] {
            command.env(limit, "100000");
        }
        Self::launch(command, folder)
    }

    fn launch(mut command: Command, folder: &Path) -> anyhow::Result<Self> {
        let log = folder.join(format!("hub-{}.log", uuid::Uuid::new_v4().simple()));
        let mut child = command
            .env("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log)?)
            .spawn()
            .with_context(|| format!("start {}", command.get_program().display()))?;
        let line = first_line(&mut child)?;
        let address = socket_of(line.trim()).with_context(|| {
            format!("it did not start: {}", std::fs::read_to_string(&log).unwrap_or_default())
        })?;
        Ok(Self { child, log, address })
    }

    /// Resident memory now and at its highest, in bytes.
    pub(crate) fn memory(&self) -> anyhow::Result<(u64, u64)> {
        memory_of(self.child.id())
    }

    /// Stops it as an operator does.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let status = self.child.wait()?;
        let log = || std::fs::read_to_string(&self.log).unwrap_or_default();
        ensure!(status.success(), "it ended with {status}: {}", log());
        Ok(())
    }
}

impl Drop for HubServer {
    fn drop(&mut self) {
        // It may have been stopped already; either way nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What keeps the rate limits out of the measurement.
const UNLIMITED: [(&str, &str); 9] = [
    ("AGGREGATOR_MAX_ANSWERS", "8192"),
    ("AGGREGATOR_MAX_ANSWERS_PER_CALLER", "8192"),
    ("SYFTHUB_LIMIT_REGISTRATION", "off"),
    ("SYFTHUB_LIMIT_REFRESH", "off"),
    ("SYFTHUB_LIMIT_TOKEN", "off"),
    ("SYFTHUB_LIMIT_GUEST_TOKEN", "off"),
    ("SYFTHUB_LIMIT_SEARCH", "off"),
    ("SYFTHUB_LIMIT_INVOCATION", "off"),
    ("SYFTHUB_LIMIT_INVOCATION_ADDRESS", "off"),
];

//! A hub in this process, and the real `syfthub` run against it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use syfthub_client::Client;
use syfthub_core::wire::auth::Registration;
use syfthub_core::{Email, Username};
use syfthub_server::config::{HubConfig, SecretKey};
use syfthub_server::db::DatabaseUrl;
use syfthub_server::hub;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

pub(crate) const PASSWORD: &str = "correct horse 1";

/// A hub with one user, `ada`. It stops when this is dropped.
pub(crate) struct Hub {
    runtime: Runtime,
    shutdown: CancellationToken,
    home: TempDir,
    pub(crate) url: String,
}

impl Hub {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// The same with other settings.
    pub(crate) fn with(adjust: impl FnOnce(&mut HubConfig)) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let runtime = Runtime::new().expect("a runtime");
        let shutdown = CancellationToken::new();
        let url = runtime.block_on(serve(home.path(), shutdown.clone(), adjust));
        Self { runtime, shutdown, home, url }
    }

    /// One more user.
    pub(crate) fn register(&self, username: &str) {
        self.runtime.block_on(register(&self.url, username));
    }

    /// Runs `syfthub` with its own configuration folder and `input` on standard input.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = syfthub(self.home.path())
            .args(arguments)
            .env("SYFTHUB_URL", &self.url)
            .stdin(Stdio::piped())
            .spawn()
            .expect("the program exists");
        // A command that reads no input may be gone before all of it is written.
        drop(child.stdin.take().expect("it is piped").write_all(input.as_bytes()));
        child.wait_with_output().expect("its output is read to the end")
    }

    /// What a person sees of a run: exit code and both streams, with the hub's address as `[hub]` and the user's folder as
    /// `[home]`.
    pub(crate) fn seen(&self, arguments: &[&str], input: &str) -> String {
        let home = self.home.path().display().to_string();
        seen(&self.run(arguments, input)).replace(&self.url, "[hub]").replace(&home, "[home]")
    }

    /// Where `syfthub` keeps its sessions.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.home.path().join(".config/syfthub/hubs.toml")
    }

    pub(crate) fn login(&self) {
        self.login_as("ada");
    }

    /// Signs another user in, in place of the one before.
    pub(crate) fn login_as(&self, username: &str) {
        let output = self.run(&["login", "-u", username], &format!("{PASSWORD}\n"));
        assert!(output.status.success(), "{}", seen(&output));
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.shutdown.cancel();
        self.runtime.block_on(tokio::task::yield_now());
    }
}

async fn serve(
    home: &Path,
    shutdown: CancellationToken,
    adjust: impl FnOnce(&mut HubConfig),
) -> String {
    let key =
        SecretKey::parse("0123456789abcdefghijklmnopqrstuvwxyzABCDEF").expect("it is long enough");
    let address = "127.0.0.1:0".parse().expect("an address");
    let mut config = HubConfig::new(address, DatabaseUrl::file(home.join("hub.db")), key);
    config.keys.rsa_keys_directory = home.join("keys");
    adjust(&mut config);
    let listener = hub::bind(&config).await.expect("a free port");
    let running = hub::start(config, listener, shutdown).await.expect("the hub starts");
    let url = running.url().to_string();
    register(&url, "ada").await;
    url
}

async fn register(url: &str, username: &str) {
    let client = Client::builder(url).build().expect("its address is one");
    let registration = Registration::new(
        Username::parse(username).expect("a name"),
        Email::parse(&format!("{username}@example.com")).expect("an address"),
        "Ada Lovelace",
        PASSWORD,
    );
    client.auth().register(&registration).await.expect("the name is free");
}

/// `syfthub` with everything it keeps below `home`, and nothing of the developer's own.
pub(crate) fn syfthub(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syfthub"));
    command
        .env_clear()
        .env("HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Exit code and both streams of a run.
pub(crate) fn seen(output: &Output) -> String {
    let code = output.status.code().map_or_else(|| "killed".to_owned(), |code| code.to_string());
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("exit code: {code}\n----- stdout -----\n{out}----- stderr -----\n{err}")
}

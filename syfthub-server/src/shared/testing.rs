//! A real Redis for tests: the program that `SYFTHUB_TEST_REDIS` names, on a socket in a folder of its own. Without the
//! variable those tests print `skipped`, and fail when `CI` is set.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::redis::Redis;
use super::{RedisUrl, Shared};
use crate::config::SharedSettings;

/// A Redis server; it ends with this value.
pub(super) struct RedisServer {
    program: PathBuf,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl RedisServer {
    /// Starts one, where there is a program for it.
    pub(super) fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Self { program: program()?, folder, child: None };
        server.start_again();
        Some(server)
    }

    /// Starts it where it was before.
    pub(super) fn start_again(&mut self) {
        let mut child = Command::new(&self.program)
            .args(["--port", "0", "--save", "", "--unixsocket", "redis.sock"])
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program exists");
        let mut said = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let is_ready = |line: String| line.to_lowercase().contains("ready to accept connections");
        assert!(said.any(|line| line.is_ok_and(is_ready)), "Redis does not start");
        // What it says later must not fill the pipe.
        std::thread::spawn(move || said.for_each(drop));
        self.child = Some(child);
    }

    /// Ends it as a crash does.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// Settings of an instance that uses it.
    pub(super) fn settings(&self) -> SharedSettings {
        let path = self.folder.path().join("redis.sock");
        let url: RedisUrl = format!("redis+unix://{}", path.display()).parse().unwrap();
        let redis_timeout = Duration::from_secs(5);
        SharedSettings { redis_url: Some(url), redis_timeout, ..SharedSettings::default() }
    }

    /// What an instance shares through it.
    pub(super) async fn share(&self) -> Shared {
        Shared::open(&self.settings()).await.unwrap()
    }

    /// A connection to it.
    pub(super) async fn connect(&self) -> Redis {
        self.share().await.redis.expect("it is set")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no Config")]
fn program() -> Option<PathBuf> {
    if let Ok(path) = std::env::var("SYFTHUB_TEST_REDIS") {
        return Some(path.into());
    }
    assert!(std::env::var("CI").is_err(), "SYFTHUB_TEST_REDIS is not set");
    println!("skipped: SYFTHUB_TEST_REDIS is not set");
    None
}

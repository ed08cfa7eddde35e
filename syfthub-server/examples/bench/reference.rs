//! What each measurement is held against.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

use crate::stack::first_line;

/// A bare axum server in a process of its own that answers `GET /` with the same bytes from memory.
pub(crate) struct BytesServer {
    child: Child,
    /// Where it listens.
    pub(crate) addr: SocketAddr,
}

impl BytesServer {
    /// Starts this program again as the server of the file's bytes.
    pub(crate) fn start(body: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .arg(body)
            .env_clear() // a setting in the environment counts as an argument
            .stdout(Stdio::piped())
            .spawn()?;
        let addr = first_line(&mut child)?.trim().parse()?;
        Ok(Self { child, addr })
    }

    /// The server's main function.
    pub(crate) async fn serve(body: &Path) -> anyhow::Result<()> {
        let body = bytes::Bytes::from(std::fs::read(body)?);
        let app = Router::new().route(
            "/",
            get(move || std::future::ready(([(CONTENT_TYPE, "application/json")], body.clone()))),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        crate::say(&listener.local_addr()?.to_string())?;
        Ok(axum::serve(listener, app).await?)
    }
}

impl Drop for BytesServer {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// RSA-2048 signatures per second over all cores, by `openssl speed`.
pub(crate) fn openssl_signs(cores: usize) -> anyhow::Result<f64> {
    let output = Command::new("openssl")
        .args(["speed", "-seconds", "3", "-multi", &cores.to_string(), "rsa2048"])
        .output()
        .context("openssl")?;
    ensure!(output.status.success(), "openssl speed: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let line = text
        .lines()
        .rev()
        .find(|line| line.starts_with("rsa") && line.contains("2048 bits"))
        .context("no result line")?;
    // Times per operation end in `s`; the first bare number after them is the signs per second.
    line.split_whitespace()
        .skip(3)
        .find_map(|word| word.parse().ok())
        .context("no number in the result line")
}

/// Rows per second of plain rusqlite, each in a commit of its own that reached the disk.
pub(crate) fn sqlite_commits(folder: &Path, period: Duration) -> anyhow::Result<f64> {
    let path = folder.join("reference.db");
    let db = rusqlite::Connection::open(&path)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch("CREATE TABLE endpoints (id INTEGER PRIMARY KEY, owner BIGINT, slug TEXT, body TEXT, UNIQUE (owner, slug))")?;
    let mut insert = db.prepare("INSERT INTO endpoints (owner, slug, body) VALUES ($1, $2, $3)")?;
    let (start, mut rows) = (Instant::now(), 0_u32);
    while start.elapsed() < period {
        insert.execute((1, format!("endpoint-{rows}"), "x".repeat(400)))?;
        rows += 1;
    }
    Ok(f64::from(rows) / start.elapsed().as_secs_f64())
}

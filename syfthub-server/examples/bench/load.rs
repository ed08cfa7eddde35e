//! A closed-loop HTTP/1.1 load generator on plain sockets: it has to cost far less than the servers it measures,
//! because they share the machine's cores.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What ends an answer that does not state its length.
pub(crate) const END: &[u8] = b"0\r\n\r\n";

/// Bytes of a stream that are kept when it is not kept as a whole: more than its last event has.
const TAIL: usize = 16 * 1024;

/// What one period of load showed.
pub(crate) struct Load {
    /// Answers per second over all connections.
    pub(crate) per_second: f64,
    /// Times from the first byte sent to the last byte received, ascending.
    pub(crate) latencies: Vec<Duration>,
}

impl Load {
    /// The latency that the fraction `part` (0..1) of all answers stayed within.
    pub(crate) fn quantile(&self, part: f64) -> Duration {
        quantile(&self.latencies, part)
    }
}

/// The value that the fraction `part` of the ascending `times` stay within; zero when there are none.
pub(crate) fn quantile(times: &[Duration], part: f64) -> Duration {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let index = ((times.len() as f64 * part) as usize).min(times.len().saturating_sub(1));
    times.get(index).copied().unwrap_or_default()
}

/// Keeps `connections` keep-alive connections busy for `period`. `request` makes the bytes of the n-th request.
///
/// # Errors
/// When an answer's status is none of `expect`, or the server closes a connection.
pub(crate) async fn drive<F>(
    addr: SocketAddr,
    connections: usize,
    period: Duration,
    expect: &'static [u16],
    request: F,
) -> anyhow::Result<Load>
where
    F: Fn(u64) -> Vec<u8> + Send + Sync + 'static,
{
    let (request, counter) = (Arc::new(request), Arc::new(AtomicU64::new(0)));
    let start = Instant::now();
    let until = start + period;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..connections {
        let (request, counter) = (request.clone(), counter.clone());
        tasks.spawn(async move {
            let mut connection = Connection::open(addr).await?;
            let mut latencies = Vec::new();
            while Instant::now() < until {
                let bytes = request(counter.fetch_add(1, Ordering::Relaxed));
                let sent = Instant::now();
                let status = connection.exchange(&bytes).await?;
                ensure!(
                    expect.contains(&status),
                    "status {status} instead of {expect:?}: {}",
                    connection.text()
                );
                latencies.push(sent.elapsed());
            }
            Ok(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(done) = tasks.join_next().await {
        latencies.extend(done??);
    }
    let elapsed = start.elapsed();
    latencies.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let per_second = latencies.len() as f64 / elapsed.as_secs_f64();
    Ok(Load { per_second, latencies })
}

/// One keep-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects without delay for small packets.
    pub(crate) async fn open(addr: SocketAddr) -> anyhow::Result<Self> {
        let stream =
            TcpStream::connect(addr).await.with_context(|| format!("connect to {addr}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and reads its answer, which must state its length; returns the status.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        loop {
            self.fill().await?;
            let Some(head) = find(&self.buffer, b"\r\n\r\n") else { continue };
            let (status, length) = parse_head(&self.buffer[..head])?;
            while self.buffer.len() < head + 4 + length {
                self.fill().await?;
            }
            return Ok(status);
        }
    }

    /// Sends a request whose answer is an event stream; returns when each of `marks` was first seen.
    pub(crate) async fn stream(
        &mut self,
        request: &[u8],
        marks: [&[u8]; 2],
    ) -> anyhow::Result<[Instant; 2]> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        let mut seen = [None; 2];
        loop {
            self.fill().await?;
            let now = Instant::now();
            for (seen, mark) in seen.iter_mut().zip(marks) {
                if seen.is_none() && find(&self.buffer, mark).is_some() {
                    *seen = Some(now);
                }
            }
            if self.buffer.ends_with(END) {
                let [Some(first), Some(second)] = seen else {
                    bail!("unexpected stream: {}", self.text())
                };
                return Ok([first, second]);
            }
        }
    }

    /// Sends a request whose answer is a stream, and reads it to its end without keeping it; `last` stands close to that.
    pub(crate) async fn drain(&mut self, request: &[u8], last: &[u8]) -> anyhow::Result<()> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        while !self.buffer.ends_with(END) {
            let surplus = self.buffer.len().saturating_sub(TAIL);
            self.buffer.drain(..surplus);
            self.fill().await?;
        }
        ensure!(
            find(&unchunked(&self.buffer), last).is_some(),
            "an incomplete stream: {}",
            self.text()
        );
        Ok(())
    }

    /// Sends a request whose answer is read by [`Connection::until`].
    pub(crate) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.buffer.clear();
        Ok(self.stream.write_all(request).await?)
    }

    /// Reads until `mark` has come, and forgets everything up to its end.
    pub(crate) async fn until(&mut self, mark: &[u8]) -> anyhow::Result<()> {
        loop {
            if let Some(at) = find(&self.buffer, mark) {
                self.buffer.drain(..at + mark.len());
                return Ok(());
            }
            let surplus = self.buffer.len().saturating_sub(TAIL);
            self.buffer.drain(..surplus);
            self.fill().await?;
        }
    }

    /// Sends a request whose answer must have the status `expect`; the answer's JSON.
    pub(crate) async fn json(&mut self, request: &[u8], expect: u16) -> anyhow::Result<Value> {
        let status = self.exchange(request).await?;
        ensure!(status == expect, "status {status} instead of {expect}: {}", self.text());
        let text = self.text();
        let (_, body) = text.split_once("\r\n\r\n").context("an answer has a head")?;
        Ok(serde_json::from_str(body)?)
    }

    /// What was received for the last request.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.buffer).into_owned()
    }

    /// What the chunks of the last answer carry, which was a stream.
    pub(crate) fn streamed(&self) -> String {
        String::from_utf8_lossy(&unchunked(&self.buffer)).into_owned()
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        let read = self.stream.read_buf(&mut self.buffer).await?;
        ensure!(read > 0, "connection closed after: {}", self.text());
        Ok(())
    }
}

/// What the chunks carry whose end is at the end of `text`. They hold no CR LF of their own.
fn unchunked(text: &[u8]) -> Vec<u8> {
    let mut pieces: Vec<&[u8]> = Vec::new();
    let mut rest = text;
    while let Some(at) = find(rest, b"\r\n") {
        pieces.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    // From the end: an empty line, the size of the last chunk, and before it data and sizes in turn.
    let mut data: Vec<&[u8]> = pieces.into_iter().rev().skip(2).step_by(2).collect();
    data.reverse();
    data.concat()
}

fn parse_head(head: &[u8]) -> anyhow::Result<(u16, usize)> {
    let head = std::str::from_utf8(head)?;
    let status = head.get(9..12).and_then(|code| code.parse().ok()).context("no status line")?;
    for line in head.lines().skip(1) {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            return Ok((status, value.trim().parse()?));
        }
    }
    if status == 204 {
        return Ok((status, 0));
    }
    bail!("an answer without a length: {head}")
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// A GET with the bearer token, if any.
pub(crate) fn get(path: &str, token: Option<&str>) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{}\r\n", bearer(token)).into_bytes()
}

/// A POST of JSON with the bearer token, if any.
pub(crate) fn post(path: &str, token: Option<&str>, body: &Value) -> Vec<u8> {
    with_body("POST", path, token, "application/json", &body.to_string())
}

/// A GET with this `Authorization`.
pub(crate) fn get_as(path: &str, authorization: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: {authorization}\r\n\r\n")
        .into_bytes()
}

/// A POST of JSON with this `Authorization`.
pub(crate) fn post_as(path: &str, authorization: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: {authorization}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A PUT of JSON with the bearer token, if any.
pub(crate) fn put(path: &str, token: Option<&str>, body: &Value) -> Vec<u8> {
    with_body("PUT", path, token, "application/json", &body.to_string())
}

/// A POST of a form.
pub(crate) fn form(path: &str, pairs: &str) -> Vec<u8> {
    with_body("POST", path, None, "application/x-www-form-urlencoded", pairs)
}

fn with_body(method: &str, path: &str, token: Option<&str>, kind: &str, body: &str) -> Vec<u8> {
    let (auth, length) = (bearer(token), body.len());
    format!("{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n{auth}\r\n{body}")
        .into_bytes()
}

fn bearer(token: Option<&str>) -> String {
    token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_put_together_from_their_end() {
        let text = b"at of a chunk\r\n5\r\n, th\n\r\n2\r\nen\r\n0\r\n\r\n";
        assert_eq!(unchunked(text), b"at of a chunk, th\nen");
        assert_eq!(unchunked(b"5\r\nwhole\r\n0\r\n\r\n"), b"whole");
    }
}

//! A parse worker as seen from the program that started it.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rand::RngCore as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::frame::{self, Job, Reply};
use super::{Content, Document, ParseError, Task};

/// What a dying worker says last, as far as it matters.
const LAST_WORDS: usize = 4096;

/// How a parse worker is started.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(OsString, OsString)>,
}

/// A running worker; killed when dropped.
pub(super) struct Worker {
    child: Child,
    jobs: ChildStdin,
    replies: BufReader<ChildStdout>,
    last_words: JoinHandle<String>,
}

/// What a file may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    pub(super) memory: u64,
    pub(super) seconds: u64,
}

impl Worker {
    /// Starts one. It gets nothing of this process but the file's path.
    pub(super) fn start(program: &Program) -> io::Result<Self> {
        let mut child = Command::new(&program.path)
            .args(&program.arguments)
            .env_clear()
            .envs(program.environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let jobs = child.stdin.take().ok_or_else(missing)?;
        let replies = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        let last_words = tokio::spawn(last_words(child.stderr.take().ok_or_else(missing)?));
        Ok(Self { child, jobs, replies, last_words })
    }

    /// Has a file read. After `Err` the worker is of no more use; [`why`](Self::why) tells what became of it.
    pub(super) async fn read(
        &mut self,
        task: Task,
        Cost { memory, seconds }: Cost,
    ) -> io::Result<Result<Content, ParseError>> {
        let mut mark = [0; 16];
        rand::rng().fill_bytes(&mut mark);
        let job = frame::job_bytes(&Job { mark, task, memory, seconds })?;
        self.jobs.write_all(&job).await?;
        let mut document = Document::default();
        loop {
            match frame::read_reply(&mut self.replies, &mark).await? {
                Reply::Unchanged => return Ok(Ok(Content::Unchanged)),
                Reply::Failed(error) => return Ok(Err(error)),
                Reply::Head { hash, title, file_size, metadata } => {
                    document = Document { hash, title, file_size, metadata, chunks: Vec::new() };
                }
                Reply::Chunks(chunks) => document.chunks.extend(chunks),
                Reply::End => return Ok(Ok(Content::New(document))),
            }
        }
    }

    /// Why it died while it read a file. One that only stopped talking is ended: its input closes.
    pub(super) async fn why(self, cost: Cost) -> ParseError {
        let Self { mut child, jobs, last_words, .. } = self;
        drop(jobs);
        let status = child.wait().await;
        let words = last_words.await.unwrap_or_default();
        if words.contains("memory allocation of") {
            return ParseError::OutOfMemory(cost.memory);
        }
        if words.contains("overflowed its stack") {
            return ParseError::TooDeep;
        }
        match status {
            Ok(status) => what_happened(status, cost),
            Err(error) => ParseError::Died(error.to_string()),
        }
    }

    /// Whether it still runs.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

#[cfg(unix)]
fn what_happened(status: ExitStatus, cost: Cost) -> ParseError {
    use std::os::unix::process::ExitStatusExt as _;
    match status.signal() {
        Some(libc::SIGXCPU) => ParseError::TimedOut(Duration::from_secs(cost.seconds)),
        Some(libc::SIGKILL | libc::SIGTERM) => ParseError::Killed,
        _ => ParseError::Died(status.to_string()),
    }
}

#[cfg(not(unix))]
fn what_happened(status: ExitStatus, _cost: Cost) -> ParseError {
    ParseError::Died(status.to_string())
}

/// Reads all that the worker says to standard error, so that it never waits, and keeps the end.
async fn last_words(mut errors: ChildStderr) -> String {
    let (mut kept, mut buffer) = (Vec::new(), [0; 1024]);
    while let Ok(read @ 1..) = errors.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..read]);
        let excess = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..excess);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

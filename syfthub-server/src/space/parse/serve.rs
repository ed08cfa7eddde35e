//! The other side of [`pool`](super::pool): what runs in a parse worker, a process that may die.

use std::any::Any;
use std::ffi::OsStr;
use std::io::{self, BufReader, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use super::frame::{self, Job, Reply};
use super::read::{Content, Document, read};
use super::{ParseError, limit};
use crate::memory;

/// The first argument of a program that is to be a parse worker. It is no part of any command line for people.
pub(super) const ARGUMENT: &str = "__parse-worker";

/// Parsers recurse along a document's own nesting; the stack is reserved, not resident.
const STACK: usize = 32 << 20;

/// Chunks per reply: a document's text stands in memory once, not twice.
const CHUNKS: usize = 256;

/// Whether this process was started to be a parse worker. A program that opens a space asks this first thing in `main`, and
/// then runs [`parse_worker_main`] instead of itself.
pub fn is_parse_worker() -> bool {
    std::env::args_os().nth(1).as_deref() == Some(OsStr::new(ARGUMENT))
}

/// Reads files that come as jobs on standard input until there are no more.
pub fn parse_worker_main() -> ExitCode {
    memory::give_back_what_is_free();
    limit::be_nice();
    // What panics says so to whoever sent the file; nobody reads it here.
    std::panic::set_hook(Box::new(|_| {}));
    let work = std::thread::Builder::new().name("parser".to_owned()).stack_size(STACK).spawn(serve);
    match work.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn serve() -> io::Result<()> {
    let mut input = BufReader::new(io::stdin().lock());
    while let Some(job) = frame::read_job(&mut input)? {
        limit::memory(job.memory);
        limit::processor_seconds(job.seconds);
        let outcome = catch_unwind(AssertUnwindSafe(|| read(&job.task)));
        let outcome = outcome.unwrap_or_else(|panic| Err(ParseError::Died(text_of(&*panic))));
        answer(&job, outcome)?;
    }
    Ok(())
}

fn answer(job: &Job, outcome: Result<Content, ParseError>) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut say = |reply: &Reply| frame::write_reply(&mut out, &job.mark, reply);
    match outcome {
        Ok(Content::Unchanged) => say(&Reply::Unchanged),
        Err(error) => say(&Reply::Failed(error)),
        Ok(Content::New(Document { hash, title, file_size, metadata, chunks })) => {
            say(&Reply::Head { hash, title, file_size, metadata })?;
            let mut chunks = chunks.into_iter();
            loop {
                let some: Vec<_> = chunks.by_ref().take(CHUNKS).collect();
                if some.is_empty() {
                    break;
                }
                say(&Reply::Chunks(some))?;
            }
            say(&Reply::End)
        }
    }?;
    out.flush()
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("it panicked").to_owned()
}

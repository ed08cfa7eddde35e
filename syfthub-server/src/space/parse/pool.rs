//! Parse workers: as many as may work at the same time, started when there is work and gone when there is none.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::process::{Cost, Program, Worker};
use super::{Content, ParseError, Task};

/// What files may cost, and who reads them.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    /// Workers at the same time.
    pub(crate) workers: usize,
    /// The longest that a file may take.
    pub(crate) deadline: Duration,
    /// The most memory that a worker may allocate, in bytes.
    pub(crate) memory: u64,
    /// The program to start; this one when not given.
    pub(crate) program: Option<PathBuf>,
}

/// The workers of a space; clones share them.
#[derive(Clone)]
pub(crate) struct Parsers(Arc<Shared>);

struct Shared {
    places: Semaphore,
    idle: Mutex<Vec<Worker>>,
    program: Result<Program, String>,
    deadline: Duration,
    cost: Cost,
}

impl Parsers {
    /// No worker yet: they are started as files come.
    pub(crate) fn new(bounds: Bounds) -> Self {
        let Bounds { workers, deadline, memory, program } = bounds;
        let seconds = deadline.as_secs().saturating_add(1);
        Self(Arc::new(Shared {
            places: Semaphore::new(workers.max(1)),
            idle: Mutex::default(),
            program: worker_program(program),
            deadline,
            cost: Cost { memory, seconds },
        }))
    }

    /// Has a file read by a worker. One that does not come back in time is killed; one that dies takes no other file with
    /// it. The same happens when the caller gives up waiting.
    pub(crate) async fn read(&self, task: Task) -> Result<Content, ParseError> {
        let Shared { places, deadline, cost, .. } = &*self.0;
        let _place = places.acquire().await.expect("the semaphore is never closed");
        let mut worker = self.worker()?;
        match tokio::time::timeout(*deadline, worker.read(task, *cost)).await {
            Err(_) => Err(ParseError::TimedOut(*deadline)),
            Ok(Err(_)) => Err(worker.why(*cost).await),
            Ok(Ok(outcome)) => {
                self.idle().push(worker);
                outcome
            }
        }
    }

    /// Ends the workers that have nothing to do. The next file starts one again.
    pub(crate) fn rest(&self) {
        self.idle().clear();
    }

    fn worker(&self) -> Result<Worker, ParseError> {
        while let Some(mut idle) = self.idle().pop() {
            if idle.is_alive() {
                return Ok(idle);
            }
        }
        let program = self.0.program.as_ref().map_err(|why| ParseError::NoParser(why.clone()))?;
        Worker::start(program).map_err(|error| ParseError::NoParser(error.to_string()))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(not(test))]
fn worker_program(program: Option<PathBuf>) -> Result<Program, String> {
    let path = match program {
        Some(path) => path,
        None => std::env::current_exe().map_err(|error| error.to_string())?,
    };
    let arguments = vec![super::serve::ARGUMENT.into()];
    Ok(Program { path, arguments, environment: Vec::new() })
}

/// Unit tests run in the test program, one of whose tests is a worker when it is told so.
#[cfg(test)]
fn worker_program(program: Option<PathBuf>) -> Result<Program, String> {
    super::tests::worker_program(program)
}

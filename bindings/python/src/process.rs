//! What belongs to one process and must not be touched by the processes forked from it.
//!
//! A forked process has the memory of its parent but none of its threads, and shares its sockets and its epoll instance.
//! So every process gets a runtime of its own when it first needs one, and values that hold on to a runtime or to
//! connections are never dropped in another process than the one that made them: closing them there would take them out
//! of the epoll instance of the parent.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};

/// How often this process and its ancestors were forked.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// The runtimes of this process and of its ancestors, which keep their places: a list that only grows.
struct Process {
    generation: u64,
    runtime: Runtime,
    child: OnceLock<Box<Process>>,
}

static FIRST: OnceLock<Process> = OnceLock::new();

/// Has the interpreter tell when it is a forked process.
pub(crate) fn watch_forks(py: Python<'_>) -> PyResult<()> {
    let os = py.import("os")?;
    // Windows has no such function, and no forks.
    let Ok(register) = os.getattr("register_at_fork") else { return Ok(()) };
    let keywords = pyo3::types::PyDict::new(py);
    keywords.set_item("after_in_child", pyo3::wrap_pyfunction!(forked, py)?)?;
    register.call((), Some(&keywords)).map(drop)
}

#[pyfunction]
fn forked() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// The runtime of this process. It is made under the interpreter lock, which a fork takes too: so no fork finds it half made.
pub(crate) fn runtime(_: Python<'_>) -> PyResult<&'static Runtime> {
    let generation = generation();
    let mut process = if let Some(first) = FIRST.get() {
        first
    } else {
        let first = started(generation)?;
        FIRST.get_or_init(|| first)
    };
    while process.generation != generation {
        process = if let Some(child) = process.child.get() {
            child
        } else {
            let child = Box::new(started(generation)?);
            process.child.get_or_init(|| child)
        };
    }
    Ok(&process.runtime)
}

fn started(generation: u64) -> PyResult<Process> {
    let runtime = Builder::new_multi_thread().enable_all().thread_name("syfthub").build();
    let runtime = runtime.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    Ok(Process { generation, runtime, child: OnceLock::new() })
}

/// A value of the process that made it: others cannot reach it, and never drop it.
pub(crate) struct Local<T> {
    generation: u64,
    value: Option<T>,
}

impl<T> Local<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { generation: generation(), value: Some(value) }
    }

    /// The value, unless this is another process than the one that made it.
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.generation == generation())
    }

    /// What a forked process may still read: memory, nothing that is open.
    pub(crate) fn inherited(&self) -> &T {
        self.value.as_ref().expect("the value is taken out by `drop` alone")
    }
}

impl<T> Drop for Local<T> {
    fn drop(&mut self) {
        if self.generation != generation() {
            std::mem::forget(self.value.take());
        }
    }
}

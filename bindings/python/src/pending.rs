//! Waiting for an operation from asyncio.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use pyo3::exceptions::{PyRuntimeError, PyStopAsyncIteration, PyStopIteration};
use pyo3::inspect::PyStaticExpr;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use syfthub_calls::Failure;
use tokio::task::AbortHandle;

use crate::failures;
use crate::mailbox::{self, Letters};
use crate::process::{Local, runtime};

/// What came of the work: a text, or nothing where a stream has ended.
pub(crate) type Outcome = Result<Option<String>, Failure>;

/// Work that has begun and is waited for with `await`. Cancelling the task that waits, or dropping this, ends the work.
#[pyclass(frozen, module = "syfthub_sdk._native")]
pub(crate) struct Pending {
    name: String,
    state: Mutex<State>,
}

/// A [`Pending`] as type checkers see it: what is awaited for a text.
pub(crate) struct Awaitable(pub(crate) Pending);

impl<'py> IntoPyObject<'py> for Awaitable {
    type Target = Pending;
    type Output = Bound<'py, Pending>;
    type Error = PyErr;

    const OUTPUT_TYPE: PyStaticExpr = pyo3::type_hint_subscript!(
        pyo3::type_hint_identifier!("collections.abc", "Awaitable"),
        <String as IntoPyObject<'_>>::OUTPUT_TYPE
    );

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        Bound::new(py, self.0)
    }
}

enum State {
    /// Nothing has to be waited for.
    Ready(Outcome),
    /// Somebody else does it; `await` hands `future` to the event loop.
    Running { work: Local<Work>, future: Py<PyAny>, handed_over: bool },
    /// It was waited for.
    Over,
}

/// Work in the runtime, which ends with this value.
struct Work {
    outcome: Arc<Mutex<Option<Outcome>>>,
    letters: Arc<Letters>,
    number: u64,
    task: AbortHandle,
}

impl Drop for Work {
    fn drop(&mut self) {
        self.task.abort();
        drop(self.letters.forget(self.number));
    }
}

impl Pending {
    /// What is known already.
    pub(crate) fn ready(name: &str, outcome: Outcome) -> Self {
        Self { name: name.to_owned(), state: Mutex::new(State::Ready(outcome)) }
    }

    /// Begins `work`, for the event loop that runs in this thread. It is begun in this thread, too: so a request is on its
    /// way before another thread wakes up, and what waits for nobody is done.
    pub(crate) fn begin<F>(py: Python<'_>, name: &str, work: F) -> PyResult<Self>
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let event_loop = running_loop(py)?;
        let runtime = runtime(py)?;
        let mut work = Box::pin(AssertUnwindSafe(work).catch_unwind());
        let ready = {
            let _within = runtime.enter();
            (&mut work).now_or_never()
        };
        if let Some(came) = ready {
            return Ok(Self::ready(name, unpanicked(came)));
        }
        let letters = mailbox::letters(&event_loop)?;
        let future = event_loop.call_method0(intern!(py, "create_future"))?.unbind();
        let number = letters.expect(future.clone_ref(py));
        let outcome = Arc::new(Mutex::new(None));
        let (put, post) = (Arc::clone(&outcome), Arc::clone(&letters));
        let task = runtime.spawn(async move {
            *unpoisoned(&put) = Some(unpanicked(work.await));
            post.post(number);
        });
        let work = Work { outcome, letters, number, task: task.abort_handle() };
        let state = State::Running { work: Local::new(work), future, handed_over: false };
        Ok(Self { name: name.to_owned(), state: Mutex::new(state) })
    }
}

#[pymethods]
impl Pending {
    fn __await__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    /// What the event loop is to wait for; the end of it carries the text.
    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let mut state = unpoisoned(&self.state);
        let outcome = match std::mem::replace(&mut *state, State::Over) {
            State::Ready(outcome) => outcome,
            State::Running { work, future, handed_over } => {
                let running = work.get().ok_or_else(failures::of_another_process)?;
                let outcome = unpoisoned(&running.outcome).take();
                let Some(outcome) = outcome else {
                    let waited_for = future.clone_ref(py);
                    *state = State::Running { work, future, handed_over: true };
                    if handed_over {
                        return Err(PyRuntimeError::new_err("the work is waited for twice"));
                    }
                    // How a task knows that this is to be waited for: what `Future.__await__` does.
                    waited_for.setattr(py, intern!(py, "_asyncio_future_blocking"), true)?;
                    return Ok(waited_for);
                };
                outcome
            }
            State::Over => {
                return Err(PyRuntimeError::new_err("this was waited for already"));
            }
        };
        drop(state);
        Err(self.end(py, outcome))
    }
}

impl Pending {
    /// The exception that ends the `await`: by its convention that is how a value is given, too.
    fn end(&self, py: Python<'_>, outcome: Outcome) -> PyErr {
        match outcome {
            Ok(Some(text)) => PyStopIteration::new_err(text),
            Ok(None) => PyStopAsyncIteration::new_err(()),
            Err(failure) => failures::raised(py, &failure, &self.name),
        }
    }
}

/// Operations stop their own panics: this is for what is around them.
fn unpanicked(came: std::thread::Result<Outcome>) -> Outcome {
    came.unwrap_or_else(|_| Err(Failure::Panic("the work panicked".to_owned())))
}

fn running_loop(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static GET: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    GET.get_or_try_init(py, || {
        py.import("asyncio")?.getattr("get_running_loop").map(Bound::unbind)
    })?
    .bind(py)
    .call0()
}

fn unpoisoned<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Streams of JSON texts: the pages of a list, or the events of an answer.

use std::sync::Arc;

use futures_util::{FutureExt as _, StreamExt as _};
use pyo3::prelude::*;
use syfthub_calls::Texts;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::failures;
use crate::pending::{Awaitable, Outcome, Pending};
use crate::process::{Local, runtime};
use crate::wait::wait;

/// JSON texts, one after the other, for `for` and `async for`. Closing or dropping it ends what it comes from.
#[pyclass(frozen, module = "syfthub_sdk._native")]
pub(crate) struct Stream {
    name: String,
    texts: Local<Arc<Source>>,
}

struct Source {
    texts: Mutex<Option<Texts>>,
    closed: CancellationToken,
}

impl Stream {
    pub(crate) fn of(name: &str, texts: Texts) -> Self {
        let source = Source { texts: Mutex::new(Some(texts)), closed: CancellationToken::new() };
        Self { name: name.to_owned(), texts: Local::new(Arc::new(source)) }
    }

    fn source(&self) -> PyResult<&Arc<Source>> {
        self.texts.get().ok_or_else(failures::of_another_process)
    }
}

impl Source {
    /// The next text; nothing at the end, after a failure, and when the stream was closed meanwhile.
    async fn next(&self) -> Outcome {
        let next = async {
            let mut held = self.texts.lock().await;
            let Some(texts) = held.as_mut() else { return Ok(None) };
            let text = texts.next().await.transpose();
            if !matches!(text, Ok(Some(_))) {
                *held = None;
            }
            text
        };
        let text = self.closed.run_until_cancelled(next).await;
        if text.is_none() {
            *self.texts.lock().await = None;
        }
        text.unwrap_or(Ok(None))
    }

    /// What `next` would give without waiting.
    fn ready(&self, py: Python<'_>) -> PyResult<Option<Outcome>> {
        let _within = runtime(py)?.enter();
        Ok(self.next().now_or_never())
    }

    fn close(&self) {
        self.closed.cancel();
        // Whoever reads right now drops it instead.
        if let Ok(mut held) = self.texts.try_lock() {
            *held = None;
        }
    }
}

#[pymethods]
impl Stream {
    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let source = self.source()?;
        // What is there already is worth no change of threads.
        let outcome = match source.ready(py)? {
            Some(outcome) => outcome,
            None => wait(py, source.next())?,
        };
        outcome.map_err(|failure| failures::raised(py, &failure, &self.name))
    }

    fn __aiter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __anext__(&self, py: Python<'_>) -> PyResult<Awaitable> {
        let source = Arc::clone(self.source()?);
        Pending::begin(py, &self.name, async move { source.next().await }).map(Awaitable)
    }

    /// Ends the stream, and what it comes from.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let Some(source) = self.texts.get() else { return Ok(()) };
        let _within = runtime(py)?.enter();
        source.close();
        Ok(())
    }
}

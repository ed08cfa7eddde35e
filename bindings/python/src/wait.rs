//! Waiting for an operation in a thread of Python's.

use std::pin::pin;
use std::time::Duration;

use pyo3::prelude::*;

use crate::process;

/// How long Ctrl-C may go unnoticed.
const SIGNALS: Duration = Duration::from_millis(50);

/// Waits for `work` without the interpreter lock. What a signal's handler raises ends the wait and drops the work.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method by itself is for one lifetime, and not for every one"
)]
pub(crate) fn wait<F>(py: Python<'_>, work: F) -> PyResult<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    let runtime = process::runtime(py)?;
    py.detach(|| {
        let mut work = pin!(work);
        loop {
            let turn = async { tokio::time::timeout(SIGNALS, work.as_mut()).await };
            // Outside of the runtime: a handler may well make calls of its own.
            match runtime.block_on(turn) {
                Ok(done) => return Ok(done),
                Err(_) => Python::attach(|py| py.check_signals())?,
            }
        }
    })
}

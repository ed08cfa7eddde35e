//! The compiled half of the Python package `syfthub-sdk`.
//!
//! Operations are run by name, with JSON in and out (`syfthub_calls`); the Python half gives them names, types and
//! documentation. Each can be waited for in two ways:
//! - blocking ([`wait`]): the interpreter lock is released meanwhile, and Ctrl-C ends the wait;
//! - from asyncio ([`pending`]): the event loop is woken by its [`mailbox`], and no thread of ours takes the lock.
//!
//! A process that was forked keeps nothing of what its parent had running ([`process`]).

mod failures;
mod hub;
mod mailbox;
mod pending;
mod process;
mod space;
mod stream;
mod target;
mod verifier;
mod wait;

use pyo3::prelude::*;

/// The compiled half of `syfthub_sdk`: operations by name, with JSON in and out.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::hub::Hub;
    #[pymodule_export]
    use super::pending::Pending;
    #[pymodule_export]
    use super::space::Space;
    #[pymodule_export]
    use super::stream::Stream;
    #[pymodule_export]
    use super::verifier::Verifier;
    #[pymodule_export]
    use super::{pure, version};

    #[pymodule_init]
    fn init() -> pyo3::PyResult<()> {
        pyo3::Python::attach(super::process::watch_forks)
    }
}

/// The version of the package.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Runs the operation `name` that needs no network, with a JSON object of arguments, and gives its answer as JSON.
#[pyfunction]
fn pure(py: Python<'_>, name: &str, arguments: &str) -> PyResult<String> {
    syfthub_calls::pure::run(name, arguments)
        .map_err(|failure| failures::raised(py, &failure, name))
}

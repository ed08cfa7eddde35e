//! Failures as Python's exceptions.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use syfthub_calls::Failure;

/// The exception for a failure of the operation `name`: which class that is, the Python half knows.
pub(crate) fn raised(py: Python<'_>, failure: &Failure, name: &str) -> PyErr {
    static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let told = serde_json::to_string(&failure.told()).expect("what is told of a failure is JSON");
    let made = MAKE
        .get_or_try_init(py, || {
            py.import("syfthub_sdk._failures")?.getattr("exception_of").map(Bound::unbind)
        })
        .and_then(|make| make.bind(py).call1((told, name)));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// The exception for something that was made before this process was forked.
pub(crate) fn of_another_process() -> PyErr {
    PyRuntimeError::new_err(
        "this was begun by the process that this one was forked from: begin it anew",
    )
}

/// The failure for a name that no operation has.
pub(crate) fn unknown(name: &str) -> Failure {
    Failure::Panic(format!("`{name}` is no operation"))
}

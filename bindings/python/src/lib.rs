//! The compiled half of the Python package `syfthub-sdk`.

use pyo3::prelude::*;

/// The compiled half of `syfthub_sdk`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::version;
}

/// The version of the package.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

//! What operations are run on, whichever way they are waited for: the classes of the module are all of this form.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use syfthub_calls::{Failure, Operation};

use crate::failures::{raised, unknown};
use crate::pending::{Awaitable, Pending};
use crate::process::Local;
use crate::stream::Stream;
use crate::wait::wait;

/// A client with a table of operations.
pub(crate) trait Client: Clone + Send + Sync + 'static {
    /// Makes one out of its settings.
    fn made(settings: &str) -> Result<Self, Failure>;

    /// The settings for one that goes on with the session of this one.
    fn inherited(&self, settings: &str) -> String;

    /// The operation of this name.
    fn operation(name: &str) -> Option<&'static Operation<Self>>;
}

/// A client and how to make it anew in a forked process.
pub(crate) struct Target<C: Client> {
    settings: String,
    client: Mutex<Local<C>>,
}

impl<C: Client> Target<C> {
    pub(crate) fn new(py: Python<'_>, settings: String) -> PyResult<Self> {
        let client = C::made(&settings).map_err(|failure| raised(py, &failure, "settings"))?;
        Ok(Self { settings, client: Mutex::new(Local::new(client)) })
    }

    /// The client; in a forked process another one, which goes on with the session.
    fn client(&self, py: Python<'_>) -> PyResult<C> {
        // Nobody forks while this lock is held: a fork needs the interpreter lock, and so does this.
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = client.get() {
            return Ok(client.clone());
        }
        let settings = client.inherited().inherited(&self.settings);
        let anew = C::made(&settings).map_err(|failure| raised(py, &failure, "settings"))?;
        *client = Local::new(anew.clone());
        Ok(anew)
    }

    pub(crate) fn call(&self, py: Python<'_>, name: &str, arguments: &str) -> PyResult<String> {
        let operation = operation::<C>(py, name)?;
        let client = self.client(py)?;
        wait(py, operation.call(&client, arguments))?.map_err(|failure| raised(py, &failure, name))
    }

    pub(crate) fn call_async(
        &self,
        py: Python<'_>,
        name: &str,
        arguments: String,
    ) -> PyResult<Awaitable> {
        let operation = operation::<C>(py, name)?;
        let client = self.client(py)?;
        let work = async move { operation.call(&client, &arguments).await.map(Some) };
        Pending::begin(py, name, work).map(Awaitable)
    }

    pub(crate) fn open(&self, py: Python<'_>, name: &str, arguments: &str) -> PyResult<Stream> {
        let operation = operation::<C>(py, name)?;
        let client = self.client(py)?;
        let texts = {
            let _within = crate::process::runtime(py)?.enter();
            operation.open(&client, arguments)
        };
        texts.map(|texts| Stream::of(name, texts)).map_err(|failure| raised(py, &failure, name))
    }
}

fn operation<C: Client>(py: Python<'_>, name: &str) -> PyResult<&'static Operation<C>> {
    C::operation(name).ok_or_else(|| raised(py, &unknown(name), name))
}

/// Writes the class of the module for a client.
macro_rules! class {
    ($(#[doc = $doc:literal])* $name:ident of $client:ty) => {
        $(#[doc = $doc])*
        #[pyo3::pyclass(frozen, module = "syfthub_sdk._native")]
        pub(crate) struct $name {
            target: $crate::target::Target<$client>,
        }

        #[pyo3::pymethods]
        impl $name {
            /// Makes one with these settings, a JSON object. Nothing is sent yet.
            #[new]
            fn new(py: pyo3::Python<'_>, settings: String) -> pyo3::PyResult<Self> {
                $crate::target::Target::new(py, settings).map(|target| Self { target })
            }

            /// Runs the operation with a JSON object of arguments and gives its answer as JSON. The interpreter lock is
            /// released meanwhile.
            fn call(&self, py: pyo3::Python<'_>, name: &str, arguments: &str) -> pyo3::PyResult<String> {
                self.target.call(py, name, arguments)
            }

            /// Begins the operation, for `await`.
            fn call_async(
                &self,
                py: pyo3::Python<'_>,
                name: &str,
                arguments: String,
            ) -> pyo3::PyResult<$crate::pending::Awaitable> {
                self.target.call_async(py, name, arguments)
            }

            /// Opens the operation's stream. Nothing is sent before the first text is asked for.
            fn open(
                &self,
                py: pyo3::Python<'_>,
                name: &str,
                arguments: &str,
            ) -> pyo3::PyResult<$crate::stream::Stream> {
                self.target.open(py, name, arguments)
            }
        }
    };
}
pub(crate) use class;

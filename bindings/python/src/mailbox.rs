//! How an event loop of asyncio hears that something is done.
//!
//! A thread of ours that called into Python would have to wait for the interpreter lock, some milliseconds while Python is
//! busy. It writes one byte to a socket instead: the event loop watches the other end, and wakes in one go everybody
//! whose work got done meanwhile. Event loops that cannot watch sockets are told through `call_soon_threadsafe`.

use std::collections::HashMap;
#[cfg(unix)]
use std::io::{Read as _, Write as _};
#[cfg(unix)]
use std::os::{fd::AsRawFd as _, unix::net::UnixStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::process::Local;

/// The mailbox of one event loop, as its callback.
#[pyclass(frozen, module = "syfthub_sdk._native")]
pub(crate) struct Mailbox {
    letters: Local<Arc<Letters>>,
}

/// Who waits in one event loop, and whose work is done.
pub(crate) struct Letters {
    /// Touched under the interpreter lock alone.
    waiting: Mutex<Waiting>,
    done: Mutex<Vec<u64>>,
    bell: Bell,
}

/// Futures of asyncio by number.
#[derive(Default)]
struct Waiting {
    last: u64,
    futures: HashMap<u64, Py<PyAny>>,
}

enum Bell {
    #[cfg(unix)]
    Socket { near: UnixStream, watched: UnixStream },
    /// A weak reference to the event loop: a strong one would keep it for good.
    Call(Py<PyAny>),
}

/// The letters of the event loop that runs here.
pub(crate) fn letters(event_loop: &Bound<'_, PyAny>) -> PyResult<Arc<Letters>> {
    static ALL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = event_loop.py();
    let all = ALL
        .get_or_try_init(py, || {
            py.import("weakref")?.call_method0("WeakKeyDictionary").map(Bound::unbind)
        })?
        .bind(py);
    let found = all.call_method1(intern!(py, "get"), (event_loop,))?;
    if let Ok(mailbox) = found.cast::<Mailbox>()
        && let Some(letters) = mailbox.get().letters.get()
    {
        return Ok(Arc::clone(letters));
    }
    let letters = watched(event_loop)?;
    all.set_item(event_loop, Mailbox { letters: Local::new(Arc::clone(&letters)) })?;
    Ok(letters)
}

/// New letters that `event_loop` hears of.
fn watched(event_loop: &Bound<'_, PyAny>) -> PyResult<Arc<Letters>> {
    let py = event_loop.py();
    #[cfg(unix)]
    {
        let (near, watched) = UnixStream::pair()?;
        near.set_nonblocking(true)?;
        watched.set_nonblocking(true)?;
        let descriptor = watched.as_raw_fd();
        let letters = Letters::with(Bell::Socket { near, watched });
        let callback = Mailbox { letters: Local::new(Arc::clone(&letters)) };
        if event_loop.call_method1(intern!(py, "add_reader"), (descriptor, callback)).is_ok() {
            return Ok(letters);
        }
    }
    let reference = py.import("weakref")?.call_method1("ref", (event_loop,))?;
    Ok(Letters::with(Bell::Call(reference.unbind())))
}

impl Letters {
    fn with(bell: Bell) -> Arc<Self> {
        Arc::new(Self { waiting: Mutex::default(), done: Mutex::default(), bell })
    }

    /// Keeps `future` until the letter with the number given here wakes who waits for it.
    pub(crate) fn expect(&self, future: Py<PyAny>) -> u64 {
        let mut waiting = unpoisoned(&self.waiting);
        waiting.last += 1;
        let number = waiting.last;
        waiting.futures.insert(number, future);
        number
    }

    /// Takes the future of this number out: nobody waits for it any more.
    pub(crate) fn forget(&self, number: u64) -> Option<Py<PyAny>> {
        unpoisoned(&self.waiting).futures.remove(&number)
    }

    /// Tells the event loop that the work of this number is done. Called from threads of ours.
    pub(crate) fn post(self: &Arc<Self>, number: u64) {
        let mut done = unpoisoned(&self.done);
        let first = done.is_empty();
        done.push(number);
        drop(done);
        if first {
            self.ring();
        }
    }

    fn ring(self: &Arc<Self>) {
        match &self.bell {
            // A full socket has rung already, and nobody listens at a closed one any more.
            #[cfg(unix)]
            Bell::Socket { near, .. } => drop((&mut &*near).write(&[0])),
            Bell::Call(event_loop) => Python::attach(|py| {
                let callback = Mailbox { letters: Local::new(Arc::clone(self)) };
                let told = event_loop.bind(py).call0().and_then(|event_loop| {
                    event_loop.call_method1(intern!(py, "call_soon_threadsafe"), (callback,))
                });
                // Fails when the event loop is closed: then nobody waits.
                drop(told);
            }),
        }
    }

    /// The numbers of all work that was done since the last time.
    fn take(&self) -> Vec<u64> {
        // First the bell, then the letters: one that comes in between rings again.
        #[cfg(unix)]
        if let Bell::Socket { watched, .. } = &self.bell {
            let mut rung = [0; 16];
            while (&mut &*watched).read(&mut rung).is_ok_and(|count| count == rung.len()) {}
        }
        std::mem::take(&mut *unpoisoned(&self.done))
    }
}

#[pymethods]
impl Mailbox {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let Some(letters) = self.letters.get() else { return Ok(()) };
        for number in letters.take() {
            let Some(future) = letters.forget(number) else { continue };
            let future = future.bind(py);
            if !future.call_method0(intern!(py, "done"))?.is_truthy()? {
                future.call_method1(intern!(py, "set_result"), (py.None(),))?;
            }
        }
        Ok(())
    }
}

fn unpoisoned<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

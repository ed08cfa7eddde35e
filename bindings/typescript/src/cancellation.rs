//! Word from a caller who no longer waits.

use napi_derive::napi;
use syfthub_calls::Failure;
use tokio_util::sync::CancellationToken;

use crate::failure;

/// Ends the calls it was given to.
#[napi]
#[derive(Default)]
pub struct Cancellation {
    token: CancellationToken,
}

#[napi]
impl Cancellation {
    /// One that has not been used.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Drops the work, and with it every connection that it waits on.
    #[napi]
    pub fn cancel(&self) {
        self.token.cancel();
    }
}

impl Cancellation {
    pub(crate) fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

/// What `work` gives, unless it is cancelled first: then it is dropped where it stands.
pub(crate) async fn unless_cancelled<T>(
    token: Option<CancellationToken>,
    work: impl Future<Output = Result<T, Failure>>,
) -> napi::Result<T> {
    let Some(token) = token else { return work.await.map_err(failure::told) };
    tokio::select! {
        biased;
        () = token.cancelled() => Err(failure::cancelled()),
        done = work => done.map_err(failure::told),
    }
}

//! One HTTP exchange with an accounting service: the only way in which the journal reaches the world.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Request, Response};

/// The largest answer that is read.
const LARGEST: usize = 4 * 1024 * 1024;

/// There is no answer, or none that can be read: what the service did is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Away(pub(crate) String);

/// A way to accounting services.
pub(crate) trait Exchange: Send + Sync {
    /// Sends the request, whose address is absolute, and reads the whole answer.
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Away>>;
}

/// The way over the network.
pub(super) struct Network {
    http: reqwest::Client,
    patience: Duration,
}

impl Network {
    /// Through `http`; an exchange may take as long as `patience`.
    pub(super) fn new(http: reqwest::Client, patience: Duration) -> Self {
        Self { http, patience }
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Away> {
        let away = |error: reqwest::Error| Away(error.without_url().to_string());
        let mut request = reqwest::Request::try_from(request).map_err(away)?;
        *request.timeout_mut() = Some(self.patience);
        let mut response = self.http.execute(request).await.map_err(away)?;
        let mut body = BytesMut::new();
        while let Some(piece) = response.chunk().await.map_err(away)? {
            if body.len() + piece.len() > LARGEST {
                return Err(Away("it answered too much".to_owned()));
            }
            body.extend_from_slice(&piece);
        }
        let mut read = Response::new(body.freeze());
        *read.status_mut() = response.status();
        Ok(read)
    }
}

impl Exchange for Network {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Away>> {
        self.send(request).boxed()
    }
}

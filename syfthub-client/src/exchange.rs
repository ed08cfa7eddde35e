//! How a request becomes an answer: over the network, or by whatever a program puts in its place.
//!
//! A test need not start a server to see what a program does with its hub: it gives an [`Exchange`], which is handed every
//! request as it would leave the machine, and answers it.
//!
//! ```
//! # async fn example() -> Result<(), syfthub_client::Error> {
//! use syfthub_client::Client;
//! use syfthub_client::exchange::{Body, Bytes, Request, Response};
//!
//! let answer = |request: &Request<Bytes>| {
//!     assert_eq!(request.uri(), "https://hub.example.org/api/v1/users/check-username/ada");
//!     Response::new(Body::from(r#"{"available": true, "username": "ada"}"#))
//! };
//! let hub = Client::builder("https://hub.example.org").exchange(answer).build()?;
//! assert!(hub.users().check_username("ada").await?.available);
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
//! ```

use std::fmt;
use std::sync::Arc;

use futures_util::future::{BoxFuture, ready};
use futures_util::{FutureExt as _, TryFutureExt as _};

pub use bytes::Bytes;
pub use http::{Request, Response};
pub use reqwest::Body;

/// Makes requests into answers. Redirects are answers too: they are not to be followed.
///
/// A function from a request to its answer is one; here is one that is not there at first:
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// use syfthub_client::exchange::{Body, Bytes, Exchange, NoAnswer, Request, Response};
///
/// struct Late(AtomicBool);
///
/// impl Exchange for Late {
///     fn exchange(
///         &self,
///         _request: Request<Bytes>,
///     ) -> futures_util::future::BoxFuture<'_, Result<Response<Body>, NoAnswer>> {
///         Box::pin(async {
///             match self.0.swap(true, Ordering::Relaxed) {
///                 false => Err(NoAnswer::unreachable("nobody listens yet")),
///                 true => Ok(Response::new(Body::from("{}"))),
///             }
///         })
///     }
/// }
/// ```
pub trait Exchange: Send + Sync + 'static {
    /// Sends `request`, and answers as soon as the head of the answer is there. Dropping the future, or the body of the
    /// answer, gives the request up.
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, NoAnswer>>;
}

impl<F> Exchange for F
where
    F: Fn(&Request<Bytes>) -> Response<Body> + Send + Sync + 'static,
{
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, NoAnswer>> {
        ready(Ok(self(&request))).boxed()
    }
}

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NoAnswer {
    pub(crate) reason: String,
    /// Whether nothing of the request was sent, so that it can be repeated whatever it does.
    pub(crate) is_unsent: bool,
    pub(crate) is_too_late: bool,
    pub(crate) is_unusable: bool,
}

impl NoAnswer {
    fn because(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { reason, is_unsent: false, is_too_late: false, is_unusable: false }
    }

    /// There is nobody to send it to: nothing of it was sent.
    pub fn unreachable(reason: impl Into<String>) -> Self {
        Self { is_unsent: true, ..Self::because(reason) }
    }

    /// It was sent, at least in part, and what became of it is not known.
    pub fn broken(reason: impl Into<String>) -> Self {
        Self::because(reason)
    }

    pub(crate) fn unusable(reason: impl Into<String>) -> Self {
        Self { is_unusable: true, ..Self::because(reason) }
    }

    /// It took too long.
    pub fn too_late(reason: impl Into<String>) -> Self {
        Self { is_too_late: true, ..Self::because(reason) }
    }
}

impl From<reqwest::Error> for NoAnswer {
    /// With the innermost cause, which never holds the address or a header.
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        Self {
            is_unsent: error.is_connect(),
            is_too_late: error.is_timeout(),
            is_unusable: error.is_builder(),
            reason: crate::transport::root_of(&error),
        }
    }
}

/// What requests are sent through: a [`reqwest::Client`], or an [`Exchange`]. Clones are cheap and share it.
#[derive(Clone)]
pub struct Connections(Way);

#[derive(Clone)]
enum Way {
    Network(reqwest::Client),
    Given(Arc<dyn Exchange>),
}

impl Connections {
    pub(crate) fn of(exchange: impl Exchange) -> Self {
        Self(Way::Given(Arc::new(exchange)))
    }

    /// Sends `request`. The future is boxed, for every call there is holds one.
    pub(crate) fn send(
        &self,
        request: reqwest::Request,
    ) -> BoxFuture<'_, Result<reqwest::Response, NoAnswer>> {
        match &self.0 {
            Way::Network(http) => http.execute(request).map_err(NoAnswer::from).boxed(),
            Way::Given(exchange) => Box::pin(async move {
                let (parts, body) = Request::<Body>::try_from(request)?.into_parts();
                let body = body.as_bytes().map(Bytes::copy_from_slice).unwrap_or_default();
                Ok(exchange.exchange(Request::from_parts(parts, body)).await?.into())
            }),
        }
    }
}

impl From<reqwest::Client> for Connections {
    fn from(http: reqwest::Client) -> Self {
        Self(Way::Network(http))
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Way::Network(_) => "Connections over the network",
            Way::Given(_) => "Connections that were given",
        })
    }
}

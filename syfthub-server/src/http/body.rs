//! The request body under its limits: a size, and a time within which all of it must have arrived.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use tokio::time::Sleep;

use super::ApiError;

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyRefused {
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the body did not arrive in time")]
    TooSlow,
}

impl From<BodyRefused> for ApiError {
    fn from(refused: BodyRefused) -> Self {
        match refused {
            BodyRefused::TooLarge(limit) => Self::plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("Request body is larger than {limit} bytes"),
            ),
            BodyRefused::TooSlow => {
                Self::plain(StatusCode::REQUEST_TIMEOUT, "Request body did not arrive in time")
            }
        }
    }
}

/// Bytes of an unread body that are received and thrown away. Closing a connection on a client that is still sending
/// resets it, and the client would never see the answer.
const DISCARDED: usize = 16 * 1024 * 1024;

/// Puts the request's body under its limits.
pub(super) fn guard(request: &mut Request<Body>, limit: usize, time: Duration) {
    if request.body().is_end_stream() {
        return;
    }
    // A client that asks before it sends has not sent anything; asked by nobody, it will not.
    let is_coming = !request.headers().contains_key(header::EXPECT);
    let inner = std::mem::take(request.body_mut());
    let deadline = Box::pin(tokio::time::sleep(time));
    *request.body_mut() = Body::new(Guarded { inner, limit, length: 0, deadline, is_coming });
}

/// Refuses a body that is announced as larger than `limit`, before anybody looks at it.
pub(super) fn check_announced(headers: &HeaderMap, limit: usize) -> Result<(), BodyRefused> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let announced = announced.and_then(|length| length.parse::<u64>().ok()).unwrap_or(0);
    if announced > limit as u64 { Err(BodyRefused::TooLarge(limit)) } else { Ok(()) }
}

struct Guarded {
    inner: Body,
    limit: usize,
    /// Bytes seen so far.
    length: usize,
    deadline: Pin<Box<Sleep>>,
    /// Whether the client sends the body without being asked, or has been asked.
    is_coming: bool,
}

impl HttpBody for Guarded {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.is_coming = true;
        if self.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(BodyRefused::TooSlow.into())));
        }
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            self.length = self.length.saturating_add(frame.data_ref().map_or(0, Bytes::len));
            if self.length > self.limit {
                return Poll::Ready(Some(Err(BodyRefused::TooLarge(self.limit).into())));
            }
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Guarded {
    /// Receives what nobody read, while the answer is on its way.
    fn drop(&mut self) {
        if self.inner.is_end_stream() || !self.is_coming || self.deadline.is_elapsed() {
            return;
        }
        let rest = http_body_util::Limited::new(std::mem::take(&mut self.inner), DISCARDED);
        let deadline = self.deadline.deadline();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout_at(deadline, discard(rest)));
        }
    }
}

async fn discard(mut body: impl HttpBody + Unpin) {
    while let Some(Ok(_)) = body.frame().await {}
}

/// The whole body.
pub(crate) async fn read(body: Body) -> Result<Bytes, ApiError> {
    let collected = body.collect().await.map_err(|error| refusal(&error))?;
    Ok(collected.to_bytes())
}

/// The whole body, of at most `limit` bytes.
pub(super) async fn read_within(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    match http_body_util::Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(BodyRefused::TooLarge(limit).into())
        }
        Err(error) => Err(refusal(&*error)),
    }
}

/// Finds our own reason inside what the layers between have wrapped around it.
fn refusal(error: &(dyn std::error::Error + 'static)) -> ApiError {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<BodyRefused>() {
            return (*refused).into();
        }
        cause = inner.source();
    }
    ApiError::bad_request("Request body could not be read")
}

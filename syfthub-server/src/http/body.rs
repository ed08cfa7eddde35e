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

/// Bytes of a refused body that are read and thrown away. Closing a connection on a client that is still sending
/// resets it, and the client would never see why.
const DISCARDED: usize = 16 * 1024 * 1024;

/// Puts the request's body under its limits.
pub(super) fn guard(request: &mut Request<Body>, limit: usize, time: Duration) {
    if request.body().is_end_stream() {
        return;
    }
    let inner = std::mem::take(request.body_mut());
    let deadline = Box::pin(tokio::time::sleep(time));
    *request.body_mut() = Body::new(Guarded { inner, limit, length: 0, deadline });
}

/// Whether the body is announced as larger than `limit`, so that it need not be looked at.
pub(super) fn is_too_large(headers: &HeaderMap, limit: usize) -> bool {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    announced
        .and_then(|length| length.parse::<u64>().ok())
        .is_some_and(|length| length > limit as u64)
}

/// The refusal of such a body, once the client is ready to hear it.
pub(super) async fn refuse(request: Request<Body>, limit: usize) -> ApiError {
    // A client that asks before it sends is told at once.
    if !request.headers().contains_key(header::EXPECT) {
        // Its end is an error in any case: the body is too large.
        request.into_body().collect().await.ok();
    }
    BodyRefused::TooLarge(limit).into()
}

struct Guarded {
    inner: Body,
    limit: usize,
    /// Bytes seen so far.
    length: usize,
    deadline: Pin<Box<Sleep>>,
}

impl HttpBody for Guarded {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        loop {
            if self.deadline.as_mut().poll(context).is_ready() {
                return Poll::Ready(Some(Err(BodyRefused::TooSlow.into())));
            }
            let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
            let is_end = !matches!(frame, Some(Ok(_)));
            if let Some(Ok(frame)) = &frame {
                self.length = self.length.saturating_add(frame.data_ref().map_or(0, Bytes::len));
            }
            if self.length <= self.limit {
                return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
            }
            if is_end || self.length > self.limit.saturating_add(DISCARDED) {
                return Poll::Ready(Some(Err(BodyRefused::TooLarge(self.limit).into())));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.length <= self.limit && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The whole body.
pub(super) async fn read(body: Body) -> Result<Bytes, ApiError> {
    let collected = body.collect().await.map_err(|error| refusal(&error))?;
    Ok(collected.to_bytes())
}

/// Finds our own reason inside what the layers between have wrapped around it.
fn refusal(error: &axum::Error) -> ApiError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<BodyRefused>() {
            return (*refused).into();
        }
        cause = inner.source();
    }
    ApiError::bad_request("Request body could not be read")
}

//! The request body under its limits: a size, and a time within which all of it must have arrived.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
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

/// Puts the request's body under its limits. A body whose announced length is too much is refused before it is read.
pub(super) fn guard(
    request: &mut Request<Body>,
    limit: usize,
    time: Duration,
) -> Result<(), BodyRefused> {
    if request.body().is_end_stream() {
        return Ok(());
    }
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|announced: u64| announced > limit as u64) {
        return Err(BodyRefused::TooLarge(limit));
    }
    let inner = std::mem::take(request.body_mut());
    let deadline = Box::pin(tokio::time::sleep(time));
    *request.body_mut() = Body::new(Guarded { inner, limit, left: limit, deadline });
    Ok(())
}

struct Guarded {
    inner: Body,
    limit: usize,
    left: usize,
    deadline: Pin<Box<Sleep>>,
}

impl HttpBody for Guarded {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        if self.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(BodyRefused::TooSlow.into())));
        }
        let frame = match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            other => return Poll::Ready(other.map(|frame| frame.map_err(Into::into))),
        };
        let length = frame.data_ref().map_or(0, Bytes::len);
        match self.left.checked_sub(length) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Some(Err(BodyRefused::TooLarge(self.limit).into()))),
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
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

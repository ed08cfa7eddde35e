//! A body that tells whether the caller's connection took all of it.
//!
//! HTTP acknowledges nothing above the connection, so this is as near to "the caller has it" as a server can tell: what the
//! connection took is at most its own buffers away from the caller's. Long answers are handed over in pieces, so that a
//! caller who reads half of one and goes has not taken the other half.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use serde::Serialize;

use crate::http::ApiError;

/// Bytes handed over at once.
const PIECE: usize = 16 * 1024;

/// The answer as JSON. `delivered` runs when the connection takes its last byte, and is dropped unrun otherwise.
pub(super) fn json<F>(answer: &impl Serialize, delivered: F) -> Response
where
    F: FnOnce() + Send + Unpin + 'static,
{
    match serde_json::to_vec(answer) {
        Ok(bytes) => {
            let json = HeaderValue::from_static("application/json");
            ([(header::CONTENT_TYPE, json)], body(bytes.into(), delivered)).into_response()
        }
        Err(error) => ApiError::internal(error).into_response(),
    }
}

/// A body of these bytes, of which there is at least one. `delivered` runs when the connection takes the last of them, and is
/// dropped unrun otherwise.
pub(crate) fn body<F>(bytes: Bytes, delivered: F) -> Body
where
    F: FnOnce() + Send + Unpin + 'static,
{
    Body::new(Handed { rest: bytes, delivered: Some(delivered) })
}

struct Handed<F> {
    rest: Bytes,
    delivered: Option<F>,
}

impl<F: FnOnce() + Unpin> HttpBody for Handed<F> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        if self.rest.is_empty()
            && let Some(delivered) = self.delivered.take()
        {
            delivered();
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use http_body_util::BodyExt as _;

    use super::*;

    fn watched(length: usize) -> (Body, Arc<AtomicBool>) {
        let told = Arc::new(AtomicBool::new(false));
        let teller = Arc::clone(&told);
        let bytes = Bytes::from(vec![b'x'; length]);
        (body(bytes, move || teller.store(true, Ordering::Relaxed)), told)
    }

    #[tokio::test]
    async fn only_the_last_byte_delivers_an_answer() {
        let (mut body, told) = watched(PIECE + 1);
        assert_eq!(body.size_hint().exact(), Some(PIECE as u64 + 1));
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!((first.len(), told.load(Ordering::Relaxed)), (PIECE, false));
        let last = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!((last.len(), told.load(Ordering::Relaxed)), (1, true));
        assert!(body.is_end_stream() && body.frame().await.is_none());
    }

    #[tokio::test]
    async fn a_body_that_is_dropped_half_way_was_not_delivered() {
        let (mut body, told) = watched(3 * PIECE);
        body.frame().await.unwrap().unwrap();
        drop(body);
        assert!(!told.load(Ordering::Relaxed));
        assert_eq!(Arc::strong_count(&told), 1, "and what waited for it is gone");
    }
}

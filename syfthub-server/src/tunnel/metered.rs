//! A body on its way through a tunnel: counted, slowed down to the tunnel's rate, and given up when it falls silent.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::HttpBody;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use metrics::Counter;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep};

use super::live::Live;

/// A body of a request or an answer.
pub(super) struct Metered<B> {
    inner: B,
    live: Arc<Live>,
    bytes: Counter,
    /// How long it may be silent, and when that is over.
    silence: Option<(Duration, Pin<Box<Sleep>>)>,
    /// Until when it waits for its turn.
    pause: Option<Pin<Box<Sleep>>>,
    /// The request's place in the tunnel, kept until its answer is out.
    _place: Option<OwnedSemaphorePermit>,
}

impl<B> Metered<B> {
    /// The body of a request, whose time the edge bounds.
    pub(super) fn request(inner: B, live: &Arc<Live>, bytes: Counter) -> Self {
        Self { inner, live: Arc::clone(live), bytes, silence: None, pause: None, _place: None }
    }

    /// The body of an answer.
    pub(super) fn answer(
        inner: B,
        live: &Arc<Live>,
        bytes: Counter,
        silence: Duration,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let silence = Some((silence, Box::pin(sleep(silence))));
        Self { silence, _place: Some(place), ..Self::request(inner, live, bytes) }
    }

    fn passed(&mut self, length: usize) {
        self.bytes.increment(length as u64);
        self.pause = self.live.pace.spend(length).map(|wait| Box::pin(sleep(wait)));
        if let Some((silence, end)) = &mut self.silence {
            end.as_mut().reset(Instant::now() + *silence);
        }
    }

    /// Whether nothing has come for too long.
    fn is_given_up(&mut self, context: &mut Context<'_>) -> bool {
        let end = self.silence.as_mut();
        end.is_some_and(|(_, end)| end.as_mut().poll(context).is_ready())
    }
}

impl<B> HttpBody for Metered<B>
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.passed(0);
        }
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Pending if self.is_given_up(context) => {
                let silent = io::Error::new(io::ErrorKind::TimedOut, "the space fell silent");
                Poll::Ready(Some(Err(silent.into())))
            }
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Ok(frame))) => {
                // What trails behind is between the space and the hub.
                let Ok(data) = frame.into_data() else { return Poll::Ready(None) };
                self.passed(data.len());
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

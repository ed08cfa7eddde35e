//! An answer that an aggregator makes.

use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use syfthub_core::wire::chat::ChatResponse;
use tokio::time::Instant;

use super::Chat;
use super::event::{self, ChatEvent};
use crate::error::{Error, ErrorKind};
use crate::sse;
use crate::transport::{Call, Caller, Incoming, root_of};

/// The complete answer to `chat`.
pub(super) async fn send(chat: Chat<'_>) -> Result<ChatResponse, Error> {
    let client = chat.client;
    let ends = Ends::of(&chat);
    let request = ends.within(chat.resolved()).await?;
    let call = Call::post(client.aggregator(&["chat"]), Caller::Anybody)
        .json(&request)
        .deadline(ends.left().unwrap_or_else(|| client.answer_deadline()));
    client.transport().json(call).await.map_err(of_generation)
}

/// The answer to `chat` as it is written.
pub(super) async fn stream(
    chat: Chat<'_>,
) -> Result<impl Stream<Item = Result<ChatEvent, Error>> + Send + use<>, Error> {
    let client = chat.client;
    let ends = Ends::of(&chat);
    let idle = chat.idle.unwrap_or_else(|| client.stream_idle());
    let mut request = ends.within(chat.resolved()).await?;
    request.stream = true;
    let call = Call::post(client.aggregator(&["chat", "stream"]), Caller::Anybody)
        .json(&request)
        .accept("text/event-stream")
        .deadline(ends.left().unwrap_or_else(|| client.answer_deadline()));
    let incoming = client.transport().open(call).await.map_err(of_generation)?;
    Ok(until(ends, events(incoming, idle)))
}

/// When a question has to be answered, if that was said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends(Option<(Instant, Duration)>);

impl Ends {
    /// The deadline of `chat`, which begins to run now.
    pub(super) fn of(chat: &Chat<'_>) -> Self {
        Self(chat.deadline.map(|span| (Instant::now() + span, span)))
    }

    /// What is left of it.
    pub(super) fn left(self) -> Option<Duration> {
        self.0.map(|(ends, _)| ends.saturating_duration_since(Instant::now()))
    }

    /// Waits for `work`, but no longer.
    pub(super) async fn within<T>(
        self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        match self.0 {
            None => work.await,
            Some((ends, span)) => {
                tokio::time::timeout_at(ends, work).await.unwrap_or_else(|_| Err(too_late(span)))
            }
        }
    }
}

fn too_late(span: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("there is no complete answer after {span:?}"))
}

/// `events` until the deadline, which is an error.
pub(super) fn until<S>(
    ends: Ends,
    events: S,
) -> impl Stream<Item = Result<ChatEvent, Error>> + Send + use<S>
where
    S: Stream<Item = Result<ChatEvent, Error>> + Send,
{
    async_stream::stream! {
        let mut events = std::pin::pin!(events);
        loop {
            match ends.within(async { Ok(events.next().await) }).await {
                Ok(Some(event)) => yield event,
                Ok(None) => return,
                Err(late) => {
                    yield Err(late);
                    return;
                }
            }
        }
    }
}

/// The aggregator answers 400 when there is no answer (contract aggregator 1.6).
fn of_generation(error: Error) -> Error {
    if error.status() != Some(400) {
        return error;
    }
    let kind = event::kind_of(error.code());
    error.with_kind(kind)
}

fn events(
    incoming: Incoming,
    idle: Duration,
) -> impl Stream<Item = Result<ChatEvent, Error>> + Send + use<> {
    let Incoming { response, correlation_id } = incoming;
    async_stream::stream! {
        let interrupted = |message: String| {
            Error::new(ErrorKind::Interrupted, message).correlated(correlation_id.clone())
        };
        let bytes = crate::idle::with_limit(response.bytes_stream(), idle);
        let mut frames = std::pin::pin!(sse::events(bytes, sse::MAX_EVENT));
        while let Some(frame) = frames.next().await {
            let frame = match frame {
                Ok(frame) => frame,
                Err(cause) => {
                    yield Err(interrupted(format!("the answer broke off: {}", root_of(&cause))));
                    return;
                }
            };
            match event::read(&frame) {
                Ok(Some(event)) => {
                    let is_last = matches!(event, ChatEvent::Done(_));
                    yield Ok(event);
                    if is_last {
                        return;
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    yield Err(error.correlated(correlation_id.clone()));
                    return;
                }
            }
        }
        yield Err(interrupted("the answer ended before it was complete".to_owned()));
    }
}

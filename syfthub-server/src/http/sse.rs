//! Answers that stream: server-sent events with JSON payloads.
//!
//! Events that are ready together leave together, in one chunk and so in one write; an event never waits for another.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderName, HeaderValue, header};
use hyper::body::Frame;
use serde::Serialize;
use tokio::time::{Instant, Sleep};

/// How often a comment keeps an otherwise silent stream open through proxies, unless somebody set it.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// That comment.
const COMMENT: &[u8] = b": hb\n\n";

/// When a chunk has this many bytes, the next event begins another one.
const CHUNK: usize = 8 * 1024;

/// What most events are shorter than.
const USUAL: usize = 128;

/// Asks nginx not to hold the stream back.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// An event as it goes over the wire.
#[derive(Debug)]
pub(crate) struct Event(Vec<u8>);

/// An event called `name`, which holds no line end, with `payload` as JSON on one line.
///
/// # Panics
/// When the payload is not representable as JSON, such as a map whose keys are no text.
pub(crate) fn event(name: &str, payload: &impl Serialize) -> Event {
    let mut frame = Vec::with_capacity(USUAL);
    frame.extend_from_slice(b"event: ");
    frame.extend_from_slice(name.as_bytes());
    frame.push(b'\n');
    with_data(frame, payload)
}

/// An event without a name, with `payload` as JSON on one line.
///
/// # Panics
/// As [`event`].
pub(crate) fn data(payload: &impl Serialize) -> Event {
    with_data(Vec::with_capacity(USUAL), payload)
}

/// An event without a name that carries `text`, which holds no line end.
pub(crate) fn text(text: &'static str) -> Event {
    Event(format!("data: {text}\n\n").into_bytes())
}

fn with_data(mut frame: Vec<u8>, payload: &impl Serialize) -> Event {
    frame.extend_from_slice(b"data: ");
    let json = frame.len();
    serde_json::to_writer(&mut frame, payload).expect("event payloads are plain structs");
    escape_separators(&mut frame, json);
    frame.extend_from_slice(b"\n\n");
    Event(frame)
}

/// Streams the events; the connection's end drops the stream, and with it whatever it does upstream.
pub(crate) fn answer(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    answer_with(events, HEARTBEAT)
}

/// [`answer`], with a comment after every `heartbeat` of silence.
pub(crate) fn answer_with(
    events: impl Stream<Item = Event> + Send + 'static,
    heartbeat: Duration,
) -> Response {
    let now = Instant::now();
    let chunks = Chunks {
        events: Some(Box::pin(events)),
        heartbeat,
        said: now,
        silence: Box::pin(tokio::time::sleep_until(now + heartbeat)),
    };
    let mut response = Response::new(Body::new(chunks));
    let headers = response.headers_mut();
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(UNBUFFERED.0, UNBUFFERED.1);
    response
}

/// A body of events.
struct Chunks<S> {
    /// What is still to come; nothing after the last event.
    events: Option<Pin<Box<S>>>,
    /// How long it may be silent.
    heartbeat: Duration,
    /// When something was last sent.
    said: Instant,
    /// Wakes when that may be long ago. Only then is it set anew, and not for every event.
    silence: Pin<Box<Sleep>>,
}

impl<S: Stream<Item = Event>> Chunks<S> {
    /// The events that are ready, if any.
    fn ready(&mut self, context: &mut Context<'_>) -> Vec<u8> {
        let mut chunk = Vec::new();
        while let Some(events) = &mut self.events {
            match events.as_mut().poll_next(context) {
                Poll::Ready(Some(Event(frame))) if chunk.is_empty() => chunk = frame,
                Poll::Ready(Some(Event(frame))) => chunk.extend_from_slice(&frame),
                Poll::Ready(None) => self.events = None,
                Poll::Pending => break,
            }
            if chunk.len() >= CHUNK {
                break;
            }
        }
        chunk
    }

    /// Completes when a comment is due.
    fn poll_silence(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.silence.as_mut().poll(context).is_ready() {
            let due = self.said + self.heartbeat;
            if due <= Instant::now() {
                self.silence.as_mut().reset(Instant::now() + self.heartbeat);
                return Poll::Ready(());
            }
            self.silence.as_mut().reset(due);
        }
        Poll::Pending
    }
}

impl<S: Stream<Item = Event>> hyper::body::Body for Chunks<S> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut chunk = self.ready(context);
        if chunk.is_empty() {
            if self.events.is_none() {
                return Poll::Ready(None);
            }
            if self.poll_silence(context).is_pending() {
                return Poll::Pending;
            }
            chunk.extend_from_slice(COMMENT);
        }
        self.said = Instant::now();
        Poll::Ready(Some(Ok(Frame::data(chunk.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.events.is_none()
    }
}

/// Writes the characters that some clients take for line ends as JSON escapes, from `start` on; JSON text allows them as
/// they are.
fn escape_separators(json: &mut Vec<u8>, start: usize) {
    // U+0085 is C2 85, U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
    if !json[start..].iter().any(|byte| matches!(byte, 0xC2 | 0xE2)) {
        return;
    }
    let written = json.split_off(start);
    let mut rest = written.as_slice();
    while let Some((&first, after)) = rest.split_first() {
        let (escape, length) = match rest {
            [0xC2, 0x85, ..] => ("\\u0085", 2),
            [0xE2, 0x80, 0xA8, ..] => ("\\u2028", 3),
            [0xE2, 0x80, 0xA9, ..] => ("\\u2029", 3),
            _ => {
                json.push(first);
                rest = after;
                continue;
            }
        };
        json.extend_from_slice(escape.as_bytes());
        rest = &rest[length..];
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::{StreamExt as _, stream};
    use http_body_util::BodyExt as _;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn separators_inside_text_do_not_end_a_line() {
        let Event(frame) = event("token", &"a\u{2028}b\u{85}c\u{2029}\n");
        assert_eq!(
            String::from_utf8(frame).unwrap(),
            "event: token\ndata: \"a\\u2028b\\u0085c\\u2029\\n\"\n\n"
        );
    }

    proptest! {
        #[test]
        fn an_event_is_one_line_that_reads_back(said in "([a-z\"\\\\\n\ré\u{85}\u{a0}\u{2027}\u{2028}\u{2029}\u{1F600}]){0,40}") {
            let Event(frame) = data(&said);
            let frame = String::from_utf8(frame).unwrap();
            let json = frame.strip_prefix("data: ").and_then(|rest| rest.strip_suffix("\n\n")).unwrap();
            let ends_a_line = |c| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
            prop_assert!(!json.contains(ends_a_line));
            prop_assert_eq!(serde_json::from_str::<String>(json).unwrap(), said);
        }
    }

    #[tokio::test]
    async fn what_is_ready_together_leaves_together_and_waits_for_nothing() {
        let events = stream::iter([data(&1), data(&2)]).chain(stream::pending());
        let mut body = answer(events).into_body();
        let chunk = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(chunk, "data: 1\n\ndata: 2\n\n");
    }

    #[tokio::test]
    async fn a_long_answer_is_not_gathered_before_it_is_sent() {
        let made = std::sync::Arc::new(AtomicUsize::new(0));
        let count = made.clone();
        let events = stream::repeat_with(move || {
            count.fetch_add(1, Ordering::Relaxed);
            data(&"a".repeat(100))
        });
        let mut body = answer(events).into_body();
        let chunk = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!((CHUNK..CHUNK + 200).contains(&chunk.len()), "{}", chunk.len());
        assert!(made.load(Ordering::Relaxed) < CHUNK / 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_comment_breaks_the_silence_and_only_that() {
        let begun = Instant::now();
        let slow = stream::unfold(0, |n| async move {
            tokio::time::sleep(Duration::from_secs(10)).await;
            (n < 2).then_some((data(&n), n + 1))
        });
        let last = stream::once(async {
            tokio::time::sleep(Duration::from_secs(33)).await;
            text("end")
        });
        let mut body = answer(slow.chain(last)).into_body();
        let mut told = Vec::new();
        while let Some(frame) = body.frame().await {
            let chunk = frame.unwrap().into_data().unwrap();
            told.push((begun.elapsed().as_secs(), String::from_utf8(chunk.to_vec()).unwrap()));
        }
        let expected = [
            (10, "data: 0\n\n"),
            (20, "data: 1\n\n"),
            (35, ": hb\n\n"),
            (50, ": hb\n\n"),
            (63, "data: end\n\n"),
        ];
        assert_eq!(told, expected.map(|(at, text)| (at, text.to_owned())));
    }
}

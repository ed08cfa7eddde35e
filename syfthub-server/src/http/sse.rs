//! Answers that stream: server-sent events with JSON payloads.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _};
use http::{HeaderName, HeaderValue, header};
use serde::Serialize;

/// How often a comment keeps an otherwise silent stream open through proxies, unless somebody set it.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Asks nginx not to hold the stream back.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// An event called `name` with `payload` as JSON on one line.
///
/// # Panics
/// When the payload is not representable as JSON, such as a map whose keys are no text.
pub(crate) fn event(name: &str, payload: &impl Serialize) -> Event {
    let json = serde_json::to_string(payload).expect("event payloads are plain structs");
    Event::default().event(name).data(escape_separators(json))
}

/// An event without a name, with `payload` as JSON on one line.
///
/// # Panics
/// As [`event`].
pub(crate) fn data(payload: &impl Serialize) -> Event {
    let json = serde_json::to_string(payload).expect("event payloads are plain structs");
    Event::default().data(escape_separators(json))
}

/// An event without a name that carries `text`, which holds no line end.
pub(crate) fn text(text: &'static str) -> Event {
    Event::default().data(text)
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
    let stream = Sse::new(events.map(Ok::<_, Infallible>));
    let mut response =
        stream.keep_alive(KeepAlive::new().interval(heartbeat).text("hb")).into_response();
    let headers = response.headers_mut();
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(UNBUFFERED.0, UNBUFFERED.1);
    response
}

/// Writes the characters that some clients take for line ends as JSON escapes; JSON text allows them as they are.
fn escape_separators(json: String) -> String {
    let is_separator = |c: char| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
    if !json.contains(is_separator) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        match c {
            '\u{85}' => escaped.push_str("\\u0085"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_inside_text_do_not_end_a_line() {
        let json = serde_json::to_string("a\u{2028}b\u{85}c\u{2029}\n").unwrap();
        let escaped = escape_separators(json);
        assert_eq!(escaped, r#""a\u2028b\u0085c\u2029\n""#);
        assert_eq!(
            serde_json::from_str::<String>(&escaped).unwrap(),
            "a\u{2028}b\u{85}c\u{2029}\n"
        );
    }
}

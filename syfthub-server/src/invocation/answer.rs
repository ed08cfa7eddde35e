//! The endpoint's answer on its way to the caller: passed on as it is, within bounds.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use syfthub_client::node::{error_detail, one_line};
use tokio::time::{Instant, timeout, timeout_at};

use super::refusal::{Declined, Refusal};
use crate::config::InvocationSettings;

/// How long the endpoint took, in milliseconds.
pub(super) const LATENCY: HeaderName = HeaderName::from_static("x-proxy-latency-ms");

/// The most bytes of a refusal that are read.
const REFUSAL_CAP: usize = 64 * 1024;

/// Whether `text` is one JSON value, of any kind.
pub(super) fn is_json(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// Whether the answer streams events.
pub(super) fn is_event_stream(response: &reqwest::Response) -> bool {
    media_type(response.headers()).eq_ignore_ascii_case("text/event-stream")
}

fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

/// The whole body, unless it has more than `cap` bytes.
pub(super) async fn whole(mut response: reqwest::Response, cap: usize) -> Result<Bytes, Refusal> {
    let announced = response.content_length().unwrap_or(0);
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    if announced > cap {
        return Err(Refusal::TooLarge(cap));
    }
    let mut next = async || response.chunk().await.map_err(|_| Refusal::BrokeOff);
    let Some(first) = next().await? else { return Ok(Bytes::new()) };
    if first.len() == announced {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(announced.max(first.len()));
    whole.extend_from_slice(&first);
    while whole.len() <= cap {
        match next().await? {
            Some(piece) => whole.extend_from_slice(&piece),
            None => return Ok(whole.freeze()),
        }
    }
    Err(Refusal::TooLarge(cap))
}

/// The answer with a success: JSON as it is, anything else as text inside of JSON.
pub(super) fn success(body: Bytes, elapsed: Duration) -> Response {
    let body = if is_json(&body) {
        body
    } else {
        let text = String::from_utf8_lossy(&body);
        Bytes::from(json!({ "raw_response": text }).to_string())
    };
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let mut response = (json, body).into_response();
    response.headers_mut().insert(LATENCY, latency(elapsed));
    response
}

fn latency(elapsed: Duration) -> HeaderValue {
    HeaderValue::from(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}

/// The events as they come. A stream that is silent too long, too long as a whole or too large breaks off, and so does
/// the call when the caller goes away.
pub(super) fn stream(
    mut target: reqwest::Response,
    settings: &InvocationSettings,
    elapsed: Duration,
) -> Response {
    let silence = settings.invocation_stream_silence;
    let end = Instant::now() + settings.invocation_stream_timeout;
    let mut left = settings.invocation_max_response_bytes;
    let events = async_stream::try_stream! {
        while let Some(piece) = timeout_at(end, timeout(silence, target.chunk()))
            .await
            .map_err(|_| io::Error::other("the stream took too long"))?
            .map_err(|_| io::Error::other("the stream was silent too long"))?
            .map_err(|_| io::Error::other("the endpoint broke the stream off"))?
        {
            left = left
                .checked_sub(piece.len())
                .ok_or_else(|| io::Error::other("the stream is too large"))?;
            yield piece;
        }
    };
    let events: futures_util::stream::BoxStream<'static, Result<Bytes, io::Error>> =
        Box::pin(events);
    let mut response = Body::from_stream(events).into_response();
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static("text/event-stream; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    headers.insert(LATENCY, latency(elapsed));
    response
}

/// What an endpoint said that will not answer. Only JSON and plain text are told on: pages of proxies are not.
pub(super) async fn declined(response: reqwest::Response) -> Declined {
    let status = response.status();
    let retry_after = response.headers().get(header::RETRY_AFTER).filter(|value| is_short(value));
    let retry_after = retry_after.cloned();
    let is_text = media_type(response.headers()).eq_ignore_ascii_case("text/plain");
    let body = whole(response, REFUSAL_CAP).await.unwrap_or_default();
    let detail = said(&body, is_text).filter(|text| !text.is_empty());
    let detail = detail.unwrap_or_else(|| format!("HTTP {}", status.as_u16()));
    Declined { status, detail, retry_after }
}

fn is_short(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| text.len() <= 32)
}

fn said(body: &[u8], is_text: bool) -> Option<String> {
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Null) => None,
        Ok(body) => Some(error_detail(&body).unwrap_or_else(|| one_line(&body.to_string()))),
        Err(_) if is_text => Some(one_line(&String::from_utf8_lossy(body))),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_of_any_kind_is_json() {
        for text in ["{}", "[1]", "null", "7", "\"é\"", " true ", "1e400"] {
            assert!(is_json(text.as_bytes()), "{text}");
        }
        for text in ["", " ", "{", "{}{}", "nul", "\u{feff}{}", "'a'", "{\"a\":1,}"] {
            assert!(!is_json(text.as_bytes()), "{text}");
        }
        assert!(!is_json(b"\"\xff\""));
    }

    #[test]
    fn only_json_and_plain_text_are_told_on() {
        let page = b"<html><body>nginx</body></html>";
        assert_eq!(said(page, false), None);
        assert_eq!(said(br#"{"detail": "no"}"#, false).as_deref(), Some("no"));
        assert_eq!(said(br#"{"why": 1}"#, false).as_deref(), Some(r#"{"why":1}"#));
        assert_eq!(said(b"out\nof order", true).as_deref(), Some("out of order"));
        assert_eq!(said("é".repeat(300).as_bytes(), true).unwrap().chars().count(), 200);
    }
}

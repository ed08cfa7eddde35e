//! The body of an answer, read within a bound.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::allowance::Share;
use super::bounded::{self, NoValue};
use super::failure::Failure;

/// A response whose body is still to be read, and how much of it may be.
pub(super) struct Body {
    response: reqwest::Response,
    media_type: String,
    left: usize,
    share: Option<Share>,
}

impl Body {
    /// At most `cap` bytes of the response's body, taken from `share` where there is one.
    pub(super) fn new(mut response: reqwest::Response, cap: usize, share: Option<Share>) -> Self {
        let value = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let media_type = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        // They lie in the buffer that the connection read them into, and would keep it as long as a stream lasts.
        response.headers_mut().clear();
        Self { response, media_type, left: cap, share }
    }

    pub(super) fn is_event_stream(&self) -> bool {
        self.media_type == "text/event-stream"
    }

    pub(super) fn is_plain_text(&self) -> bool {
        self.media_type == "text/plain"
    }

    /// The next piece, as it arrives.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, Failure> {
        let piece = self.response.chunk().await.map_err(Failure::network)?;
        let length = piece.as_ref().map_or(0, Bytes::len);
        self.left = self.left.checked_sub(length).ok_or_else(too_large)?;
        match &self.share {
            Some(share) if !share.take(length) => Err(Failure::unreadable(
                "there is no room for the endpoint's answer now, try again later",
            )),
            _ => Ok(piece),
        }
    }

    async fn whole(mut self) -> Result<Vec<u8>, Failure> {
        let announced = self.response.content_length().unwrap_or(0);
        if announced > u64::try_from(self.left).unwrap_or(u64::MAX) {
            return Err(too_large());
        }
        // What is announced may never come, so room is made for what has.
        let mut whole = Vec::new();
        while let Some(piece) = self.piece().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    /// The whole body as text.
    pub(super) async fn text(self) -> Result<String, Failure> {
        String::from_utf8(self.whole().await?)
            .map_err(|_| Failure::unreadable("the endpoint answered text that is not UTF-8"))
    }

    /// The whole body as JSON.
    pub(super) async fn json(self) -> Result<Value, Failure> {
        if matches!(self.media_type.as_str(), "text/html" | "application/xhtml+xml") {
            return Err(Failure::unreadable(
                "the endpoint answered with a web page instead of JSON",
            ));
        }
        let whole = self.whole().await?;
        json(&whole)
    }
}

/// What `bytes` say as JSON.
pub(super) fn json(bytes: &[u8]) -> Result<Value, Failure> {
    bounded::parse(bytes).map_err(|no_value| {
        Failure::unreadable(match no_value {
            NoValue::NotJson => "the endpoint answered something other than JSON",
            NoValue::TooMany => "the endpoint's answer has too many parts",
        })
    })
}

fn too_large() -> Failure {
    Failure::unreadable("the endpoint's answer is too large")
}

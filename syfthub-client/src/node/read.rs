//! The body of an answer, read within a bound.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::failure::Failure;

/// A response whose body is still to be read, and how much of it may be.
pub(super) struct Body {
    response: reqwest::Response,
    media_type: String,
    left: usize,
}

impl Body {
    pub(super) fn new(response: reqwest::Response, cap: usize) -> Self {
        let value = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let media_type = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Self { response, media_type, left: cap }
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
        match self.left.checked_sub(length) {
            Some(left) => {
                self.left = left;
                Ok(piece)
            }
            None => Err(too_large()),
        }
    }

    async fn whole(mut self) -> Result<Vec<u8>, Failure> {
        let announced = self.response.content_length().unwrap_or(0);
        if announced > u64::try_from(self.left).unwrap_or(u64::MAX) {
            return Err(too_large());
        }
        let mut whole = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
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
        serde_json::from_slice(&whole)
            .map_err(|_| Failure::unreadable("the endpoint answered something other than JSON"))
    }
}

fn too_large() -> Failure {
    Failure::unreadable("the endpoint's answer is too large")
}

//! The id that follows a request through logs, answers and calls to other servers (contract hub 1.2).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// `X-Correlation-ID`.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-correlation-id");

/// Longest id that is taken over from a client.
const LONGEST: usize = 64;

/// A request's correlation id: the client's own when it is sane, else a random UUID.
#[derive(Debug, Clone)]
pub(crate) struct CorrelationId(HeaderValue);

impl CorrelationId {
    /// Takes over the client's id, or makes one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match headers.get(HEADER) {
            Some(supplied) if is_sane(supplied.as_bytes()) => Self(supplied.clone()),
            _ => Self::random(),
        }
    }

    /// A fresh id, for work that no request caused.
    pub(crate) fn random() -> Self {
        let id = Uuid::new_v4().hyphenated().to_string();
        Self(
            HeaderValue::from_maybe_shared(bytes::Bytes::from(id))
                .expect("a UUID is fit for a header"),
        )
    }

    /// Whether an id that came another way than the header is one that would be taken over.
    pub(crate) fn is_good(id: &str) -> bool {
        is_sane(id.as_bytes())
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().expect("an id is printable ASCII")
    }

    /// The id as the value of [`HEADER`].
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

fn is_sane(id: &[u8]) -> bool {
    let known = |b: &u8| b.is_ascii_alphanumeric() || b"-_.:".contains(b);
    (1..=LONGEST).contains(&id.len()) && id.iter().all(known)
}

impl<S: Send + Sync> FromRequestParts<S> for CorrelationId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(Self::random))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(supplied: &'static str) -> bool {
        let headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_static(supplied))]);
        CorrelationId::of(&headers).as_str() == supplied
    }

    #[test]
    fn a_sane_id_is_taken_over() {
        assert!(taken("0191b2f4-7c1e-7d5a-9a53-1f2e3d4c5b6a"));
        assert!(taken("job_7:retry.2"));
    }

    #[test]
    fn an_odd_or_long_id_is_replaced() {
        assert!(!taken(""));
        assert!(!taken("id with spaces"));
        assert!(!taken("id\"},{"));
        assert!(!taken(
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        ));
    }

    #[test]
    fn two_requests_without_an_id_get_different_ones() {
        assert_ne!(CorrelationId::random().as_str(), CorrelationId::random().as_str());
    }
}

//! When to try again, and how long to wait before.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{self, HeaderMap};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// How often a request is repeated at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retries(pub(crate) u32);

impl Retries {
    /// The waits before each repetition: anything from nothing to a limit that doubles (full jitter), so that clients
    /// that failed together do not come back together.
    pub(crate) fn waits(self) -> impl Iterator<Item = Duration> + Send + use<> {
        (0..self.0).map(|n| rand::random_range(Duration::ZERO..=ceiling(n)))
    }
}

fn ceiling(repetition: u32) -> Duration {
    FIRST.saturating_mul(2_u32.saturating_pow(repetition)).min(LONGEST)
}

/// Whether an answer with this status says "not now" rather than "no".
pub(crate) fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 502 | 503 | 504)
}

/// The wait that the server asks for (RFC 9110, 10.2.3): seconds, or a date that is compared with the server's own.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = date(text)?;
    let now = date(headers.get(header::DATE)?.to_str().ok()?)?;
    Some((then - now).try_into().unwrap_or(Duration::ZERO))
}

fn date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn waits_stay_below_a_ceiling_that_doubles_and_then_stands() {
        let ceilings: Vec<u128> = (0..7).map(|n| ceiling(n).as_millis()).collect();
        assert_eq!(ceilings, [200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(ceiling(u32::MAX), LONGEST);
        for _ in 0..100 {
            let waits: Vec<Duration> = Retries(3).waits().collect();
            assert_eq!(waits.len(), 3);
            assert!(waits.iter().zip(0..).all(|(wait, n)| *wait <= ceiling(n)));
        }
    }

    #[test]
    fn a_wait_is_read_as_seconds_or_as_a_date() {
        let seconds = headers(&[(header::RETRY_AFTER, "7")]);
        assert_eq!(retry_after(&seconds), Some(Duration::from_secs(7)));
        let at = |then| {
            headers(&[(header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT"), (header::RETRY_AFTER, then)])
        };
        let later = at("Sun, 06 Nov 1994 08:50:07 GMT");
        assert_eq!(retry_after(&later), Some(Duration::from_secs(30)));
        assert_eq!(retry_after(&at("Sun, 06 Nov 1994 08:49:00 GMT")), Some(Duration::ZERO));
    }

    #[test]
    fn nonsense_asks_for_no_wait_at_all() {
        for text in ["", "-3", "soon", "1.5"] {
            assert_eq!(retry_after(&headers(&[(header::RETRY_AFTER, text)])), None, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}

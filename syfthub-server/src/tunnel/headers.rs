//! Which headers go through a tunnel.
//!
//! To the space goes what the caller said, apart from what is between the caller and the hub alone: cookies of the hub's
//! origin, and what belongs to the connection (RFC 9110, section 7.6.1). Back comes only what an answer needs. A space is a
//! stranger on the hub's origin: it must not set cookies there, open the origin to other sites, or have a page run there.

use std::fmt::Display;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::http::{CORRELATION_ID, CorrelationId};

pub(super) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What the caller says to the hub alone.
const PRIVATE: [HeaderName; 14] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::HOST,
    header::COOKIE,
    header::EXPECT,
    header::FORWARDED,
    HeaderName::from_static("x-real-ip"),
];

/// What an answer may bring back.
const ANSWERED: [HeaderName; 9] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    header::VARY,
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("payment-receipt"),
];

/// Types that no browser runs; any other is sent as plain bytes.
const INERT: [&str; 4] =
    ["application/json", "text/event-stream", "text/plain", "application/problem+json"];

/// Makes a caller's headers those of the request to the space.
pub(super) fn to_space(headers: &mut HeaderMap, client: impl Display, correlation: &CorrelationId) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let host = headers.get(header::HOST).cloned();
    for name in named.iter().chain(&PRIVATE) {
        headers.remove(name);
    }
    let client = HeaderValue::try_from(client.to_string()).expect("an address is fit for a header");
    headers.insert(FORWARDED_FOR, client);
    headers.remove(FORWARDED_HOST);
    if let Some(host) = host {
        headers.insert(FORWARDED_HOST, host);
    }
    headers.remove(FORWARDED_PROTO);
    headers.insert(CORRELATION_ID, correlation.header());
}

/// The headers of a space's answer as they may leave the hub's origin.
pub(super) fn from_space(answered: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(ANSWERED.len() + 2);
    for name in ANSWERED {
        for value in answered.get_all(&name) {
            headers.append(&name, value.clone());
        }
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let is_stream = kind.eq_ignore_ascii_case("text/event-stream");
    if !kind.is_empty() && !INERT.iter().any(|inert| kind.eq_ignore_ascii_case(inert)) {
        let bytes = HeaderValue::from_static("application/octet-stream");
        headers.insert(header::CONTENT_TYPE, bytes);
    }
    if is_stream {
        // A proxy in front of the hub must not hold events back.
        let no = HeaderValue::from_static("no");
        headers.insert(HeaderName::from_static("x-accel-buffering"), no);
    }
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn what_is_between_the_caller_and_the_hub_stays_there() {
        let mut sent = headers(&[
            ("authorization", "Bearer t"),
            ("cookie", "session=1"),
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
            ("te", "trailers"),
            ("host", "hub.example.org"),
            ("forwarded", "for=1.2.3.4"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-proto", "gopher"),
            ("x-tenant-name", "law"),
        ]);
        let correlation = CorrelationId::random();
        to_space(&mut sent, "9.9.9.9", &correlation);
        let mut left: Vec<_> = sent.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(
            left,
            [
                "authorization",
                "x-correlation-id",
                "x-forwarded-for",
                "x-forwarded-host",
                "x-tenant-name"
            ]
        );
        assert_eq!(sent["x-forwarded-for"], "9.9.9.9");
        assert_eq!(sent["x-forwarded-host"], "hub.example.org");
    }

    #[test]
    fn a_space_changes_nothing_about_the_hubs_origin() {
        let back = from_space(&headers(&[
            ("content-type", "text/html; charset=utf-8"),
            ("set-cookie", "session=evil"),
            ("access-control-allow-origin", "*"),
            ("strict-transport-security", "max-age=0"),
            ("content-security-policy", "default-src *"),
            ("location", "https://evil.org"),
            ("clear-site-data", "\"*\""),
            ("retry-after", "7"),
        ]));
        let mut left: Vec<_> = back.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["content-security-policy", "content-type", "retry-after"]);
        assert_eq!(back["content-type"], "application/octet-stream");
        assert!(back["content-security-policy"].to_str().unwrap().ends_with("sandbox"));
        let json = from_space(&headers(&[("content-type", "application/json")]));
        assert_eq!(json["content-type"], "application/json");
    }
}

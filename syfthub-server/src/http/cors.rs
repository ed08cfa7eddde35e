//! Which other origins a browser may call us from: `CORS_ORIGINS`.

use std::str::FromStr;

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};

/// Headers that scripts of another origin may read.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("x-correlation-id, x-proxy-latency-ms, retry-after");
const METHODS: HeaderValue =
    HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const ANY: HeaderValue = HeaderValue::from_static("*");
const YES: HeaderValue = HeaderValue::from_static("true");
const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");

/// The origins that may call: none, a list, or any. Only origins of a list may send credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorsOrigins {
    listed: Vec<HeaderValue>,
    any: bool,
}

impl FromStr for CorsOrigins {
    type Err = String;

    /// Reads `https://a.example,https://b.example`, the same as a JSON list, or `*`.
    fn from_str(text: &str) -> Result<Self, String> {
        let names: Vec<String> = if text.trim_start().starts_with('[') {
            serde_json::from_str(text).map_err(|_| expected(text))?
        } else {
            text.split(',')
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty())
                .collect()
        };
        let mut origins = Self::default();
        for name in names {
            if name == "*" {
                origins.any = true;
            } else {
                origins.listed.push(origin(&name)?);
            }
        }
        Ok(origins)
    }
}

fn origin(text: &str) -> Result<HeaderValue, String> {
    let url = url::Url::parse(text).map_err(|_| expected(text))?;
    let is_origin =
        matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none();
    if !is_origin || text.contains('@') {
        return Err(expected(text));
    }
    HeaderValue::from_str(&url.origin().ascii_serialization()).map_err(|_| expected(text))
}

fn expected(text: &str) -> String {
    format!(
        "`{text}` is no origin: expected a list such as `https://app.example.org,http://localhost:3000`, or `*`"
    )
}

impl CorsOrigins {
    /// What `Access-Control-Allow-Origin` says to this request, if anything.
    pub(super) fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        if self.listed.contains(origin) {
            return Some(origin.clone());
        }
        self.any.then_some(ANY)
    }
}

/// Marks an answer as readable by the allowed origin.
pub(super) fn mark(headers: &mut HeaderMap, allowed: HeaderValue) {
    if allowed != ANY {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, YES);
        headers.append(header::VARY, ORIGIN);
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// Whether a browser asks beforehand what it may send.
pub(super) fn is_preflight(request: &Request<Body>) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to that question, before [`mark`]: every method, and the headers that were asked for.
pub(super) fn preflight(headers: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let answer = response.headers_mut();
    answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(setting: &str, origin: &'static str) -> Option<HeaderValue> {
        let origins: CorsOrigins = setting.parse().unwrap();
        origins.allowed(&HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(origin))]))
    }

    #[test]
    fn only_listed_origins_may_call() {
        let setting = "https://app.example.org, http://localhost:3000";
        assert_eq!(allowed(setting, "https://app.example.org").unwrap(), "https://app.example.org");
        assert_eq!(allowed(setting, "https://evil.example.org"), None);
        assert_eq!(allowed("", "https://app.example.org"), None);
    }

    #[test]
    fn a_star_allows_any_origin_without_reflecting_it() {
        assert_eq!(allowed("*", "https://evil.example.org").unwrap(), "*");
    }

    #[test]
    fn a_json_list_is_read_as_well() {
        assert!(allowed(r#"["https://app.example.org"]"#, "https://app.example.org").is_some());
    }

    #[test]
    fn what_is_no_origin_is_refused_by_name() {
        for bad in ["app.example.org", "https://app.example.org/path", "ftp://a", "[1]"] {
            assert!(bad.parse::<CorsOrigins>().unwrap_err().contains("expected"), "{bad}");
        }
    }
}

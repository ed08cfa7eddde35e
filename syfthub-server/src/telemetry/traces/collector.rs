//! The collector over our own HTTP client.

use std::future::Future;
use std::pin::Pin;

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use syfthub_core::Secret;

/// The most bytes that are read of a collector's answer, which says next to nothing.
const ANSWER_BYTES: usize = 64 * 1024;

/// What posts batches of spans.
#[derive(Debug)]
pub(super) struct Collector {
    client: reqwest::Client,
    headers: HeaderMap,
}

impl Collector {
    /// Posts with `headers`, as [`read_headers`] gives them.
    pub(super) fn new(headers: HeaderMap) -> Result<Self, reqwest::Error> {
        Ok(Self { client: syfthub_client::node::http_client().build()?, headers })
    }

    async fn post(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        request.headers_mut().extend(self.headers.clone());
        let mut answer = self.client.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await? {
            if body.len() + piece.len() > ANSWER_BYTES {
                return Err("the collector's answer is too long".into());
            }
            body.extend_from_slice(&piece);
        }
        let mut response = Response::new(body.into());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl HttpClient for Collector {
    fn send_bytes<'here, 'call>(
        &'here self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'call>>
    where
        'here: 'call,
        Self: 'call,
    {
        Box::pin(self.post(request))
    }
}

/// Headers from `name=value,name=value`, whose values may be percent-encoded (OpenTelemetry's specification of the OTLP
/// exporter). Nothing when one cannot be a header.
pub(super) fn read_headers(text: &Secret) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for pair in text.expose().split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let name = HeaderName::try_from(name.trim()).ok()?;
        let mut value = HeaderValue::from_bytes(&decoded(value.trim())?).ok()?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Some(headers)
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_with_their_encoding_and_kept_out_of_logs() {
        let headers =
            read_headers(&Secret::new("Authorization=Bearer%20a%3Db, x-tenant = acme ,")).unwrap();
        assert_eq!(headers["authorization"], "Bearer a=b");
        assert_eq!(headers["x-tenant"], "acme");
        assert!(!format!("{headers:?}").contains("acme"));
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for wrong in ["name", "na me=x", "a=%4", "a=%zz", "a=%0a"] {
            assert!(read_headers(&Secret::new(wrong)).is_none(), "{wrong}");
        }
    }
}

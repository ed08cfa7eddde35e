//! The hub's half of a WebSocket handshake (RFC 6455, section 4.2).

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::http::ApiError;

/// Where the space behind the tunnel is reached from now on; part of the answer to the space.
pub(crate) const TUNNEL_URL: HeaderName = HeaderName::from_static("x-tunnel-url");

/// A request for a WebSocket that can become one.
pub(super) struct Upgrade {
    pending: OnUpgrade,
    accept: String,
}

impl Upgrade {
    /// Reads the request's side of the handshake.
    ///
    /// # Errors
    /// 426 for a request that asks for no WebSocket, or over a connection that cannot become one.
    pub(super) fn of(request: &mut Request) -> Result<Self, ApiError> {
        let refused = || {
            ApiError::plain(StatusCode::UPGRADE_REQUIRED, "A tunnel is a WebSocket: ask for one")
        };
        let headers = request.headers();
        let is_wanted = has(headers, &header::CONNECTION, "upgrade")
            && has(headers, &header::UPGRADE, "websocket")
            && has(headers, &header::SEC_WEBSOCKET_VERSION, "13");
        let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is_wanted);
        let accept = derive_accept_key(key.ok_or_else(refused)?.as_bytes());
        let pending = request.extensions_mut().remove::<OnUpgrade>().ok_or_else(refused)?;
        Ok(Self { pending, accept })
    }

    /// The answer, and the connection that it becomes. The space is told that it is reached at `url`.
    pub(super) fn accept(self, url: &str) -> (Response, OnUpgrade) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        let accept = HeaderValue::try_from(self.accept).expect("base64 is fit for a header");
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        let url = HeaderValue::try_from(url).expect("a URL is fit for a header");
        headers.insert(TUNNEL_URL, url);
        (response, self.pending)
    }
}

/// Whether one of the header's comma-separated values is `wanted`.
fn has(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(wanted))
}

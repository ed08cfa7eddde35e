//! Answering what comes through a tunnel.
//!
//! The hub passes on nothing but questions and signs of life, and a space does not rely on that: what else comes is not found.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, Request};
use hyper::body::Incoming;
use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use reqwest::Upgraded;
use tokio_tungstenite::tungstenite::protocol::Role;
use tower::Service as _;

use crate::config::SpaceTunnelSettings;
use crate::http::ApiError;
use crate::tunnel::{Carrier, Ending};

/// Bytes of one question that may wait for their turn.
const STREAM_WINDOW: u32 = 256 * 1024;

/// Bytes of all of them.
const TUNNEL_WINDOW: u32 = 4 * 1024 * 1024;

/// The most bytes of a question's headers.
const HEADERS: u32 = 32 * 1024;

/// Answers with `router` until the hub or `ending` ends the tunnel.
pub(super) async fn serve(
    connection: Upgraded,
    router: Router,
    settings: &SpaceTunnelSettings,
    ending: Ending,
) -> hyper::Result<()> {
    let carrier = Carrier::over(connection, Role::Client, ending).await;
    let service = service_fn(move |request: Request<Incoming>| answer(router.clone(), request));
    Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(TUNNEL_WINDOW)
        .max_header_list_size(HEADERS)
        .max_concurrent_streams(u32::try_from(settings.tunnel_streams).unwrap_or(u32::MAX))
        .keep_alive_interval(settings.tunnel_ping)
        .keep_alive_timeout(settings.tunnel_ping.max(Duration::from_secs(1)))
        .serve_connection(TokioIo::new(carrier), service)
        .await
}

async fn answer(mut router: Router, request: Request<Incoming>) -> Result<Response, Infallible> {
    if !passes(request.method(), request.uri().path()) {
        return Ok(ApiError::not_found("Not Found").into_response());
    }
    let mut request = request.map(Body::new);
    let client = SocketAddr::new(client(request.headers()), 0);
    request.extensions_mut().insert(ConnectInfo(client));
    router.call(request).await
}

/// Whether this is a question or asks for a sign of life (contract space 9.2).
fn passes(method: &Method, path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        ["" | "health"] => method == Method::GET || method == Method::HEAD,
        ["api", "v1", "endpoints", slug, "query"]
        | ["t", _, "api", "v1", "endpoints", slug, "query"] => {
            method == Method::POST && !slug.is_empty()
        }
        _ => false,
    }
}

/// Who asks, as the hub says; nobody else can speak in a tunnel.
fn client(headers: &HeaderMap) -> IpAddr {
    let said = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok()?.parse().ok());
    said.unwrap_or(IpAddr::from([127, 0, 0, 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_lets_questions_and_signs_of_life_through_and_nothing_else() {
        for (method, path) in [
            (Method::GET, "/"),
            (Method::HEAD, "/"),
            (Method::GET, "/health"),
            (Method::POST, "/api/v1/endpoints/permits/query"),
            (Method::POST, "/t/law/api/v1/endpoints/permits/query"),
        ] {
            assert!(passes(&method, path), "{method} {path}");
        }
        for (method, path) in [
            (Method::POST, "/"),
            (Method::GET, "/metrics"),
            (Method::GET, "/healthz"),
            (Method::GET, "/openapi.json"),
            (Method::GET, "/api/v1/endpoints/permits/query"),
            (Method::DELETE, "/api/v1/endpoints/permits"),
            (Method::GET, "/api/v1/datasets/"),
            (Method::POST, "/api/v1/endpoints//query"),
            (Method::POST, "/api/v1/endpoints/permits/query/"),
            (Method::POST, "/x/api/v1/endpoints/permits/query"),
        ] {
            assert!(!passes(&method, path), "{method} {path}");
        }
    }
}

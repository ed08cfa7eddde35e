//! Pages as a browser gets them.

mod hostile;
mod page;

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;

use crate::testing::TestHub;

/// What a browser sends when somebody opens an address.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A page as it arrived.
struct Opened {
    status: StatusCode,
    headers: HeaderMap,
    html: String,
}

/// Opens `path` as a browser does, as the holder of `token`, empty for nobody.
async fn open(hub: &TestHub, path: &str, token: &str) -> Opened {
    let mut request = Request::get(path).header(header::ACCEPT, BROWSER);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let response = hub.respond(request.body(Body::empty()).unwrap()).await;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let html = String::from_utf8(bytes.to_vec()).unwrap();
    Opened { status: parts.status, headers: parts.headers, html }
}

//! For those who write a service of their own: its callers bring tokens that the hub made for its owner, and each is judged
//! here, without asking the hub.
//!
//! ```text
//! make dev        # in another terminal: it prints the hub's address and the user name of the owner
//! cargo run --bin verify -- http://127.0.0.1:8080 alice 127.0.0.1:9000
//! curl --header "Authorization: Bearer $TOKEN" http://127.0.0.1:9000/
//! ```
//!
//! Who calls gets the token from the hub: `hub.tokens().satellite(&"alice".parse()?)`. It counts for a minute.

use std::io::Write as _;

use anyhow::bail;
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{StatusCode, request};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use syfthub_client::{Error, ErrorKind, SatelliteClaims, Verifier};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [hub, owner, address] = arguments.as_slice() else {
        bail!("usage: verify HUB OWNER ADDRESS");
    };
    let verifier = Verifier::builder(hub, owner).build()?;
    let service = Router::new().route("/", get(greet)).with_state(verifier);

    let listener = tokio::net::TcpListener::bind(address).await?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    Ok(axum::serve(listener, service).await?)
}

/// Taking a [`Caller`] is all that a handler does to be closed to everybody else.
async fn greet(Caller(claims): Caller) -> Json<Value> {
    Json(json!({ "caller": claims.sub, "role": claims.role }))
}

/// Somebody whose token counts.
struct Caller(SatelliteClaims);

impl FromRequestParts<Verifier> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(
        request: &mut request::Parts,
        verifier: &Verifier,
    ) -> Result<Self, Refusal> {
        let header = request.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        verifier.verify(token).await.map(Self).map_err(Refusal)
    }
}

/// Why a caller is not let in.
struct Refusal(Error);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.0.code(), "detail": self.0.to_string() }));
        match self.0.kind() {
            ErrorKind::NotSignedIn => {
                (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], body).into_response()
            }
            // The hub's keys were never fetched, and it is away.
            _ => (StatusCode::SERVICE_UNAVAILABLE, body).into_response(),
        }
    }
}

//! Opening a tunnel: the space's half of the WebSocket handshake (RFC 6455, section 4.1), over the HTTP client, so that the
//! same TLS holds as for every other call.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use reqwest::Upgraded;
use syfthub_core::Secret;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use url::Url;

use crate::tunnel::TUNNEL_URL;

/// How long the hub may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection that a tunnel can run on.
pub(super) struct Dialled {
    pub(super) connection: Upgraded,
    /// Where the hub says that the space is reached.
    pub(super) url: Url,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    #[error("the hub has no tunnels")]
    Unsupported,
    #[error("the hub refused a tunnel with HTTP {status}: {detail}")]
    Refused {
        status: StatusCode,
        detail: String,
        /// When the hub says to come back.
        retry_after: Option<Duration>,
    },
    #[error("the hub could not be reached")]
    Unreachable(#[from] reqwest::Error),
    #[error("what answers does not speak the protocol of tunnels")]
    Protocol,
}

/// Asks `hub` for a tunnel as the holder of `token`, for its own space or that of the organization `owner`.
pub(super) async fn dial(
    hub: &str,
    owner: Option<&str>,
    token: &Secret,
) -> Result<Dialled, DialError> {
    let mut url = Url::parse(&format!("{hub}/api/v1/tunnel")).map_err(|_| DialError::Protocol)?;
    if let Some(owner) = owner {
        url.query_pairs_mut().append_pair("owner", owner);
    }
    // HTTP/2 has no upgrades.
    let client = syfthub_client::node::http_client().http1_only().build()?;
    let key = generate_key();
    let sent = client
        .get(url)
        .bearer_auth(token.expose())
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, &key)
        .send();
    let answer = tokio::time::timeout(PATIENCE, sent).await.map_err(|_| DialError::Protocol)??;
    match answer.status() {
        StatusCode::SWITCHING_PROTOCOLS => {}
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED if owner.is_none() => {
            return Err(DialError::Unsupported);
        }
        _ => return Err(refused(answer).await),
    }
    let headers = answer.headers();
    let expected = derive_accept_key(key.as_bytes());
    let accepted = headers.get(header::SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
    if accepted != Some(expected.as_bytes()) {
        return Err(DialError::Protocol);
    }
    let url = headers.get(TUNNEL_URL).and_then(|url| url.to_str().ok()?.parse().ok());
    let url = url.ok_or(DialError::Protocol)?;
    Ok(Dialled { connection: answer.upgrade().await?, url })
}

async fn refused(answer: reqwest::Response) -> DialError {
    let (status, retry_after) = (answer.status(), retry_after(answer.headers()));
    let body = answer.json::<serde_json::Value>().await.unwrap_or_default();
    let detail = syfthub_client::node::error_detail(&body).unwrap_or_default();
    DialError::Refused { status, detail, retry_after }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(Duration::from_mins(15)))
}

//! One request for a space behind a tunnel.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::{StatusCode, Uri, Version};
use tokio::time::timeout;

use super::elsewhere;
use super::headers;
use super::live::Live;
use super::metered::Metered;
use super::metrics::Outcome;
use super::refusal::Refusal;
use crate::http::{ApiError, ClientAddress, CorrelationId};
use crate::hub::Hub;
use crate::shared::Rule;

/// Where requests inside of a tunnel go; HTTP/2 wants a name.
const INSIDE: &str = "http://space";

/// Who asks, and under which id.
pub(super) struct Asked {
    pub(super) client: ClientAddress,
    pub(super) correlation: CorrelationId,
}

/// Asks the space of `owner`, whose address `/s/{owner}` the request's path begins with.
pub(super) async fn ask(
    hub: &Hub,
    owner: &str,
    asked: Asked,
    request: Request,
) -> Result<Response, ApiError> {
    let started = Instant::now();
    let owner = owner.to_lowercase();
    let answered = match hub.tunnels.registry.find(&owner) {
        Some(live) => through(hub, &live, asked, request).await,
        None => elsewhere::relay(hub, &owner, asked, request).await,
    };
    let outcome = match &answered {
        Ok((_, outcome)) => *outcome,
        Err(refusal) => refusal.outcome(),
    };
    hub.tunnels.traffic.record(outcome, started.elapsed());
    Ok(answered?.0)
}

/// The request through this tunnel, within its quotas.
async fn through(
    hub: &Hub,
    live: &Arc<Live>,
    asked: Asked,
    request: Request,
) -> Result<(Response, Outcome), Refusal> {
    let place = Arc::clone(&live.places).try_acquire_owned().map_err(|_| Refusal::Full)?;
    if let Some(wait) = live.pace.refusal() {
        return Err(Refusal::TooMuch(wait));
    }
    hub.limits.check(Rule::Tunnel, &live.owner).await?;
    let (mut parts, body) = request.into_parts();
    parts.uri = below(&parts.uri).ok_or(Refusal::Broken)?;
    parts.version = Version::HTTP_2;
    headers::to_space(&mut parts.headers, asked.client, &asked.correlation);
    let mut inside =
        Request::new(Body::new(Metered::request(body, live, hub.tunnels.traffic.sent.clone())));
    *inside.method_mut() = parts.method;
    *inside.uri_mut() = parts.uri;
    *inside.version_mut() = parts.version;
    *inside.headers_mut() = parts.headers;
    let mut sender = live.sender.clone();
    let settings = &hub.tunnels.settings;
    let exchange = async {
        sender.ready().await.map_err(|_| Refusal::Away)?;
        sender.send_request(inside).await.map_err(|error| {
            tracing::debug!(owner = live.owner, %error, "a tunnelled request broke off");
            Refusal::Broken
        })
    };
    let limit = settings.tunnel_answer_timeout;
    let answer = timeout(limit, exchange).await.map_err(|_| Refusal::TimedOut(limit))??;
    let (parts, body) = answer.into_parts();
    // An answer that would change the protocol has no meaning here.
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Refusal::Broken);
    }
    let received = hub.tunnels.traffic.received.clone();
    let body = Metered::answer(body, live, received, settings.tunnel_silence, place);
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = parts.status;
    *response.headers_mut() = headers::from_space(&parts.headers);
    Ok((response, Outcome::Answered))
}

/// The address inside of the tunnel for one at the hub, `/s/{owner}[/…]`.
fn below(uri: &Uri) -> Option<Uri> {
    let rest = uri.path().strip_prefix("/s/")?;
    let path = rest.find('/').map_or("/", |slash| &rest[slash..]);
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{INSIDE}{path}{query}").parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_owners_prefix_stays_at_the_hub() {
        let below = |uri: &str| super::below(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(below("/s/ada").as_deref(), Some("http://space/"));
        assert_eq!(below("/s/ada/").as_deref(), Some("http://space/"));
        assert_eq!(
            below("/s/ada/health?x=1&y=%2F").as_deref(),
            Some("http://space/health?x=1&y=%2F")
        );
        assert_eq!(
            below("http://hub.example/s/ada/api/v1/endpoints/a/query").as_deref(),
            Some("http://space/api/v1/endpoints/a/query")
        );
        assert_eq!(below("/x/ada"), None);
    }
}

//! Tunnels that end at another instance of this hub.
//!
//! Each instance notes in the database which tunnels it has and at which address the others reach it. A request for a
//! tunnel that is elsewhere is passed on to there, once: the instance that gets it passes it on no further.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use url::Url;

use super::forward::Asked;
use super::headers;
use super::live::Live;
use super::metrics::Outcome;
use super::refusal::Refusal;
use super::store;
use crate::db::StoreError;
use crate::hub::Hub;

/// Marks a request that another instance has passed on.
const RELAYED: HeaderName = HeaderName::from_static("x-tunnel-relayed");

/// Notes that `live` is the tunnel of its owner. Alone, a hub has nobody to tell.
pub(super) async fn announce(hub: &Hub, live: &Live) -> Result<(), StoreError> {
    let Some(instance) = hub.tunnels.instance(hub) else { return Ok(()) };
    let (owner, tunnel, now) = (live.owner.clone(), live.id.to_string(), hub.clock.now());
    let instance = instance.as_str().trim_end_matches('/').to_owned();
    let write = hub.db.write(move |tx| {
        Box::pin(async move { store::claim(tx, &owner, &tunnel, &instance, now).await })
    });
    write.await
}

/// Notes that `live` is still open; false when its owner has opened another one at another instance since.
pub(super) async fn renew(hub: &Hub, live: &Live) -> Result<bool, StoreError> {
    if !hub.shared.is_shared() {
        return Ok(true);
    }
    let (owner, tunnel, now) = (live.owner.clone(), live.id.to_string(), hub.clock.now());
    let write = hub
        .db
        .write(move |tx| Box::pin(async move { store::renew(tx, &owner, &tunnel, now).await }));
    write.await
}

/// Notes that `live` has ended. An instance that cannot say so any more is found out by its silence.
pub(super) async fn release(hub: &Hub, live: &Live) {
    if !hub.shared.is_shared() {
        return;
    }
    let (owner, tunnel) = (live.owner.clone(), live.id.to_string());
    let write =
        hub.db.write(move |tx| Box::pin(async move { store::release(tx, &owner, &tunnel).await }));
    if let Err(error) = write.await {
        tracing::warn!(owner = live.owner, %error, "other instances learn late that a tunnel ended");
    }
}

/// Passes the request on to the instance that has the tunnel of `owner`.
pub(super) async fn relay(
    hub: &Hub,
    owner: &str,
    asked: Asked,
    request: Request,
) -> Result<(Response, Outcome), Refusal> {
    if !hub.shared.is_shared() || request.headers().contains_key(RELAYED) {
        return Err(Refusal::Away);
    }
    // Three looks later nobody is there any more.
    let since = hub.clock.now().before(hub.tunnels.settings.tunnel_check * 3);
    let name = owner.to_owned();
    let found = hub.db.read(move |tx| Box::pin(async move { store::find(tx, &name, since).await }));
    let instance = found.await?.ok_or(Refusal::Away)?;
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let url = Url::parse(&format!("{instance}{path}")).map_err(|_| Refusal::Away)?;
    let mut passed = parts.headers;
    headers::to_space(&mut passed, asked.client, &asked.correlation);
    passed.insert(RELAYED, HeaderValue::from_static("1"));
    let answer = hub
        .tunnels
        .relays
        .request(parts.method, url)
        .headers(passed)
        .body(reqwest::Body::wrap_stream(body.into_data_stream()))
        .send()
        .await
        .map_err(|error| {
            tracing::warn!(owner, instance, %error, "another instance did not take a request");
            if error.is_connect() { Refusal::Away } else { Refusal::Broken }
        })?;
    let mut response = http::Response::<reqwest::Body>::from(answer).map(Body::new);
    let kept = headers::from_space(response.headers());
    *response.headers_mut() = kept;
    Ok((response, Outcome::Relayed))
}

//! Opening a tunnel, and keeping it for as long as its owner may have it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use hyper::client::conn::http2::{Builder, Connection, SendRequest};
use hyper::upgrade::Upgraded;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use syfthub_core::model::{Access, OrganizationAction, Scope, authorize};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::task::AbortOnDropHandle;

use super::carrier::{Carrier, Ending, Farewell};
use super::elsewhere;
use super::live::Live;
use super::upgrade::Upgrade;
use crate::config::TunnelSettings;
use crate::http::ApiError;
use crate::hub::Hub;
use crate::identity::Signed;
use crate::organizations;
use crate::shared::Rule;

/// Bytes of one answer that may wait for their reader.
const STREAM_WINDOW: u32 = 256 * 1024;

/// Bytes of all answers of a tunnel that may wait for their readers.
const TUNNEL_WINDOW: u32 = 16 * 1024 * 1024;

/// The most bytes of an answer's headers.
const HEADERS: u32 = 32 * 1024;

/// When a space may ask again that found no room.
const NO_ROOM: Duration = Duration::from_mins(1);

/// Whose tunnel it is to be: the caller's own, or that of an organization of theirs.
#[derive(Clone)]
pub(super) struct Claim {
    pub(super) signed: Signed,
    /// The name of the organization, or of the caller, in lower case.
    pub(super) owner: Option<String>,
}

impl Claim {
    /// The name that the tunnel serves, in lower case, as long as the caller may speak for it.
    async fn owner(&self, hub: &Hub) -> Result<String, ApiError> {
        let Self { signed, owner } = self.clone();
        let read = hub.db.read(move |tx| {
            Box::pin(async move {
                let caller = signed.caller(tx).await?;
                caller.require(Scope::Write)?;
                let own = caller.user.username.to_lowercase();
                let Some(name) = owner.filter(|name| *name != own) else { return Ok(own) };
                let missing = || ApiError::not_found("Organization not found");
                let found = organizations::find_named(tx, &name, caller.id()).await?;
                let facts = found.ok_or_else(missing)?.facts();
                // Whoever has the tunnel gets the organization's callers with their tokens: that is its space.
                match authorize(caller.principal(), OrganizationAction::Heartbeat, facts) {
                    Access::Granted => Ok(name),
                    Access::Hidden => Err(missing()),
                    Access::Refused => {
                        Err(ApiError::forbidden("Your role does not allow to serve its space"))
                    }
                }
            })
        });
        read.await
    }
}

/// Answers a request for a tunnel, which then begins.
pub(super) async fn open(
    hub: Hub,
    claim: Claim,
    mut request: Request,
) -> Result<Response, ApiError> {
    let owner = claim.owner(&hub).await?;
    let upgrade = Upgrade::of(&mut request)?;
    hub.limits.check(Rule::TunnelOpen, &owner).await?;
    let unavailable = |detail| ApiError::later(StatusCode::SERVICE_UNAVAILABLE, detail, NO_ROOM);
    if hub.shared.is_shared() && hub.tunnels.instance(&hub).is_none() {
        return Err(unavailable(
            "This hub has several instances, and its operator has not set SYFTHUB_INSTANCE_URL, without which none of \
             them takes tunnels",
        ));
    }
    let place = Arc::clone(&hub.tunnels.places).try_acquire_owned();
    let place = place.map_err(|_| unavailable("This hub has no room for another tunnel"))?;
    let (response, pending) = upgrade.accept(&hub.tunnels.url(&owner));
    let tasks = hub.tunnels.tasks.clone();
    tasks.spawn(async move {
        if let Ok(upgraded) = pending.await {
            keep(&hub, &owner, &claim, upgraded).await;
        }
        drop(place);
    });
    Ok(response)
}

/// Serves `owner` through the connection until either of them ends.
async fn keep(hub: &Hub, owner: &str, claim: &Claim, upgraded: Upgraded) {
    let settings = &hub.tunnels.settings;
    let ending = Ending::with(&hub.tunnels.stop);
    let carrier = Carrier::over(TokioIo::new(upgraded), Role::Server, ending.clone()).await;
    let Ok((sender, connection)) = handshake(settings, carrier).await else { return };
    let mut connection = AbortOnDropHandle::new(tokio::spawn(connection));
    // Only what answers takes the place of an older tunnel.
    if !timeout(settings.tunnel_patience, answers(sender.clone())).await.unwrap_or(false) {
        tracing::info!(owner, "a tunnel was given up: nobody answers in it");
        return;
    }
    let live = Arc::new(Live::new(owner, sender, ending, settings));
    hub.tunnels.registry.add(&live);
    tracing::info!(owner, "a tunnel is open");
    if let Err(error) = elsewhere::announce(hub, &live).await {
        tracing::error!(owner, %error, "other instances do not learn of a tunnel");
    }
    let has_ended = tokio::select! {
        _ = &mut connection => true,
        () = watch(hub, &live, claim) => false,
    };
    hub.tunnels.registry.remove(&live);
    elsewhere::release(hub, &live).await;
    if !has_ended {
        timeout(settings.tunnel_patience, &mut connection).await.ok();
    }
    tracing::info!(owner, "a tunnel has ended");
}

/// HTTP/2 over `carrier`, with the roles turned round: the space answers.
async fn handshake(
    settings: &TunnelSettings,
    carrier: Carrier<TokioIo<Upgraded>>,
) -> hyper::Result<(
    SendRequest<Body>,
    Connection<TokioIo<Carrier<TokioIo<Upgraded>>>, Body, TokioExecutor>,
)> {
    Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(TUNNEL_WINDOW)
        .max_header_list_size(HEADERS)
        .keep_alive_interval(settings.tunnel_ping)
        .keep_alive_timeout(settings.tunnel_patience)
        .keep_alive_while_idle(true)
        .handshake(TokioIo::new(carrier))
        .await
}

/// Whether a space is at the other end.
async fn answers(mut sender: SendRequest<Body>) -> bool {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = http::Uri::from_static("http://space/health");
    if sender.ready().await.is_err() {
        return false;
    }
    let answer = sender.send_request(request).await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

/// Returns when the tunnel has been told to end: its owner may not have it any more, goes by another name, or has opened
/// another one.
async fn watch(hub: &Hub, live: &Live, claim: &Claim) {
    loop {
        sleep(hub.tunnels.settings.tunnel_check).await;
        let farewell = match claim.owner(hub).await {
            Ok(owner) if owner == live.owner => match elsewhere::renew(hub, live).await {
                Ok(false) => Farewell::Replaced,
                Ok(true) | Err(_) => continue,
            },
            Ok(_) => Farewell::GoingAway,
            // Nobody can be asked now; the tunnel's rights were in order a moment ago.
            Err(ApiError::Unavailable(_) | ApiError::Internal(_)) => continue,
            Err(_) => Farewell::Revoked,
        };
        return live.ending.say(farewell);
    }
}

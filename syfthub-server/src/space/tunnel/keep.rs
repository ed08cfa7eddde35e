//! Keeping a tunnel to a hub open for as long as the space wants one.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::TunnelStatus;
use super::dial::{DialError, Dialled, dial};
use super::serve::serve;
use super::waits::{Ended, Waits};
use crate::space::error::SpaceError;
use crate::space::hub::Hub;
use crate::space::node::Space;
use crate::tunnel::{Ending, Farewell};

/// When a hub that has no tunnels is asked again: it may have been replaced by a newer one.
const UNSUPPORTED: Duration = Duration::from_mins(10);

/// Why a tunnel did not come about.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Account(#[from] SpaceError),
    #[error(transparent)]
    Dial(#[from] DialError),
}

impl Failed {
    fn ended(&self) -> Ended {
        let (farewell, retry_after) = match self {
            Self::Dial(DialError::Unsupported) => (None, Some(UNSUPPORTED)),
            Self::Dial(DialError::Refused { status, .. })
                if matches!(status.as_u16(), 401 | 403) =>
            {
                (Some(Farewell::Revoked), None)
            }
            Self::Dial(DialError::Refused { retry_after, .. }) => (None, *retry_after),
            Self::Account(SpaceError::Hub { status: Some(401 | 403), .. }) => {
                (Some(Farewell::Revoked), None)
            }
            Self::Dial(_) | Self::Account(_) => (None, None),
        };
        Ended { open: Duration::ZERO, farewell, retry_after }
    }

    /// The failure with what lies behind, for the owner.
    fn text(&self) -> String {
        match self.source() {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }
}

/// Serves `router` through a tunnel to `hub` until `stop`, whenever the space wants to be reached so.
pub(crate) async fn keep(space: Space, hub: Arc<Hub>, router: Router, stop: CancellationToken) {
    let mut wishes = space.hubs.changes();
    let mut waits = Waits::default();
    while !stop.is_cancelled() {
        if !space.wants_tunnel(hub.row.tenant).await {
            hub.tunnel.send_replace(TunnelStatus::default());
            tokio::select! {
                () = stop.cancelled() => break,
                _ = wishes.changed() => continue,
            }
        }
        let ended = attempt(&space, &hub, &router, &stop).await;
        let wait = waits.after(ended);
        tokio::select! {
            () = stop.cancelled() => break,
            _ = wishes.changed() => {}
            () = sleep(wait) => {}
        }
    }
    hub.tunnel.send_replace(TunnelStatus::default());
}

/// Opens a tunnel and serves it until it ends.
async fn attempt(space: &Space, hub: &Hub, router: &Router, stop: &CancellationToken) -> Ended {
    let opened = tokio::select! {
        () = stop.cancelled() => return Ended { open: Duration::ZERO, farewell: None, retry_after: None },
        opened = open(hub) => opened,
    };
    let Dialled { connection, url } = match opened {
        Ok(dialled) => dialled,
        Err(failed) => {
            let text = failed.text();
            tracing::warn!(hub = hub.row.url, error = text, "no tunnel");
            hub.tunnel.send_replace(TunnelStatus::away(&text));
            return failed.ended();
        }
    };
    let begun = Instant::now();
    let ending = Ending::with(stop);
    let serving = serve(connection, router.clone(), &space.config.tunnel, ending.clone());
    let told = async {
        let mut wishes = space.hubs.changes();
        // Only now the hub can be told: what it finds at that address is this tunnel.
        if let Err(error) = hub.set_domain(&url).await {
            tracing::warn!(hub = hub.row.url, %error, "the hub did not take the tunnel's address");
            hub.tunnel.send_replace(TunnelStatus::away(&error));
        } else {
            tracing::info!(hub = hub.row.url, %url, "a tunnel is open");
            hub.tunnel.send_replace(TunnelStatus::open(url.clone()));
        }
        while wishes.changed().await.is_ok() {
            if !space.wants_tunnel(hub.row.tenant).await {
                ending.say(Farewell::GoingAway);
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let served = tokio::select! {
        served = serving => served,
        () = told => Ok(()),
    };
    let farewell = ending.heard();
    let error = match (farewell, served) {
        (Some(Farewell::Replaced), _) => "another space of this account has the tunnel".to_owned(),
        (Some(Farewell::Revoked), _) => "the hub ended the session".to_owned(),
        (_, Err(error)) => format!("the tunnel broke: {error}"),
        (_, Ok(())) => "the tunnel has ended".to_owned(),
    };
    tracing::info!(hub = hub.row.url, error, "a tunnel has ended");
    hub.tunnel.send_replace(TunnelStatus::away(&error));
    Ended { open: begun.elapsed(), farewell, retry_after: None }
}

async fn open(hub: &Hub) -> Result<Dialled, Failed> {
    // Renews the session where that is due.
    hub.account().await?;
    let token = hub.access_token().ok_or_else(|| SpaceError::refused("nobody is signed in"))?;
    Ok(dial(&hub.row.url, hub.row.organization.as_deref(), &token).await?)
}

//! Signs of life: the hub is told that the space is there, and how each listed endpoint is (contract space 8.3).
//!
//! A sign always holds for three times as long as the next one takes, jitter included, so that one may be lost. A hub that
//! cuts that time is told more often; one that fails is told less often, within what a sign can hold. What a hub does not
//! know is not sent to it again.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng as _;
use syfthub_core::model::HealthStatus;
use syfthub_core::wire::health::{EndpointReport, HealthReport, Heartbeat};
use tokio::time::sleep;
use url::Url;

use super::Hub;
use crate::space::error::SpaceError;
use crate::space::node::Space;

/// How often the hub is told.
const INTERVAL: Duration = Duration::from_secs(30);

/// The longest that a hub which fails is left alone: three times as long is what hubs let a sign hold at most.
const LONGEST: Duration = Duration::from_mins(3);

/// How much longer than a pause its sign holds.
const SPARE: u32 = 3;

/// Reports that a hub takes at a time (contract hub 7.4).
const MOST: usize = 300;

/// What a hub understands.
#[derive(Debug, Clone, Copy)]
struct Knows {
    heartbeat: bool,
    health: bool,
}

/// How a telling went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The hub lets it hold for so long.
    For(Duration),
    /// The hub does not know such a thing.
    Unknown,
    /// There was nothing to tell.
    Nothing,
}

/// Tells `hub`, for as long as it is connected.
pub(super) async fn keep(space: Space, hub: Arc<Hub>) {
    let mut knows = Knows { heartbeat: true, health: true };
    let mut pause = INTERVAL;
    loop {
        pause = match tell(&space, &hub, &mut knows, pause).await {
            Ok(held) => held.map_or(INTERVAL, |held| (held / SPARE).min(INTERVAL)),
            Err(error) => {
                tracing::info!(hub = hub.row.url, %error, "a hub was not told how this space is");
                (pause * 2).min(LONGEST)
            }
        };
        // Earlier at random, never later: spaces that started together do not stay in step.
        let part = rand::rng().random_range(0.85..1.0);
        sleep(pause.mul_f64(part)).await;
    }
}

/// Tells everything once; how long that holds at least, as far as the hub says.
async fn tell(
    space: &Space,
    hub: &Hub,
    knows: &mut Knows,
    pause: Duration,
) -> Result<Option<Duration>, SpaceError> {
    let reports = if knows.health { reports(space, hub).await? } else { Vec::new() };
    // Told in turn with whoever changes where the space is.
    let _turn = hub.turn.lock().await;
    let Ok(url) = space.url_at(hub).await else { return Ok(None) };
    let ttl = i64::try_from((pause * SPARE).as_secs()).unwrap_or(i64::MAX).max(1);
    let mut held: Option<Duration> = None;
    let mut note = |told: Told, knows: &mut bool| match told {
        Told::For(span) => held = Some(held.map_or(span, |other| other.min(span))),
        Told::Unknown => *knows = false,
        Told::Nothing => {}
    };
    if knows.heartbeat {
        note(hub.beat(&url, ttl).await?, &mut knows.heartbeat);
    }
    if knows.health {
        note(hub.report(&url, ttl, reports).await?, &mut knows.health);
    }
    Ok(held)
}

/// How each endpoint is that the hub lists.
async fn reports(space: &Space, hub: &Hub) -> Result<Vec<EndpointReport>, SpaceError> {
    let rows = space.endpoint_rows(hub.row.tenant).await?;
    let listed = rows.into_iter().filter(|row| row.published_to.contains(&hub.row.id));
    let mut reports = Vec::new();
    for row in listed.take(MOST) {
        let mut healthy = row.published && !row.is_archived;
        if let Some(id) = row.dataset_id {
            healthy &= space.dataset_health(id).await.healthy;
        }
        if let Some(id) = row.model_id {
            healthy &= space.model_health(id).await.healthy;
        }
        let status = if healthy { HealthStatus::Healthy } else { HealthStatus::Unhealthy };
        reports.push(EndpointReport {
            slug: row.slug.to_string(),
            status,
            checked_at: space.clock.now(),
        });
    }
    Ok(reports)
}

impl Hub {
    async fn beat(&self, url: &Url, ttl: i64) -> Result<Told, SpaceError> {
        let beat = Heartbeat { url: url.to_string(), ttl_seconds: Some(ttl) };
        let organization = self.row.organization_id;
        let sent = self.signed_in(|client| {
            let beat = beat.clone();
            async move {
                match organization {
                    Some(id) => client.organizations().heartbeat(id, &beat).await,
                    None => client.users().heartbeat(&beat).await,
                }
            }
        });
        self.told(sent.await.map(|receipt| receipt.ttl_seconds))
    }

    async fn report(
        &self,
        url: &Url,
        ttl: i64,
        endpoints: Vec<EndpointReport>,
    ) -> Result<Told, SpaceError> {
        if endpoints.is_empty() {
            return Ok(Told::Nothing);
        }
        let report = HealthReport { endpoints, ttl_seconds: Some(ttl), url: url.to_string() };
        let sent = self.signed_in(|client| {
            let report = report.clone();
            async move { client.endpoints().report_health(&report).await }
        });
        self.told(sent.await.map(|_| ttl))
    }

    fn told(&self, sent: Result<i64, syfthub_client::Error>) -> Result<Told, SpaceError> {
        match sent {
            Ok(seconds) => {
                Ok(Told::For(Duration::from_secs(seconds.try_into().unwrap_or_default())))
            }
            Err(error) if matches!(error.status(), Some(404 | 405)) => Ok(Told::Unknown),
            Err(error) => Err(SpaceError::hub(&self.row.url, &error)),
        }
    }
}

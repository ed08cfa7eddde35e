//! Heartbeats: an owner's space says that it is alive (contract hub 7.3).

use syfthub_core::model::HealthStatus;
use syfthub_core::wire::health::{Heartbeat, HeartbeatReceipt};
use syfthub_core::{OrganizationId, OwnerId};

use super::domains::{self, Announced};
use super::model::{Check, Source};
use super::refusal::Refusal;
use super::settle::{Effect, settle};
use super::store;
use crate::hub::Hub;
use crate::identity::{Caller, Origin};

/// Takes a heartbeat for the caller, or for the organization of which they run the space. All endpoints of the owner are
/// well then, except those that the space reported on by themselves.
pub(super) async fn receive(
    hub: &Hub,
    caller: Caller,
    organization: Option<OrganizationId>,
    heartbeat: Heartbeat,
    origin: Origin,
) -> Result<HeartbeatReceipt, Refusal> {
    let announced = Announced::parse(&heartbeat.url)?;
    let ttl = hub.health.ttl(heartbeat.ttl_seconds);
    let tolerance = hub.health.tolerance();
    let (received_at, expires_at) = (origin.at, origin.at.after(ttl));
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let (owner, place) = match organization {
                None => {
                    let place = domains::of_user(tx, &caller, &announced, &origin).await?;
                    (OwnerId::User(caller.id()), place)
                }
                Some(id) => {
                    let place =
                        domains::of_organization(tx, &caller, id, &announced, &origin).await?;
                    (OwnerId::Organization(id), place)
                }
            };
            store::lock_node(tx, owner).await?;
            store::set_alive(tx, owner, expires_at).await?;
            let endpoints = store::list_of(tx, owner).await?;
            let check = Check {
                status: HealthStatus::Healthy,
                source: Source::Node,
                at: origin.at,
                expires_at,
            };
            let actor = Some(caller.id());
            let effect = settle(tx, endpoints, &check, tolerance, &origin, actor).await?;
            Ok::<_, Refusal>((place, effect))
        })
    });
    let (place, effect) = write.await?;
    if place.is_new || effect == Effect::Seen {
        hub.registry.forget_pages();
    }
    Ok(HeartbeatReceipt {
        status: "ok".to_owned(),
        received_at,
        expires_at,
        domain: place.domain,
        ttl_seconds: i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX),
    })
}

//! The hub's own look at what sends no sign of life, and forgetting what is too old to count (contract hub 7.5).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use syfthub_core::{OwnerId, Timestamp};
use url::Url;

use super::model::{Check, Source, until_next_probe};
use super::probe::{self, Finding};
use super::settle::{Effect, settle, show};
use super::store::{self, Due};
use crate::db::StoreError;
use crate::hub::Hub;
use crate::identity::Origin;

/// Nodes looked up together, and changes made together.
const BATCH: i64 = 200;

/// How much of what happened is kept: the longest window of an uptime series.
const KEPT: Duration = Duration::from_hours(2160);

/// Probes every node that is due, and forgets what no longer counts. What is not done within an interval is left to the next
/// call.
pub(crate) async fn watch(hub: Hub) -> Result<(), StoreError> {
    let started = Instant::now();
    while hub.health.settings.probe && started.elapsed() < hub.health.interval() {
        let now = hub.clock.now();
        let read =
            hub.db.read(move |tx| Box::pin(async move { store::list_due(tx, now, BATCH).await }));
        let due: Vec<Due> = read.await?;
        let was_last = due.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
        probe_all(&hub, due).await?;
        if was_last {
            break;
        }
    }
    forget(&hub).await
}

/// Probes each address once, however many owners name it, several at a time.
async fn probe_all(hub: &Hub, due: Vec<Due>) -> Result<(), StoreError> {
    let mut owners: HashMap<Url, Vec<OwnerId>> = HashMap::new();
    let mut nowhere = Vec::new();
    for Due { owner, domain } in due {
        match probe::root(&domain, hub.tunnels.prefix()) {
            Some(url) => owners.entry(url).or_default().push(owner),
            None => nowhere.push(owner),
        }
    }
    let probes = owners.into_iter().map(|(url, owners)| async move {
        let finding = probe::probe(hub, url).await;
        (owners, finding)
    });
    let mut probes = stream::iter(probes).buffer_unordered(hub.health.settings.max_concurrent);
    for owner in nowhere {
        conclude(hub, owner, Finding::Blocked).await?;
    }
    while let Some((owners, finding)) = probes.next().await {
        for owner in owners {
            conclude(hub, owner, finding).await?;
        }
    }
    Ok(())
}

/// Draws the consequences for the owner's endpoints, unless a heartbeat came while the probe was under way.
async fn conclude(hub: &Hub, owner: OwnerId, finding: Finding) -> Result<(), StoreError> {
    let origin = Origin::of_the_hub(hub.clock.now());
    let (interval, tolerance) = (hub.health.interval(), hub.health.tolerance());
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let node = store::lock_node(tx, owner).await?;
            let misses = match finding {
                Finding::Alive => 0,
                _ => node.misses.saturating_add(1),
            };
            let wait = until_next_probe(interval, misses, tolerance);
            store::set_probed(tx, owner, origin.at.after(wait), misses).await?;
            let Some(status) = finding.status().filter(|_| node.alive_until <= origin.at) else {
                return Ok(Effect::Unseen);
            };
            let (at, expires_at) = (origin.at, origin.at.after(wait * 3));
            let check = Check { status, source: Source::Node, at, expires_at };
            let endpoints = store::list_connected(tx, owner).await?;
            settle(tx, endpoints, &check, tolerance, &origin, None).await
        })
    });
    match write.await {
        Ok(effect) => forget_pages(hub, effect),
        // The owner went away while the probe was under way.
        Err(StoreError::Reference) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Forgets how endpoints are of which nothing was heard for a while after the last check stopped counting.
async fn forget(hub: &Hub) -> Result<(), StoreError> {
    let now = hub.clock.now();
    let grace = i64::try_from(hub.health.interval().as_micros()).unwrap_or(i64::MAX);
    let until = Timestamp::from_micros(now.micros().saturating_sub(grace.saturating_mul(3)));
    loop {
        let origin = Origin::of_the_hub(now);
        let write = hub.db.write(move |tx| {
            Box::pin(async move {
                let expired = store::list_expired(tx, until, BATCH).await?;
                let (count, mut effect) = (expired.len(), Effect::Unseen);
                for (id, before) in expired {
                    if store::forget(tx, id, before.expires_at).await? {
                        let after = before.forgotten();
                        effect = effect.and(show(tx, id, &before, &after, &origin, None).await?);
                    }
                }
                Ok::<_, StoreError>((count, effect))
            })
        });
        let (count, effect) = write.await?;
        forget_pages(hub, effect);
        if i64::try_from(count).is_ok_and(|count| count < BATCH) {
            return Ok(());
        }
    }
}

fn forget_pages(hub: &Hub, effect: Effect) {
    if effect == Effect::Seen {
        hub.registry.forget_pages();
    }
}

/// Removes what no uptime series reaches back to.
pub(crate) async fn prune(hub: Hub) -> Result<(), StoreError> {
    let kept = i64::try_from(KEPT.as_micros()).unwrap_or(i64::MAX);
    let before = Timestamp::from_micros(hub.clock.now().micros() - kept);
    loop {
        let write = hub
            .db
            .write(move |tx| Box::pin(async move { store::prune(tx, before, 10 * BATCH).await }));
        let removed: Result<u64, StoreError> = write.await;
        if removed? == 0 {
            return Ok(());
        }
    }
}

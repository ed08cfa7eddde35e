//! Reports: a space says how each of its endpoints is (contract hub 7.4).

use std::collections::{BTreeMap, HashMap};

use syfthub_core::model::{OrganizationAction, OrganizationFacts, Principal, authorize};
use syfthub_core::wire::health::{HealthReceipt, HealthReport};
use syfthub_core::{EndpointId, OwnerId};

use super::domains::{self, Announced};
use super::model::{Check, Source};
use super::refusal::Refusal;
use super::settle::{Effect, settle};
use super::store::{self, Reportable};
use crate::db::{StoreError, Tx};
use crate::hub::Hub;
use crate::identity::{Caller, Origin};

/// Takes a report. It counts from when the hub received it, whatever the space's clock says.
pub(super) async fn receive(
    hub: &Hub,
    caller: Caller,
    report: HealthReport,
    origin: Origin,
) -> Result<HealthReceipt, Refusal> {
    let announced = Announced::parse(&report.url)?;
    let expires_at = origin.at.after(hub.health.ttl(report.ttl_seconds));
    let tolerance = hub.health.tolerance();
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let place = domains::of_user(tx, &caller, &announced, &origin).await?;
            let targets = hold_targets(tx, &caller).await?;
            let mut receipt = HealthReceipt { updated: 0, ignored: 0 };
            let mut effect = Effect::Unseen;
            // Of two items about one endpoint the last one holds.
            let mut last: BTreeMap<EndpointId, (Reportable, Check)> = BTreeMap::new();
            for item in report.endpoints {
                let Some(known) = targets.get(&item.slug.to_lowercase()) else {
                    receipt.ignored += 1;
                    continue;
                };
                receipt.updated += 1;
                let (status, source, at) = (item.status, Source::Report, origin.at);
                let check = Check { status, source, at, expires_at };
                last.extend(known.iter().map(|target| (target.id, (*target, check))));
            }
            for (id, (target, check)) in last {
                let one = vec![(id, target.known)];
                let actor = Some(caller.id());
                effect = effect.and(settle(tx, one, &check, tolerance, &origin, actor).await?);
            }
            Ok::<_, Refusal>((receipt, place.is_new, effect))
        })
    });
    let (receipt, moved, effect) = write.await?;
    if moved || effect == Effect::Seen {
        hub.registry.forget_pages();
    }
    Ok(receipt)
}

/// What the caller may report on, by slug: their own endpoint, else those of organizations that they publish for. Their
/// owners are held against other checks.
async fn hold_targets(
    tx: &mut Tx,
    caller: &Caller,
) -> Result<HashMap<String, Vec<Reportable>>, StoreError> {
    let found = reportable(tx, caller).await?;
    let mut owners: Vec<OwnerId> = found.values().flatten().map(|one| owner(caller, one)).collect();
    // Always in the same order, so that two reports never wait for each other.
    owners.sort_unstable_by_key(|owner| (owner.user(), owner.organization()));
    owners.dedup();
    for owner in owners {
        store::lock_node(tx, owner).await?;
    }
    // What was found before the locks may have changed while they were waited for.
    reportable(tx, caller).await
}

async fn reportable(
    tx: &mut Tx,
    caller: &Caller,
) -> Result<HashMap<String, Vec<Reportable>>, StoreError> {
    let mut by_slug: HashMap<String, Vec<Reportable>> = HashMap::new();
    for (slug, endpoint) in store::list_reportable(tx, caller.id()).await? {
        if may_report(caller.principal(), &endpoint) {
            by_slug.entry(slug).or_default().push(endpoint);
        }
    }
    for endpoints in by_slug.values_mut() {
        if endpoints.iter().any(|endpoint| endpoint.shared.is_none()) {
            endpoints.retain(|endpoint| endpoint.shared.is_none());
        }
    }
    Ok(by_slug)
}

/// Who may publish for an organization may say how its endpoints are.
fn may_report(principal: Principal, endpoint: &Reportable) -> bool {
    let Some((_, role)) = endpoint.shared else { return true };
    let facts = OrganizationFacts { role: Some(role), is_active: true };
    authorize(principal, OrganizationAction::Publish, facts).is_granted()
}

fn owner(caller: &Caller, endpoint: &Reportable) -> OwnerId {
    match endpoint.shared {
        None => OwnerId::User(caller.id()),
        Some((organization, _)) => OwnerId::Organization(organization),
    }
}

//! The effect of a check: what is known of endpoints afterwards, and what of that can be seen.

use serde_json::json;
use syfthub_core::{EndpointId, Timestamp, UserId};

use super::model::{Check, Known};
use super::store;
use crate::db::{StoreError, Tx};
use crate::identity::Origin;

/// Whether lists look different afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "pages that show the old state are to be forgotten"]
pub(super) enum Effect {
    /// They do not.
    Unseen,
    /// They do.
    Seen,
}

impl Effect {
    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        if self == Self::Seen { self } else { other }
    }
}

/// Applies `check` to the endpoints, each with what was known of it. `actor` is who said so; nobody when the hub found out.
pub(super) async fn settle(
    tx: &mut Tx,
    endpoints: Vec<(EndpointId, Known)>,
    check: &Check,
    tolerance: i64,
    origin: &Origin,
    actor: Option<UserId>,
) -> Result<Effect, StoreError> {
    let mut effect = Effect::Unseen;
    for (id, before) in endpoints {
        let Some(after) = before.after(check, tolerance) else { continue };
        store::put(tx, id, &after, check.at).await?;
        effect = effect.and(show(tx, id, &before, &after, origin, actor).await?);
    }
    Ok(effect)
}

/// Makes visible what changed from `before` to `after`.
pub(super) async fn show(
    tx: &mut Tx,
    id: EndpointId,
    before: &Known,
    after: &Known,
    origin: &Origin,
    actor: Option<UserId>,
) -> Result<Effect, StoreError> {
    if after.status != before.status {
        store::add_change(tx, id, minute_of(origin.at), after.status).await?;
    }
    if after.is_down != before.is_down {
        store::set_down(tx, id, after.is_down).await?;
        let action = if after.is_down { "endpoint.down" } else { "endpoint.up" };
        let detail = json!({ "misses": after.misses });
        origin.note(tx, actor, action, format!("endpoint:{id}"), detail).await?;
    }
    let seen = after.status != before.status || after.is_down != before.is_down;
    Ok(if seen { Effect::Seen } else { Effect::Unseen })
}

/// The full minute at or before `moment`.
fn minute_of(moment: Timestamp) -> Timestamp {
    Timestamp::from_secs(moment.secs().div_euclid(60) * 60)
}

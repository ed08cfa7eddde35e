//! The tokens that calls carry. One is used for several calls of the same caller to the same owner, as long as at least
//! half of its life is left: signing one takes more time than everything else the hub does for a call.

use std::time::Duration;

use moka::future::Cache;
use syfthub_core::{Secret, Timestamp};

use crate::hub::Hub;
use crate::identity::{MaybeCaller, satellites};

/// Tokens kept at most; beyond it the ones used least are made anew when needed.
const KEPT: u64 = 10_000;

/// The longest that a token stays in memory, whatever its life.
const LONGEST: Duration = Duration::from_mins(5);

/// Who calls whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Parties {
    subject: String,
    role: String,
    audience: String,
}

#[derive(Debug, Clone)]
struct Kept {
    token: Secret,
    /// Until when there is enough life left in it.
    until: Timestamp,
}

/// Tokens by who calls whom.
pub(super) struct Tokens(Cache<Parties, Kept>);

impl Tokens {
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(KEPT).time_to_live(LONGEST).build())
    }

    /// A token that identifies `caller`, or a guest, to the service of `audience`; nothing for a guest where there are
    /// none.
    pub(super) async fn bearer(
        &self,
        hub: &Hub,
        caller: &MaybeCaller,
        audience: &str,
    ) -> Option<Secret> {
        let (subject, role) = match caller {
            MaybeCaller::Known(caller) => (caller.id().to_string(), caller.user.role.to_string()),
            MaybeCaller::Anonymous | MaybeCaller::Rejected => satellites::guest(hub)?,
        };
        let parties = Parties { subject, role, audience: audience.to_owned() };
        let now = hub.clock.now();
        if let Some(kept) = self.0.get(&parties).await
            && now < kept.until
        {
            return Some(kept.token);
        }
        let Parties { subject, role, audience } = parties.clone();
        let made = satellites::sign(hub, subject, role, audience).await;
        let life = Duration::from_secs(made.expires_in.try_into().unwrap_or(0));
        let token = Secret::new(made.target_token);
        self.0.insert(parties, Kept { token: token.clone(), until: now.after(life / 2) }).await;
        Some(token)
    }
}

//! What a space has in memory of its policies, and what is done about it in the background, at the start and at the end.

use std::sync::Arc;
use std::time::Duration;

use syfthub_core::Clock;
use tokio::sync::Mutex;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::decision_store::{self, Filter, Recorded};
use super::decisions::DecisionLog;
use super::exchange::Network;
use super::journal::{Journal, Payees};
use super::limiter::Limiter;
use super::rules::Rulebook;
use super::window_store;
use crate::config::PolicySettings;
use crate::db::{Db, StoreError};
use crate::space::error::SpaceError;
use crate::space::hub::{NoPayee, Payee};
use crate::space::ids::{MarketplaceId, TenantId};
use crate::space::node::Space;

/// How often rate windows that moved are written: a crash forgets at most this much.
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// How often old decisions are looked for, and how many go at once.
const PRUNE_EVERY: Duration = Duration::from_hours(1);
const PRUNED_AT_ONCE: i64 = 1000;

/// How long open charges may hold up the end.
const LAST_ROUND: Duration = Duration::from_secs(5);

/// What a space has in memory of its policies.
pub(crate) struct Policies {
    pub(super) rulebook: Rulebook,
    /// Held while the policies are read anew.
    pub(super) turn: Mutex<()>,
    pub(super) limiter: Limiter,
    pub(super) journal: Journal,
    pub(super) log: DecisionLog,
}

impl Policies {
    /// With the rate windows as they were written last.
    pub(crate) async fn open(
        db: &Db,
        clock: Arc<dyn Clock>,
        settings: &PolicySettings,
    ) -> Result<Self, SpaceError> {
        let limiter = Limiter::default();
        limiter.fill(window_store::load(db, clock.now()).await?);
        let http = syfthub_client::node::http_client().build();
        let http = http.map_err(|error| SpaceError::broken("no HTTP client can be made", error))?;
        let network = Arc::new(Network::new(http, settings.accounting_timeout));
        Ok(Self {
            rulebook: Rulebook::default(),
            turn: Mutex::default(),
            limiter,
            journal: Journal::new(db.clone(), clock, network),
            log: DecisionLog::open(db.clone()),
        })
    }
}

#[cfg(test)]
impl Policies {
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }
}

impl Payees for Space {
    async fn payee(&self, hub: MarketplaceId) -> Result<Payee, NoPayee> {
        Self::payee(self, hub).await
    }

    fn forget_payee(&self, hub: MarketplaceId) {
        Self::forget_payee(self, hub);
    }
}

impl Space {
    /// Reads the policies, and begins what goes on in the background until the space shuts down.
    pub(crate) async fn start_policies(&self) -> Result<(), StoreError> {
        self.open_policies().await?;
        let rounds =
            self.policies.journal.clone().rounds(self.clone(), self.around.shutdown.clone());
        self.around.tasks.spawn(rounds);
        self.around.tasks.spawn(self.clone().keep_up());
        Ok(())
    }

    /// Writes down what only memory knows; the last thing before the tables are closed.
    pub(crate) async fn close_policies(&self) {
        if timeout(LAST_ROUND, self.policies.journal.round(self)).await.is_err() {
            tracing::warn!("open charges are left for the next start");
        }
        self.write_windows().await;
        self.policies.log.flush().await;
    }

    async fn keep_up(self) {
        let mut ticks = interval(WRITE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut pruned: Option<Instant> = None;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.around.shutdown.cancelled() => return,
            }
            self.write_windows().await;
            if pruned.is_none_or(|at| at.elapsed() >= PRUNE_EVERY) {
                self.prune_decisions().await;
                pruned = Some(Instant::now());
            }
        }
    }

    pub(super) async fn write_windows(&self) {
        let now = self.clock.now();
        let moved = self.policies.limiter.moved(now);
        if moved.is_empty() {
            return;
        }
        if let Err(error) = window_store::save(&self.db, moved, now).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "rate windows were not written"
            );
        }
    }

    /// Forgets decisions that are too old, a few at a time.
    pub(crate) async fn prune_decisions(&self) {
        let end = self.clock.now().before(self.config.policies.decision_retention);
        loop {
            match decision_store::prune(&self.db, end, PRUNED_AT_ONCE).await {
                Ok(gone) if gone == PRUNED_AT_ONCE.unsigned_abs() => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "old decisions stay");
                    return;
                }
            }
        }
    }

    /// The tenant's decisions that the filter lets through, latest first; those of answers that were given before are among
    /// them.
    pub(crate) async fn decisions(
        &self,
        tenant: TenantId,
        filter: Filter,
    ) -> Result<Vec<Recorded>, SpaceError> {
        self.policies.log.flush().await;
        Ok(decision_store::list(&self.db, tenant, filter).await?)
    }
}

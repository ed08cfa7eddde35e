//! Which instances may run beside each other on one database.
//!
//! Instances that share nothing but the database would count limits each by itself and show each other's changes late, in
//! silence. So each instance claims the database for as long as it runs: alone when it has no Redis, together with others
//! when it has. PostgreSQL keeps the claim as an advisory lock of a connection and lets go of it when that connection
//! ends, however the instance ended. SQLite has one instance by nature: its file is on this machine.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::db::{Claim, Company, Db, StoreError};
use crate::running::StartError;

/// How often the claim is looked after.
const CHECK: Duration = Duration::from_secs(5);

/// How long a predecessor may take to go away, and how often we look whether it has.
const PATIENCE: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(250);

/// This instance's claim on the database.
pub(crate) struct Instances {
    db: Db,
    company: Company,
    /// Nothing while it is lost.
    claim: Option<Claim>,
}

impl Instances {
    /// Claims the database in this company.
    ///
    /// # Errors
    /// When an instance runs there that this one shares nothing with.
    pub(crate) async fn join(db: &Db, company: Company) -> Result<Self, StartError> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(claim) = db.claim(company).await? {
                return Ok(Self { db: db.clone(), company, claim: Some(claim) });
            }
            if tokio::time::Instant::now() >= until {
                return Err(StartError::setting("REDIS_URL", refusal(company)));
            }
            tokio::time::sleep(STEP).await;
        }
    }

    /// Holds the claim until `shutdown`; one that was lost with its connection is made anew.
    pub(crate) async fn hold(mut self, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(CHECK) => {}
            }
            if let Some(claim) = &self.claim
                && claim.holds().await
            {
                continue;
            }
            // Let go of first: a connection that is only slow would stand in the way of its successor.
            self.claim = None;
            match self.db.claim(self.company).await {
                Ok(Some(claim)) => self.claim = Some(claim),
                Ok(None) => tracing::error!("{}", refusal(self.company)),
                Err(error @ StoreError::Unavailable(_)) => tracing::debug!(%error, "no claim yet"),
                Err(error) => tracing::error!(%error, "the database cannot be claimed"),
            }
        }
    }
}

fn refusal(company: Company) -> &'static str {
    match company {
        Company::Alone => {
            "another hub runs on this database; several instances need a Redis in common: expected the same \
             redis://HOST:PORT for each of them"
        }
        Company::Together => {
            "another hub runs on this database without Redis; expected the same redis://HOST:PORT for each of them"
        }
    }
}

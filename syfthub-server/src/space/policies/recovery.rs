//! Rounds over the charges that nobody holds: each is brought to the end that the journal says it has to have.

use std::collections::HashSet;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::charge_store::{self as store, ChargeRow, ChargeState};
use super::journal::{ChargeError, Journal, Payees, decided};
use super::service::{Dialect, Verb};
use crate::db::StoreError;
use crate::space::ids::MarketplaceId;

/// How soon a round is made again after one that left something open; it doubles up to the longest.
const SOON: Duration = Duration::from_secs(1);
const LATEST: Duration = Duration::from_mins(5);

/// A charge that could not be decided for this long is given up: services cancel what stays pending.
const GIVEN_UP: Duration = Duration::from_hours(24 * 30);

/// A reservation that the service does not know of counts as never made once it is this old: a request that was on its way
/// has arrived by then.
const IN_FLIGHT: Duration = Duration::from_mins(1);

/// What a look at one open charge came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// It is at its end.
    Closed,
    /// It stays open, though its service answers.
    Open,
    /// Its service, or the hub that names it, is away.
    Away,
}

impl Journal {
    /// Brings every open charge that nobody holds to its end, as far as the services can be asked; tells how many are left.
    /// A service that is away is not asked for its other charges, since each would wait as long; the next round begins with
    /// those.
    pub(crate) async fn round(&self, payees: &impl Payees) -> Result<usize, StoreError> {
        let mut left = 0;
        let mut away: HashSet<MarketplaceId> = HashSet::new();
        for id in store::open(&self.0.db).await? {
            if self.holds(id) {
                continue;
            }
            // Read only now: whoever held it may have moved it on.
            let Some(row) = store::find_open(&self.0.db, id).await? else { continue };
            let look = if self.is_given_up(&row).await? {
                Look::Closed
            } else if away.contains(&row.marketplace) {
                Look::Away
            } else {
                self.look(payees, &row).await?
            };
            if look == Look::Away {
                away.insert(row.marketplace);
            }
            left += usize::from(look != Look::Closed);
        }
        Ok(left)
    }

    /// Closes a charge that is too old to be decided any more.
    async fn is_given_up(&self, row: &ChargeRow) -> Result<bool, StoreError> {
        if self.0.clock.now().since(row.created_at) < GIVEN_UP {
            return Ok(false);
        }
        let error = Some("the accounting service could not be asked in time".to_owned());
        self.close(row, decided(None, wanted(row.state)), error).await?;
        Ok(true)
    }

    /// Brings one open charge to its end, if the service can be asked.
    async fn look(&self, payees: &impl Payees, row: &ChargeRow) -> Result<Look, StoreError> {
        let verb =
            if wanted(row.state) == ChargeState::Settled { Verb::Confirm } else { Verb::Cancel };
        let known = match &row.transaction {
            Some(known) => known.clone(),
            None => match self.look_up(payees, row).await {
                Ok(Ok(known)) => known,
                Ok(Err(look)) => return Ok(look),
                Err(ChargeError::Store(error)) => return Err(error),
                Err(error) => {
                    let now = self.0.clock.now();
                    store::note_failure(&self.0.db, row.id, error.to_string(), now).await?;
                    return Ok(Look::Away);
                }
            },
        };
        let state = self.resolve(payees, row, &known, verb).await?;
        Ok(if state.is_some() { Look::Closed } else { Look::Away })
    }

    /// The transaction of a charge whose answer was lost. When there is none, the charge is over.
    async fn look_up(
        &self,
        payees: &impl Payees,
        row: &ChargeRow,
    ) -> Result<Result<(String, Dialect), Look>, ChargeError> {
        let payee = payees.payee(row.marketplace).await?;
        let found = self.service(&payee).find(row.id, None).await;
        let found = found.map_err(|error| ChargeError::Away(error.to_string()))?;
        let now = self.0.clock.now();
        let Some(found) = found else {
            if now.since(row.created_at) < IN_FLIGHT {
                return Ok(Err(Look::Open));
            }
            self.close(row, ChargeState::Released, None).await?;
            return Ok(Err(Look::Closed));
        };
        let known = (found.id.clone(), found.dialect);
        store::note_transaction(&self.0.db, row.id, found, ChargeState::Releasing, now).await?;
        Ok(Ok(known))
    }

    /// Makes rounds until `shutdown`: at once, when somebody leaves a charge, and after failures ever more slowly.
    pub(crate) async fn rounds(self, payees: impl Payees, shutdown: CancellationToken) {
        let mut pause = SOON;
        loop {
            let left = match self.round(&payees).await {
                Ok(left) => left,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "open charges cannot be read"
                    );
                    1
                }
            };
            metrics::gauge!("space_open_charges").set(u32::try_from(left).unwrap_or(u32::MAX));
            pause = if left == 0 { SOON } else { (pause * 2).min(LATEST) };
            let again = async {
                if left == 0 {
                    std::future::pending::<()>().await;
                } else {
                    tokio::time::sleep(pause).await;
                }
            };
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return,
                () = self.0.left.notified() => {}
                () = again => {}
            }
        }
    }
}

/// What an open charge of this state is to become.
fn wanted(state: ChargeState) -> ChargeState {
    if state == ChargeState::Settling { ChargeState::Settled } else { ChargeState::Released }
}

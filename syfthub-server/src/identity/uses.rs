//! When and from where a personal access token was last used, to the minute.
//!
//! Requests do not wait for it: a use is handed to a task that writes several at once, and of a token that is used all
//! the time only one use a minute is written. Uses that find the queue full are left out; the next minute has others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use syfthub_core::{AccessTokenId, Timestamp};
use tokio::sync::mpsc;

use super::store::access_tokens as store;
use crate::db::{Db, StoreError};
use crate::http::ClientAddress;

/// How exact the record is.
const PERIOD: Duration = Duration::from_mins(1);

/// Uses that wait to be written.
const QUEUE: usize = 256;

/// Uses written in one transaction.
const BATCH: usize = 64;

/// Tokens remembered as noted; beyond that, those noted longer than a period ago are forgotten.
const REMEMBERED: usize = 4096;

/// Takes note of uses. The task that writes them ends when the last clone is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Uses {
    queue: mpsc::Sender<Use>,
    /// What this instance noted last, so that requests at the same time do not all note it.
    noted: Arc<Mutex<HashMap<AccessTokenId, Timestamp>>>,
}

/// One use to be written.
#[derive(Debug)]
struct Use {
    token: AccessTokenId,
    at: Timestamp,
    address: ClientAddress,
}

impl Uses {
    /// Starts the task that writes to `db`.
    pub(crate) fn start(db: Db) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write_all(db, waiting));
        Self { queue, noted: Arc::default() }
    }

    /// Notes that a token whose last known use is `last` was used at `at`. Never waits.
    pub(super) fn note(
        &self,
        token: AccessTokenId,
        last: Option<Timestamp>,
        at: Timestamp,
        address: ClientAddress,
    ) {
        if last.is_some_and(|last| at.since(last) < PERIOD) || !self.is_first(token, at) {
            return;
        }
        // A full queue leaves this use out.
        self.queue.try_send(Use { token, at, address }).ok();
    }

    /// Whether nobody noted a use of the token within the period before `at`.
    fn is_first(&self, token: AccessTokenId, at: Timestamp) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&token).is_some_and(|last| at.since(*last) < PERIOD) {
            return false;
        }
        if noted.len() >= REMEMBERED {
            noted.retain(|_, last| at.since(*last) < PERIOD);
        }
        noted.insert(token, at);
        true
    }
}

async fn write_all(db: Db, mut waiting: mpsc::Receiver<Use>) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let uses = std::mem::take(&mut batch);
        let write = db.write(move |tx| {
            Box::pin(async move {
                for Use { token, at, address } in &uses {
                    store::note_use(tx, *token, *at, &address.to_string()).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        if let Err(error) = write.await {
            tracing::warn!(%error, "uses of access tokens were not noted");
        }
    }
}

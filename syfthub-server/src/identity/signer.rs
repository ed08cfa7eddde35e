//! Signing off the async threads: an RSA signature takes most of a millisecond of one core.

use std::sync::Arc;

use syfthub_core::token::satellite::{self, SatelliteClaims, SigningKey};
use tokio::sync::Semaphore;

/// Signs satellite tokens on blocking threads, no more of them at once than there are cores.
#[derive(Debug, Clone)]
pub(crate) struct Signer {
    key: SigningKey,
    slots: Arc<Semaphore>,
}

impl Signer {
    pub(crate) fn new(key: SigningKey, slots: usize) -> Self {
        Self { key, slots: Arc::new(Semaphore::new(slots.max(1))) }
    }

    /// The signed token.
    pub(crate) async fn sign(&self, claims: SatelliteClaims) -> String {
        let slot =
            Arc::clone(&self.slots).acquire_owned().await.expect("the semaphore is never closed");
        let key = self.key.clone();
        let work = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            satellite::issue(&claims, &key)
        });
        work.await.expect("signing does not panic and is never aborted")
    }
}

//! What identity promises over HTTP, and what its store functions promise on both engines.

mod accounts;
mod sessions;
mod store;
mod tokens;

use syfthub_core::UserId;

use crate::db::{StoreError, params};
use crate::testing::TestHub;

const DEACTIVATE: &str = "UPDATE users SET is_active = $2 WHERE id = $1";

/// Switches an account off.
async fn deactivate(hub: &TestHub, id: i64) {
    let write = hub.hub.db.write(move |tx| {
        Box::pin(async move { tx.execute(DEACTIVATE, params![UserId(id), false]).await })
    });
    let changed: Result<u64, StoreError> = write.await;
    assert_eq!(changed.unwrap(), 1);
}

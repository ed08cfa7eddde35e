//! The whole hub, for its administrators.

use syfthub_client::Client;

use crate::operation::operations;

operations! {
    /// The whole hub, for its administrators.
    OPERATIONS on Client;

    /// How much the hub holds.
    call "admin.overview" ["GET /api/v1/admin/overview"], () |hub| {
        Ok(hub.users().overview().await?)
    }

    /// A page of users, and how many there are on all pages.
    call "admin.users" ["GET /api/v1/admin/users"], (search: Option<String>, skip: Option<u64>, limit: Option<u32>) |hub| {
        let search = search.unwrap_or_default();
        Ok(hub.users().find(&search, skip.unwrap_or(0), limit.unwrap_or(20)).await?)
    }
}

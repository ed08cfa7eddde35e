//! Counting what the hub holds.

use syfthub_core::Timestamp;
use syfthub_core::wire::admin::{EndpointCounts, Overview, UserCounts};

use crate::db::{StoreError, Tx, params};

const USERS: &str = "SELECT COUNT(*), COUNT(CASE WHEN is_active THEN 1 END), \
     COUNT(CASE WHEN is_active AND role = 'admin' THEN 1 END), COUNT(CASE WHEN created_at >= $1 THEN 1 END), \
     COUNT(CASE WHEN last_login_at >= $1 THEN 1 END) FROM users";

const ENDPOINTS: &str = "SELECT COUNT(*), COUNT(CASE WHEN is_active THEN 1 END), \
     COUNT(CASE WHEN visibility = 'public' THEN 1 END), COUNT(CASE WHEN visibility = 'internal' THEN 1 END), \
     COUNT(CASE WHEN visibility = 'private' THEN 1 END) FROM endpoints";

const OTHERS: &str = "SELECT (SELECT COUNT(*) FROM organizations WHERE is_active), \
     (SELECT COUNT(*) FROM sessions WHERE expires_at > $1), \
     (SELECT COUNT(*) FROM access_tokens WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1))";

/// All counts at `now`; what happened from `recent` on was recently.
pub(crate) async fn count(
    tx: &mut Tx,
    now: Timestamp,
    recent: Timestamp,
) -> Result<Overview, StoreError> {
    let users = tx.query_one(USERS, params![recent]).await?;
    let endpoints = tx.query_one(ENDPOINTS, params![]).await?;
    let others = tx.query_one(OTHERS, params![now]).await?;
    Ok(Overview {
        users: UserCounts {
            total: users.get(0)?,
            active: users.get(1)?,
            administrators: users.get(2)?,
            joined_recently: users.get(3)?,
            seen_recently: users.get(4)?,
        },
        endpoints: EndpointCounts {
            total: endpoints.get(0)?,
            active: endpoints.get(1)?,
            public: endpoints.get(2)?,
            internal: endpoints.get(3)?,
            private: endpoints.get(4)?,
        },
        organizations: others.get(0)?,
        sessions: others.get(1)?,
        access_tokens: others.get(2)?,
        as_of: now,
    })
}

//! The trace of what was changed in a space (contract space 9).

use serde::{Deserialize, Serialize};
use syfthub_core::Timestamp;

use super::Space;
use crate::error::Error;

/// Something that was changed in a space, and by whom.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Change {
    /// Its place in the trace; later ones have greater numbers.
    pub id: i64,
    /// When.
    pub at: Option<Timestamp>,
    /// Who did it: `account:ID`, `admin-key` or `program`.
    pub actor: String,
    /// What was done, such as `endpoint.create`.
    pub action: String,
    /// What it was done to, as `kind:id`.
    pub subject: String,
    /// What else matters.
    pub detail: serde_json::Value,
    /// The request that caused it.
    pub correlation_id: String,
}

impl Space {
    /// What was changed in the space, newest first, at most `limit` (1 to 1000); only before the change `before` when it is
    /// named.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for change in space.changes(None, 20).await? {
    ///     println!("{} {}", change.action, change.subject);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn changes(&self, before: Option<i64>, limit: u32) -> Result<Vec<Change>, Error> {
        let call = self.get(&["audit"]).query("limit", &limit.to_string());
        self.json(call.query_if("before", before)).await
    }
}

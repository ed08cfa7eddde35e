//! What became of questions: who asked what, which policy decided, what it cost (contract space 9.2).

use serde::{Deserialize, Serialize};
use syfthub_core::Timestamp;
use uuid::Uuid;

use super::policies::Policies;
use crate::error::Error;
use crate::transport::Call;

/// What became of one question.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Decision {
    /// Its place in the log.
    pub id: i64,
    /// When the question ended.
    pub at: Option<Timestamp>,
    /// Follows the question through logs, answers and other servers.
    pub correlation_id: String,
    /// The endpoint.
    pub endpoint_id: Uuid,
    /// The endpoint's address at that time.
    pub endpoint_slug: String,
    /// The hub that vouched for the caller.
    pub issuer: String,
    /// The caller's number there, or `guest`.
    pub subject: String,
    /// The caller's address, where a policy needed it.
    pub email: Option<String>,
    /// The address that the question came from.
    pub client: String,
    /// How it ended, such as `success` or `rate_limited`.
    pub outcome: String,
    /// The status of the answer.
    pub status: u16,
    /// The policy that decided.
    pub policy_id: Option<Uuid>,
    /// Its type.
    pub policy_type: Option<String>,
    /// What the caller was told.
    pub reason_code: Option<String>,
    /// What only the owner is told.
    pub detail: String,
    /// What the caller was charged.
    pub cost: f64,
    /// From the first byte to the last, in milliseconds.
    pub duration_ms: f64,
}

/// Which decisions are asked for; what is `None` leaves none out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionFilter {
    /// Only of the endpoint at this address.
    pub endpoint: Option<String>,
    /// Only these, such as `rate_limited`.
    pub outcome: Option<String>,
    /// Part of an e-mail address, or a whole subject or correlation id.
    pub who: Option<String>,
    /// Only what this policy decided.
    pub policy_id: Option<Uuid>,
    /// Not before this moment.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Only decisions before this one: the last one of the page before.
    pub before: Option<i64>,
    /// At most so many, 1 to 10000; 100 unless given.
    pub limit: Option<u32>,
}

impl DecisionFilter {
    fn onto(&self, call: Call) -> Call {
        call.query_if("endpoint", self.endpoint.as_deref())
            .query_if("outcome", self.outcome.as_deref())
            .query_if("who", self.who.as_deref())
            .query_if("policy_id", self.policy_id)
            .query_if("since", self.since)
            .query_if("until", self.until)
            .query_if("before", self.before)
            .query_if("limit", self.limit)
    }
}

impl Policies<'_> {
    /// What became of questions, latest first.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the filter cannot be used.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::policies::DecisionFilter;
    ///
    /// let filter =
    ///     DecisionFilter { endpoint: Some("field-notes".to_owned()), ..DecisionFilter::default() };
    /// for decision in space.policies().decisions(&filter).await? {
    ///     println!("{:?} {} {}", decision.email, decision.outcome, decision.detail);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn decisions(&self, filter: &DecisionFilter) -> Result<Vec<Decision>, Error> {
        self.space.json(filter.onto(self.space.get(&["decisions", ""]))).await
    }

    /// The same as comma-separated values, below a line that names the columns; empty when there are none.
    ///
    /// # Errors
    /// As [`Policies::decisions`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::space::policies::DecisionFilter;
    ///
    /// let table = space.policies().export_decisions(&DecisionFilter::default()).await?;
    /// std::fs::write("decisions.csv", table)?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn export_decisions(&self, filter: &DecisionFilter) -> Result<String, Error> {
        let call = self.space.get(&["decisions", ""]).query("format", "csv").accept("text/csv");
        self.space.text(filter.onto(call)).await
    }
}

//! What callers hear of policies (contract space 2.5, 9.2): reason codes, and never the pattern that matched.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, json};
use syfthub_core::Money;
use syfthub_core::wire::space::{PolicyEntry, PolicyMetadata, PolicyTransaction};

use super::decisions::Outcome;
use crate::http::Json;
use crate::space::ids::PolicyId;

/// What an answer costs and which policies let it through.
#[derive(Debug, Clone, Default)]
pub(crate) struct Receipt {
    /// What the caller is charged, in the accounting service's unit.
    pub(crate) cost: f64,
    /// Absent for an endpoint without policies.
    pub(crate) metadata: Option<PolicyMetadata>,
}

/// A policy did not let a question through.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(super) outcome: Outcome,
    /// The policy, where it was one alone, and its type.
    pub(super) policy: Option<PolicyId>,
    pub(super) policy_type: &'static str,
    pub(super) reason_code: &'static str,
    /// For the caller.
    pub(super) sentence: String,
    /// For the owner alone.
    pub(super) detail: String,
    pub(super) retry_after: Option<Duration>,
    /// What was asked for, where that is the reason.
    pub(super) amount: Option<Money>,
    /// What the phases before it said.
    pub(super) entries: Vec<PolicyEntry>,
}

impl Refusal {
    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self.outcome {
            Outcome::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Outcome::PaymentRequired if self.retry_after.is_some() => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Outcome::PaymentRequired => StatusCode::PAYMENT_REQUIRED,
            Outcome::PolicyViolation => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::FORBIDDEN,
        }
    }

    /// The sentence and the metadata, as an answer or a stream's last event carries them.
    pub(crate) fn body(&self) -> serde_json::Value {
        json!({"detail": self.sentence, "policy_metadata": self.metadata()})
    }

    fn metadata(&self) -> PolicyMetadata {
        let mut entries = self.entries.clone();
        let mut details = Map::new();
        if let Some(wait) = self.retry_after {
            details.insert("retry_after".to_owned(), seconds(wait).into());
        }
        entries.push(PolicyEntry {
            amount: self.amount.map(Money::to_units),
            reason_code: Some(self.reason_code.to_owned()),
            reason: Some(self.sentence.clone()),
            details,
            ..entry(self.policy_type, "rejected")
        });
        PolicyMetadata { outcome: self.outcome.as_str().to_owned(), entries }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(self.body())).into_response();
        let headers = response.headers_mut();
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
        if response.status() == StatusCode::PAYMENT_REQUIRED {
            // RFC 9110 lets a 402 say how; clients pay with the token of the accounting service.
            let challenge = HeaderValue::from_static("TransactionToken realm=\"accounting\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// Whole seconds, at least one, after which trying again helps.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0 || wait.is_zero())
}

/// An entry for a policy of this type.
pub(super) fn entry(kind: &str, status: &str) -> PolicyEntry {
    let phase = match kind {
        "accounting" => "payment",
        "rate_limit" => "rate_limit",
        _ => "access",
    };
    PolicyEntry {
        policy_type: kind.to_owned(),
        kind: phase.to_owned(),
        status: status.to_owned(),
        ..PolicyEntry::default()
    }
}

/// An entry for money that moves once the answer, which carries the entry, was delivered.
pub(super) fn charged(amount: Money, transaction: &str) -> PolicyEntry {
    let mut details = Map::new();
    details.insert("settlement".to_owned(), "pending".into());
    PolicyEntry {
        amount: Some(amount.to_units()),
        transaction: Some(PolicyTransaction {
            rail: "accounting".to_owned(),
            id: transaction.to_owned(),
        }),
        details,
        ..entry("accounting", "charged")
    }
}

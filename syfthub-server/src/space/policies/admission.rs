//! What a question holds once it was let in, and the three ways in which that ends.

use std::sync::Arc;

use http::StatusCode;
use syfthub_core::Money;
use syfthub_core::wire::space::{PolicyEntry, PolicyMetadata};

use super::decisions::{Decision, Outcome};
use super::engine::{NotAdmitted, Visit};
use super::ledger::{ChargeError, Reservation};
use super::limiter::Place;
use super::told::{self, Receipt, Refusal};
use crate::http::ApiError;
use crate::space::node::Space;

/// A question that was let in, with what it holds. Dropping it releases that.
pub(crate) struct Admission {
    /// Until the end is recorded.
    open: Option<Open>,
}

/// A question between its arrival and its end.
pub(super) struct Open {
    pub(super) space: Space,
    pub(super) visit: Visit,
    /// The caller's address, once a policy needed it.
    pub(super) email: Option<Arc<str>>,
    /// What the phases so far said.
    pub(super) entries: Vec<PolicyEntry>,
    pub(super) has_policies: bool,
    pub(super) places: Vec<Place>,
    pub(super) reservation: Option<Reservation>,
}

impl Admission {
    pub(super) fn of(open: Open) -> Self {
        Self { open: Some(open) }
    }

    /// The question was answered: the money moves, and the decision is recorded.
    ///
    /// # Errors
    /// When the reserved amount cannot be charged after all; the answer is not to be given then.
    pub(crate) async fn settle(mut self) -> Result<Receipt, NotAdmitted> {
        let open = self.open.take().expect("an admission ends once");
        if open.reservation.is_none() {
            return open.settle().await;
        }
        // In a task of its own, so that a caller who goes away now does not undo what is due.
        let tasks = open.space.around.tasks.clone();
        tasks.spawn(open.settle()).await.map_err(ApiError::internal)?
    }

    /// The space could not answer: money and places go back.
    pub(crate) async fn fail(mut self, status: StatusCode, reason: &str) {
        let mut open = self.open.take().expect("an admission ends once");
        open.give_places_back();
        let mut decision = open.decision(Outcome::Failed, status);
        reason.clone_into(&mut decision.detail);
        open.space.policies.log.record(decision).await;
    }
}

impl Open {
    /// As though the question had never been asked.
    pub(super) fn give_places_back(&mut self) {
        let places = std::mem::take(&mut self.places);
        self.space.policies.limiter.give_back(&places, self.space.clock.now());
    }

    pub(super) async fn record_refusal(&self, refusal: &Refusal) {
        let mut decision = self.decision(refusal.outcome, refusal.status());
        decision.policy = refusal.policy;
        decision.policy_type = Some(refusal.policy_type);
        decision.reason_code = Some(refusal.reason_code);
        decision.detail.clone_from(&refusal.detail);
        self.space.policies.log.record(decision).await;
    }

    fn decision(&self, outcome: Outcome, status: StatusCode) -> Decision {
        let visit = &self.visit;
        let email = self.email.clone().or_else(|| self.space.known_email(&visit.caller));
        Decision {
            tenant: visit.tenant,
            at: self.space.clock.now(),
            correlation_id: visit.correlation_id.as_str().to_owned(),
            endpoint: visit.endpoint,
            endpoint_slug: visit.endpoint_slug.clone(),
            issuer: visit.caller.issuer().to_owned(),
            subject: visit.caller.subject().to_owned(),
            email: email.map(|email| email.as_ref().to_owned()),
            client: visit.client.to_string(),
            outcome,
            status: status.as_u16(),
            policy: None,
            policy_type: None,
            reason_code: None,
            detail: String::new(),
            cost: Money::default(),
            duration_us: i64::try_from(visit.started.elapsed().as_micros()).unwrap_or(i64::MAX),
        }
    }

    async fn settle(mut self) -> Result<Receipt, NotAdmitted> {
        let mut cost = Money::default();
        if let Some(reservation) = self.reservation.take() {
            let (amount, transaction) =
                (reservation.amount(), reservation.transaction().to_owned());
            match reservation.settle().await {
                Ok(has_moved) => {
                    cost = amount;
                    self.entries.push(told::charged(amount, &transaction, has_moved));
                }
                Err(ChargeError::Store(error)) => {
                    let status = StatusCode::INTERNAL_SERVER_ERROR;
                    self.space.policies.log.record(self.decision(Outcome::Failed, status)).await;
                    return Err(NotAdmitted::Failed(error.into()));
                }
                Err(error) => return Err(self.uncharged(amount, &error).await),
            }
        }
        let mut decision = self.decision(Outcome::Success, StatusCode::OK);
        decision.cost = cost;
        self.space.policies.log.record(decision).await;
        let metadata = self.has_policies.then(|| PolicyMetadata {
            outcome: Outcome::Success.as_str().to_owned(),
            entries: self.entries,
        });
        Ok(Receipt { cost: cost.to_units(), metadata })
    }

    async fn uncharged(&mut self, amount: Money, error: &ChargeError) -> NotAdmitted {
        let refusal = Refusal {
            outcome: Outcome::PaymentRequired,
            policy: None,
            policy_type: "accounting",
            reason_code: "PAYMENT_REQUIRED",
            sentence: format!("The price of {amount} could not be charged"),
            detail: error.to_string(),
            retry_after: None,
            amount: Some(amount),
            entries: std::mem::take(&mut self.entries),
        };
        self.record_refusal(&refusal).await;
        NotAdmitted::Refused(Box::new(refusal))
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        // The next round gives the money back.
        drop(open.reservation.take());
        let decision = open.decision(Outcome::Cancelled, CLIENT_CLOSED);
        let space = open.space.clone();
        let tasks = space.around.tasks.clone();
        tasks.spawn(async move { space.policies.log.record(decision).await });
    }
}

/// What servers log for a caller who went away before the answer; nobody receives it.
const CLIENT_CLOSED: StatusCode = match StatusCode::from_u16(499) {
    Ok(status) => status,
    Err(_) => panic!("499 is a status"),
};

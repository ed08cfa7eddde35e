//! What a question holds once it was let in, and the three ways in which that ends: its answer is delivered, the space
//! fails, or the caller goes away.

use std::sync::Arc;

use http::StatusCode;
use opentelemetry::trace::SpanKind;
use syfthub_core::Money;
use syfthub_core::wire::space::{PolicyEntry, PolicyMetadata};

use super::decisions::{Decision, Outcome};
use super::engine::Visit;
use super::journal::{Fate, Reservation};
use super::limiter::Place;
use super::told::{self, Receipt, Refusal};
use crate::space::node::Space;
use crate::telemetry::Trace;

/// A question that was let in, with what it holds. Dropping it releases that.
pub(crate) struct Admission {
    /// Until the end is recorded.
    open: Option<Open>,
}

/// An answer on its way to a caller who pays for it. Dropping it releases what is reserved: the answer did not get there.
pub(crate) struct Due(Admission);

impl Due {
    /// The caller's connection took all of the answer: the money moves, and the decision is recorded.
    pub(crate) fn delivered(mut self) {
        let Some(open) = self.0.open.take() else { return };
        // In a task of its own: nobody waits for it, and the caller is about to go.
        let tasks = open.space.around.tasks.clone();
        tasks.spawn(open.settle());
    }
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

    /// What the policies said so far.
    pub(super) fn entries(&self) -> &[PolicyEntry] {
        self.open.as_ref().map(|open| open.entries.as_slice()).unwrap_or_default()
    }

    /// What the trace shows of the question.
    pub(crate) fn trace(&self) -> Option<&Trace> {
        self.open.as_ref().map(|open| &open.visit.trace)
    }

    /// There is an answer: what it says it costs, and what is due once it is delivered. Where no money is, nothing is due and
    /// the decision is recorded at once.
    pub(crate) async fn answered(mut self) -> (Receipt, Option<Due>) {
        let open = self.open.as_mut().expect("an admission ends once");
        let price = open.reservation.as_ref().map(Reservation::amount).unwrap_or_default();
        if let Some(reservation) = &open.reservation {
            open.entries.push(told::charged(price, reservation.transaction()));
        }
        let metadata = open.has_policies.then(|| PolicyMetadata {
            outcome: Outcome::Success.as_str().to_owned(),
            entries: std::mem::take(&mut open.entries),
        });
        let receipt = Receipt { cost: price.to_units(), metadata };
        if open.reservation.is_some() {
            return (receipt, Some(Due(self)));
        }
        let decision = open.decision(Outcome::Success, StatusCode::OK);
        let space = open.space.clone();
        self.open = None;
        space.policies.log.record(decision).await;
        (receipt, None)
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
        visit.trace.set("syfthub.outcome", outcome.as_str());
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

    async fn settle(mut self) {
        let Some(reservation) = self.reservation.take() else { return };
        let mut span = self.visit.trace.span("settle", SpanKind::Client);
        span.set("syfthub.cost", reservation.amount().to_units());
        let mut decision = self.decision(Outcome::Success, StatusCode::OK);
        decision.cost = reservation.amount();
        let lost = match reservation.delivered(&self.space).await {
            Ok(Fate::Moved | Fate::Due) => None,
            Ok(Fate::Lost) => Some("the reserved amount could not be charged".to_owned()),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a delivery was not noted: its price goes back"
                );
                Some(error.to_string())
            }
        };
        if let Some(lost) = lost {
            span.fail("lost");
            decision.cost = Money::default();
            decision.detail = lost;
        }
        self.space.policies.log.record(decision).await;
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

//! The phases of a question: access → rate → charge → run → settle, or release (contract space 2.4, 9.2).
//!
//! ```text
//! Space::admit    access   who may ask; nothing has happened yet
//!                 rate     a place in every window, or in none
//!                 charge   the price is reserved, on disk and at the service
//!   ...           run      the caller of `admit` searches and asks the model
//! Admission::settle        the money moves, the decision is recorded
//! Admission::fail          the space failed: money and places go back
//! (dropped)                the caller went away: money goes back, places do not
//! ```
//!
//! What an unpaid or abandoned question took of the rate stays taken: it cost the space work. A question to an endpoint
//! without policies passes with one look into a table in memory, and nothing on disk is waited for unless money moves.

use std::sync::Arc;
use std::time::Instant;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use syfthub_core::Secret;
use syfthub_core::wire::space::{PolicyEntry, PolicyMetadata};

use super::access::{self, Verdict};
use super::decisions::{Decision, Outcome};
use super::ledger::{Bill, ChargeError, Reservation};
use super::limiter::Place;
use super::money::Amount;
use super::pattern::Pattern;
use super::rate_limit::Scope;
use super::rules::Rules;
use super::told::{self, Receipt, Refusal, entry};
use crate::http::{ApiError, ClientAddress, CorrelationId};
use crate::space::hub::Caller;
use crate::space::ids::{EndpointKey, PolicyId, TenantId};
use crate::space::node::Space;

/// A question at the door.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) tenant: TenantId,
    pub(crate) endpoint: EndpointKey,
    pub(crate) endpoint_slug: String,
    pub(crate) caller: Caller,
    pub(crate) client: ClientAddress,
    pub(crate) correlation_id: CorrelationId,
    /// What the caller pays with.
    pub(crate) transaction_token: Option<Secret>,
    /// When the question arrived.
    pub(crate) started: Instant,
}

/// Why a question is not answered.
pub(crate) enum NotAdmitted {
    /// A policy said so.
    Refused(Box<Refusal>),
    /// It cannot be told: the hub is away, or the tables are.
    Failed(ApiError),
}

impl IntoResponse for NotAdmitted {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => refusal.into_response(),
            Self::Failed(error) => error.into_response(),
        }
    }
}

impl From<ApiError> for NotAdmitted {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

/// A question that was let in, with what it holds. Dropping it releases that.
pub(crate) struct Admission {
    /// Until the end is recorded.
    open: Option<Open>,
}

struct Open {
    space: Space,
    visit: Visit,
    email: Option<Arc<str>>,
    entries: Vec<PolicyEntry>,
    has_policies: bool,
    places: Vec<Place>,
    reservation: Option<Reservation>,
}

impl Space {
    /// Takes a question through access, rate and charge. A refusal is recorded; what failed is not a decision.
    pub(crate) async fn admit(&self, visit: Visit) -> Result<Admission, NotAdmitted> {
        let rules = self.policies.rulebook.of(visit.endpoint);
        let mut open = Open {
            space: self.clone(),
            email: None,
            entries: Vec::new(),
            has_policies: rules.is_some(),
            places: Vec::new(),
            reservation: None,
            visit,
        };
        if let Some(rules) = rules {
            match open.pass(&rules).await {
                Ok(()) => {}
                Err(NotAdmitted::Refused(refusal)) => {
                    open.record_refusal(&refusal).await;
                    return Err(NotAdmitted::Refused(refusal));
                }
                Err(failed) => return Err(failed),
            }
        }
        Ok(Admission { open: Some(open) })
    }
}

impl Open {
    async fn pass(&mut self, rules: &Rules) -> Result<(), NotAdmitted> {
        if let Some(policy) = rules.unreadable {
            return Err(self.unreadable(policy));
        }
        if rules.name_somebody() {
            self.email = Some(self.space.email_of(&self.visit.caller).await?);
        }
        self.access(rules)?;
        self.rate(rules)?;
        self.charge(rules).await
    }

    fn access(&mut self, rules: &Rules) -> Result<(), NotAdmitted> {
        if rules.access.is_empty() {
            return Ok(());
        }
        let lists: Vec<_> = rules.access.iter().map(|(_, rule)| rule).collect();
        match access::judge(&lists, self.email()) {
            Verdict::Allowed => {
                self.entries.push(entry("access", "applied"));
                Ok(())
            }
            Verdict::Denied { by, detail } => Err(self.refused(Refusal {
                outcome: Outcome::AccessDenied,
                policy: by.map(|by| (rules.access[by].0, "access")),
                reason_code: "ACCESS_DENIED",
                sentence: "Access denied by the endpoint's policy".to_owned(),
                detail,
                retry_after: None,
                amount: None,
                entries: Vec::new(),
            })),
        }
    }

    fn rate(&mut self, rules: &Rules) -> Result<(), NotAdmitted> {
        let applicable = rules.rates.iter().filter(|(_, rule)| self.is_among(&rule.applied_to));
        let (places, limits): (Vec<Place>, Vec<String>) = applicable
            .map(|(policy, rule)| {
                let holder = match rule.scope {
                    Scope::Global => Box::default(),
                    Scope::PerUser => self.holder(),
                };
                (Place { name: (*policy, holder), rate: rule.limit.rate() }, rule.limit.to_string())
            })
            .unzip();
        if places.is_empty() {
            return Ok(());
        }
        if let Err(full) = self.space.policies.limiter.take(&places, self.space.clock.now()) {
            return Err(self.refused(Refusal {
                outcome: Outcome::RateLimited,
                policy: Some((places[full.at].name.0, "rate_limit")),
                reason_code: "RATE_LIMITED",
                sentence: "The endpoint's rate limit is reached; try again later".to_owned(),
                detail: format!("limit {}", limits[full.at]),
                retry_after: Some(full.wait),
                amount: None,
                entries: Vec::new(),
            }));
        }
        self.entries.extend(places.iter().map(|_| entry("rate_limit", "applied")));
        self.places = places;
        Ok(())
    }

    async fn charge(&mut self, rules: &Rules) -> Result<(), NotAdmitted> {
        let due: Vec<_> = rules
            .prices
            .iter()
            .filter(|(_, rule)| self.is_among(&rule.applied_to) && !rule.price.is_zero())
            .collect();
        let Some((policy, _)) = due.first() else {
            if !rules.prices.is_empty() {
                self.entries.push(entry("accounting", "free"));
            }
            return Ok(());
        };
        let amount = due.iter().fold(Amount::default(), |sum, (_, rule)| sum.plus(rule.price));
        let Some(token) = self.visit.transaction_token.clone() else {
            let sentence = format!("This endpoint costs {amount}: a transaction token is required");
            return Err(self.unpaid(*policy, amount, sentence, "no transaction token"));
        };
        let bill = Bill {
            tenant: self.visit.tenant,
            endpoint_slug: self.visit.endpoint_slug.clone(),
            marketplace: self.visit.caller.marketplace(),
            correlation_id: self.visit.correlation_id.as_str().to_owned(),
            payer: self.email().to_owned(),
            amount,
        };
        // In a task of its own: a caller who goes away meanwhile must not leave a call half made.
        let space = self.space.clone();
        let reserving = async move { space.reserve(bill, token).await };
        match self.space.around.tasks.spawn(reserving).await.map_err(ApiError::internal)? {
            Ok(reservation) => {
                self.reservation = Some(reservation);
                Ok(())
            }
            Err(ChargeError::Refused(detail)) => {
                let sentence = format!("This endpoint costs {amount}, which could not be reserved");
                Err(self.unpaid(*policy, amount, sentence, &detail))
            }
            Err(ChargeError::Away(detail)) => {
                let sentence =
                    "The endpoint's price cannot be charged now; try again later".to_owned();
                let mut refusal = self.payment_refusal(*policy, amount, sentence, &detail);
                refusal.retry_after = Some(std::time::Duration::from_secs(5));
                Err(self.refused(refusal))
            }
            Err(ChargeError::Store(error)) => Err(NotAdmitted::Failed(error.into())),
        }
    }

    fn unpaid(
        &mut self,
        policy: PolicyId,
        amount: Amount,
        sentence: String,
        detail: &str,
    ) -> NotAdmitted {
        let refusal = self.payment_refusal(policy, amount, sentence, detail);
        self.refused(refusal)
    }

    fn payment_refusal(
        &self,
        policy: PolicyId,
        amount: Amount,
        sentence: String,
        detail: &str,
    ) -> Refusal {
        Refusal {
            outcome: Outcome::PaymentRequired,
            policy: Some((policy, "accounting")),
            reason_code: "PAYMENT_REQUIRED",
            sentence,
            detail: detail.to_owned(),
            retry_after: None,
            amount: Some(amount),
            entries: Vec::new(),
        }
    }

    fn unreadable(&mut self, policy: PolicyId) -> NotAdmitted {
        self.refused(Refusal {
            outcome: Outcome::PolicyViolation,
            policy: Some((policy, "")),
            reason_code: "POLICY_UNREADABLE",
            sentence: "The endpoint is closed until its owner repairs a policy".to_owned(),
            detail: "the policy cannot be read".to_owned(),
            retry_after: None,
            amount: None,
            entries: Vec::new(),
        })
    }

    /// Completes a refusal with what the phases before it said.
    fn refused(&mut self, mut refusal: Refusal) -> NotAdmitted {
        refusal.entries = std::mem::take(&mut self.entries);
        NotAdmitted::Refused(Box::new(refusal))
    }

    fn email(&self) -> &str {
        self.email.as_deref().unwrap_or_default()
    }

    fn is_among(&self, patterns: &[Pattern]) -> bool {
        patterns.iter().any(|pattern| pattern.is_everything() || pattern.matches(self.email()))
    }

    /// What a window for each caller counts by. Guests have one number in common, so their network counts instead: that of
    /// the aggregator, when they came through one.
    fn holder(&self) -> Box<str> {
        let caller = &self.visit.caller;
        if caller.is_guest() {
            format!("guest@{}", self.visit.client.network()).into()
        } else {
            format!("{}:{}", caller.marketplace(), caller.subject()).into()
        }
    }

    async fn record_refusal(&self, refusal: &Refusal) {
        let mut decision = self.decision(refusal.outcome, refusal.status());
        decision.policy = refusal.policy;
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
            reason_code: None,
            detail: String::new(),
            cost: Amount::default(),
            duration_us: i64::try_from(visit.started.elapsed().as_micros()).unwrap_or(i64::MAX),
        }
    }
}

impl Admission {
    /// The question was answered: the money moves, and the decision is recorded.
    ///
    /// # Errors
    /// When the reserved amount cannot be charged after all; the answer is not to be given then.
    pub(crate) async fn settle(mut self) -> Result<Receipt, NotAdmitted> {
        let open = self.open.take().expect("an admission ends once");
        // In a task of its own, so that a caller who goes away now does not undo what is due.
        let tasks = open.space.around.tasks.clone();
        tasks.spawn(open.settle()).await.map_err(ApiError::internal)?
    }

    /// The space could not answer: money and places go back.
    pub(crate) async fn fail(mut self, status: StatusCode, reason: &str) {
        let mut open = self.open.take().expect("an admission ends once");
        let places = std::mem::take(&mut open.places);
        open.space.policies.limiter.give_back(&places, open.space.clock.now());
        let mut decision = open.decision(Outcome::Failed, status);
        reason.clone_into(&mut decision.detail);
        open.space.policies.log.record(decision).await;
    }
}

impl Open {
    async fn settle(mut self) -> Result<Receipt, NotAdmitted> {
        let mut cost = Amount::default();
        if let Some(reservation) = self.reservation.take() {
            let (amount, transaction) =
                (reservation.amount(), reservation.transaction().to_owned());
            match reservation.settle().await {
                Ok(has_moved) => {
                    cost = amount;
                    self.entries.push(told::charged(amount, &transaction, has_moved));
                }
                Err(ChargeError::Store(error)) => return Err(NotAdmitted::Failed(error.into())),
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

    async fn uncharged(&mut self, amount: Amount, error: &ChargeError) -> NotAdmitted {
        let mut refusal = Refusal {
            outcome: Outcome::PaymentRequired,
            policy: None,
            reason_code: "PAYMENT_REQUIRED",
            sentence: format!("The price of {amount} could not be charged"),
            detail: error.to_string(),
            retry_after: None,
            amount: Some(amount),
            entries: std::mem::take(&mut self.entries),
        };
        refusal.policy = None;
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

//! The phases of a question: access → rate → charge → run → deliver → settle, or release (contract space 2.4, 9.2).
//!
//! ```text
//! Space::admit    access   who may ask; nothing has happened yet
//!                 rate     a place in every window, or in none
//!                 charge   the price is reserved, on disk and at the service
//!   ...           run      the caller of `admit` searches and asks the model
//! Admission::answered      what the answer says it costs
//! Due::delivered           the caller has it: the money moves, the decision is recorded
//! Admission::fail          the space failed: money and places go back
//! (dropped)                the caller went away: money goes back, places do not
//! ```
//!
//! What an unpaid or abandoned question took of the rate stays taken: it cost the space work. A question to an endpoint
//! without policies passes with one look into a table in memory, and nothing on disk is waited for unless money moves.

use std::time::{Duration, Instant};

use axum::response::{IntoResponse, Response};
use syfthub_core::{Money, Secret};

use super::access::{self, Verdict};
use super::admission::{Admission, Open};
use super::decisions::Outcome;
use super::journal::{Bill, ChargeError};
use super::limiter::Place;
use super::pattern::Pattern;
use super::rate_limit::Scope;
use super::rules::Rules;
use super::told::{Refusal, entry};
use crate::http::{ApiError, ClientAddress, CorrelationId};
use crate::space::hub::Caller;
use crate::space::ids::{EndpointKey, PolicyId, TenantId};
use crate::space::node::Space;
use crate::telemetry::Trace;

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
    /// What its trace shows of it.
    pub(crate) trace: Trace,
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
                    if refusal.status().is_server_error() {
                        open.give_places_back();
                    }
                    open.record_refusal(&refusal).await;
                    return Err(NotAdmitted::Refused(refusal));
                }
                Err(failed) => {
                    open.give_places_back();
                    return Err(failed);
                }
            }
        }
        Ok(Admission::of(open))
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
                policy: by.map(|by| rules.access[by].0),
                policy_type: "access",
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
                policy: Some(places[full.at].name.0),
                policy_type: "rate_limit",
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
        let amount = due.iter().fold(Money::default(), |sum, (_, rule)| sum.plus(rule.price));
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
        let reserving = async move { space.policies.journal.reserve(&space, bill, token).await };
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
                let mut refusal = payment_refusal(*policy, amount, sentence, &detail);
                refusal.retry_after = Some(Duration::from_secs(5));
                Err(self.refused(refusal))
            }
            Err(ChargeError::Store(error)) => Err(NotAdmitted::Failed(error.into())),
        }
    }

    fn unpaid(
        &mut self,
        policy: PolicyId,
        amount: Money,
        sentence: String,
        detail: &str,
    ) -> NotAdmitted {
        let refusal = payment_refusal(policy, amount, sentence, detail);
        self.refused(refusal)
    }

    fn unreadable(&mut self, policy: PolicyId) -> NotAdmitted {
        self.refused(Refusal {
            outcome: Outcome::PolicyViolation,
            policy: Some(policy),
            policy_type: "",
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
}

/// A refusal for want of money.
fn payment_refusal(policy: PolicyId, amount: Money, sentence: String, detail: &str) -> Refusal {
    Refusal {
        outcome: Outcome::PaymentRequired,
        policy: Some(policy),
        policy_type: "accounting",
        reason_code: "PAYMENT_REQUIRED",
        sentence,
        detail: detail.to_owned(),
        retry_after: None,
        amount: Some(amount),
        entries: Vec::new(),
    }
}

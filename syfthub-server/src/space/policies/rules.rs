//! The policies of every endpoint, read and ready, so that a question looks nothing up.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::Rule;
use super::access::AccessRule;
use super::accounting::PriceRule;
use super::pattern::Pattern;
use super::rate_limit::RateRule;
use super::store::PolicyRow;
use crate::space::ids::{EndpointKey, PolicyId};

/// The policies of one endpoint, by phase, each in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub(super) access: Vec<(PolicyId, AccessRule)>,
    pub(super) rates: Vec<(PolicyId, RateRule)>,
    pub(super) prices: Vec<(PolicyId, PriceRule)>,
    /// A policy that cannot be read: nobody passes, since nobody knows what it would have said.
    pub(super) unreadable: Option<PolicyId>,
}

impl Rules {
    pub(super) fn of(rows: &[PolicyRow]) -> Self {
        let mut rules = Self::default();
        for row in rows {
            match read(row) {
                Some(Rule::Access(rule)) => rules.access.push((row.id, rule)),
                Some(Rule::Rate(rule)) => rules.rates.push((row.id, rule)),
                Some(Rule::Price(rule)) => rules.prices.push((row.id, rule)),
                None => rules.unreadable = Some(row.id),
            }
        }
        rules
    }

    /// Whether any of them asks for the caller's address.
    pub(super) fn name_somebody(&self) -> bool {
        let chosen = |patterns: &[Pattern]| !patterns.iter().any(Pattern::is_everything);
        !self.access.is_empty()
            || self.rates.iter().any(|(_, rule)| chosen(&rule.applied_to))
            || self.prices.iter().any(|(_, rule)| !rule.price.is_zero() || chosen(&rule.applied_to))
    }
}

/// What a stored policy means; nothing when this version does not understand it.
pub(super) fn read(row: &PolicyRow) -> Option<Rule> {
    let kind = super::find(&row.policy_type)?;
    let read = kind.read(&row.configuration);
    read.inspect_err(|error| {
        tracing::error!(policy = %row.id, %error, "a policy cannot be read: its endpoint is closed");
    })
    .ok()
}

/// The rules of all endpoints that have any.
#[derive(Debug, Default)]
pub(crate) struct Rulebook(RwLock<HashMap<EndpointKey, Arc<Rules>>>);

impl Rulebook {
    /// The rules of an endpoint; none when it has no policies.
    pub(super) fn of(&self, endpoint: EndpointKey) -> Option<Arc<Rules>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&endpoint).cloned()
    }

    /// Takes over what is stored for all endpoints.
    pub(super) fn fill(&self, rows: Vec<PolicyRow>) {
        let mut by_endpoint: HashMap<EndpointKey, Vec<PolicyRow>> = HashMap::new();
        for row in rows {
            by_endpoint.entry(row.endpoint).or_default().push(row);
        }
        let rules =
            by_endpoint.into_iter().map(|(endpoint, rows)| (endpoint, Arc::new(Rules::of(&rows))));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = rules.collect();
    }
}

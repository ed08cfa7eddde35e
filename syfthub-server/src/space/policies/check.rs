//! Who may ask, without asking: what the policies of an endpoint would say to somebody (contract space 9.2).

use serde::Serialize;
use syfthub_core::Money;

use super::access::{self, Verdict};
use super::pattern::Pattern;
use super::rules::Rules;
use super::store::PolicyRow;
use crate::space::error::SpaceError;
use crate::space::ids::{PolicyId, TenantId};
use crate::space::node::Space;

/// What would happen to a question of somebody.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub(crate) struct Forecast {
    /// The endpoint's address.
    pub(crate) endpoint: String,
    /// Whose question.
    pub(crate) email: String,
    /// Whether they would be let in, at least until a limit or the lack of money stops them.
    pub(crate) allowed: bool,
    /// `success`, `access_denied`, or `policy_violation` when a policy cannot be read.
    pub(crate) outcome: String,
    /// What a question would cost them.
    pub(crate) cost: f64,
    /// What each policy says, in the order of the phases.
    pub(crate) policies: Vec<Opinion>,
}

/// What one policy says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct Opinion {
    /// The policy.
    pub(crate) policy_id: PolicyId,
    /// Its name.
    pub(crate) name: String,
    /// Its type.
    pub(crate) policy_type: String,
    /// `allows`, `denies`, `applies` or `skipped`.
    pub(crate) effect: &'static str,
    /// Why, with the pattern that decided.
    pub(crate) detail: String,
}

impl Space {
    /// What would happen to a question of `email`. Nothing is counted or charged.
    ///
    /// # Errors
    /// When there is no such endpoint.
    pub(crate) async fn forecast(
        &self,
        tenant: TenantId,
        slug: &str,
        email: &str,
    ) -> Result<Forecast, SpaceError> {
        let endpoint = self.own_endpoint(tenant, slug).await?;
        let rows = self.policy_rows(endpoint.id).await?;
        Ok(foretell(slug, email, &rows))
    }
}

fn foretell(slug: &str, email: &str, rows: &[PolicyRow]) -> Forecast {
    let rules = Rules::of(rows);
    let lists: Vec<_> = rules.access.iter().map(|(_, rule)| rule).collect();
    let verdict = access::judge(&lists, email);
    let applies = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(email));
    let opinion = |policy: PolicyId, effect: &'static str, detail: String| {
        let row = rows.iter().find(|row| row.id == policy);
        Opinion {
            policy_id: policy,
            name: row.map(|row| row.name.clone()).unwrap_or_default(),
            policy_type: row.map(|row| row.policy_type.clone()).unwrap_or_default(),
            effect,
            detail,
        }
    };
    let mut policies = Vec::new();
    for (at, (policy, rule)) in rules.access.iter().enumerate() {
        let (effect, detail) = match &verdict {
            Verdict::Denied { by: Some(by), detail } if *by == at => ("denies", detail.clone()),
            _ => match access::judge(&[rule], email) {
                Verdict::Allowed => ("allows", String::new()),
                Verdict::Denied { detail, .. } => ("skipped", detail),
            },
        };
        policies.push(opinion(*policy, effect, detail));
    }
    for (policy, rule) in &rules.rates {
        let effect = if applies(&rule.applied_to) { "applies" } else { "skipped" };
        policies.push(opinion(*policy, effect, rule.limit.to_string()));
    }
    let mut cost = Money::default();
    for (policy, rule) in &rules.prices {
        let is_due = applies(&rule.applied_to);
        if is_due {
            cost = cost.plus(rule.price);
        }
        policies.push(opinion(
            *policy,
            if is_due { "applies" } else { "skipped" },
            rule.price.to_string(),
        ));
    }
    let outcome = match (&verdict, rules.unreadable) {
        (_, Some(_)) => "policy_violation",
        (Verdict::Denied { .. }, None) => "access_denied",
        (Verdict::Allowed, None) => "success",
    };
    Forecast {
        endpoint: slug.to_owned(),
        email: email.to_owned(),
        allowed: outcome == "success",
        outcome: outcome.to_owned(),
        cost: cost.to_units(),
        policies,
    }
}

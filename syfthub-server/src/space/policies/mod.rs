//! Policies: who may ask an endpoint, how often, and for how much (contract space 1.4, 2.4, 3.5, 7.4).
//!
//! In reading order:
//! - `access`, `rate_limit`, `accounting`: the types, one file each, with their rules as plain functions; `pattern` and
//!   `language` are what they are made of.
//! - `catalog`: policies as the owner sets them up; `store`: their SQL; `rules`: those of each endpoint, read and ready.
//! - `engine`: the phases of a question, access, rate, charge, run, deliver and settle, or release; `admission`: what it holds
//!   meanwhile; `told`: what its caller hears.
//! - `limiter`, with `window_store`: rate windows.
//! - `journal`, with `charge_store`: money, from reservation to the end of each charge; `recovery`: whatever was left open;
//!   `service`, over `exchange`: accounting services as they are called.
//! - `decisions`, with `decision_store` and `export`: the log of what became of every question.
//! - `check`: who may ask, without asking. `upkeep`: what is done in the background, and at start and end.

mod access;
mod accounting;
mod admission;
mod catalog;
mod charge_store;
mod check;
mod decision_store;
mod decisions;
mod engine;
mod exchange;
mod export;
mod journal;
mod language;
mod limiter;
mod pattern;
mod rate_limit;
mod recovery;
mod rules;
mod seen;
mod service;
mod store;
mod told;
mod upkeep;
mod window_store;

use serde_json::{Map, Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};

use super::kind::{BadConfiguration, TypeInfo};
use access::AccessRule;
use accounting::PriceRule;
use pattern::Pattern;
use rate_limit::RateRule;

pub(crate) use admission::{Admission, Due};
pub use catalog::{NewPolicy, Policy};
pub(crate) use catalog::{PolicyItem, PolicyPatch};
pub(crate) use check::Forecast;
pub(crate) use decision_store::{Filter, Recorded};
pub(crate) use decisions::Outcome;
pub(crate) use engine::{NotAdmitted, Visit};
#[cfg(test)]
pub(crate) use exchange::{Away, Exchange};
pub(crate) use export::to_csv;
#[cfg(test)]
pub(crate) use journal::{Bill, ChargeError, Journal, Payees, Reservation};
pub(crate) use told::Receipt;
pub(crate) use upkeep::Policies;

/// Every type of policy.
pub(crate) const TYPES: &[&dyn PolicyType] =
    &[&access::Access, &accounting::Accounting, &rate_limit::RateLimit];

/// The most patterns of one list.
const MOST_PATTERNS: usize = 1000;

/// A type of policy.
pub(crate) trait PolicyType: Sync {
    /// What it is, and how it is configured.
    fn info(&self) -> TypeInfo;

    /// Checks a configuration and writes it out in full.
    fn settle(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Map<String, Value>, BadConfiguration>;

    /// What a settled configuration means.
    fn read(&self, configuration: &Map<String, Value>) -> Result<Rule, BadConfiguration>;

    /// What in a settled configuration is probably a mistake, though it can be meant. `beside` are the other policies of the
    /// endpoint.
    fn warnings(&self, _configuration: &Map<String, Value>, _beside: &[Rule]) -> Vec<String> {
        Vec::new()
    }

    /// What strangers may know of a policy: a line for people, and properties that name nobody.
    fn public(&self, configuration: &Map<String, Value>) -> (String, Map<String, Value>);
}

/// The type called `name`.
pub(crate) fn find(name: &str) -> Option<&'static dyn PolicyType> {
    TYPES.iter().copied().find(|kind| kind.info().name == name)
}

/// What a policy means, by the phase of a question that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Who may ask.
    Access(AccessRule),
    /// How often.
    Rate(RateRule),
    /// For how much.
    Price(PriceRule),
}

impl Input for Pattern {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let text = String::read(value, place)?;
        let pattern = Self::new(text.trim());
        if text.chars().count() > 254 || !pattern.can_match_an_address() {
            return place.refuse(Invalid::value("this pattern matches no e-mail address"), value);
        }
        Some(pattern)
    }
}

/// A list of patterns, `default` when absent. An empty one is refused where there is a default, since it applied to nobody.
fn patterns(fields: &mut Fields<'_, '_, '_>, name: &str, default: &[&str]) -> Option<Vec<Pattern>> {
    if fields.raw(name).is_none() {
        return Some(default.iter().map(|text| Pattern::new(text)).collect());
    }
    let patterns = fields.list::<Pattern>(name, MOST_PATTERNS)?;
    if patterns.is_empty() && !default.is_empty() {
        return fields.refuse(name, Invalid::value("an empty list applies to nobody"));
    }
    Some(patterns)
}

/// The patterns as they are written.
fn texts(patterns: &[Pattern]) -> Vec<&str> {
    patterns.iter().map(Pattern::as_str).collect()
}

/// The schema of the property that says whom a policy is for.
fn applied_to_schema() -> Value {
    json!({
        "type": "array", "title": "Applied to", "default": ["*"], "minItems": 1, "maxItems": MOST_PATTERNS,
        "description": "Patterns of the callers it is for, such as *@example.org",
        "items": {"type": "string", "minLength": 1, "maxLength": 254},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_by_its_name_once_and_in_order() {
        let names: Vec<&str> = TYPES.iter().map(|kind| kind.info().name).collect();
        assert_eq!(names, ["access", "accounting", "rate_limit"]);
        assert!(names.iter().all(|name| find(name).is_some()) && find("nonsense").is_none());
    }

    #[test]
    fn every_schema_describes_its_properties() {
        for kind in TYPES {
            let schema = kind.info().config_schema;
            for (name, property) in schema["properties"].as_object().unwrap() {
                for key in ["type", "title", "description", "x-order"] {
                    assert!(property.get(key).is_some(), "{name} has no {key}");
                }
            }
        }
    }
}

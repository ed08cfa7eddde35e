//! `access`: who may ask, by e-mail address (contract space 7.4).
//!
//! Several policies on one endpoint are judged together. A deny wins over every allow; where any policy allows somebody,
//! one of them has to allow the caller. So one policy more never opens an endpoint. Policies in `compat` mode are judged as
//! the published system does it, when all policies of the endpoint say so: within a policy the more specific pattern wins
//! and a deny wins ties; of several policies one that lets the caller in is enough.

use serde_json::{Map, Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};

use super::pattern::Pattern;
use super::{MOST_PATTERNS, PolicyType, Rule, patterns};
use crate::space::kind::{self, BadConfiguration, TypeInfo};

/// The type.
pub(super) struct Access;

/// How several lists are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mode {
    /// Any deny wins.
    #[default]
    DenyOverrides,
    /// As the published system.
    Compat,
}

impl Mode {
    const WORDS: [&str; 2] = ["deny_overrides", "compat"];

    fn as_str(self) -> &'static str {
        Self::WORDS[usize::from(self == Self::Compat)]
    }
}

impl Input for Mode {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        match value.as_str() {
            Some("deny_overrides") => Some(Self::DenyOverrides),
            Some("compat") => Some(Self::Compat),
            _ => place.refuse(Invalid::not_one_of(&Self::WORDS), value),
        }
    }
}

/// The lists of one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessRule {
    pub(crate) allowed: Vec<Pattern>,
    pub(crate) denied: Vec<Pattern>,
    pub(crate) mode: Mode,
}

impl Input for AccessRule {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let allowed = patterns(&mut fields, "allowed_users", &[]);
        let denied = patterns(&mut fields, "denied_users", &[]);
        let mode = fields.or("mode", Mode::default());
        let (allowed, denied, mode) = (allowed?, denied?, mode?);
        // In the published system an empty policy opens the endpoint, and a list is often filled later.
        if allowed.is_empty() && denied.is_empty() && mode == Mode::DenyOverrides {
            let refusal =
                "allowed_users or denied_users has to name somebody: an empty policy says nothing";
            return fields.refuse("allowed_users", Invalid::value(refusal));
        }
        Some(Self { allowed, denied, mode })
    }
}

impl PolicyType for Access {
    fn info(&self) -> TypeInfo {
        let list = |title: &str, description: &str| {
            json!({
                "type": "array", "title": title, "description": description, "default": [], "maxItems": MOST_PATTERNS,
                "items": {"type": "string", "minLength": 1, "maxLength": 254},
            })
        };
        TypeInfo {
            name: "access",
            description: "Who may ask, by e-mail address. A denied pattern wins over every allowed one.",
            config_schema: kind::schema(
                &[],
                json!({
                    "allowed_users": list("Allowed", "Patterns such as *@example.org; when there are any, nobody else may ask"),
                    "denied_users": list("Denied", "Patterns of those who may not ask"),
                    "mode": {
                        "type": "string", "title": "Mode", "enum": Mode::WORDS, "default": Mode::default().as_str(),
                        "description": "deny_overrides: any denied pattern wins. compat: the more specific pattern wins, and one \
                                        of several policies is enough",
                    },
                }),
            ),
            icon: "🔐",
            enabled: true,
        }
    }

    fn settle(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Map<String, Value>, BadConfiguration> {
        let rule: AccessRule = self.info().read(configuration)?;
        let full = json!({
            "allowed_users": super::texts(&rule.allowed), "denied_users": super::texts(&rule.denied), "mode": rule.mode.as_str(),
        });
        Ok(full.as_object().cloned().unwrap_or_default())
    }

    fn read(&self, configuration: &Map<String, Value>) -> Result<Rule, BadConfiguration> {
        kind::read(configuration).map(Rule::Access)
    }

    fn warnings(&self, configuration: &Map<String, Value>, beside: &[Rule]) -> Vec<String> {
        kind::read::<AccessRule>(configuration)
            .map(|rule| shadowed(&rule, beside))
            .unwrap_or_default()
    }

    fn public(&self, configuration: &Map<String, Value>) -> (String, Map<String, Value>) {
        let is_open = kind::read::<AccessRule>(configuration).is_ok_and(|rule| {
            rule.allowed.is_empty() || rule.allowed.iter().any(Pattern::is_everything)
        });
        let line = if is_open { "Open to nearly everybody" } else { "For chosen callers" };
        (line.to_owned(), Map::new())
    }
}

/// The allowed patterns that never let anybody in, since a denied one covers them: of the same policy or, unless all are in
/// `compat` mode, of any policy `beside` it.
fn shadowed(rule: &AccessRule, beside: &[Rule]) -> Vec<String> {
    let others: Vec<&AccessRule> = beside
        .iter()
        .filter_map(|other| if let Rule::Access(other) = other { Some(other) } else { None })
        .collect();
    let is_compat = others.iter().chain([&rule]).all(|rule| rule.mode == Mode::Compat);
    let mut denied: Vec<&Pattern> = rule.denied.iter().collect();
    if !is_compat {
        denied.extend(others.iter().flat_map(|other| &other.denied));
    }
    let shadow = |allowed: &Pattern| {
        denied.iter().find(|denied| {
            denied.covers(allowed) && (!is_compat || denied.specificity() >= allowed.specificity())
        })
    };
    let told = rule.allowed.iter().filter_map(|allowed| {
        let denied = shadow(allowed)?;
        Some(format!("allowed_users: {allowed} lets nobody in, since {denied} is denied"))
    });
    told.collect()
}

/// What the lists say of somebody, and which policy said it. The words are for the owner alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// May ask.
    Allowed,
    /// May not.
    Denied {
        /// The policy, by its place; none when no policy lets the caller in.
        by: Option<usize>,
        /// Why.
        detail: String,
    },
}

/// What one policy says by itself.
enum Own<'a> {
    /// Lets in, by a pattern or because it allows nobody in particular.
    In,
    /// Keeps out, by this pattern.
    Out(&'a Pattern),
    /// Allows others.
    Others,
}

/// Judges `email` by all policies of an endpoint. Without any, everybody may ask.
pub(crate) fn judge(rules: &[&AccessRule], email: &str) -> Verdict {
    if rules.is_empty() {
        return Verdict::Allowed;
    }
    if rules.iter().all(|rule| rule.mode == Mode::Compat) {
        compat(rules, email)
    } else {
        strict(rules, email)
    }
}

fn strict(rules: &[&AccessRule], email: &str) -> Verdict {
    for (by, rule) in rules.iter().enumerate() {
        if let Some(denied) = narrowest(&rule.denied, email) {
            return Verdict::Denied { by: Some(by), detail: format!("denied_users: {denied}") };
        }
    }
    let mut inviting =
        rules.iter().enumerate().filter(|(_, rule)| !rule.allowed.is_empty()).peekable();
    let Some((first, _)) = inviting.peek().copied() else { return Verdict::Allowed };
    if inviting.any(|(_, rule)| narrowest(&rule.allowed, email).is_some()) {
        return Verdict::Allowed;
    }
    Verdict::Denied { by: Some(first), detail: "allowed_users: no pattern matches".to_owned() }
}

fn compat(rules: &[&AccessRule], email: &str) -> Verdict {
    let mut kept_out = None;
    for (by, rule) in rules.iter().enumerate() {
        let detail = match own(rule, email) {
            Own::In => return Verdict::Allowed,
            Own::Out(denied) => format!("denied_users: {denied}"),
            Own::Others => "allowed_users: no pattern matches".to_owned(),
        };
        kept_out.get_or_insert((by, detail));
    }
    kept_out.map_or(Verdict::Allowed, |(by, detail)| Verdict::Denied { by: Some(by), detail })
}

/// One policy as the published system judges it.
fn own<'a>(rule: &'a AccessRule, email: &str) -> Own<'a> {
    match (narrowest(&rule.denied, email), narrowest(&rule.allowed, email)) {
        (None, None) if !rule.allowed.is_empty() => Own::Others,
        (None, _) => Own::In,
        (Some(denied), Some(allowed)) if allowed.specificity() > denied.specificity() => Own::In,
        (Some(denied), _) => Own::Out(denied),
    }
}

/// The most specific pattern that matches.
fn narrowest<'a>(patterns: &'a [Pattern], email: &str) -> Option<&'a Pattern> {
    patterns
        .iter()
        .filter(|pattern| pattern.matches(email))
        .max_by_key(|pattern| pattern.specificity())
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;

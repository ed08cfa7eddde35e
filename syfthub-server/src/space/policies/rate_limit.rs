//! `rate_limit`: how often, for each caller or for all together (contract space 3.5).
//!
//! A limit of `N/unit` is the generic cell rate algorithm: `N` questions may come at once, further ones as fast as the rate
//! forgives them. Every policy counts by itself, so that several limits on one endpoint hold side by side.

use serde_json::{Map, Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};

use super::pattern::Pattern;
use super::{PolicyType, Rule, applied_to_schema, patterns};
use crate::shared::Rate;
use crate::space::kind::{self, BadConfiguration, TypeInfo};

/// The type.
pub(super) struct RateLimit;

/// What shares one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Scope {
    /// Each caller has its own.
    #[default]
    PerUser,
    /// All callers together.
    Global,
}

impl Scope {
    const WORDS: [&str; 2] = ["per_user", "global"];

    fn as_str(self) -> &'static str {
        Self::WORDS[usize::from(self == Self::Global)]
    }
}

impl Input for Scope {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        match value.as_str() {
            Some("per_user") => Some(Self::PerUser),
            Some("global") => Some(Self::Global),
            _ => place.refuse(Invalid::not_one_of(&Self::WORDS), value),
        }
    }
}

/// A number of questions within a unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    count: u32,
    unit: char,
    rate: Rate,
}

const UNITS: [(char, &str); 4] = [('s', "second"), ('m', "minute"), ('h', "hour"), ('d', "day")];

impl Limit {
    /// Reads `N/s`, `N/m`, `N/h` or `N/d`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.trim().split_once('/')?;
        let count = count.trim();
        let unit = unit.trim().parse().ok()?;
        if !count.bytes().all(|b| b.is_ascii_digit())
            || !UNITS.iter().any(|(known, _)| *known == unit)
        {
            return None;
        }
        let count = count.parse().ok()?;
        let rate = format!("{count}/{unit}").parse().ok()?;
        Some(Self { count, unit, rate })
    }

    /// The same as arithmetic.
    pub(crate) fn rate(self) -> Rate {
        self.rate
    }

    fn in_words(self) -> String {
        let unit = UNITS.iter().find(|(known, _)| *known == self.unit).map_or("", |(_, word)| word);
        format!("{} per {unit}", self.count)
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.count, self.unit)
    }
}

impl Input for Limit {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let text = String::read(value, place)?;
        let expected = || {
            Invalid::value(
                "expected a positive number and a unit, such as 5/s, 60/m, 100/h or 1000/d",
            )
        };
        Self::parse(&text).or_else(|| place.refuse(expected(), value))
    }
}

/// A limit and whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RateRule {
    pub(crate) limit: Limit,
    pub(crate) scope: Scope,
    pub(crate) applied_to: Vec<Pattern>,
}

impl Input for RateRule {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        // Older documents call it `rate`.
        let name = if fields.raw("limit").is_none() && fields.raw("rate").is_some() {
            "rate"
        } else {
            "limit"
        };
        let limit = fields.required(name);
        let scope = fields.or("scope", Scope::default());
        let applied_to = patterns(&mut fields, "applied_to", &["*"]);
        Some(Self { limit: limit?, scope: scope?, applied_to: applied_to? })
    }
}

impl PolicyType for RateLimit {
    fn info(&self) -> TypeInfo {
        TypeInfo {
            name: "rate_limit",
            description: "How often callers may ask. Whoever asks more often hears when to try again.",
            config_schema: kind::schema(
                &["limit"],
                json!({
                    "limit": {
                        "type": "string", "title": "Limit", "pattern": "^[0-9]+/[smhd]$", "examples": ["50/m"],
                        "description": "A number of questions for each second, minute, hour or day, such as 50/m",
                    },
                    "scope": {
                        "type": "string", "title": "Counted", "enum": Scope::WORDS, "default": Scope::default().as_str(),
                        "description": "For each caller, or for all together",
                    },
                    "applied_to": applied_to_schema(),
                    "rate": {
                        "type": "string", "title": "Limit", "deprecated": true,
                        "description": "The limit as older documents call it",
                    },
                }),
            ),
            icon: "⏱️",
            enabled: true,
        }
    }

    fn settle(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Map<String, Value>, BadConfiguration> {
        let rule: RateRule = self.info().read(configuration)?;
        let full = json!({
            "limit": rule.limit.to_string(), "scope": rule.scope.as_str(),
            "applied_to": super::texts(&rule.applied_to),
        });
        Ok(full.as_object().cloned().unwrap_or_default())
    }

    fn read(&self, configuration: &Map<String, Value>) -> Result<Rule, BadConfiguration> {
        kind::read(configuration).map(Rule::Rate)
    }

    fn public(&self, configuration: &Map<String, Value>) -> (String, Map<String, Value>) {
        let Ok(rule) = kind::read::<RateRule>(configuration) else { return Default::default() };
        let whose = match rule.scope {
            Scope::PerUser => "for each caller",
            Scope::Global => "for all callers together",
        };
        let shown = json!({"limit": rule.limit.to_string(), "scope": rule.scope.as_str()});
        let line = format!("{} {whose}", rule.limit.in_words());
        (line, shown.as_object().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn settle(configuration: &Value) -> Result<Value, String> {
        let settled = RateLimit.settle(configuration.as_object().unwrap());
        settled.map(Value::Object).map_err(|bad| bad.0)
    }

    #[test]
    fn a_limit_is_a_count_and_a_unit() {
        for (text, count, window) in
            [("2/s", 2, 1), (" 10 / m ", 10, 60), ("7/h", 7, 3600), ("1/d", 1, 86400)]
        {
            let rate = Limit::parse(text).unwrap().rate();
            assert_eq!(
                (rate.count(), rate.window()),
                (count, Duration::from_secs(window)),
                "{text}"
            );
        }
        for text in [
            "",
            "5",
            "0/s",
            "-1/s",
            "+1/s",
            "1.5/s",
            "5/",
            "/s",
            "5/w",
            "5/sec",
            "5/10s",
            "99999999999/s",
            "2000000/s",
        ] {
            assert!(Limit::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_alias_and_the_defaults_are_written_out() {
        let full = serde_json::json!({"limit": "5/d", "scope": "per_user", "applied_to": ["*"]});
        assert_eq!(settle(&serde_json::json!({"rate": " 5/d"})).unwrap(), full);
        assert_eq!(settle(&full).unwrap(), full);
        assert!(settle(&serde_json::json!({})).unwrap_err().contains("limit: Field required"));
        assert!(
            settle(&serde_json::json!({"limit": "5/s", "burst": 1})).unwrap_err().contains("burst")
        );
        assert!(
            settle(&serde_json::json!({"limit": "5/s", "applied_to": []}))
                .unwrap_err()
                .contains("applied_to")
        );
        assert!(
            settle(&serde_json::json!({"limit": "5/s", "scope": "each"}))
                .unwrap_err()
                .contains("scope")
        );
    }

    #[test]
    fn the_public_line_says_the_limit_and_nobodys_name() {
        let configuration =
            serde_json::json!({"limit": "50/m", "scope": "global", "applied_to": ["ada@acme.org"]});
        let (line, shown) = RateLimit.public(configuration.as_object().unwrap());
        assert_eq!(line, "50 per minute for all callers together");
        assert_eq!(Value::Object(shown), serde_json::json!({"limit": "50/m", "scope": "global"}));
    }

    proptest! {
        #[test]
        fn a_limit_reads_back_as_it_is_written(count in 1..1_000_000_u32, unit in prop::sample::select(vec!['s', 'm', 'h', 'd'])) {
            let limit = Limit::parse(&format!("{count}/{unit}")).unwrap();
            prop_assert_eq!(Limit::parse(&limit.to_string()), Some(limit));
            prop_assert_eq!(limit.rate().count(), count);
        }

        #[test]
        fn any_other_text_is_no_limit(text in r"\PC{0,12}") {
            if let Some(limit) = Limit::parse(&text) {
                prop_assert_eq!(Limit::parse(&limit.to_string()), Some(limit));
            }
        }
    }
}

//! `accounting`: what a question costs, paid with the caller's transaction token (contract space 3.5).

use serde_json::{Map, Value, json};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::{Invalid, Money};

use super::pattern::Pattern;
use super::{PolicyType, Rule, applied_to_schema, patterns};
use crate::space::kind::{self, BadConfiguration, TypeInfo};

/// The type.
pub(super) struct Accounting;

const PER_CALL: &str = "per_call";

/// A price and who pays it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PriceRule {
    pub(crate) price: Money,
    pub(crate) applied_to: Vec<Pattern>,
}

impl Input for PriceRule {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let price = fields.required("price");
        let mode = fields.text_or("pricing_mode", 0, 50, PER_CALL);
        if mode.as_deref().is_some_and(|mode| mode != PER_CALL) {
            fields.refuse::<()>("pricing_mode", Invalid::not_one_of(&[PER_CALL]));
        }
        let applied_to = patterns(&mut fields, "applied_to", &["*"]);
        Some(Self { price: price?, applied_to: applied_to? })
    }
}

impl PolicyType for Accounting {
    fn info(&self) -> TypeInfo {
        TypeInfo {
            name: "accounting",
            description: "What a question costs. The amount is reserved before the answer and charged for an answer alone.",
            config_schema: kind::schema(
                &["price"],
                json!({
                    "price": {
                        "type": "number", "title": "Price", "minimum": 0, "multipleOf": 0.000_001,
                        "description": "For each question, in the unit of the accounting service; at most six decimals",
                    },
                    "pricing_mode": {
                        "type": "string", "title": "Charged", "enum": [PER_CALL], "default": PER_CALL,
                        "description": "For each question",
                    },
                    "applied_to": applied_to_schema(),
                }),
            ),
            icon: "💰",
            enabled: true,
        }
    }

    fn settle(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Map<String, Value>, BadConfiguration> {
        let rule: PriceRule = self.info().read(configuration)?;
        let full = json!({
            "price": rule.price.to_number(), "pricing_mode": PER_CALL,
            "applied_to": super::texts(&rule.applied_to),
        });
        Ok(full.as_object().cloned().unwrap_or_default())
    }

    fn read(&self, configuration: &Map<String, Value>) -> Result<Rule, BadConfiguration> {
        kind::read(configuration).map(Rule::Price)
    }

    fn public(&self, configuration: &Map<String, Value>) -> (String, Map<String, Value>) {
        let Ok(rule) = kind::read::<PriceRule>(configuration) else { return Default::default() };
        let shown = json!({"price": rule.price.to_number(), "pricing_mode": PER_CALL});
        (format!("{} per question", rule.price), shown.as_object().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settle(configuration: &Value) -> Result<Value, String> {
        let settled = Accounting.settle(configuration.as_object().unwrap());
        settled.map(Value::Object).map_err(|bad| bad.0)
    }

    #[test]
    fn a_price_is_written_out_with_its_defaults() {
        let full = json!({"price": 0.05, "pricing_mode": "per_call", "applied_to": ["*"]});
        assert_eq!(settle(&json!({"price": "0.05"})).unwrap(), full);
        assert_eq!(settle(&full).unwrap(), full);
        assert_eq!(settle(&json!({"price": 0})).unwrap()["price"], json!(0.0));
        assert_eq!(Accounting.public(full.as_object().unwrap()).0, "0.05 per question");
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for price in
            [json!(-1), json!("NaN"), json!(null), json!(1e12), json!(0.000_000_1), json!([1])]
        {
            assert!(settle(&json!({"price": price})).unwrap_err().contains("price"), "{price}");
        }
        assert!(settle(&json!({})).unwrap_err().contains("price: Field required"));
        assert!(
            settle(&json!({"price": 1, "pricing_mode": "per_token"}))
                .unwrap_err()
                .contains("pricing_mode")
        );
    }
}

//! Filters on what is known of a passage (contract space 3.3): conditions on single properties, joined by groups.
//!
//! The same grammar bounds a question's search and what a dataset over a foreign store shows at all.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::input::{Fields, Input, Part, Place};
use crate::invalid::Invalid;

/// Operands of one group.
const MOST_OPERANDS: usize = 32;

/// A group may hold groups of conditions, and no deeper.
const DEEPEST: usize = 2;

/// Characters of a property's name, and of a text to compare with.
const LONGEST_NAME: usize = 200;
const LONGEST_TEXT: usize = 2000;

/// What a passage has to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Filter {
    /// About one property.
    Condition(Condition),
    /// Several of them.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    Group(Group),
}

/// A comparison of one property. A passage without the property fulfils `ne` and `is_none` alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Condition {
    /// The property's name, as results show it in their metadata.
    pub property: String,
    /// How it is compared.
    pub op: Comparison,
    /// What it is compared with.
    pub value: Operand,
}

/// How a property is compared. A property with several values fulfils a comparison when one of them does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Greater; texts by their code points.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Text with `*` for any characters and `?` for one.
    Like,
    /// Absent, or with `false` present.
    IsNone,
    /// One of a list is among the values.
    ContainsAny,
    /// All of a list are among the values.
    ContainsAll,
}

/// What a property is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Operand {
    /// `true` or `false`.
    Flag(bool),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// Texts.
    Texts(Vec<String>),
    /// Numbers.
    Numbers(Vec<f64>),
}

/// Filters joined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    /// How.
    pub op: Junction,
    /// What is joined; at least one.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub operands: Vec<Filter>,
}

/// How a group joins its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Junction {
    /// All of them hold.
    And,
    /// At least one holds.
    Or,
    /// None of them holds.
    Not,
}

impl Filter {
    /// Whether a passage with this `metadata` is what the filter asks for.
    pub fn accepts(&self, metadata: &Map<String, Value>) -> bool {
        match self {
            Self::Condition(condition) => condition.accepts(metadata.get(&condition.property)),
            Self::Group(group) => {
                let mut held = group.operands.iter().map(|operand| operand.accepts(metadata));
                match group.op {
                    Junction::And => held.all(|held| held),
                    Junction::Or => held.any(|held| held),
                    Junction::Not => !held.any(|held| held),
                }
            }
        }
    }

    fn read_at(value: &Value, place: &mut Place<'_>, depth: usize) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        match fields.required::<String>("type")?.as_str() {
            "condition" => read_condition(fields).map(Self::Condition),
            "group" if depth >= DEEPEST => {
                fields.refuse("type", Invalid::value("groups are nested at most once"))
            }
            "group" => {
                let op = fields.required::<String>("op").and_then(|op| {
                    named(&op, &[Junction::And, Junction::Or, Junction::Not])
                        .or_else(|| fields.refuse("op", Invalid::not_one_of(&["and", "or", "not"])))
                });
                fields.only(&["type", "op", "operands"]);
                let operands: Vec<Value> = fields.required_list("operands", MOST_OPERANDS)?;
                if operands.is_empty() {
                    return fields.refuse("operands", Invalid::value("a group joins something"));
                }
                let mut place = place.at(Part::Field("operands".to_owned()));
                let read: Vec<Option<Self>> = operands
                    .iter()
                    .enumerate()
                    .map(|(n, value)| {
                        Self::read_at(value, &mut place.at(Part::Index(n)), depth + 1)
                    })
                    .collect();
                let operands = read.into_iter().collect::<Option<_>>()?;
                Some(Self::Group(Group { op: op?, operands }))
            }
            _ => fields.refuse("type", Invalid::not_one_of(&["condition", "group"])),
        }
    }
}

impl Input for Filter {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Self::read_at(value, place, 0)
    }
}

impl Condition {
    /// Whether a property of this value fulfils the condition.
    pub fn accepts(&self, property: Option<&Value>) -> bool {
        let property = property.filter(|value| !value.is_null());
        let values: &[Value] = match property {
            Some(Value::Array(values)) => values,
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        let any = |op| values.iter().any(|value| self.value.holds(op, value));
        match self.op {
            Comparison::Ne => !any(Comparison::Eq),
            Comparison::IsNone => values.is_empty() == (self.value != Operand::Flag(false)),
            Comparison::ContainsAny => {
                self.value.each().iter().any(|wanted| is_among(wanted, values))
            }
            Comparison::ContainsAll => {
                self.value.each().iter().all(|wanted| is_among(wanted, values))
            }
            op => any(op),
        }
    }
}

fn is_among(wanted: &Operand, values: &[Value]) -> bool {
    values.iter().any(|value| wanted.holds(Comparison::Eq, value))
}

impl Operand {
    /// The single values of a list, or the one value.
    pub fn each(&self) -> Vec<Self> {
        match self {
            Self::Texts(texts) => texts.iter().cloned().map(Self::Text).collect(),
            Self::Numbers(numbers) => numbers.iter().copied().map(Self::Number).collect(),
            single => vec![single.clone()],
        }
    }

    /// Whether one `value` compares so: `eq`, the four orders, `like`. Values of different kinds never do.
    pub fn holds(&self, op: Comparison, value: &Value) -> bool {
        let order = match (self, value) {
            (Self::Flag(wanted), Value::Bool(found)) => Some(found.cmp(wanted)),
            (Self::Number(wanted), Value::Number(found)) => {
                found.as_f64().and_then(|found| found.partial_cmp(wanted))
            }
            (Self::Text(pattern), Value::String(found)) if op == Comparison::Like => {
                return is_like(found, pattern);
            }
            (Self::Text(wanted), Value::String(found)) => Some(found.as_str().cmp(wanted)),
            _ => None,
        };
        order.is_some_and(|order| match op {
            Comparison::Eq => order.is_eq(),
            Comparison::Gt => order.is_gt(),
            Comparison::Gte => order.is_ge(),
            Comparison::Lt => order.is_lt(),
            Comparison::Lte => order.is_le(),
            Comparison::Ne
            | Comparison::Like
            | Comparison::IsNone
            | Comparison::ContainsAny
            | Comparison::ContainsAll => false,
        })
    }
}

/// Whether `text` is as `pattern` says, in which `*` stands for any characters and `?` for one. Works in the product of
/// both lengths at most, whatever the pattern.
pub fn is_like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    let (mut at, mut next) = (0, 0);
    // Where the last star stands, and up to where it has eaten the text.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        if pattern.get(next) == Some(&'*') {
            star = Some((next, at));
            next += 1;
        } else if pattern.get(next).is_some_and(|letter| *letter == '?' || *letter == text[at]) {
            (at, next) = (at + 1, next + 1);
        } else if let Some((place, eaten)) = star {
            star = Some((place, eaten + 1));
            (at, next) = (eaten + 1, place + 1);
        } else {
            return false;
        }
    }
    pattern[next..].iter().all(|letter| *letter == '*')
}

const COMPARISONS: [Comparison; 10] = [
    Comparison::Eq,
    Comparison::Ne,
    Comparison::Gt,
    Comparison::Gte,
    Comparison::Lt,
    Comparison::Lte,
    Comparison::Like,
    Comparison::IsNone,
    Comparison::ContainsAny,
    Comparison::ContainsAll,
];

/// The one of `all` whose name on the wire is `name`.
fn named<T: Copy + Serialize>(name: &str, all: &[T]) -> Option<T> {
    all.iter().copied().find(|one| serde_json::to_value(one).is_ok_and(|text| text == name))
}

fn read_condition(mut fields: Fields<'_, '_, '_>) -> Option<Condition> {
    let property = fields.text("property", 1, LONGEST_NAME);
    let op = fields.required::<String>("op").and_then(|op| {
        named(&op, &COMPARISONS).or_else(|| {
            let names = [
                "eq",
                "ne",
                "gt",
                "gte",
                "lt",
                "lte",
                "like",
                "is_none",
                "contains_any",
                "contains_all",
            ];
            fields.refuse("op", Invalid::not_one_of(&names))
        })
    })?;
    fields.only(&["type", "property", "op", "value"]);
    let value = match fields.raw("value") {
        None | Some(Value::Null) if op == Comparison::IsNone => Operand::Flag(true),
        value => {
            let read = value.and_then(|value| serde_json::from_value(value.clone()).ok());
            match read.filter(|operand| fits(op, operand)) {
                Some(operand) => operand,
                None => return fields.refuse("value", Invalid::value(expected(op))),
            }
        }
    };
    Some(Condition { property: property?, op, value })
}

fn fits(op: Comparison, operand: &Operand) -> bool {
    let short = |text: &String| text.chars().count() <= LONGEST_TEXT;
    let kind = match op {
        Comparison::Eq | Comparison::Ne => {
            matches!(operand, Operand::Flag(_) | Operand::Number(_) | Operand::Text(_))
        }
        Comparison::Gt | Comparison::Gte | Comparison::Lt | Comparison::Lte => {
            matches!(operand, Operand::Number(_) | Operand::Text(_))
        }
        Comparison::Like => matches!(operand, Operand::Text(_)),
        Comparison::IsNone => matches!(operand, Operand::Flag(_)),
        Comparison::ContainsAny | Comparison::ContainsAll => match operand {
            Operand::Texts(texts) => (1..=MOST_OPERANDS).contains(&texts.len()),
            Operand::Numbers(numbers) => (1..=MOST_OPERANDS).contains(&numbers.len()),
            _ => false,
        },
    };
    kind && match operand {
        Operand::Text(text) => short(text),
        Operand::Texts(texts) => texts.iter().all(short),
        _ => true,
    }
}

fn expected(op: Comparison) -> &'static str {
    match op {
        Comparison::Eq | Comparison::Ne => "expected a text, a number or a boolean",
        Comparison::Gt | Comparison::Gte | Comparison::Lt | Comparison::Lte => {
            "expected a text or a number"
        }
        Comparison::Like => "expected a text with * and ?",
        Comparison::IsNone => "expected true or false",
        Comparison::ContainsAny | Comparison::ContainsAll => {
            "expected a list of 1 to 32 texts, or of numbers"
        }
    }
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;

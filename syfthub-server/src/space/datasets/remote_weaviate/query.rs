//! Weaviate's GraphQL: what is asked, and filters in its words. Texts are written as JSON strings, which GraphQL reads as its
//! own; names are letters, digits and `_` alone, so nothing of a question can become part of the query's structure.

use std::collections::BTreeMap;

use serde_json::Value;
use syfthub_core::wire::filter::{Comparison, Condition, Filter, Junction, Operand};

/// How it is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// By meaning where the collection can, else by words.
    Auto,
    /// By meaning.
    NearText,
    /// By words.
    Bm25,
    /// By both.
    Hybrid,
}

impl Mode {
    pub(super) const WORDS: [&str; 4] = ["auto", "near_text", "bm25", "hybrid"];

    const ALL: [Self; 4] = [Self::Auto, Self::NearText, Self::Bm25, Self::Hybrid];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::NearText => "near_text",
            Self::Bm25 => "bm25",
            Self::Hybrid => "hybrid",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }

    /// What `auto` means for a collection.
    pub(super) fn settled(self, collection: &Collection) -> Self {
        match self {
            Self::Auto if collection.has_vectorizer => Self::NearText,
            Self::Auto => Self::Bm25,
            chosen => chosen,
        }
    }
}

/// What is known of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Collection {
    pub(super) name: String,
    /// Whether it makes vectors of texts by itself.
    pub(super) has_vectorizer: bool,
    /// Its properties of plain values, with the type of each, such as `text` or `int[]`.
    pub(super) properties: BTreeMap<String, String>,
}

/// For people.
pub(super) const PROPERTY_RULE: &str = "expected letters, digits and _, no digit first";

/// Whether this can be a property's name.
pub(super) fn is_property(name: &str) -> bool {
    is_name(name) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether this can be a collection's name.
pub(super) fn is_collection(name: &str) -> bool {
    is_name(name) && name.starts_with(|c: char| c.is_ascii_uppercase())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The query for the best objects.
pub(super) fn write(
    collection: &Collection,
    mode: Mode,
    question: &str,
    limit: usize,
    filter: Option<&Filter>,
) -> String {
    let text = quoted(question);
    let how = match mode {
        Mode::NearText | Mode::Auto => format!("nearText: {{concepts: [{text}]}}"),
        Mode::Bm25 => format!("bm25: {{query: {text}}}"),
        Mode::Hybrid => format!("hybrid: {{query: {text}}}"),
    };
    let numbers = match mode {
        Mode::NearText | Mode::Auto => "id certainty distance",
        Mode::Bm25 | Mode::Hybrid => "id score",
    };
    let condition = filter.and_then(|filter| condition(filter, false, collection));
    let condition = condition.map(|text| format!(", where: {text}")).unwrap_or_default();
    let properties: Vec<&str> = collection.properties.keys().map(String::as_str).collect();
    format!(
        "{{ Get {{ {}({how}, limit: {limit}{condition}) {{ {} _additional {{ {numbers} }} }} }} }}",
        collection.name,
        properties.join(" ")
    )
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A condition in Weaviate's words that every object the filter accepts fulfils (or, `inverted`, every one it does not), as
/// sharp as those words allow; the rest of the filter is applied to what the server answers.
fn condition(filter: &Filter, inverted: bool, collection: &Collection) -> Option<String> {
    let group = match filter {
        Filter::Condition(one) => return comparison(one, inverted, collection),
        Filter::Group(group) => group,
    };
    // "Not" holds when none of its operands does: it is an inverted "or".
    let inner = inverted != (group.op == Junction::Not);
    let all_hold = (group.op == Junction::And) != inverted;
    let all_hold = if group.op == Junction::Not { !inverted } else { all_hold };
    let operands = group.operands.iter().map(|operand| condition(operand, inner, collection));
    let operands: Vec<String> =
        if all_hold { operands.flatten().collect() } else { operands.collect::<Option<_>>()? };
    match operands.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => {
            let operator = if all_hold { "And" } else { "Or" };
            Some(format!("{{operator: {operator}, operands: [{}]}}", operands.join(", ")))
        }
    }
}

fn comparison(condition: &Condition, inverted: bool, collection: &Collection) -> Option<String> {
    let kind = collection.properties.get(&condition.property)?;
    let operator = match (condition.op, inverted) {
        (Comparison::Eq, false) | (Comparison::Ne, true) => "Equal",
        (Comparison::Gt, false) => "GreaterThan",
        (Comparison::Gte, false) => "GreaterThanEqual",
        (Comparison::Lt, false) => "LessThan",
        (Comparison::Lte, false) => "LessThanEqual",
        (Comparison::ContainsAny, false) => "ContainsAny",
        (Comparison::ContainsAll, false) => "ContainsAll",
        // What Weaviate calls unequal or null leaves objects without the property out, or needs an index that it may not
        // have; its wildcards mind the words of a text: all of that is decided here instead.
        _ => return None,
    };
    // Texts are compared by their words, so an equal one is among those found, while an order means something else.
    let is_ordered = operator.ends_with("Than") || operator.ends_with("ThanEqual");
    if is_ordered && matches!(condition.value, Operand::Text(_)) {
        return None;
    }
    let (field, value) = operand(&condition.value, kind)?;
    Some(format!(
        "{{path: [{}], operator: {operator}, {field}: {value}}}",
        quoted(&condition.property)
    ))
}

/// The value with the field that its type wants.
fn operand(value: &Operand, kind: &str) -> Option<(&'static str, String)> {
    match (kind.trim_end_matches("[]"), value) {
        ("boolean", Operand::Flag(flag)) => Some(("valueBoolean", flag.to_string())),
        ("number", Operand::Number(number)) => Some(("valueNumber", number.to_string())),
        ("number", Operand::Numbers(numbers)) => Some(("valueNumber", listed(numbers))),
        ("int", Operand::Number(number)) if number.fract() == 0.0 => {
            Some(("valueInt", format!("{number:.0}")))
        }
        ("text" | "string", Operand::Text(text)) => Some(("valueText", quoted(text))),
        ("text" | "string", Operand::Texts(texts)) => Some(("valueText", listed(texts))),
        _ => None,
    }
}

fn listed<T: Clone + Into<Value>>(values: &[T]) -> String {
    Value::from(values.iter().cloned().map(Into::into).collect::<Vec<Value>>()).to_string()
}

//! One refusal, and the place it is about.

use serde::Serialize;
use serde_json::Value;

use crate::invalid::Invalid;

/// One step of the way to a value: a field's name or an element's index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Part {
    /// The name of a field.
    Field(String),
    /// The index of a list's element.
    Index(usize),
}

/// One refusal as the wire has it: an item of the 422 list (contract hub 1.4).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Issue {
    /// Machine-readable kind, such as `missing`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where: `body`, `query` or `path`, then fields and indices.
    pub loc: Vec<Part>,
    /// Sentence for people.
    pub msg: String,
    /// What was sent, shortened; secrets read `[redacted]`.
    pub input: Value,
}

/// A place in a request, where refusals are noted down.
#[derive(Debug)]
pub struct Place<'a> {
    loc: Vec<Part>,
    issues: &'a mut Vec<Issue>,
}

impl<'a> Place<'a> {
    pub(super) fn root(name: &'static str, issues: &'a mut Vec<Issue>) -> Self {
        Self { loc: vec![Part::Field(name.to_owned())], issues }
    }

    /// The place of a field or element inside this one.
    pub fn at(&mut self, part: Part) -> Place<'_> {
        let mut loc = self.loc.clone();
        loc.push(part);
        Place { loc, issues: self.issues }
    }

    /// Notes that `input` was refused here. Returns `None`, so that a reader can end with it.
    pub fn refuse<T>(&mut self, invalid: Invalid, input: &Value) -> Option<T> {
        let secret =
            self.loc.iter().any(|part| matches!(part, Part::Field(name) if is_sensitive(name)));
        let input = if secret { redacted() } else { presentable(input, 0) };
        let msg = invalid.message.into_owned();
        self.issues.push(Issue { kind: invalid.kind, loc: self.loc.clone(), msg, input });
        None
    }
}

const LONGEST: usize = 200;
const DEEPEST: usize = 3;

fn redacted() -> Value {
    Value::String("[redacted]".to_owned())
}

fn is_sensitive(name: &str) -> bool {
    let name = name.to_lowercase();
    ["password", "secret", "token", "credential", "api_key"].iter().any(|word| name.contains(word))
}

/// `value` without secrets and cut to a size that is fit to send back.
fn presentable(value: &Value, depth: usize) -> Value {
    match value {
        Value::String(text) if text.chars().count() > LONGEST => {
            Value::String(text.chars().take(LONGEST).chain("…".chars()).collect())
        }
        Value::Array(_) | Value::Object(_) if depth >= DEEPEST => Value::String("…".to_owned()),
        Value::Array(items) => {
            items.iter().take(20).map(|item| presentable(item, depth + 1)).collect()
        }
        Value::Object(object) => {
            let shown = object.iter().take(50).map(|(name, value)| {
                let shown =
                    if is_sensitive(name) { redacted() } else { presentable(value, depth + 1) };
                (name.clone(), shown)
            });
            Value::Object(shown.collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refused_password_is_never_sent_back() {
        let mut issues = Vec::new();
        let mut body = Place::root("body", &mut issues);
        body.at(Part::Field("new_password".to_owned()))
            .refuse::<()>(Invalid::too_short(8), &json!("hunter2"));
        body.refuse::<()>(
            Invalid::new("missing", "Field required"),
            &json!({"password": "hunter2", "name": "ada"}),
        );
        let sent = serde_json::to_string(&issues).unwrap();
        assert!(!sent.contains("hunter2"), "{sent}");
        assert!(sent.contains("ada"));
    }

    #[test]
    fn a_long_input_is_cut() {
        let mut issues = Vec::new();
        Place::root("body", &mut issues)
            .refuse::<()>(Invalid::too_long(5), &json!("é".repeat(10_000)));
        assert!(issues[0].input.as_str().unwrap().chars().count() <= LONGEST + 1);
    }
}

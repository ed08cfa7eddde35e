//! One case, and a file of them.

use serde_json::{Value, json};
use syfthub_calls::pure;

/// An operation, its arguments, and the answer to them.
#[derive(Clone)]
pub(crate) struct Case(Value);

impl Case {
    /// The case of this name; the answer is what the operation gives.
    pub(crate) fn new(name: &str, operation: &str, arguments: &Value) -> Self {
        let expected = pure::run(operation, &arguments.to_string())
            .unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        Self(json!({
            "name": name, "operation": operation, "arguments": arguments, "expected": expected,
        }))
    }

    /// The answer.
    pub(crate) fn answer(&self) -> Value {
        let text = self.0["expected"].as_str().expect("an answer is text");
        serde_json::from_str(text).expect("answers are JSON")
    }

    /// The case with the exception that both languages raise for it.
    pub(crate) fn raising(mut self, class: &str) -> Self {
        self.0["raises"] = class.into();
        self
    }
}

/// The file: what it is about, and its cases, one on a line.
pub(crate) fn file(about: &str, cases: &[Case]) -> String {
    let mut names: Vec<&str> = cases.iter().filter_map(|case| case.0["name"].as_str()).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "two cases have one name");
    let lines: Vec<String> = cases.iter().map(|case| format!("    {}", case.0)).collect();
    format!("{{\n  \"about\": {},\n  \"cases\": [\n{}\n  ]\n}}\n", json!(about), lines.join(",\n"))
}

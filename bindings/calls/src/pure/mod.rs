//! What needs no network: it is the same in every language because it is done here.

mod errors;
mod prompts;
mod slugs;
mod sse;
mod tokens;

use futures_util::FutureExt as _;

use crate::failure::Failure;
use crate::operation::{Operation, Spelling};

const TABLES: &[&[Operation<()>]] = &[
    slugs::OPERATIONS,
    prompts::OPERATIONS,
    sse::OPERATIONS,
    errors::OPERATIONS,
    tokens::OPERATIONS,
];

/// Every operation that needs no network.
pub fn operations() -> impl Iterator<Item = &'static Operation<()>> {
    TABLES.iter().copied().flatten()
}

/// Runs the operation of this name with `arguments`, a JSON object, and gives its answer as JSON. Nothing is waited for.
///
/// # Errors
/// When the arguments do not fit; a panic is an error too, and so is a name that no operation has.
///
/// ```
/// let slug = syfthub_calls::pure::run("slug.of_name", r#"{"name": "Field notes, 2nd edition"}"#);
/// assert_eq!(slug.ok().as_deref(), Some(r#""field-notes-2nd-edition""#));
/// ```
pub fn run(name: &str, arguments: &str) -> Result<String, Failure> {
    run_in(Spelling::Snake, name, arguments)
}

/// As [`run`], with arguments and answer in that spelling.
///
/// # Errors
/// As [`run`].
pub fn run_in(spelling: Spelling, name: &str, arguments: &str) -> Result<String, Failure> {
    let operation = operations().find(|operation| operation.name == name);
    let operation = operation.ok_or_else(|| Failure::Panic(format!("`{name}` is no operation")))?;
    let answer = operation.call_in(spelling, &(), arguments).now_or_never();
    answer.expect("no operation here waits for anything")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(name: &str, arguments: &Value) -> Value {
        let text = run(name, &arguments.to_string()).expect("the arguments fit");
        serde_json::from_str(&text).expect("answers are JSON")
    }

    fn refused(name: &str, arguments: &Value) -> (String, bool) {
        match run(name, &arguments.to_string()) {
            Err(Failure::Argument(argument)) => (argument.field, argument.of_type),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_calls_no_route() {
        let mut named: Vec<&str> = operations().map(|one| one.name).collect();
        let all = named.len();
        named.sort_unstable();
        named.dedup();
        assert_eq!(named.len(), all);
        assert!(operations().all(|one| one.routes.is_empty() && !one.is_stream()));
    }

    #[test]
    fn a_name_that_no_operation_has_is_a_defect_and_no_panic() {
        assert!(matches!(run("slug.of_nothing", "{}"), Err(Failure::Panic(_))));
    }

    #[test]
    fn arguments_that_do_not_fit_name_their_field() {
        assert_eq!(refused("slug.of_name", &json!({"name": 7})), ("name".to_owned(), true));
        assert_eq!(refused("slug.of_name", &json!({})), ("name".to_owned(), true));
        let nested = json!({"question": "Why?", "documents": [{"source": "ada/notes"}]});
        assert!(refused("prompt.of", &nested).1);
        let no_bytes = json!({"chunks": ["no base64!"]});
        assert_eq!(refused("sse.decode", &no_bytes), ("chunks[0]".to_owned(), false));
        let no_status = json!({"status": 99, "body": ""});
        assert_eq!(refused("error.of", &no_status), ("status".to_owned(), false));
    }

    #[test]
    fn a_name_without_usable_characters_gives_no_slug_unless_something_stands_in_for_it() {
        assert_eq!(told("slug.of_name", &json!({"name": "日本"})), Value::Null);
        let stands_in = json!({"name": "日本", "fallback": "x7f3"});
        assert_eq!(told("slug.of_name", &stands_in), "endpoint-x7f3");
        let organization = json!({"name": "日本", "fallback": "x7f3", "organization": true});
        assert_eq!(told("slug.of_name", &organization), "org-x7f3");
    }

    #[test]
    fn a_prompt_ends_with_the_question_and_tells_what_was_looked_for() {
        let documents =
            json!([{"source": "ada/notes", "content": "<b>", "title": "T", "score": 0.5}]);
        let asked = json!({"question": "Why?", "documents": documents, "system": "Be brief."});
        let messages = told("prompt.of", &asked);
        assert_eq!(messages[0], json!({"role": "system", "content": "Be brief."}));
        let turn = messages[1]["content"].as_str().expect("text");
        assert!(turn.contains("<title>T</title>") && turn.contains("&lt;b&gt;"), "{turn}");
        assert!(turn.ends_with("---\nUSER QUESTION:\nWhy?\n---"), "{turn}");
        let nothing = json!({"question": "Why?", "documents": []});
        let found =
            told("prompt.of", &json!({"question": "Why?", "documents": [], "sources_asked": true}));
        assert_ne!(told("prompt.of", &nothing), found);
    }

    #[test]
    fn events_come_out_of_bytes_that_break_anywhere_until_one_is_too_large() {
        // `data: é` and its blank line, broken within the é.
        let decoded = told("sse.decode", &json!({"chunks": ["ZGF0YTogww==", "qQoK"]}));
        assert_eq!(decoded, json!({"events": [{"event": "message", "data": "é"}], "error": null}));
        let limited =
            told("sse.decode", &json!({"chunks": ["ZGF0YTogww==", "qQoK"], "max_event": 4}));
        assert_eq!(limited["error"], "an event is larger than 4 bytes");
    }

    #[test]
    fn a_status_and_a_body_become_the_error_that_a_call_would_give() {
        let body = r#"{"detail":{"code":"USER_ALREADY_EXISTS","message":"taken"}}"#;
        let error = told("error.of", &json!({"status": 409, "body": body}));
        assert_eq!(error["kind"], "conflict");
        assert_eq!(error["message"], "taken");
        assert_eq!(
            (&error["status"], &error["code"]),
            (&json!(409), &json!("USER_ALREADY_EXISTS"))
        );
    }
}

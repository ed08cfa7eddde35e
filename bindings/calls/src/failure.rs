//! Why an operation did not work, as the languages tell it.

use syfthub_client::Error;

use crate::camel::camel;
use crate::operation::Spelling;

/// Why an operation did not work.
#[derive(Debug)]
pub enum Failure {
    /// An argument cannot be used; nothing was sent.
    Argument(Argument),
    /// The client's own answer: kind, status, code, detail and correlation id are in it.
    Client(Error),
    /// A defect of ours, stopped before it could reach the language's own runtime.
    Panic(String),
}

/// An argument that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Which one, as a path such as `connect[0].type`; empty when it is the arguments as a whole.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
    /// Whether it is of another type than asked for, is missing or has no meaning here; else its value is wrong.
    pub of_type: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Client(error)
    }
}

impl Failure {
    /// The refusal of arguments that do not fit their operation.
    pub(crate) fn of_arguments(
        error: &serde_path_to_error::Error<serde_json::Error>,
        spelling: Spelling,
    ) -> Self {
        let path = error.path().to_string();
        let told = error.inner().to_string();
        // The place in the JSON text that the binding wrote says nothing to its user.
        let message = told.rsplit_once(" at line ").map_or(told.as_str(), |(text, _)| text);
        let of_type = ["invalid type", "missing field", "unknown field", "duplicate field"]
            .iter()
            .any(|start| message.starts_with(start));
        let message = match spelling {
            Spelling::Snake => message.to_owned(),
            Spelling::Camel => respelled(message),
        };
        let message = message.as_str();
        let path = if path == "." { "" } else { path.as_str() };
        // Bodies are one parameter here and the call's own arguments in both languages.
        let path = path.strip_prefix("body.").unwrap_or(path);
        let field = match (path, quoted(message)) {
            ("" | "body", Some(name)) => name,
            (path, _) => path,
        };
        Self::Argument(Argument { field: field.to_owned(), message: message.to_owned(), of_type })
    }
}

/// The message of serde with the names that it puts in backticks in camelCase.
fn respelled(message: &str) -> String {
    let parts = message.split('`').enumerate();
    let parts = parts.map(|(place, part)| if place % 2 == 1 { camel(part) } else { part.into() });
    parts.collect::<Vec<_>>().join("`")
}

/// The first name in backticks: the field that a message of serde is about when its path does not reach it.
fn quoted(message: &str) -> Option<&str> {
    let about_a_field = message.contains(" field `");
    about_a_field.then(|| message.split('`').nth(1)).flatten()
}

//! Why an operation did not work, as the languages tell it.

use syfthub_client::Error;

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

impl From<Argument> for Failure {
    fn from(argument: Argument) -> Self {
        Self::Argument(argument)
    }
}

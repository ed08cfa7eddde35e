//! Documents and question as messages for a model, and back (contract aggregator 1.10).
//!
//! The user's turn has three parts: an instruction, the numbered documents inside `<documents>`, and the question
//! between two lines of `---`. Text of documents is data: `&`, `<` and `>` in it are escaped, so that nothing a document
//! says can end its own element or pose as another, and so are citation markers, which are for the model alone to write. [`parse`] is the inverse of [`render`], for models that are programs.

mod escape;
mod parse;
mod render;

pub use parse::{Parsed, PromptDocument, parse};
pub(super) use render::shown;
pub use render::{Question, render};

/// Begins the line above the question.
const LABEL: &str = "USER QUESTION:";
/// Stands above and below the question.
const RULE: &str = "---";

//! From a question to a cited answer: plan, retrieve, rank, prompt, generate, as one stream of events.
//!
//! The orchestration is generic over three ports, so that the same code runs in the aggregator, in a command-line tool
//! and behind language bindings: a [`DataSource`] finds documents, a [`Generator`] writes, a [`Timer`](crate::Timer)
//! measures and waits. Nothing here opens a socket or spawns a task: whoever drops the stream of [`answer()`] thereby
//! drops every call that is still under way.
//!
//! In reading order:
//! - [`port`]: what a data source and a generator are, and how they fail;
//! - [`plan`]: a request and the limits it must keep become a [`Plan`];
//! - [`retrieve`]: all sources at once, each with its own deadline;
//! - [`rank`]: one order over the documents of all sources;
//! - [`prompt`]: documents and question as messages, and back;
//! - [`mod@answer`]: the whole path, as [`AnswerEvent`]s of which exactly one, the last, is terminal;
//! - [`sources`]: the documents behind an answer, by title;
//! - [`cite`]: which sentence of an answer rests on which document;
//! - [`billing`]: what the endpoints charged for it.

pub mod answer;
pub mod billing;
pub mod cite;
pub mod event;
mod generate;
mod grounds;
pub mod plan;
pub mod port;
pub mod prompt;
pub mod rank;
pub mod retrieve;
pub mod sources;
mod support;

pub use answer::answer;
pub use billing::Cost;
pub use event::{Answer, AnswerError, AnswerEvent, SourceReport};
pub use plan::{Limits, Plan, PlanError, PlannedSource};
pub use port::{
    Chunk, DataSource, Found, GenerateError, GenerationStream, Generator, Prompt, Refusal,
    Retrieval, Retrieved, SourceError, SourceStatus,
};
pub use rank::Ranked;

#[cfg(test)]
mod tests;

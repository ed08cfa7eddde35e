//! Questions to models and data sources.

mod event;
mod question;

use syfthub_client::Client;

use self::question::Question;
use crate::operation::operations;

operations! {
    /// Questions to models and data sources.
    OPERATIONS on Client;

    /// Asks a model over data sources, and gives the complete answer.
    call "chat.complete" ["POST /aggregator/api/v1/chat"], (body: Question) |hub| {
        body.of_a_model()?.answer(&hub).await
    }

    /// Asks a model over data sources, and gives what happens meanwhile, each with its `type`; `done` has the answer.
    stream "chat.stream" ["POST /aggregator/api/v1/chat/stream"], (body: Question) |hub| {
        event::events(hub, body.of_a_model()?)
    }

    /// Asks data sources alone: an answer without a text.
    call "chat.retrieve" ["POST /aggregator/api/v1/chat"], (body: Question) |hub| {
        body.of_sources().answer(&hub).await
    }
}

#[cfg(test)]
mod tests;

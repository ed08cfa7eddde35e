//! What happens while a question is answered, as JSON objects with a `type`.

use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use syfthub_client::wire::chat::ChatResponse;
use syfthub_client::{ChatDone, ChatEvent, Client, SourceCompleted};

use super::question::Question;
use crate::failure::Failure;

/// One step of an answer, by the names that an aggregator gives them.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Event {
    RetrievalStart {
        sources: u64,
    },
    SourceComplete(SourceCompleted),
    RerankingStart {
        documents: u64,
    },
    RerankingComplete {
        documents: u64,
        time_ms: u64,
    },
    RetrievalComplete {
        total_documents: u64,
        time_ms: u64,
    },
    GenerationStart,
    GenerationHeartbeat {
        elapsed_ms: u64,
    },
    Token {
        content: String,
    },
    /// With the complete answer, so that nobody has to put the tokens together.
    Done(Box<ChatResponse>),
}

/// The steps of the answer to `question`; an argument that cannot be used is the first of them.
pub(super) fn events(
    hub: Client,
    question: Question,
) -> impl Stream<Item = Result<Event, Failure>> + Send {
    async_stream::try_stream! {
        let hub = question.client(&hub)?;
        let chat = question.chat(&hub)?;
        let mut steps = if question.is_direct() {
            question.direct(chat).stream().await?.boxed()
        } else {
            chat.stream().await?.boxed()
        };
        let mut text = String::new();
        while let Some(step) = steps.next().await {
            if let Some(event) = read(step?, &mut text) {
                yield event;
            }
        }
    }
}

/// `step` with the text that was written until then; none of a kind that is not known here.
fn read(step: ChatEvent, text: &mut String) -> Option<Event> {
    Some(match step {
        ChatEvent::RetrievalStarted { sources } => Event::RetrievalStart { sources },
        ChatEvent::SourceCompleted(source) => Event::SourceComplete(source),
        ChatEvent::RerankingStarted { documents } => Event::RerankingStart { documents },
        ChatEvent::RerankingCompleted { documents, time_ms } => {
            Event::RerankingComplete { documents, time_ms }
        }
        ChatEvent::RetrievalCompleted { total_documents, time_ms } => {
            Event::RetrievalComplete { total_documents, time_ms }
        }
        ChatEvent::GenerationStarted => Event::GenerationStart,
        ChatEvent::GenerationHeartbeat { elapsed_ms } => Event::GenerationHeartbeat { elapsed_ms },
        ChatEvent::Token { content } => {
            text.push_str(&content);
            Event::Token { content }
        }
        ChatEvent::Done(done) => Event::Done(Box::new(complete(done, std::mem::take(text)))),
        _ => return None,
    })
}

fn complete(done: ChatDone, response: String) -> ChatResponse {
    ChatResponse {
        response,
        sources: done.sources,
        retrieval_info: done.retrieval_info,
        metadata: done.metadata,
        usage: done.usage,
        citations: done.citations,
        annotated: done.annotated,
        profit_share: done.profit_share,
        billing: done.billing,
    }
}

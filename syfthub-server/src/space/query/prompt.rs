//! What the model is asked: the caller's messages, with the documents that were found.

use syfthub_core::rag::prompt::{Question, render};
use syfthub_core::rag::{Limits, Ranked, Retrieved};
use syfthub_core::wire::space::{Message, Messages, QueryRequest};

use crate::space::datasets::Found;
use crate::space::models::Chat;

/// The conversation for the model of the endpoint `slug`. With documents, the last question becomes a prompt that holds them
/// as data; without, the messages go as they are.
pub(super) fn chat(slug: &str, request: QueryRequest, documents: Option<&[Found]>) -> Chat {
    let messages = match documents {
        Some(documents) => with_documents(slug, &request.messages, documents),
        None => request.messages.into_turns(),
    };
    Chat {
        messages,
        max_tokens: request.max_tokens,
        temperature: request.temperature,
        stop: request.stop_sequences,
        presence_penalty: request.presence_penalty,
        frequency_penalty: request.frequency_penalty,
    }
}

fn with_documents(slug: &str, messages: &Messages, documents: &[Found]) -> Vec<Message> {
    let turns: &[Message] = match messages {
        Messages::Text(_) => &[],
        Messages::Turns(turns) => turns,
    };
    let last = turns.iter().rposition(|turn| turn.role == "user").unwrap_or_default();
    let (system, history): (Vec<Message>, Vec<Message>) =
        turns[..last].iter().cloned().partition(|turn| turn.role == "system");
    let question = Question {
        text: messages.query(),
        system: system.last().map(|turn| turn.content.as_str()),
        history: &history,
        sources_asked: true,
        document_chars: Limits::default().document_chars,
    };
    let ranked: Vec<Ranked> = documents.iter().map(|found| ranked(slug, found)).collect();
    render(&question, &ranked)
}

fn ranked(slug: &str, found: &Found) -> Ranked {
    let document = Retrieved {
        document_id: found.id.clone(),
        content: found.text.clone(),
        metadata: found.metadata.clone(),
        score: Some(found.score),
    };
    Ranked { source: 0, path: slug.to_owned(), document }
}

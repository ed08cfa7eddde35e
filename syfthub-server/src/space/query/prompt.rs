//! What the model is asked: the caller's messages, with the documents that were found.

use syfthub_core::rag::prompt::render;
use syfthub_core::rag::{Limits, Plan, Ranked, Retrieved};
use syfthub_core::wire::chat::{ChatRequest, EndpointRef};
use syfthub_core::wire::space::{Message, Messages, QueryRequest};

use crate::http::ApiError;
use crate::space::datasets::Found;
use crate::space::models::Chat;

/// The conversation for the model of the endpoint `slug`. With documents, the last question becomes a prompt that holds them
/// as data; without, the messages go as they are.
pub(super) fn chat(
    slug: &str,
    request: QueryRequest,
    documents: Option<&[Found]>,
) -> Result<Chat, ApiError> {
    let messages = match documents {
        Some(documents) => with_documents(slug, &request.messages, documents)?,
        None => request.messages.into_turns(),
    };
    Ok(Chat {
        messages,
        max_tokens: request.max_tokens,
        temperature: request.temperature,
        stop: request.stop_sequences,
        presence_penalty: request.presence_penalty,
        frequency_penalty: request.frequency_penalty,
    })
}

fn with_documents(
    slug: &str,
    messages: &Messages,
    documents: &[Found],
) -> Result<Vec<Message>, ApiError> {
    let source = EndpointRef { slug: slug.to_owned(), ..EndpointRef::default() };
    let mut asked = ChatRequest::new(messages.query(), EndpointRef::default());
    asked.data_sources = vec![source];
    if let Messages::Turns(turns) = messages {
        let last = turns.iter().rposition(|turn| turn.role == "user").unwrap_or_default();
        let (system, history) =
            turns[..last].iter().cloned().partition(|turn| turn.role == "system");
        let system: Vec<Message> = system;
        asked.custom_system_prompt = system.last().map(|turn| turn.content.clone());
        asked.messages = history;
    }
    let plan = Plan::new(&asked, Limits::default())
        .map_err(|error| ApiError::bad_request(error.to_string()))?;
    let ranked: Vec<Ranked> = documents.iter().map(|found| ranked(slug, found)).collect();
    Ok(render(&plan, &ranked))
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

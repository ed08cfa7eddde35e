//! Prompts out of questions and documents.

use serde::Deserialize;
use serde_json::{Map, Value};
use syfthub_client::wire::space::Message;
use syfthub_client::{Limits, Retrieved};
use syfthub_core::rag::Ranked;
use syfthub_core::rag::prompt::{Question, render};

use crate::operation::operations;

/// A document for a prompt.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// Where it is from: `owner/slug`.
    source: String,
    /// Its text.
    content: String,
    /// Its title.
    #[serde(default)]
    title: Option<String>,
    /// How well it fits, from 0 to 1.
    #[serde(default)]
    score: Option<f64>,
}

impl From<Document> for Ranked {
    fn from(given: Document) -> Self {
        let title = given.title.map(|title| ("title".to_owned(), Value::String(title)));
        let document = Retrieved {
            content: given.content,
            metadata: title.into_iter().collect::<Map<_, _>>(),
            score: given.score,
            ..Retrieved::default()
        };
        Self { source: 0, path: given.source, document }
    }
}

operations! {
    /// Prompts out of questions and documents.
    OPERATIONS on ();

    /// The messages that a model gets for a question over these documents, best first.
    call "prompt.of" [], (
        question: String,
        documents: Vec<Document>,
        system: Option<String>,
        history: Option<Vec<Message>>,
        sources_asked: Option<bool>,
        document_chars: Option<usize>,
    ) |_offline| {
        let ranked: Vec<Ranked> = documents.into_iter().map(Ranked::from).collect();
        let question = Question {
            text: &question,
            system: system.as_deref(),
            history: history.as_deref().unwrap_or_default(),
            sources_asked: sources_asked.unwrap_or(!ranked.is_empty()),
            document_chars: document_chars.unwrap_or(Limits::default().document_chars),
        };
        Ok(render(&question, &ranked))
    }
}

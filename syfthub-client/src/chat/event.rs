//! What happens while a question is answered (contract aggregator 1.7.2).

use serde::Deserialize;
use serde::de::DeserializeOwned;
use syfthub_core::wire::chat::{RetrievalInfo, Sources, Timings, Usage};

use crate::error::{Error, ErrorKind};
use crate::sse::SseEvent;

/// One step of an answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ChatEvent {
    /// The sources are being asked.
    RetrievalStarted {
        /// How many.
        sources: u64,
    },
    /// A source answered, or failed.
    SourceCompleted {
        /// `owner/slug`.
        path: String,
        /// `success`, `error` or `timeout`.
        status: String,
        /// How many documents it gave.
        documents: u64,
    },
    /// Every source has answered or failed.
    RetrievalCompleted {
        /// How many documents there are.
        total_documents: u64,
        /// How long it took, in milliseconds.
        time_ms: u64,
    },
    /// The model is being asked.
    GenerationStarted,
    /// The next text of the answer.
    Token {
        /// The text, to be appended.
        content: String,
    },
    /// The answer is complete.
    Done(ChatDone),
}

/// What is known at the end of an answer.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[non_exhaustive]
pub struct ChatDone {
    /// Title to document, best first; `[cite:N]` in the answer names the Nth.
    #[serde(default)]
    pub sources: Sources,
    /// What each source did.
    #[serde(default)]
    pub retrieval_info: Vec<RetrievalInfo>,
    /// How long it took.
    #[serde(default)]
    pub metadata: Timings,
    /// What the model counted, when it said so.
    #[serde(default)]
    pub usage: Option<Usage>,
}

#[derive(Deserialize)]
struct RetrievalStart {
    #[serde(default)]
    sources: u64,
}

#[derive(Deserialize)]
struct SourceComplete {
    #[serde(default)]
    path: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    documents: u64,
}

#[derive(Deserialize)]
struct RetrievalComplete {
    #[serde(default)]
    total_documents: u64,
    #[serde(default)]
    time_ms: u64,
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    content: String,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
}

/// Reads an event; one of a kind that this version does not know is `None`.
///
/// # Errors
/// [`ErrorKind::Generation`] for the `error` event, [`ErrorKind::Protocol`] for data that cannot be read.
pub(super) fn read(frame: &SseEvent) -> Result<Option<ChatEvent>, Error> {
    let event = match frame.name.as_str() {
        "retrieval_start" => {
            let RetrievalStart { sources } = data(frame)?;
            ChatEvent::RetrievalStarted { sources }
        }
        "source_complete" => {
            let SourceComplete { path, status, documents } = data(frame)?;
            ChatEvent::SourceCompleted { path, status, documents }
        }
        "retrieval_complete" => {
            let RetrievalComplete { total_documents, time_ms } = data(frame)?;
            ChatEvent::RetrievalCompleted { total_documents, time_ms }
        }
        "generation_start" => ChatEvent::GenerationStarted,
        "token" => {
            let Token { content } = data(frame)?;
            ChatEvent::Token { content }
        }
        "done" => ChatEvent::Done(data(frame)?),
        "error" => {
            let Failure { message } = data(frame)?;
            return Err(Error::new(ErrorKind::Generation, message));
        }
        _ => return Ok(None),
    };
    Ok(Some(event))
}

fn data<T: DeserializeOwned>(frame: &SseEvent) -> Result<T, Error> {
    serde_json::from_str(&frame.data).map_err(|cause| {
        let message = format!("a `{}` event of the answer cannot be read: {cause}", frame.name);
        Error::new(ErrorKind::Protocol, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(name: &str, data: &str) -> SseEvent {
        SseEvent { name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn every_event_of_the_contract_is_read() {
        let read = |name, data| read(&frame(name, data)).unwrap().unwrap();
        assert_eq!(
            read("retrieval_start", r#"{"sources":2}"#),
            ChatEvent::RetrievalStarted { sources: 2 }
        );
        let source = read("source_complete", r#"{"path":"a/b","status":"success","documents":3}"#);
        assert!(matches!(source, ChatEvent::SourceCompleted { documents: 3, .. }));
        let retrieved = read("retrieval_complete", r#"{"total_documents":3,"time_ms":4}"#);
        assert_eq!(retrieved, ChatEvent::RetrievalCompleted { total_documents: 3, time_ms: 4 });
        assert_eq!(read("generation_start", "{}"), ChatEvent::GenerationStarted);
        assert_eq!(read("token", r#"{"content":"x"}"#), ChatEvent::Token { content: "x".into() });
    }

    #[test]
    fn the_end_keeps_the_order_of_its_sources() {
        let text = r#"{"sources":{"Z":{"slug":"a/b","content":"1"},"A":{"slug":"a/b","content":"2","score":0.5}}}"#;
        let Ok(Some(ChatEvent::Done(done))) = read(&frame("done", text)) else {
            panic!("an end");
        };
        let titles: Vec<&str> = done.sources.0.iter().map(|(title, _)| title.as_str()).collect();
        assert_eq!(titles, ["Z", "A"]);
        assert_eq!(done.usage, None);
    }

    #[test]
    fn an_unknown_event_is_skipped_whatever_it_carries() {
        assert_eq!(read(&frame("reranking_start", "not json")).unwrap(), None);
    }

    #[test]
    fn a_failure_and_garbage_are_errors_of_different_kinds() {
        let failed = read(&frame("error", r#"{"message":"no model"}"#)).unwrap_err();
        assert_eq!(
            (failed.kind(), failed.to_string().as_str()),
            (ErrorKind::Generation, "no model")
        );
        let garbage = read(&frame("token", "{")).unwrap_err();
        assert_eq!(garbage.kind(), ErrorKind::Protocol);
    }
}

//! What happens while a question is answered (contract aggregator 1.7.2).

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use syfthub_core::wire::billing::Billing;
use syfthub_core::wire::chat::{RetrievalInfo, Sources, Timings, Usage};
use syfthub_core::wire::citation::CitedSpan;

use crate::error::{Error, ErrorKind};
use crate::sse::SseEvent;

/// One step of an answer, whoever makes it. As JSON it is the event of the wire with its name under `event`.
///
/// ```
/// use syfthub_client::ChatEvent;
///
/// let token = ChatEvent::Token { content: "Reeds".to_owned() };
/// assert_eq!(serde_json::to_string(&token)?, r#"{"event":"token","content":"Reeds"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event")]
#[non_exhaustive]
pub enum ChatEvent {
    /// The sources are being asked.
    #[serde(rename = "retrieval_start")]
    RetrievalStarted {
        /// How many.
        sources: u64,
    },
    /// A source answered, or failed.
    #[serde(rename = "source_complete")]
    SourceCompleted(SourceCompleted),
    /// The documents of all sources are being put in one order.
    #[serde(rename = "reranking_start")]
    RerankingStarted {
        /// How many.
        documents: u64,
    },
    /// The documents are in order.
    #[serde(rename = "reranking_complete")]
    RerankingCompleted {
        /// How many count.
        documents: u64,
        /// How long it took, in milliseconds.
        time_ms: u64,
    },
    /// Every source has answered or failed.
    #[serde(rename = "retrieval_complete")]
    RetrievalCompleted {
        /// How many documents there are.
        total_documents: u64,
        /// How long it took, in milliseconds.
        time_ms: u64,
    },
    /// The model is being asked.
    #[serde(rename = "generation_start")]
    GenerationStarted,
    /// The model has written nothing yet, and is still at it.
    #[serde(rename = "generation_heartbeat")]
    GenerationHeartbeat {
        /// Milliseconds since it was asked.
        elapsed_ms: u64,
    },
    /// The next text of the answer.
    #[serde(rename = "token")]
    Token {
        /// The text, to be appended.
        content: String,
    },
    /// The answer is complete.
    #[serde(rename = "done")]
    Done(ChatDone),
}

/// How one source did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SourceCompleted {
    /// Its place in the question, from 0, when it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<usize>,
    /// `owner/slug`.
    pub path: String,
    /// `success`, `error`, `timeout`, `access_denied`, `payment_failed` or `rate_limited`.
    pub status: String,
    /// How many documents it gave.
    pub documents: u64,
    /// Milliseconds since it was asked, when they were said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_ms: Option<u64>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// What it charged, in units of `currency`, when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Of which currency, where the source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// What is known at the end of an answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ChatDone {
    /// Title to document, best first; `[cite:N]` in the answer names the Nth.
    pub sources: Sources,
    /// What each source did.
    pub retrieval_info: Vec<RetrievalInfo>,
    /// How long it took.
    pub metadata: Timings,
    /// What the model counted, when it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The claims that the model marked, in the order of the text, and the documents they rest on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<CitedSpan>,
    /// The answer with every marker as `[cite:N-start:end]`, when something is cited (contract aggregator 1.12).
    #[serde(alias = "response", skip_serializing_if = "Option::is_none")]
    pub annotated: Option<String>,
    /// Path of each cited endpoint to its share of the answer; the shares add up to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profit_share: Option<BTreeMap<String, f64>>,
    /// What the answer cost, when an endpoint said anything of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing: Option<Billing>,
}

#[derive(Deserialize)]
struct RetrievalStart {
    #[serde(default)]
    sources: u64,
}

#[derive(Deserialize)]
struct RerankingStart {
    #[serde(default)]
    documents: u64,
}

#[derive(Deserialize)]
struct RerankingComplete {
    #[serde(default)]
    documents: u64,
    #[serde(default)]
    time_ms: u64,
}

#[derive(Deserialize)]
struct RetrievalComplete {
    #[serde(default)]
    total_documents: u64,
    #[serde(default)]
    time_ms: u64,
}

#[derive(Deserialize)]
struct GenerationHeartbeat {
    #[serde(default)]
    elapsed_ms: u64,
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
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    billing: Option<Billing>,
}

/// Why there is no answer, by the aggregator's word for it.
pub(super) fn kind_of(code: Option<&str>) -> ErrorKind {
    match code {
        Some("access_denied") => ErrorKind::Forbidden,
        _ => ErrorKind::Generation,
    }
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
        "source_complete" => ChatEvent::SourceCompleted(data(frame)?),
        "reranking_start" => {
            let RerankingStart { documents } = data(frame)?;
            ChatEvent::RerankingStarted { documents }
        }
        "reranking_complete" => {
            let RerankingComplete { documents, time_ms } = data(frame)?;
            ChatEvent::RerankingCompleted { documents, time_ms }
        }
        "retrieval_complete" => {
            let RetrievalComplete { total_documents, time_ms } = data(frame)?;
            ChatEvent::RetrievalCompleted { total_documents, time_ms }
        }
        "generation_start" => ChatEvent::GenerationStarted,
        "generation_heartbeat" => {
            let GenerationHeartbeat { elapsed_ms } = data(frame)?;
            ChatEvent::GenerationHeartbeat { elapsed_ms }
        }
        "token" => {
            let Token { content } = data(frame)?;
            ChatEvent::Token { content }
        }
        "done" => ChatEvent::Done(data(frame)?),
        "error" => {
            let Failure { message, error, billing } = data(frame)?;
            let failure = Error::new(kind_of(error.as_deref()), message);
            return Err(failure.coded(error).billed(billing));
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
        let ChatEvent::SourceCompleted(source) =
            read("source_complete", r#"{"path":"a/b","status":"success","documents":3}"#)
        else {
            panic!("a source");
        };
        assert_eq!((source.documents, source.time_ms), (3, None));
        let ChatEvent::SourceCompleted(source) = read(
            "source_complete",
            r#"{"path":"a/b","status":"payment_failed","documents":0,"source":1,"time_ms":7,"error_message":"no","cost":0.5}"#,
        ) else {
            panic!("a source");
        };
        assert_eq!((source.source, source.time_ms, source.cost), (Some(1), Some(7), Some(0.5)));
        assert_eq!(
            read("reranking_start", r#"{"documents":5}"#),
            ChatEvent::RerankingStarted { documents: 5 }
        );
        assert_eq!(
            read("reranking_complete", r#"{"documents":4,"time_ms":1}"#),
            ChatEvent::RerankingCompleted { documents: 4, time_ms: 1 }
        );
        assert_eq!(
            read("generation_heartbeat", r#"{"elapsed_ms":3000}"#),
            ChatEvent::GenerationHeartbeat { elapsed_ms: 3000 }
        );
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
    fn the_end_tells_what_is_cited_and_what_was_paid() {
        let text = r#"{"response":"Reeds [cite:1-0:5].","profit_share":{"a/b":1.0},
            "citations":[{"start":0,"end":5,"document":1,"title":"Z","source":"a/b","support":{"start":2,"end":9}}],
            "billing":{"total_cost":0.5,"currency":"USD","entries":[
                {"source":"a/b","policy_type":"accounting","kind":"payment","status":"charged","amount":0.5}]}}"#;
        let Ok(Some(ChatEvent::Done(done))) = read(&frame("done", text)) else {
            panic!("an end");
        };
        assert_eq!(done.annotated.as_deref(), Some("Reeds [cite:1-0:5]."));
        assert_eq!(done.citations[0].support.map(|span| (span.start, span.end)), Some((2, 9)));
        assert_eq!(done.billing.unwrap().entries[0].source, "a/b");
    }

    #[test]
    fn as_json_an_event_carries_its_name_of_the_wire_and_no_nulls() {
        let json = |event: &ChatEvent| serde_json::to_string(event).unwrap();
        let source =
            SourceCompleted { path: "a/b".into(), status: "success".into(), ..Default::default() };
        assert_eq!(
            json(&ChatEvent::SourceCompleted(source)),
            r#"{"event":"source_complete","path":"a/b","status":"success","documents":0}"#
        );
        assert_eq!(json(&ChatEvent::GenerationStarted), r#"{"event":"generation_start"}"#);
        let done = json(&ChatEvent::Done(ChatDone::default()));
        assert!(
            done.starts_with(r#"{"event":"done","sources":{}"#) && !done.contains("null"),
            "{done}"
        );
    }

    #[test]
    fn an_unknown_event_is_skipped_whatever_it_carries() {
        assert_eq!(read(&frame("brand_new", "not json")).unwrap(), None);
    }

    #[test]
    fn a_failure_and_garbage_are_errors_of_different_kinds() {
        let text = r#"{"message":"no model","billing":{"total_cost":0.5,"entries":[]}}"#;
        let failed = read(&frame("error", text)).unwrap_err();
        assert_eq!(failed.billing().and_then(|billing| billing.total_cost), Some(0.5));
        assert_eq!(
            (failed.kind(), failed.to_string().as_str()),
            (ErrorKind::Generation, "no model")
        );
        let garbage = read(&frame("token", "{")).unwrap_err();
        assert_eq!(garbage.kind(), ErrorKind::Protocol);
    }
}

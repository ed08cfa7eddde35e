//! What the orchestrator says, in the words of the client.

use syfthub_core::rag::{Answer, AnswerError, AnswerEvent, SourceReport};
use syfthub_core::wire::billing::Billing;
use syfthub_core::wire::chat::{ChatResponse, RetrievalInfo};

use crate::chat::event::kind_of;
use crate::chat::{ChatDone, ChatEvent, SourceCompleted};
use crate::error::{Error, ErrorKind};

/// One step of an answer.
pub(super) fn read(event: AnswerEvent) -> Result<ChatEvent, Error> {
    Ok(match event {
        AnswerEvent::RetrievalStart { sources } => {
            ChatEvent::RetrievalStarted { sources: count(sources) }
        }
        AnswerEvent::SourceComplete {
            source,
            path,
            status,
            documents,
            time_ms,
            error_message,
            cost,
        } => {
            let (cost, currency) = cost.map(|cost| (cost.amount.to_units(), cost.currency)).unzip();
            ChatEvent::SourceCompleted(SourceCompleted {
                source: Some(source),
                path,
                status: status.as_str().to_owned(),
                documents: count(documents),
                time_ms: Some(millis(time_ms)),
                error_message,
                cost,
                currency: currency.flatten(),
            })
        }
        AnswerEvent::RerankingStart { documents } => {
            ChatEvent::RerankingStarted { documents: count(documents) }
        }
        AnswerEvent::RerankingComplete { documents, time_ms } => {
            ChatEvent::RerankingCompleted { documents: count(documents), time_ms: millis(time_ms) }
        }
        AnswerEvent::RetrievalComplete { total_documents, time_ms } => {
            ChatEvent::RetrievalCompleted {
                total_documents: count(total_documents),
                time_ms: millis(time_ms),
            }
        }
        AnswerEvent::GenerationStart => ChatEvent::GenerationStarted,
        AnswerEvent::GenerationHeartbeat { elapsed_ms } => {
            ChatEvent::GenerationHeartbeat { elapsed_ms: millis(elapsed_ms) }
        }
        AnswerEvent::Token { content } => ChatEvent::Token { content },
        AnswerEvent::Done(answer) => ChatEvent::Done(done(*answer)),
        AnswerEvent::Error { error, billing } => return Err(failure(&error, billing)),
    })
}

fn done(answer: Answer) -> ChatDone {
    ChatDone {
        sources: answer.sources,
        retrieval_info: infos(&answer.retrieval_info),
        metadata: answer.timings,
        usage: answer.usage,
        citations: answer.citations,
        annotated: answer.annotated,
        profit_share: answer.profit_share,
        billing: answer.billing,
    }
}

/// The complete answer as an aggregator gives it.
pub(super) fn response(answer: Answer) -> ChatResponse {
    ChatResponse {
        response: answer.response,
        sources: answer.sources,
        retrieval_info: infos(&answer.retrieval_info),
        metadata: answer.timings,
        usage: answer.usage,
        citations: answer.citations,
        annotated: answer.annotated,
        profit_share: answer.profit_share,
        billing: answer.billing,
    }
}

fn infos(reports: &[SourceReport]) -> Vec<RetrievalInfo> {
    reports.iter().map(|report| report.to_wire(report.status)).collect()
}

/// Why there is no answer.
pub(super) fn failure(error: &AnswerError, billing: Option<Billing>) -> Error {
    let code = error.code();
    Error::new(kind_of(Some(code)), error.to_string()).coded(Some(code.to_owned())).billed(billing)
}

/// The orchestrator promises a terminal event; this is what is said should it break that promise.
pub(super) fn no_end() -> Error {
    Error::new(ErrorKind::Interrupted, "the answer ended before it was complete")
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn millis(span: i64) -> u64 {
    u64::try_from(span).unwrap_or(0)
}

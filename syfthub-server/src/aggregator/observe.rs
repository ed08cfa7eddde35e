//! What is seen of an answer from outside: its trace and its numbers, both from its events.
//!
//! A span stands for each source and for the model before they are called, so that the calls can name it; the events say
//! when it begins and ends. An answer that nobody waits for any more is seen as well: its observer is dropped with it.

use std::sync::Arc;

use opentelemetry::trace::SpanKind;
use syfthub_core::rag::{Answer, AnswerError, AnswerEvent, Cost, SourceStatus};
use syfthub_core::wire::chat::{ChatRequest, EndpointRef};
use tokio::time::Instant;

use super::metrics::{Answers, Ending, Phase};
use crate::http::CorrelationId;
use crate::telemetry::{Span, Trace, TraceParent, Traces};

/// The most characters of a path in a trace.
const PATH_CHARS: usize = 200;

/// Looks at one answer while it is made.
pub(super) struct Observer {
    numbers: Arc<Answers>,
    trace: Trace,
    asked: Instant,
    sources: Vec<Option<Span>>,
    reranking: Option<Span>,
    model: Option<Span>,
    generating: Option<Instant>,
    tokens: i64,
    has_ended: bool,
}

impl Observer {
    /// Begins with an answer to `request`, which `parent` caused.
    pub(super) fn begin(
        traces: &Traces,
        numbers: Arc<Answers>,
        request: &ChatRequest,
        correlation: &CorrelationId,
        parent: &TraceParent,
    ) -> Self {
        let trace = traces.begin("chat", parent);
        trace.set("syfthub.correlation_id", correlation.as_str().to_owned());
        trace.set("syfthub.sources", count(request.data_sources.len()));
        trace.set("syfthub.streamed", request.stream);
        let span = |name, endpoint: &EndpointRef| {
            let mut span = trace.later(name, SpanKind::Client);
            let path: String = endpoint.path().chars().take(PATH_CHARS).collect();
            span.set("syfthub.endpoint", path);
            span
        };
        let sources = request.data_sources.iter().map(|source| Some(span("source", source)));
        let sources = sources.collect();
        let model = (!request.retrieval_only).then(|| span("generate", &request.model));
        Self {
            numbers,
            asked: Instant::now(),
            sources,
            reranking: None,
            model,
            generating: None,
            tokens: 0,
            has_ended: false,
            trace,
        }
    }

    /// What the call of the source at this place of the request carries.
    pub(super) fn source(&self, place: usize) -> TraceParent {
        self.sources.get(place).and_then(Option::as_ref).map(Span::parent).unwrap_or_default()
    }

    /// What the call of the model carries.
    pub(super) fn model(&self) -> TraceParent {
        self.model.as_ref().map(Span::parent).unwrap_or_default()
    }

    /// Takes note of what happened.
    pub(super) fn see(&mut self, event: &AnswerEvent) {
        match event {
            AnswerEvent::RetrievalStart { .. } => {
                self.sources.iter_mut().flatten().for_each(Span::begin);
            }
            AnswerEvent::SourceComplete { source, status, documents, time_ms, cost, .. } => {
                self.numbers.source(*status, *time_ms);
                self.source_ended(*source, *status, *documents, cost.as_ref());
            }
            AnswerEvent::RerankingStart { documents } => {
                let mut span = self.trace.span("rerank", SpanKind::Internal);
                span.set("syfthub.documents", count(*documents));
                self.reranking = Some(span);
            }
            AnswerEvent::RerankingComplete { documents, time_ms } => {
                self.numbers.phase(Phase::Rerank, *time_ms);
                if let Some(mut span) = self.reranking.take() {
                    span.set("syfthub.documents_kept", count(*documents));
                }
            }
            AnswerEvent::RetrievalComplete { total_documents, time_ms } => {
                self.numbers.phase(Phase::Retrieval, *time_ms);
                self.trace.set("syfthub.documents", count(*total_documents));
            }
            AnswerEvent::GenerationStart => {
                self.generating = Some(Instant::now());
                self.model.iter_mut().for_each(Span::begin);
            }
            AnswerEvent::GenerationHeartbeat { .. } => {}
            AnswerEvent::Token { .. } => self.token(),
            AnswerEvent::Done(answer) => self.done(answer),
            AnswerEvent::Error { error, billing } => {
                let cost = billing.as_ref().and_then(|billing| billing.total_cost);
                if let Some(cost) = cost {
                    self.trace.set("syfthub.cost", cost);
                }
                self.failed(error);
            }
        }
    }

    fn source_ended(
        &mut self,
        source: usize,
        status: SourceStatus,
        documents: usize,
        cost: Option<&Cost>,
    ) {
        let Some(mut span) = self.sources.get_mut(source).and_then(Option::take) else { return };
        span.set("syfthub.verdict", status.as_str());
        span.set("syfthub.documents", count(documents));
        if let Some(cost) = cost {
            span.set("syfthub.cost", cost.amount.to_units());
        }
        if status != SourceStatus::Success {
            span.fail(status.as_str());
        }
    }

    fn token(&mut self) {
        self.tokens += 1;
        self.numbers.token();
        if self.tokens == 1 {
            self.numbers.first_token(self.asked.elapsed());
            if let Some(span) = &mut self.model {
                span.event("first_token");
            }
        }
    }

    fn done(&mut self, answer: &Answer) {
        let ending = if self.generating.is_some() { Ending::Answered } else { Ending::Retrieved };
        self.trace.set("syfthub.citations", count(answer.citations.len()));
        if let Some(cost) = answer.billing.as_ref().and_then(|billing| billing.total_cost) {
            self.trace.set("syfthub.cost", cost);
        }
        if let (Some(span), Some(usage)) = (&mut self.model, &answer.usage) {
            span.set("gen_ai.usage.input_tokens", usage.prompt_tokens);
            span.set("gen_ai.usage.output_tokens", usage.completion_tokens);
        }
        self.end(ending);
    }

    fn failed(&mut self, error: &AnswerError) {
        let ending = match error {
            AnswerError::Denied(_) => Ending::Denied,
            _ => Ending::Failed,
        };
        if let Some(span) = &mut self.model {
            span.fail(ending.label());
        }
        self.trace.fail(ending.label());
        self.end(ending);
    }

    fn end(&mut self, ending: Ending) {
        self.has_ended = true;
        self.trace.set("syfthub.outcome", ending.label());
        if let Some(since) = self.generating {
            self.numbers.generated(since.elapsed());
        }
        if let Some(mut span) = self.model.take() {
            span.set("syfthub.tokens", self.tokens);
        }
        self.numbers.ended(ending, self.asked.elapsed());
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        if !self.has_ended {
            self.end(Ending::Cancelled);
        }
    }
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[path = "observe_tests.rs"]
mod tests;

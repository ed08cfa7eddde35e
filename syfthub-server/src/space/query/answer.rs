//! The whole answer in one body.

use std::sync::Arc;
use std::time::Instant;

use opentelemetry::trace::SpanKind;
use syfthub_core::wire::chat::Usage;
use syfthub_core::wire::space::{
    Document, LegacyDocument, Message, ProviderInfo, QueryRequest, QueryResponse, References,
    Summary, SummaryMessage,
};
use uuid::Uuid;

use super::{failure, prompt};
use crate::http::ApiError;
use crate::space::datasets::{Found, Search};
use crate::space::models::{Model, Reply};
use crate::space::node::Space;
use crate::space::policies::Receipt;
use crate::space::store::endpoints::EndpointRow;
use crate::telemetry::{Span, Trace};

/// What was found, and how long that took.
pub(super) struct Retrieved {
    pub(super) documents: Vec<Found>,
    engine: &'static str,
    elapsed_ms: i64,
}

impl Space {
    /// The whole answer, before anybody has paid for it.
    pub(super) async fn answer(
        &self,
        endpoint: EndpointRow,
        request: QueryRequest,
        trace: &Trace,
    ) -> Result<QueryResponse, ApiError> {
        let retrieved = self.retrieve(&endpoint, &request, trace).await?;
        let include_metadata = request.include_metadata;
        let summary = match self.answering(&endpoint)? {
            Some(model) => {
                let documents = retrieved.as_ref().map(|found| found.documents.as_slice());
                let tokens = self.config.query.context_tokens;
                let chat = prompt::chat(&endpoint, request, documents, tokens);
                let started = Instant::now();
                let mut span = working(&*model, trace);
                let reply = model.complete(chat).await;
                let reply = reply.map_err(|error| {
                    span.fail(failure::word(&error));
                    failure::of_model(&error)
                })?;
                counted(&mut span, reply.usage);
                Some(summary(&*model, reply, milliseconds(started)))
            }
            None => None,
        };
        let references = retrieved.map(|found| references(found, include_metadata));
        let documents =
            references.as_ref().map(|found| found.documents.iter().map(legacy).collect());
        let message =
            summary.as_ref().map(|said| Message::new("assistant", said.message.content.clone()));
        Ok(QueryResponse { summary, references, documents, message, ..QueryResponse::default() })
    }

    /// The documents for the question, when the endpoint gives documents and has a dataset.
    pub(super) async fn retrieve(
        &self,
        endpoint: &EndpointRow,
        request: &QueryRequest,
        trace: &Trace,
    ) -> Result<Option<Retrieved>, ApiError> {
        let Some(id) = endpoint.dataset_id.filter(|_| endpoint.response_type.has_documents())
        else {
            return Ok(None);
        };
        let dataset = self
            .dataset(id)
            .ok_or_else(|| ApiError::unavailable(format!("dataset {id} is not open")))?;
        let search = Search {
            question: request.messages.query().to_owned(),
            limit: usize::try_from(request.limit).unwrap_or(1),
            threshold: request.similarity_threshold,
            filters: request.filters.clone(),
        };
        let mut span = trace.span("search", SpanKind::Internal);
        let place = self.searches.acquire().await.map_err(ApiError::unavailable)?;
        let started = Instant::now();
        let documents = dataset.search(search).await.map_err(|error| {
            span.fail("unavailable");
            ApiError::unavailable(error)
        })?;
        drop(place);
        span.set("syfthub.documents", i64::try_from(documents.len()).unwrap_or(i64::MAX));
        metrics::histogram!("space_search_seconds").record(started.elapsed());
        let engine = dataset.engine();
        span.set("syfthub.engine", engine);
        Ok(Some(Retrieved { documents, engine, elapsed_ms: milliseconds(started) }))
    }

    /// The model, when the endpoint gives its text and has one.
    pub(super) fn answering(
        &self,
        endpoint: &EndpointRow,
    ) -> Result<Option<Arc<dyn Model>>, ApiError> {
        let Some(id) = endpoint.model_id.filter(|_| endpoint.response_type.has_summary()) else {
            return Ok(None);
        };
        let model = self
            .model(id)
            .ok_or_else(|| ApiError::unavailable(format!("model {id} is not open")))?;
        Ok(Some(model))
    }
}

/// The span of a model at work.
pub(super) fn working(model: &dyn Model, trace: &Trace) -> Span {
    let mut span = trace.span("model", SpanKind::Client);
    span.set("gen_ai.request.model", model.name().to_owned());
    span
}

/// Says what the model counted, when it did.
pub(super) fn counted(span: &mut Span, usage: Option<Usage>) {
    if let Some(usage) = usage {
        span.set("gen_ai.usage.input_tokens", usage.prompt_tokens);
        span.set("gen_ai.usage.output_tokens", usage.completion_tokens);
    }
}

pub(super) fn milliseconds(since: Instant) -> i64 {
    i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn references(found: Retrieved, include_metadata: bool) -> References {
    let documents = found.documents.into_iter().map(|found| Document {
        document_id: found.id,
        content: found.text,
        metadata: if include_metadata { found.metadata } else { serde_json::Map::new() },
        similarity_score: found.score,
    });
    let provider_info = ProviderInfo {
        response_time_ms: Some(found.elapsed_ms),
        search_engine: Some(found.engine.to_owned()),
        ..ProviderInfo::default()
    };
    References { documents: documents.collect(), provider_info, cost: 0.0 }
}

pub(super) fn summary(model: &dyn Model, reply: Reply, elapsed_ms: i64) -> Summary {
    let tokens = reply.usage.map_or(0, |usage: Usage| usage.completion_tokens);
    Summary {
        id: format!("cmpl-{}", Uuid::now_v7().simple()),
        model: model.name().to_owned(),
        message: SummaryMessage { role: "assistant".to_owned(), content: reply.text, tokens },
        finish_reason: reply.finish_reason,
        usage: reply.usage,
        logprobs: None,
        cost: 0.0,
        provider_info: ProviderInfo {
            api_version: Some("v1".to_owned()),
            response_time_ms: Some(elapsed_ms),
            search_engine: None,
        },
    }
}

/// Writes down what the answer cost: as a whole, and once in its parts, where older clients add it up.
pub(super) fn bill(answer: &mut QueryResponse, receipt: Receipt) {
    match (&mut answer.summary, &mut answer.references) {
        (Some(summary), _) => summary.cost = receipt.cost,
        (None, Some(references)) => references.cost = receipt.cost,
        (None, None) => {}
    }
    answer.cost = Some(receipt.cost);
    answer.policy_metadata = receipt.metadata;
}

fn legacy(document: &Document) -> LegacyDocument {
    LegacyDocument {
        content: document.content.clone(),
        score: document.similarity_score,
        metadata: document.metadata.clone(),
    }
}

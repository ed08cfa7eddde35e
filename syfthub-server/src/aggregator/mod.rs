//! Chat over several spaces: the routes and the ports around [`syfthub_core::rag`] (contract aggregator 1 and 2).
//!
//! The aggregator keeps no state. A request brings its endpoints and their tokens; the answer is made by the core's
//! orchestrator over HTTP [`Node`](syfthub_client::node::Node)s, and streamed as it is made. All calls go through the one
//! [`Outbound`] client, since it is strangers who choose their addresses.

mod audience;
mod frames;
mod ports;
mod profile;
mod refusal;
mod routes;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::FromRef;
use futures_util::Stream;
use syfthub_core::rag::{self, AnswerEvent, Limits, Plan, PlanError};
use syfthub_core::wire::chat::ChatRequest;

use crate::RuntimeTimer;
use crate::config::AggregatorSettings;
use crate::http::CorrelationId;
use crate::hub::Hub;
use crate::outbound::Outbound;

pub(crate) use routes::routes;

/// What the aggregator's routes work with; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Aggregator {
    outbound: Outbound,
    limits: Arc<Limits>,
    response_cap: usize,
    default_top_k: usize,
    model_streaming: bool,
}

impl FromRef<Hub> for Aggregator {
    fn from_ref(hub: &Hub) -> Self {
        hub.aggregator.clone()
    }
}

impl Aggregator {
    /// An aggregator within the given limits, whose calls go out through `outbound`.
    pub(crate) fn new(settings: &AggregatorSettings, outbound: Outbound) -> Self {
        let limits = Limits {
            max_sources: settings.max_data_sources,
            max_top_k: settings.max_top_k,
            max_prompt_chars: settings.max_prompt_chars,
            retrieval: settings.retrieval_timeout,
            generation: settings.generation_timeout,
            total: settings.total_timeout,
            ..Limits::default()
        };
        Self {
            outbound,
            limits: Arc::new(limits),
            response_cap: settings.max_response_bytes,
            default_top_k: settings.default_top_k,
            model_streaming: settings.model_streaming,
        }
    }

    #[cfg(test)]
    pub(crate) fn call_through(&mut self, outbound: Outbound) {
        self.outbound = outbound;
    }

    /// The answer to `request` as it is made. Dropping the stream closes every connection to a space.
    fn answer(
        &self,
        request: &ChatRequest,
        correlation: &CorrelationId,
    ) -> Result<impl Stream<Item = AnswerEvent> + Send + use<>, PlanError> {
        let plan = Plan::new(request, Limits::clone(&self.limits))?;
        let sources = ports::sources(self, request, correlation);
        let model = ports::model(self, request, correlation);
        Ok(rag::answer(plan, sources, model, RuntimeTimer::default()))
    }
}

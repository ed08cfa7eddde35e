//! Chat over several spaces: the routes and the ports around [`syfthub_core::rag`] (contract aggregator 1 and 2).
//!
//! It is part of a hub, or runs by itself (`server`). Either way it keeps no state. A request brings its endpoints and
//! their tokens; the answer is made by the core's orchestrator over HTTP [`Node`](syfthub_client::node::Node)s, and
//! streamed as it is made. All calls go through the one `Outbound` client, since it is strangers who choose their addresses.
//!
//! Reading order: `asked` (who asks what) with `admission` and `hub_side`, `routes`, `ports`, and then `frames` with
//! `done`, `bounds` and `profile` on the way back; `observe` and `metrics` look on.

mod admission;
mod agent;
mod asked;
mod audience;
mod bounds;
mod done;
mod frames;
mod health;
mod hub_side;
mod link;
mod metrics;
mod observe;
mod ports;
mod profile;
mod refusal;
mod remote_hub;
mod routes;
mod server;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::FromRef;
use futures_util::{Stream, StreamExt as _};
use syfthub_client::node::Allowance;
use syfthub_core::rag::{self, AnswerEvent, Limits, Plan, PlanError};
use syfthub_core::wire::chat::ChatRequest;

use admission::Admission;
use hub_side::{HubSide, Known};
use metrics::Answers;
use observe::Observer;
use ports::Ports;

use crate::RuntimeTimer;
pub use crate::config::AggregatorConfig;
use crate::config::AggregatorSettings;
use crate::http::CorrelationId;
use crate::hub::Hub;
use crate::outbound::Outbound;
use crate::telemetry::{TraceParent, Traces};

pub(crate) use routes::routes;
pub(crate) use server::description;
pub use server::{bind, start};

/// What the aggregator's routes work with; clones share it.
#[derive(Clone)]
pub(crate) struct Aggregator {
    outbound: Outbound,
    hub: HubSide,
    settings: Arc<AggregatorSettings>,
    limits: Arc<Limits>,
    admission: Admission,
    /// What all answers together may hold of what spaces send.
    held: Allowance,
    traces: Traces,
    numbers: Arc<Answers>,
}

impl FromRef<Hub> for Aggregator {
    fn from_ref(hub: &Hub) -> Self {
        Self { hub: HubSide::Here(hub.clone()), ..hub.aggregator.clone() }
    }
}

impl Aggregator {
    /// An aggregator within the given limits that knows no hub, whose calls go out through `outbound`.
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
            hub: HubSide::Nowhere,
            settings: Arc::new(settings.clone()),
            limits: Arc::new(limits),
            admission: Admission::new(&settings.limits),
            held: Allowance::new(settings.max_held_bytes),
            traces: Traces::default(),
            numbers: Arc::new(Answers::new()),
        }
    }

    /// Writes its answers down in `traces`.
    #[must_use]
    pub(crate) fn with_traces(mut self, traces: Traces) -> Self {
        self.traces = traces;
        self
    }

    /// Whether there are questions that cannot be answered as they should be without a hub.
    fn needs_hub(&self) -> bool {
        self.settings.strict_owner_url || !self.settings.limits.anonymous
    }

    #[cfg(test)]
    pub(crate) fn call_through(&mut self, outbound: Outbound) {
        self.outbound = outbound;
    }

    /// The answer to `request`, which `parent` caused, as it is made. Dropping the stream closes every connection to a space.
    async fn answer(
        &self,
        request: &ChatRequest,
        known: &Known,
        correlation: &CorrelationId,
        parent: &TraceParent,
    ) -> Result<impl Stream<Item = AnswerEvent> + Send + use<>, PlanError> {
        let plan = Plan::new(request, Limits::clone(&self.limits))?;
        let numbers = Arc::clone(&self.numbers);
        let mut observer = Observer::begin(&self.traces, numbers, request, correlation, parent);
        let ports = Ports::of(self, request, known, correlation).await;
        let (sources, model) = (ports.sources(&observer), ports.model(&observer.model()));
        let events = rag::answer(plan, sources, model, RuntimeTimer::default());
        Ok(events.inspect(move |event| observer.see(event)))
    }
}

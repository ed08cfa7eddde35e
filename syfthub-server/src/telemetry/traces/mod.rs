//! Traces of answers, sent to a collector in OTLP over HTTP. Off unless a collector is set.
//!
//! There is no layer around the whole program: an answer's trace is written down by whoever makes the answer, so that it
//! says what an answer consists of and nothing else. `context` is what comes in and goes out with requests, `span` the trace
//! while it grows, `queue` the way out, `collector` its end.

mod collector;
mod context;
mod queue;
mod span;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use opentelemetry::trace::{SpanContext, SpanKind, TraceContextExt as _};
use opentelemetry::{Context, InstrumentationScope, SpanId, TraceFlags};
use opentelemetry_otlp::{
    Protocol, RetryPolicy, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    IdGenerator as _, RandomIdGenerator, Sampler, SamplingDecision, ShouldSample as _,
    SpanExporter as _,
};
use syfthub_core::Clock;
use url::Url;

use crate::config::{TelemetrySettings, TraceSampler};
use crate::running::StartError;
use collector::Collector;
pub(crate) use context::TraceParent;
use queue::{Pace, Queue};
use span::{Open, Watch};
pub(crate) use span::{Span, Trace};
#[cfg(test)]
pub(crate) use tests::Kept;

/// Begins traces; clones share the way out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traces(Option<Arc<Exporting>>);

/// What all traces of a server have in common.
struct Exporting {
    clock: Arc<dyn Clock>,
    sampler: Sampler,
    ids: RandomIdGenerator,
    scope: InstrumentationScope,
    queue: Queue,
}

impl fmt::Debug for Exporting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporting").field("sampler", &self.sampler).finish_non_exhaustive()
    }
}

impl Exporting {
    fn new_span(&self) -> SpanId {
        self.ids.new_span_id()
    }
}

impl Traces {
    /// Traces to the collector that is set; none without one. `service` is the server's name unless a setting says
    /// otherwise. Call it inside the runtime.
    ///
    /// # Errors
    /// When a setting cannot be used.
    pub(crate) fn start(
        settings: &TelemetrySettings,
        service: &'static str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        let Some(endpoint) = settings.traces_endpoint() else { return Ok(Self::default()) };
        let name = settings.otel_service_name.clone().unwrap_or_else(|| service.to_owned());
        let resource = Resource::builder_empty()
            .with_service_name(name)
            .with_attribute(opentelemetry::KeyValue::new(
                "service.version",
                env!("CARGO_PKG_VERSION"),
            ))
            .build();
        let mut exporter = exporter(settings, &endpoint)?;
        exporter.set_resource(&resource);
        let pace = Pace {
            waiting: settings.otel_bsp_max_queue_size,
            batch: settings.otel_bsp_max_export_batch_size,
            delay: settings.otel_bsp_schedule_delay,
            patience: settings.otel_exporter_otlp_timeout,
        };
        Ok(Self::over(Queue::start(pace, exporter), sampler(settings), clock))
    }

    fn over(queue: Queue, sampler: Sampler, clock: Arc<dyn Clock>) -> Self {
        let scope =
            InstrumentationScope::builder("syfthub").with_version(env!("CARGO_PKG_VERSION"));
        let (ids, scope) = (RandomIdGenerator::default(), scope.build());
        Self(Some(Arc::new(Exporting { clock, sampler, ids, scope, queue })))
    }

    /// Begins the trace of an answer that `parent` caused, unless nobody wants it: then what it says is passed on.
    pub(crate) fn begin(&self, name: &'static str, parent: &TraceParent) -> Trace {
        let Some(exporting) = &self.0 else { return Trace::passing(parent.clone()) };
        let caused = parent.context();
        let trace = caused.map_or_else(|| exporting.ids.new_trace_id(), SpanContext::trace_id);
        let root = exporting.new_span();
        let state = caused.map(SpanContext::trace_state).cloned().unwrap_or_default();
        let context = caused.map(|caused| Context::new().with_remote_span_context(caused.clone()));
        let judged = exporting.sampler.should_sample(
            context.as_ref(),
            trace,
            name,
            &SpanKind::Server,
            &[],
            &[],
        );
        if judged.decision != SamplingDecision::RecordAndSample {
            let unwanted = SpanContext::new(trace, root, TraceFlags::NOT_SAMPLED, false, state);
            return Trace::passing(TraceParent::of(unwanted));
        }
        Trace::recording(Open {
            exporting: Arc::clone(exporting),
            name,
            trace,
            state,
            root,
            parent: caused.map(SpanContext::span_id),
            watch: Watch::begin(exporting.clock.now().micros()),
            recorded: std::sync::Mutex::default(),
        })
    }

    /// Sends what waits, for as long as the collector may take. What is finished later is lost.
    pub(crate) async fn close(&self) {
        if let Some(exporting) = &self.0 {
            exporting.queue.close().await;
        }
    }
}

fn exporter(settings: &TelemetrySettings, endpoint: &Url) -> Result<SpanExporter, StartError> {
    let headers = settings.otel_exporter_otlp_headers.as_ref();
    let headers = headers.map_or_else(|| Some(HeaderMap::new()), collector::read_headers);
    let headers = headers.ok_or_else(|| {
        StartError::setting("OTEL_EXPORTER_OTLP_HEADERS", "expected name=value,name=value")
    })?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector::new(headers)?)
        .with_endpoint(endpoint.as_str())
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(settings.otel_exporter_otlp_timeout)
        // A retry would hold up the batches after it; and its wait blocks a thread.
        .with_retry_policy(RetryPolicy::disabled())
        .build();
    exporter.map_err(|error| StartError::setting("OTEL_EXPORTER_OTLP_ENDPOINT", error.to_string()))
}

fn sampler(settings: &TelemetrySettings) -> Sampler {
    let share = Sampler::TraceIdRatioBased(settings.otel_traces_sampler_arg);
    let unless_said = |otherwise: Sampler| Sampler::ParentBased(Box::new(otherwise));
    match settings.otel_traces_sampler {
        TraceSampler::AlwaysOn => Sampler::AlwaysOn,
        TraceSampler::AlwaysOff => Sampler::AlwaysOff,
        TraceSampler::TraceIdRatio => share,
        TraceSampler::ParentBasedAlwaysOn => unless_said(Sampler::AlwaysOn),
        TraceSampler::ParentBasedAlwaysOff => unless_said(Sampler::AlwaysOff),
        TraceSampler::ParentBasedTraceIdRatio => unless_said(share),
    }
}

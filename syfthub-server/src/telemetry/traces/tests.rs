//! Traces as a collector gets them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use opentelemetry::trace::Status;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use syfthub_core::Timestamp;
use syfthub_core::clock::FixedClock;
use tokio::sync::Semaphore;

use super::*;

/// Keeps what is sent to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl Kept {
    /// Every span so far, in the order of arrival.
    pub(crate) fn spans(&self) -> Vec<SpanData> {
        self.0.lock().unwrap().clone()
    }
}

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

const PACE: Pace = Pace {
    waiting: 8,
    batch: 4,
    delay: Duration::from_millis(1),
    patience: Duration::from_secs(5),
};

impl Traces {
    /// Traces that end in `exporter`.
    fn into(exporter: impl SpanExporter + 'static, sampler: Sampler) -> Self {
        Self::over(
            Queue::start(PACE, exporter),
            sampler,
            Arc::new(FixedClock::at(Timestamp::from_secs(1_800_000_000))),
        )
    }

    /// Traces whose spans a test looks at after [`Traces::close`].
    pub(crate) fn kept() -> (Self, Kept) {
        let kept = Kept::default();
        let pace = Pace { waiting: 1000, ..PACE };
        let queue = Queue::start(pace, kept.clone());
        (
            Self::over(
                queue,
                Sampler::AlwaysOn,
                Arc::new(FixedClock::at(Timestamp::from_secs(1_800_000_000))),
            ),
            kept,
        )
    }
}

/// A caller in a trace that is recorded or not.
fn caller(flags: &str) -> TraceParent {
    let mut headers = HeaderMap::new();
    let text = format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
    headers.insert("traceparent", HeaderValue::try_from(text).unwrap());
    TraceParent::read(&headers)
}

#[tokio::test(start_paused = true)]
async fn a_trace_is_its_callers_child_and_its_spans_are_its_own() {
    let (traces, kept) = Traces::kept();
    let trace = traces.begin("chat", &caller("01"));
    trace.set("answers", 42);
    let mut early = trace.later("generate", SpanKind::Client);
    let carried = early.parent().headers().unwrap().0;
    tokio::time::advance(Duration::from_millis(20)).await;
    early.begin();
    early.event("first_token");
    tokio::time::advance(Duration::from_millis(30)).await;
    early.fail("timeout");
    let never = trace.later("never", SpanKind::Client);
    drop((trace, never));
    drop(early);
    traces.close().await;
    let spans = kept.spans();
    assert_eq!(spans.iter().map(|span| &*span.name).collect::<Vec<_>>(), ["generate", "chat"]);
    let (generate, chat) = (&spans[0], &spans[1]);
    assert_eq!(chat.parent_span_id.to_string(), "b7ad6b7169203331");
    assert!(chat.parent_span_is_remote);
    assert_eq!(generate.parent_span_id, chat.span_context.span_id());
    assert!(carried.contains(&generate.span_context.span_id().to_string()), "{carried}");
    for span in &spans {
        assert_eq!(span.span_context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
    }
    let took = |span: &SpanData| span.end_time.duration_since(span.start_time).unwrap();
    assert_eq!((took(chat).as_millis(), took(generate).as_millis()), (50, 30));
    assert_eq!(generate.events[0].name, "first_token");
    assert_eq!(generate.status, Status::error("timeout"));
}

#[tokio::test]
async fn whether_an_answer_is_traced_is_the_callers_word_or_the_setting() {
    for (sampler, said, expected) in [
        (Sampler::ParentBased(Box::new(Sampler::AlwaysOff)), Some("01"), 1),
        (Sampler::ParentBased(Box::new(Sampler::AlwaysOn)), Some("00"), 0),
        (Sampler::ParentBased(Box::new(Sampler::AlwaysOff)), None, 0),
        (Sampler::TraceIdRatioBased(0.0), Some("01"), 0),
        (Sampler::AlwaysOn, Some("00"), 1),
    ] {
        let kept = Kept::default();
        let traces = Traces::into(kept.clone(), sampler);
        let parent = said.map(caller).unwrap_or_default();
        let trace = traces.begin("chat", &parent);
        let carried = trace.span("source", SpanKind::Client).parent().headers().unwrap().0;
        assert_eq!(carried.ends_with("-01"), expected > 0, "those behind are told: {carried}");
        drop(trace);
        traces.close().await;
        assert_eq!(kept.spans().len(), 2 * expected);
    }
}

#[tokio::test]
async fn without_a_collector_what_the_caller_says_is_passed_on() {
    let trace = Traces::default().begin("chat", &caller("01"));
    let carried = trace.span("source", SpanKind::Client).parent().headers().unwrap().0;
    assert_eq!(carried, caller("01").headers().unwrap().0);
    let alone = Traces::default().begin("chat", &TraceParent::default());
    assert!(alone.span("source", SpanKind::Client).parent().headers().is_none());
}

/// Takes nothing until it is let.
#[derive(Debug)]
struct Stuck(Arc<Semaphore>, Kept);

impl SpanExporter for Stuck {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.acquire().await.map_err(|_closed| OTelSdkError::AlreadyShutdown)?.forget();
        self.1.export(batch).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_collector_that_hangs_costs_spans_and_no_time() {
    let (gate, kept) = (Arc::new(Semaphore::new(0)), Kept::default());
    let traces = Traces::into(Stuck(Arc::clone(&gate), kept.clone()), Sampler::AlwaysOn);
    let begun = tokio::time::Instant::now();
    for _ in 0..1000 {
        drop(traces.begin("chat", &TraceParent::default()));
    }
    assert!(begun.elapsed().is_zero());
    gate.add_permits(100);
    traces.close().await;
    let taken = kept.spans().len();
    assert!((PACE.waiting..=PACE.waiting + PACE.batch).contains(&taken), "{taken}");
}

#[tokio::test(start_paused = true)]
async fn shutting_down_waits_for_a_hanging_collector_only_so_long() {
    let traces =
        Traces::into(Stuck(Arc::new(Semaphore::new(0)), Kept::default()), Sampler::AlwaysOn);
    drop(traces.begin("chat", &TraceParent::default()));
    let begun = tokio::time::Instant::now();
    traces.close().await;
    assert_eq!(begun.elapsed(), PACE.patience);
}

#[tokio::test]
async fn an_answer_goes_out_whole_or_not_at_all() {
    let kept = Kept::default();
    let traces = Traces::into(kept.clone(), Sampler::AlwaysOn);
    let trace = traces.begin("chat", &TraceParent::default());
    for _ in 0..PACE.waiting {
        trace.span("source", SpanKind::Client);
    }
    drop(trace);
    traces.close().await;
    assert!(kept.spans().is_empty());
}

#[test]
fn a_setting_that_cannot_be_used_is_named() {
    let settings = TelemetrySettings {
        otel_exporter_otlp_endpoint: Some("http://127.0.0.1:4318".parse().unwrap()),
        otel_exporter_otlp_headers: Some("nonsense".into()),
        ..TelemetrySettings::default()
    };
    let refused = Traces::start(
        &settings,
        "syfthub",
        Arc::new(FixedClock::at(Timestamp::from_secs(1_800_000_000))),
    )
    .unwrap_err();
    assert!(refused.to_string().starts_with("OTEL_EXPORTER_OTLP_HEADERS: "), "{refused}");
}

//! Logs, metrics and traces of the process.

mod journal;
mod traces;

use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, filter};

use crate::config::{LogFormat, LogSettings};

pub use journal::Journal;
#[cfg(test)]
pub(crate) use traces::Kept;
pub(crate) use traces::{Span, Trace, TraceParent, Traces};

/// Upper ends of the latency buckets, in seconds.
const BUCKETS: [f64; 12] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// How often recorded latencies are put into their buckets; until then each takes memory of its own.
const UPKEEP: Duration = Duration::from_secs(5);

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Sends the log to standard error. A second call changes nothing, so that embedding programs keep their own.
pub fn log(settings: &LogSettings) {
    // An error means that a log is installed already.
    tracing_subscriber::registry().with(standard_error(settings)).try_init().ok();
}

/// Sends the log to standard error, and as lines of JSON to the bounded file at `path` until the journal is dropped.
/// Blocks.
///
/// # Errors
/// When the file cannot be written; then nothing is logged to it or elsewhere.
pub fn log_and_keep(settings: &LogSettings, path: &Path) -> io::Result<Journal> {
    let (journal, writer) = Journal::open(path)?;
    let kept = tracing_subscriber::fmt::layer()
        .with_writer(move || writer.clone())
        .json()
        .flatten_event(true)
        .with_filter(wanted(settings));
    // As above.
    tracing_subscriber::registry().with(standard_error(settings)).with(kept).try_init().ok();
    Ok(journal)
}

fn standard_error<S>(settings: &LogSettings) -> impl tracing_subscriber::Layer<S> + use<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match settings.log_format {
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    lines.with_filter(wanted(settings))
}

/// What is logged: the program's own messages as set, those of libraries when they warn.
fn wanted(settings: &LogSettings) -> filter::Targets {
    filter::Targets::new()
        .with_default(settings.log_level.min(tracing::level_filters::LevelFilter::WARN))
        .with_target("syfthub", settings.log_level)
}

/// Begins to keep metrics, once for the process. Call it inside the runtime.
pub(crate) fn record_metrics() {
    METRICS.get_or_init(|| {
        let latencies = Matcher::Suffix("_seconds".to_owned());
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(latencies, &BUCKETS)
            .expect("there are buckets")
            .build_recorder();
        let handle = recorder.handle();
        // Another recorder would be that of an embedding program, which then shows these metrics itself.
        metrics::set_global_recorder(recorder).ok();
        tokio::spawn(upkeep(handle.clone()));
        handle
    });
}

async fn upkeep(handle: PrometheusHandle) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

/// The metrics in the text format of Prometheus.
pub(crate) fn metrics() -> String {
    METRICS.get().map(PrometheusHandle::render).unwrap_or_default()
}

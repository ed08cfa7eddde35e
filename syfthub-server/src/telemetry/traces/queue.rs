//! Finished spans on their way out: a bounded queue and one task that sends what is in it, in batches.
//!
//! Whoever finishes an answer never waits: spans that find no room are dropped, all of an answer's or none, and counted.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use metrics::Counter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// When and how much is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Spans that may wait.
    pub(super) waiting: usize,
    /// Spans in a batch.
    pub(super) batch: usize,
    /// How long a span waits for others.
    pub(super) delay: Duration,
    /// How long the collector may take.
    pub(super) patience: Duration,
}

/// The end into which spans are put.
#[derive(Debug)]
pub(super) struct Queue {
    spans: mpsc::Sender<SpanData>,
    dropped: Counter,
    stop: CancellationToken,
    patience: Duration,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Queue {
    /// Starts the task. Call it inside the runtime.
    pub(super) fn start(pace: Pace, exporter: impl SpanExporter + 'static) -> Self {
        let (spans, waiting) = mpsc::channel(pace.waiting);
        let stop = CancellationToken::new();
        let sender = Sending { exporter, pace, stop: stop.clone(), outcomes: Outcomes::new() };
        let task = tokio::spawn(sender.run(waiting));
        let dropped = metrics::counter!("trace_spans_total", "outcome" => "dropped");
        let task = Mutex::new(Some(task));
        Self { spans, dropped, stop, patience: pace.patience, task }
    }

    /// Puts an answer's spans in, unless there is no room for all of them.
    pub(super) fn offer(&self, spans: Vec<SpanData>) {
        match self.spans.try_reserve_many(spans.len()) {
            Ok(places) => places.zip(spans).for_each(|(place, span)| place.send(span)),
            Err(_full) => self.dropped.increment(spans.len() as u64),
        }
    }

    /// Sends what waits, as far as the collector takes it within its usual time, and ends the task.
    pub(super) async fn close(&self) {
        self.stop.cancel();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut task) = task else { return };
        if timeout(self.patience, &mut task).await.is_err() {
            task.abort();
        }
    }
}

struct Outcomes {
    exported: Counter,
    failed: Counter,
}

impl Outcomes {
    fn new() -> Self {
        let counter = |outcome| metrics::counter!("trace_spans_total", "outcome" => outcome);
        Self { exported: counter("exported"), failed: counter("failed") }
    }
}

struct Sending<E> {
    exporter: E,
    pace: Pace,
    stop: CancellationToken,
    outcomes: Outcomes,
}

impl<E: SpanExporter> Sending<E> {
    async fn run(self, mut waiting: mpsc::Receiver<SpanData>) {
        let mut is_failing = false;
        while let Some(first) = self.first(&mut waiting).await {
            let mut batch = vec![first];
            self.fill(&mut batch, &mut waiting).await;
            let count = batch.len() as u64;
            match timeout(self.pace.patience, self.exporter.export(batch)).await {
                Ok(Ok(())) => {
                    self.outcomes.exported.increment(count);
                    is_failing = false;
                }
                failure => {
                    self.outcomes.failed.increment(count);
                    // Said once until it goes well again: a collector may be away for days.
                    if !std::mem::replace(&mut is_failing, true) {
                        let why = match failure {
                            Ok(Err(error)) => error.to_string(),
                            _ => "it took too long".to_owned(),
                        };
                        tracing::warn!(why, "the collector of traces takes nothing");
                    }
                }
            }
        }
    }

    /// The next span; nothing when the queue is stopped and empty.
    async fn first(&self, waiting: &mut mpsc::Receiver<SpanData>) -> Option<SpanData> {
        tokio::select! {
            biased;
            span = waiting.recv() => span,
            () = self.stop.cancelled() => None,
        }
    }

    /// Adds what comes within the delay, until the batch is full.
    async fn fill(&self, batch: &mut Vec<SpanData>, waiting: &mut mpsc::Receiver<SpanData>) {
        let mut due = std::pin::pin!(sleep(self.pace.delay));
        while batch.len() < self.pace.batch {
            tokio::select! {
                biased;
                added = waiting.recv_many(batch, self.pace.batch - batch.len()) => if added == 0 { return },
                () = &mut due => return,
                () = self.stop.cancelled() => return,
            }
        }
    }
}

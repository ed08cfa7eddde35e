//! One answer's trace while it grows.
//!
//! Spans are kept here until the last handle of their trace is gone, and go out together: nothing on the way of an answer
//! waits for anybody. An attribute's key and value come from the code, or are numbers, paths and words that the code knows;
//! no prompt, no text of a document and no token is ever one.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Event, SpanContext, SpanKind, Status, TraceState};
use opentelemetry::{KeyValue, SpanId, TraceFlags, TraceId, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use tokio::time::Instant;

use super::Exporting;
use super::context::TraceParent;

/// The trace of one answer, and its outermost span. Clones share it; it ends when the last of them is gone, those that its
/// spans hold included.
#[derive(Debug, Clone)]
pub(crate) struct Trace(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// Nothing is recorded; calls carry what the caller said, or that nothing is.
    Passing(TraceParent),
    Recording(Arc<Open>),
}

impl Default for Trace {
    /// None.
    fn default() -> Self {
        Self::passing(TraceParent::default())
    }
}

impl Trace {
    pub(super) fn passing(parent: TraceParent) -> Self {
        Self(Kind::Passing(parent))
    }

    pub(super) fn recording(open: Open) -> Self {
        Self(Kind::Recording(Arc::new(open)))
    }

    /// Says something of the answer as a whole.
    pub(crate) fn set(&self, key: &'static str, value: impl Into<Value>) {
        if let Kind::Recording(open) = &self.0 {
            open.recorded().attributes.push(KeyValue::new(key, value));
        }
    }

    /// The answer failed, in a word of the code.
    pub(crate) fn fail(&self, why: &'static str) {
        if let Kind::Recording(open) = &self.0 {
            open.recorded().status = Status::error(why);
        }
    }

    /// A span that begins now.
    pub(crate) fn span(&self, name: &'static str, kind: SpanKind) -> Span {
        let mut span = self.later(name, kind);
        span.begin();
        span
    }

    /// A span that may begin later; calls can carry it already.
    pub(crate) fn later(&self, name: &'static str, kind: SpanKind) -> Span {
        let Kind::Recording(open) = &self.0 else {
            return Span { running: None, trace: self.clone() };
        };
        let running = Running {
            id: open.exporting.new_span(),
            name,
            kind,
            start: None,
            attributes: Vec::new(),
            events: Vec::new(),
            status: Status::Unset,
        };
        Span { running: Some(Box::new(running)), trace: Self(Kind::Recording(Arc::clone(open))) }
    }
}

/// A part of an answer. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Span {
    running: Option<Box<Running>>,
    trace: Trace,
}

#[derive(Debug)]
struct Running {
    id: SpanId,
    name: &'static str,
    kind: SpanKind,
    start: Option<SystemTime>,
    attributes: Vec<KeyValue>,
    events: Vec<Event>,
    status: Status,
}

impl Span {
    /// It begins now.
    pub(crate) fn begin(&mut self) {
        let now = self.now();
        if let Some(running) = &mut self.running {
            running.start = Some(now);
        }
    }

    /// Says something of it.
    pub(crate) fn set(&mut self, key: &'static str, value: impl Into<Value>) {
        if let Some(running) = &mut self.running {
            running.attributes.push(KeyValue::new(key, value));
        }
    }

    /// Something happened in it just now.
    pub(crate) fn event(&mut self, name: &'static str) {
        let now = self.now();
        if let Some(running) = &mut self.running {
            running.events.push(Event::new(name, now, Vec::new(), 0));
        }
    }

    /// It failed, in a word of the code.
    pub(crate) fn fail(&mut self, why: &'static str) {
        if let Some(running) = &mut self.running {
            running.status = Status::error(why);
        }
    }

    /// What a call within it carries.
    pub(crate) fn parent(&self) -> TraceParent {
        match (&self.trace.0, &self.running) {
            (Kind::Recording(open), Some(running)) => TraceParent::of(open.context(running.id)),
            (Kind::Passing(parent), _) => parent.clone(),
            (Kind::Recording(_), None) => TraceParent::default(),
        }
    }

    fn now(&self) -> SystemTime {
        match &self.trace.0 {
            Kind::Recording(open) => open.watch.now(),
            Kind::Passing(_) => SystemTime::UNIX_EPOCH,
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let Kind::Recording(open) = &self.trace.0 else { return };
        let Some(running) = self.running.take() else { return };
        // What never began is no part of the answer.
        let Some(start) = running.start else { return };
        let mut events = SpanEvents::default();
        events.events = running.events;
        let span = SpanData {
            events,
            status: running.status,
            ..open.data(
                running.id,
                open.root,
                running.name.into(),
                running.kind,
                start,
                running.attributes,
            )
        };
        open.recorded().spans.push(span);
    }
}

/// A trace that is recorded.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) exporting: Arc<Exporting>,
    pub(super) name: &'static str,
    pub(super) trace: TraceId,
    pub(super) state: TraceState,
    /// The outermost span here.
    pub(super) root: SpanId,
    /// The span that caused it, elsewhere.
    pub(super) parent: Option<SpanId>,
    pub(super) watch: Watch,
    pub(super) recorded: Mutex<Recorded>,
}

/// What is known of it so far.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    attributes: Vec<KeyValue>,
    status: Status,
    spans: Vec<SpanData>,
}

impl Open {
    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn context(&self, span: SpanId) -> SpanContext {
        SpanContext::new(self.trace, span, TraceFlags::SAMPLED, false, self.state.clone())
    }

    fn data(
        &self,
        id: SpanId,
        parent: SpanId,
        name: Cow<'static, str>,
        span_kind: SpanKind,
        start_time: SystemTime,
        attributes: Vec<KeyValue>,
    ) -> SpanData {
        SpanData {
            span_context: self.context(id),
            parent_span_id: parent,
            parent_span_is_remote: false,
            span_kind,
            name,
            start_time,
            end_time: self.watch.now(),
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: self.exporting.scope.clone(),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let recorded = std::mem::take(&mut *self.recorded());
        let parent = self.parent.unwrap_or(SpanId::INVALID);
        let root = SpanData {
            parent_span_is_remote: self.parent.is_some(),
            status: recorded.status,
            ..self.data(
                self.root,
                parent,
                self.name.into(),
                SpanKind::Server,
                self.watch.start,
                recorded.attributes,
            )
        };
        let mut spans = recorded.spans;
        spans.push(root);
        self.exporting.queue.offer(spans);
    }
}

/// The calendar at the beginning of a trace, and what has passed since.
#[derive(Debug)]
pub(super) struct Watch {
    start: SystemTime,
    since: Instant,
}

impl Watch {
    /// Begins at `micros` after 1970.
    pub(super) fn begin(micros: i64) -> Self {
        let since_epoch = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        Self { start: SystemTime::UNIX_EPOCH + since_epoch, since: Instant::now() }
    }

    fn now(&self) -> SystemTime {
        self.start + self.since.elapsed()
    }
}

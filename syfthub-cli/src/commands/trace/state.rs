//! What is known of an answer that is being made, and when each part of it happened.

use std::time::Duration;

use syfthub_client::{ChatDone, ChatEvent, SourceCompleted};

/// An answer, as far as it has come. All moments are counted from when the question was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace {
    /// Path of the model; none when documents alone are wanted.
    pub(super) model: Option<String>,
    pub(super) sources: Vec<Row>,
    /// When the sources began to be asked; before it, the hub gave addresses and tokens.
    pub(super) opened: Option<Duration>,
    pub(super) ranking: Option<Ranking>,
    /// When all sources were through, and how many documents count.
    pub(super) retrieved: Option<(Duration, u64)>,
    pub(super) generation: Option<Generation>,
    end: Option<End>,
    text: String,
}

/// One source.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) path: String,
    /// When it was through and how it did; none while it is asked.
    pub(super) fate: Option<(Duration, SourceCompleted)>,
}

/// The ordering of the documents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranking {
    pub(super) started: Duration,
    pub(super) ended: Option<Duration>,
    /// How many documents there were.
    pub(super) given: u64,
    /// How many count.
    pub(super) kept: Option<u64>,
}

/// The writing of the answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Generation {
    pub(super) started: Duration,
    /// When the first text came.
    pub(super) first: Option<Duration>,
    /// In how many pieces the text came.
    pub(super) pieces: u64,
}

#[derive(Debug, Clone)]
struct End {
    at: Duration,
    outcome: Result<Box<ChatDone>, String>,
}

impl Trace {
    /// A question to `model` over `sources`, just asked.
    pub(super) fn new(model: Option<String>, sources: Vec<String>) -> Self {
        let row = |path| Row { path, fate: None };
        Self { model, sources: sources.into_iter().map(row).collect(), ..Self::default() }
    }

    /// Takes over what came at the moment `at`.
    pub(super) fn take(&mut self, at: Duration, event: ChatEvent) {
        match event {
            ChatEvent::RetrievalStarted { .. } => self.opened = Some(at),
            ChatEvent::SourceCompleted(source) => self.finish(at, source),
            ChatEvent::RerankingStarted { documents } => {
                self.ranking =
                    Some(Ranking { started: at, ended: None, given: documents, kept: None });
            }
            ChatEvent::RerankingCompleted { documents, .. } => {
                if let Some(ranking) = &mut self.ranking {
                    ranking.ended = Some(at);
                    ranking.kept = Some(documents);
                }
            }
            ChatEvent::RetrievalCompleted { total_documents, .. } => {
                self.retrieved = Some((at, total_documents));
            }
            ChatEvent::GenerationStarted => {
                self.generation = Some(Generation { started: at, first: None, pieces: 0 });
            }
            ChatEvent::Token { content } => {
                if let Some(generation) = &mut self.generation {
                    generation.first.get_or_insert(at);
                    generation.pieces += 1;
                }
                self.text.push_str(&content);
            }
            ChatEvent::Done(done) => self.end = Some(End { at, outcome: Ok(Box::new(done)) }),
            _ => {}
        }
    }

    /// Takes over that there is no answer.
    pub(super) fn failed(&mut self, at: Duration, message: String) {
        self.end = Some(End { at, outcome: Err(message) });
    }

    /// By its place in the question where that is said, else by its path.
    fn finish(&mut self, at: Duration, source: SourceCompleted) {
        let is_open = |row: &Row| row.fate.is_none() && row.path == source.path;
        let place = source
            .source
            .filter(|&n| self.sources.get(n).is_some_and(is_open))
            .or_else(|| self.sources.iter().position(is_open));
        // What it says itself leaves out the way from the aggregator to us.
        let own = source.time_ms.zip(self.opened).map(|(ms, opened)| opened + millis(ms));
        let ended = own.map_or(at, |own| own.min(at));
        match place {
            Some(place) => self.sources[place].fate = Some((ended, source)),
            None => {
                self.sources.push(Row { path: source.path.clone(), fate: Some((ended, source)) });
            }
        }
    }

    /// When it was over; the latest moment known while it is not.
    pub(super) fn ended_at(&self) -> Duration {
        let finished = self.sources.iter().filter_map(|row| row.fate.as_ref().map(|fate| fate.0));
        let latest = finished.chain(self.opened).chain(self.retrieved.map(|(at, _)| at)).max();
        self.end.as_ref().map_or(latest.unwrap_or_default(), |end| end.at)
    }

    /// Whether nothing follows.
    pub(super) fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// The complete answer, if there is one.
    pub(super) fn done(&self) -> Option<&ChatDone> {
        self.end.as_ref()?.outcome.as_ref().ok().map(AsRef::as_ref)
    }

    /// Why there is none, if so.
    pub(super) fn failure(&self) -> Option<&str> {
        self.end.as_ref()?.outcome.as_ref().err().map(String::as_str)
    }

    /// The text so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// How many tokens the model counted, and how many a second that were.
    pub(super) fn tokens(&self) -> Option<(i64, Option<f64>)> {
        let tokens = self.done()?.usage.filter(|usage| usage.completion_tokens > 0)?;
        let generation = self.generation?;
        // A text that came in one piece was written before it came.
        let started = if generation.pieces > 1 { generation.first? } else { generation.started };
        let seconds = self.ended_at().saturating_sub(started).as_secs_f64();
        let count = tokens.completion_tokens;
        #[expect(clippy::cast_precision_loss, reason = "no answer has 2^52 tokens")]
        let pace = (seconds > 0.0).then(|| count as f64 / seconds);
        Some((count, pace))
    }
}

fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

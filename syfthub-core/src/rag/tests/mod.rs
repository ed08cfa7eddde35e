//! The orchestrator as a whole: sources and generators that behave in every way, on a clock that jumps.

mod events;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt};
use proptest::prelude::*;

use super::*;
use crate::clock::Timer;
use crate::wire::chat::{ChatRequest, EndpointRef, Usage};

/// Tokio's clock; the tests run it paused, so that it jumps to the next event instead of waiting.
struct TokioTimer(tokio::time::Instant);

impl Timer for TokioTimer {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(span))
    }
}

/// Counts how many calls are under way.
#[derive(Clone, Default)]
struct Open(Arc<AtomicUsize>);

struct Guard(Open);

impl Open {
    fn enter(&self) -> Guard {
        self.0.fetch_add(1, Ordering::SeqCst);
        Guard(self.clone())
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Debug, Clone)]
enum Behaviour {
    Documents(u64, Vec<(u8, Option<f64>)>),
    Fails(u64, SourceError),
    Hangs,
    Panics,
}

struct Source(Behaviour, Open);

impl DataSource for Source {
    async fn retrieve(&self, _: &Retrieval) -> Result<Found, SourceError> {
        let _open = self.1.enter();
        let document = |&(content, score): &(u8, Option<f64>)| Retrieved {
            content: format!("text {content}"),
            score,
            ..Retrieved::default()
        };
        match &self.0 {
            Behaviour::Documents(after, documents) => {
                tokio::time::sleep(Duration::from_millis(*after)).await;
                Ok(documents.iter().map(document).collect::<Vec<_>>().into())
            }
            Behaviour::Fails(after, error) => {
                tokio::time::sleep(Duration::from_millis(*after)).await;
                Err(error.clone())
            }
            Behaviour::Hangs => std::future::pending().await,
            Behaviour::Panics => panic!("a source with a bug"),
        }
    }
}

#[derive(Debug, Clone)]
enum Piece {
    Says(u64, &'static str),
    Counts,
    Fails,
    Hangs,
    Panics,
}

#[derive(Debug, Clone)]
enum Model {
    Refuses,
    Hangs,
    Panics,
    Writes(Vec<Piece>),
}

struct Writer(Model, Open);

fn failure() -> GenerateError {
    GenerateError::Http { status: 500, refusal: "broken".into() }
}

impl Generator for Writer {
    async fn generate(&self, _: Prompt) -> Result<GenerationStream, GenerateError> {
        let open = self.1.enter();
        let pieces = match self.0.clone() {
            Model::Refuses => return Err(failure()),
            Model::Hangs => std::future::pending().await,
            Model::Panics => panic!("a generator with a bug"),
            Model::Writes(pieces) => pieces,
        };
        let write = move |piece| {
            let _open = &open;
            async move {
                match piece {
                    Piece::Says(after, text) => {
                        tokio::time::sleep(Duration::from_millis(after)).await;
                        Ok(Chunk::Text(text.to_owned()))
                    }
                    Piece::Counts => {
                        Ok(Chunk::Usage(Usage { total_tokens: 3, ..Usage::default() }))
                    }
                    Piece::Fails => Err(failure()),
                    Piece::Hangs => std::future::pending().await,
                    Piece::Panics => panic!("a generator with a bug"),
                }
            }
        };
        Ok(stream::iter(pieces).then(write).boxed())
    }
}

fn plan(sources: usize, retrieval_only: bool) -> Plan {
    let mut request = ChatRequest::new("why?", EndpointRef::default());
    let source = |n| EndpointRef {
        slug: format!("s{n}"),
        owner_username: Some("ada".into()),
        ..EndpointRef::default()
    };
    request.data_sources = (0..sources).map(source).collect();
    request.retrieval_only = retrieval_only;
    Plan::new(&request, Limits::default()).expect("a small request keeps the limits")
}

/// Runs `work` on a clock that jumps to the next event instead of waiting.
fn paused<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(work)
}

/// All events; or the first `take`, after which the stream is dropped. Says how many calls were then left open.
fn run(
    behaviours: &[Behaviour],
    model: &Model,
    retrieval_only: bool,
    take: usize,
) -> (Vec<AnswerEvent>, usize) {
    paused(async {
        let open = Open::default();
        let ports: Vec<Source> =
            behaviours.iter().map(|b| Source(b.clone(), open.clone())).collect();
        let timer = TokioTimer(tokio::time::Instant::now());
        let writer = Writer(model.clone(), open.clone());
        let events = answer(plan(ports.len(), retrieval_only), ports, writer, timer)
            .take(take)
            .collect()
            .await;
        (events, open.count())
    })
}

fn all(behaviours: &[Behaviour], model: &Model) -> Vec<AnswerEvent> {
    run(behaviours, model, false, usize::MAX).0
}

/// Whether the events are a path through the grammar of [`AnswerEvent`], with one terminal event at the end.
fn follows_the_grammar(
    events: &[AnswerEvent],
    sources: usize,
    retrieval_only: bool,
) -> Result<(), String> {
    let letter = |event: &AnswerEvent| match event {
        AnswerEvent::RetrievalStart { .. } => 'r',
        AnswerEvent::SourceComplete { .. } => 's',
        AnswerEvent::RerankingStart { .. } => '(',
        AnswerEvent::RerankingComplete { .. } => ')',
        AnswerEvent::RetrievalComplete { .. } => 'c',
        AnswerEvent::GenerationStart => 'g',
        AnswerEvent::GenerationHeartbeat { .. } => 'h',
        AnswerEvent::Token { .. } => 't',
        AnswerEvent::Done(_) => 'd',
        AnswerEvent::Error { .. } => 'e',
    };
    let word: String = events.iter().map(letter).collect();
    let asked = format!("r{}", "s".repeat(sources));
    let rest = word.strip_prefix(&asked).ok_or_else(|| word.clone())?;
    let rest = rest.strip_prefix("()").unwrap_or(rest);
    let rest = rest.strip_prefix('c').ok_or_else(|| word.clone())?;
    let good = if retrieval_only {
        rest == "d"
    } else {
        let written = rest.strip_prefix('g').map(|rest| rest.trim_start_matches('h'));
        written.is_some_and(|rest| matches!(rest.trim_start_matches('t'), "d" | "e"))
    };
    if good { Ok(()) } else { Err(word) }
}

fn says(text: &'static str) -> Model {
    Model::Writes(vec![Piece::Says(1, text)])
}

fn done(events: &[AnswerEvent]) -> &Answer {
    match events.last() {
        Some(AnswerEvent::Done(answer)) => answer,
        other => panic!("expected an answer, not {other:?}"),
    }
}

#[test]
fn sources_are_reported_as_they_finish_and_listed_as_they_were_asked() {
    let behaviours = [
        Behaviour::Documents(30, vec![(1, Some(0.6))]),
        Behaviour::Fails(20, SourceError::Denied("members only".into())),
        Behaviour::Documents(10, vec![(2, Some(0.9)), (3, Some(0.1))]),
    ];
    let events = all(&behaviours, &says("so"));
    let finished: Vec<&str> = events
        .iter()
        .filter_map(|event| match event {
            AnswerEvent::SourceComplete { path, .. } => Some(path.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(finished, ["ada/s2", "ada/s1", "ada/s0"]);
    assert!(
        events.contains(&AnswerEvent::RetrievalComplete { total_documents: 2, time_ms: 30 }),
        "{events:?}"
    );
    let answer = done(&events);
    assert_eq!(
        answer.retrieval_info.iter().map(|r| r.path.as_str()).collect::<Vec<_>>(),
        ["ada/s0", "ada/s1", "ada/s2"]
    );
    assert_eq!(
        answer.retrieval_info[1].error_message.as_deref(),
        Some("Access denied: members only")
    );
    assert_eq!(answer.retrieval_info[1].status, SourceStatus::AccessDenied);
    assert_eq!(answer.retrieval_info[2].documents, 2);
    assert_eq!(
        answer.sources.0.iter().map(|(_, s)| s.content.as_str()).collect::<Vec<_>>(),
        ["text 2", "text 1"]
    );
    assert_eq!(answer.response, "so");
    assert_eq!(answer.timings.total_time_ms, 31);
}

#[test]
fn a_source_that_hangs_costs_its_deadline_and_its_own_documents() {
    let events =
        all(&[Behaviour::Hangs, Behaviour::Documents(1, vec![(1, Some(0.9))])], &says("so"));
    let answer = done(&events);
    assert_eq!(answer.retrieval_info[0].status, SourceStatus::Timeout);
    assert_eq!(answer.retrieval_info[0].error_message.as_deref(), Some("Request timed out"));
    assert_eq!(answer.timings.retrieval_time_ms, 30_000);
    assert_eq!(answer.sources.0.len(), 1);
}

#[test]
fn a_generation_ends_at_its_deadline() {
    let hanging = Model::Writes(vec![Piece::Says(0, "la"), Piece::Hangs]);
    for (model, cause) in
        [(Model::Hangs, "Model generation failed"), (hanging, "Model stream failed")]
    {
        let events = all(&[], &model);
        let Some(AnswerEvent::Error { error, .. }) = events.last() else { panic!("{events:?}") };
        assert_eq!(error.to_string(), format!("{cause}: Model request timed out"));
    }
}

#[test]
fn a_port_that_panics_is_a_failure_like_any_other() {
    let events = all(&[Behaviour::Panics], &says("so"));
    assert_eq!(done(&events).retrieval_info[0].status, SourceStatus::Error);
    for model in [Model::Panics, Model::Writes(vec![Piece::Says(0, "a"), Piece::Panics])] {
        assert!(matches!(all(&[], &model).last(), Some(AnswerEvent::Error { .. })));
    }
}

#[test]
fn retrieval_alone_never_asks_the_generator() {
    let (events, _) =
        run(&[Behaviour::Documents(5, vec![(1, Some(0.9))])], &Model::Panics, true, usize::MAX);
    let answer = done(&events);
    assert_eq!((answer.response.as_str(), answer.timings.generation_time_ms), ("", 0));
    assert_eq!(answer.sources.0.len(), 1);
}

#[test]
fn usage_is_passed_on_and_empty_text_is_not() {
    let pieces = vec![Piece::Says(1, "a"), Piece::Says(1, ""), Piece::Counts, Piece::Says(1, "b")];
    let events = all(&[], &Model::Writes(pieces));
    assert_eq!(events.iter().filter(|e| matches!(e, AnswerEvent::Token { .. })).count(), 2);
    assert_eq!(done(&events).usage.map(|u| u.total_tokens), Some(3));
}

#[test]
fn a_long_text_arrives_in_several_tokens() {
    let long: &'static str = Box::leak("é".repeat(20_000).into_boxed_str());
    let events = all(&[], &says(long));
    let sizes: Vec<usize> = events
        .iter()
        .filter_map(|event| match event {
            AnswerEvent::Token { content } => Some(content.len()),
            _ => None,
        })
        .collect();
    assert_eq!(sizes, [10_240, 10_240, 10_240, 9_280]);
    assert_eq!(done(&events).response, long);
}

#[test]
fn a_planned_source_without_a_port_is_reported() {
    let events: Vec<AnswerEvent> = paused(async {
        let timer = TokioTimer(tokio::time::Instant::now());
        let writer = Writer(says("so"), Open::default());
        answer(plan(1, false), Vec::<Source>::new(), writer, timer).collect().await
    });
    assert_eq!(done(&events).retrieval_info[0].status, SourceStatus::Error);
}

fn any_source() -> impl Strategy<Value = Behaviour> {
    let score =
        prop_oneof![Just(None), prop::num::f64::ANY.prop_map(Some), (0.0..1.0_f64).prop_map(Some)];
    let documents = prop::collection::vec((any::<u8>(), score), 0..8);
    let error = prop_oneof![
        Just(SourceError::Timeout),
        Just(SourceError::Network("refused".into())),
        Just(SourceError::Http { status: 500, refusal: "<html>".into() }),
        Just(SourceError::PaymentRequired { refusal: "pay".into(), challenge: None }),
        Just(SourceError::RateLimited("wait".into())),
        Just(SourceError::Unexpected("garbage".into())),
    ];
    prop_oneof![
        4 => (0_u64..40_000, documents).prop_map(|(after, documents)| Behaviour::Documents(after, documents)),
        2 => (0_u64..40_000, error).prop_map(|(after, error)| Behaviour::Fails(after, error)),
        1 => Just(Behaviour::Hangs),
    ]
}

fn any_model() -> impl Strategy<Value = Model> {
    let piece = prop_oneof![
        6 => (0_u64..50_000).prop_map(|after| Piece::Says(after, "word ")),
        1 => Just(Piece::Says(0, "")),
        1 => Just(Piece::Counts),
        1 => Just(Piece::Fails),
        1 => Just(Piece::Hangs),
    ];
    prop_oneof![
        1 => Just(Model::Refuses),
        1 => Just(Model::Hangs),
        6 => prop::collection::vec(piece, 0..8).prop_map(Model::Writes),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_the_order_holds_and_one_terminal_event_comes_last(
        behaviours in prop::collection::vec(any_source(), 0..6),
        model in any_model(),
        retrieval_only in any::<bool>(),
    ) {
        let (events, open) = run(&behaviours, &model, retrieval_only, usize::MAX);
        prop_assert_eq!(follows_the_grammar(&events, behaviours.len(), retrieval_only), Ok(()));
        prop_assert_eq!(events.iter().filter(|event| event.is_terminal()).count(), 1);
        prop_assert_eq!(open, 0);
        if let Some(AnswerEvent::Done(answer)) = events.last() {
            let told: String = events
                .iter()
                .filter_map(|event| match event {
                    AnswerEvent::Token { content } => Some(content.as_str()),
                    _ => None,
                })
                .collect();
            prop_assert_eq!(&answer.response, &told);
            prop_assert_eq!(answer.retrieval_info.len(), behaviours.len());
            prop_assert!(answer.timings.total_time_ms <= 180_000);
        }
    }

    #[test]
    fn dropping_the_stream_anywhere_drops_every_call(
        behaviours in prop::collection::vec(any_source(), 0..6),
        model in any_model(),
        take in 0_usize..12,
    ) {
        let (events, open) = run(&behaviours, &model, false, take);
        prop_assert!(events.len() <= take);
        prop_assert_eq!(open, 0);
    }
}

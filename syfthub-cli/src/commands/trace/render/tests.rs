//! What a person sees of an answer, moment by moment.

use insta::{assert_snapshot, with_settings};
use proptest::prelude::*;
use serde_json::json;
use syfthub_client::{ChatEvent, SourceCompleted};

use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn source(place: usize, path: &str, status: &str, documents: u64, time_ms: u64) -> ChatEvent {
    let mut source: SourceCompleted = serde_json::from_value(json!({
        "source": place, "path": path, "status": status, "documents": documents, "time_ms": time_ms,
    }))
    .unwrap();
    if status == "timeout" {
        source.error_message = Some("Request timed out".to_owned());
    }
    if path == "bob/archive" {
        source.cost = Some(0.05);
        source.currency = Some("USD".to_owned());
    }
    ChatEvent::SourceCompleted(source)
}

fn token(text: &str) -> ChatEvent {
    ChatEvent::Token { content: text.to_owned() }
}

/// The events of an answer and their moments.
fn events() -> Vec<(u64, ChatEvent)> {
    let done = json!({"usage": {"prompt_tokens": 9, "completion_tokens": 64, "total_tokens": 73}});
    vec![
        (40, ChatEvent::RetrievalStarted { sources: 3 }),
        (95, source(0, "ada/notes", "success", 3, 50)),
        (260, source(2, "bob/archive", "success", 1, 210)),
        (1040, source(1, "ada/a-rather-long-name-for-notes", "timeout", 0, 1000)),
        (1041, ChatEvent::RerankingStarted { documents: 4 }),
        (1042, ChatEvent::RerankingCompleted { documents: 3, time_ms: 1 }),
        (1042, ChatEvent::RetrievalCompleted { total_documents: 3, time_ms: 1000 }),
        (1043, ChatEvent::GenerationStarted),
        (1163, token("Reeds")),
        (1400, token(" grow [cite:1].")),
        (1803, ChatEvent::Done(serde_json::from_value(done).unwrap())),
    ]
}

fn asked() -> Trace {
    let sources = ["ada/notes", "ada/a-rather-long-name-for-notes", "bob/archive"];
    Trace::new(Some("ada/extractive".to_owned()), sources.map(str::to_owned).to_vec())
}

/// The trace at the moment `now`.
fn at(now: u64) -> Trace {
    let mut trace = asked();
    for (at, event) in events().into_iter().filter(|(at, _)| *at <= now) {
        trace.take(ms(at), event);
    }
    trace
}

fn seen(trace: &Trace, now: u64, width: usize) -> String {
    lines(trace, ms(now), width, Paint::Plain).join("\n")
}

macro_rules! assert_seen {
    ($name:expr, $text:expr) => {
        with_settings!({omit_expression => true}, { assert_snapshot!($name, $text) })
    };
}

#[test]
fn the_bars_grow_until_the_answer_is_complete() {
    for now in [20, 150, 700, 1100, 1500, 1803] {
        assert_seen!(format!("trace-{now}"), seen(&at(now), now, 100));
    }
}

#[test]
fn a_narrow_terminal_gets_shorter_bars_and_notes() {
    assert_seen!("trace-narrow", seen(&at(1803), 1803, 60));
}

#[test]
fn an_answer_that_fails_shows_where() {
    let mut trace = at(1100);
    trace.failed(ms(1200), "Model generation failed: Model request timed out".to_owned());
    assert_seen!("trace-failed", seen(&trace, 1200, 100));
    let mut nowhere = asked();
    nowhere.failed(ms(30), "no connection to the hub".to_owned());
    assert_seen!("trace-nowhere", seen(&nowhere, 30, 100));
}

#[test]
fn documents_alone_need_no_model() {
    let mut trace = Trace::new(None, vec!["ada/notes".to_owned()]);
    trace.take(ms(3), ChatEvent::RetrievalStarted { sources: 1 });
    trace.take(ms(8), source(0, "ada/notes", "success", 3, 4));
    trace.take(ms(9), ChatEvent::Done(serde_json::from_value(json!({})).unwrap()));
    assert_seen!("trace-documents", seen(&trace, 9, 80));
}

#[test]
fn colours_change_nothing_but_colours() {
    let trace = at(1803);
    let painted = lines(&trace, ms(1803), 100, Paint::Colors).join("\n");
    assert!(painted.contains("\x1b[32m") && painted.contains("\x1b[31m"), "{painted}");
    assert_eq!(console::strip_ansi_codes(&painted), seen(&trace, 1803, 100));
}

proptest! {
    #[test]
    fn no_line_is_ever_wider_than_the_terminal(
        taken in 0_usize..=11,
        now in 0_u64..100_000,
        width in 20_usize..200,
    ) {
        let mut trace = asked();
        for (at, event) in events().into_iter().take(taken) {
            trace.take(ms(at), event);
        }
        for paint in [Paint::Plain, Paint::Colors] {
            for line in lines(&trace, ms(now), width, paint) {
                prop_assert!(measure_text_width(&line) <= width, "{line}");
            }
        }
    }
}

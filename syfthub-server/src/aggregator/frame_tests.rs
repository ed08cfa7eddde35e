//! Frames as clients of both kinds read them, whatever an answer holds.

use std::collections::BTreeSet;

use axum::body::to_bytes;
use proptest::prelude::*;
use serde_json::Value;
use syfthub_core::rag::{Answer, AnswerError, GenerateError, SourceReport, SourceStatus};
use syfthub_core::wire::billing::BillingEntry;
use syfthub_core::wire::chat::{ChatRequest, EndpointRef, SourceEntry, Sources, Timings, Usage};
use syfthub_core::wire::space::PolicyEntry;

use super::*;

fn profile(words: &[&str]) -> Profile {
    let mut request = ChatRequest::new("why?", EndpointRef::default());
    request.stream_events = words.iter().map(|word| (*word).to_owned()).collect();
    Profile::of(&request)
}

/// The frames as they go over the wire.
fn sent(events: Vec<AnswerEvent>, profile: Profile) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let response = sse::answer(frames(stream::iter(events), profile));
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    })
}

fn billing() -> Billing {
    let entry = PolicyEntry {
        policy_type: "accounting".into(),
        kind: "payment".into(),
        status: "charged".into(),
        amount: Some(0.1),
        ..PolicyEntry::default()
    };
    let entries = vec![BillingEntry { source: "ada/notes".into(), entry }];
    Billing { total_cost: Some(0.1), currency: None, entries }
}

fn answer(text: &str) -> Answer {
    let entry = SourceEntry {
        slug: "ada/notes".into(),
        content: text.to_owned(),
        document: Some("w.md".into()),
        score: Some(0.9),
    };
    let citation = CitedSpan {
        end: 4,
        document: 1,
        title: "T".into(),
        source: "ada/notes".into(),
        ..CitedSpan::default()
    };
    Answer {
        response: text.to_owned(),
        sources: Sources(vec![("T".to_owned(), entry)]),
        retrieval_info: vec![SourceReport {
            path: "ada/notes".into(),
            documents: 1,
            status: SourceStatus::PaymentFailed,
            error_message: Some("pay".into()),
        }],
        timings: Timings::default(),
        usage: Some(Usage::default()),
        citations: vec![citation],
        annotated: Some(text.to_owned()),
        profit_share: Some([("ada/notes".to_owned(), 1.0)].into_iter().collect()),
        billing: Some(billing()),
    }
}

/// Every event there is, `text` wherever a stranger could have put it.
fn events(text: &str) -> Vec<AnswerEvent> {
    let error = AnswerError::Generation(GenerateError::Unreadable(text.to_owned()));
    vec![
        AnswerEvent::RetrievalStart { sources: 1 },
        AnswerEvent::SourceComplete {
            source: 0,
            path: "ada/notes".into(),
            status: SourceStatus::PaymentFailed,
            documents: 1,
            time_ms: 12,
            error_message: Some(text.chars().take(300).collect()),
            cost: Cost::of([&billing().entries[0].entry]),
        },
        AnswerEvent::RerankingStart { documents: 2 },
        AnswerEvent::RerankingComplete { documents: 1, time_ms: 0 },
        AnswerEvent::RetrievalComplete { total_documents: 1, time_ms: 13 },
        AnswerEvent::GenerationStart,
        AnswerEvent::GenerationHeartbeat { elapsed_ms: 3000 },
        AnswerEvent::Token { content: text.chars().take(2500).collect() },
        AnswerEvent::Done(Box::new(answer(text))),
        AnswerEvent::Error { error, billing: Some(billing()) },
    ]
}

#[test]
fn a_client_that_asks_for_nothing_gets_what_every_client_reads() {
    insta::assert_snapshot!(sent(events("It rains"), profile(&[])), @r#"
    event: retrieval_start
    data: {"sources":1}

    event: source_complete
    data: {"path":"ada/notes","status":"error","documents":1}

    event: retrieval_complete
    data: {"total_documents":1,"time_ms":13}

    event: generation_start
    data: {}

    event: token
    data: {"content":"It rains"}

    event: done
    data: {"sources":{"T":{"slug":"ada/notes","content":"It rains","document":"w.md","score":0.9}},"retrieval_info":[{"path":"ada/notes","documents_retrieved":1,"status":"error","error_message":"pay"}],"metadata":{"retrieval_time_ms":0,"generation_time_ms":0,"total_time_ms":0},"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0},"citations":[{"start":0,"end":4,"document":1,"title":"T","source":"ada/notes"}],"response":"It rains","profit_share":{"ada/notes":1.0},"billing":{"total_cost":0.1,"entries":[{"source":"ada/notes","policy_type":"accounting","kind":"payment","status":"charged","amount":0.1,"details":{}}]}}

    event: error
    data: {"message":"Model generation failed: It rains","billing":{"total_cost":0.1,"entries":[{"source":"ada/notes","policy_type":"accounting","kind":"payment","status":"charged","amount":0.1,"details":{}}]}}
    "#);
}

#[test]
fn a_client_that_asks_for_everything_gets_everything() {
    insta::assert_snapshot!(sent(events("It rains"), profile(&["all"])), @r#"
    event: retrieval_start
    data: {"sources":1}

    event: source_complete
    data: {"path":"ada/notes","status":"payment_failed","documents":1,"source":0,"time_ms":12,"error_message":"It rains","cost":0.1}

    event: reranking_start
    data: {"documents":2}

    event: reranking_complete
    data: {"documents":1,"time_ms":0}

    event: retrieval_complete
    data: {"total_documents":1,"time_ms":13}

    event: generation_start
    data: {}

    event: generation_heartbeat
    data: {"elapsed_ms":3000}

    event: token
    data: {"content":"It rains"}

    event: citations
    data: {"citations":[{"start":0,"end":4,"document":1,"title":"T","source":"ada/notes"}]}

    event: done
    data: {"sources":{"T":{"slug":"ada/notes","content":"It rains","document":"w.md","score":0.9}},"retrieval_info":[{"path":"ada/notes","documents_retrieved":1,"status":"payment_failed","error_message":"pay"}],"metadata":{"retrieval_time_ms":0,"generation_time_ms":0,"total_time_ms":0},"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0},"citations":[{"start":0,"end":4,"document":1,"title":"T","source":"ada/notes"}],"response":"It rains","profit_share":{"ada/notes":1.0},"billing":{"total_cost":0.1,"entries":[{"source":"ada/notes","policy_type":"accounting","kind":"payment","status":"charged","amount":0.1,"details":{}}]}}

    event: error
    data: {"message":"Model generation failed: It rains","error":"generation_failed","billing":{"total_cost":0.1,"entries":[{"source":"ada/notes","policy_type":"accounting","kind":"payment","status":"charged","amount":0.1,"details":{}}]}}
    "#);
}

#[test]
fn every_event_and_every_key_of_it_is_on_the_page_about_answers() {
    let page = include_str!("../../docs/answers.md");
    let frames = sent(events("It rains"), profile(&["all"]));
    let mut named = BTreeSet::new();
    for frame in frames.split_terminator("\n\n") {
        let (name, data) = frame.split_once("\ndata: ").unwrap();
        named.insert(name.trim_start_matches("event: ").to_owned());
        let Value::Object(keys) = serde_json::from_str(data).unwrap() else { panic!("{data}") };
        named.extend(keys.into_iter().map(|(key, _)| key));
    }
    let missing: Vec<&String> =
        named.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\r\n\r\n".to_owned()),
        Just("\u{2028}\u{2029}\u{85}".to_owned()),
        Just("event: done\ndata: {}\n\n".to_owned()),
        Just("\u{1}\u{0}\u{b}\u{c}".to_owned()),
        "\\PC{0,40}",
    ];
    (prop::collection::vec(piece, 0..6), 1_usize..2000)
        .prop_map(|(pieces, times)| pieces.concat().repeat(times))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_strangers_write_a_frame_is_two_short_lines(text in any_text(), all in any::<bool>()) {
        let frames = sent(events(&text), profile(if all { &["all"] } else { &[] }));
        let broken = frames.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{b}', '\u{c}']);
        prop_assert!(!broken);
        for frame in frames.split_terminator("\n\n") {
            let lines: Vec<&str> = frame.split('\n').collect();
            prop_assert_eq!(lines.len(), 2);
            let (named, json) = (lines[0].strip_prefix("event: "), lines[1].strip_prefix("data: "));
            prop_assert!(named.is_some() && json.is_some());
            prop_assert!(lines[1].len() < 64 * 1024, "{} bytes", lines[1].len());
            let data: Value = serde_json::from_str(json.unwrap_or_default()).unwrap();
            prop_assert!(!data.as_object().unwrap().values().any(Value::is_null));
        }
        let done = frames.split("event: done\n").count();
        prop_assert_eq!(done, 2, "one end, whatever the text says");
    }
}

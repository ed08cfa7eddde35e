//! The spans of an answer, from its events.

use opentelemetry_sdk::trace::SpanData;
use syfthub_core::Money;
use syfthub_core::rag::GenerateError;
use syfthub_core::wire::billing::Billing;
use syfthub_core::wire::chat::Usage;

use super::*;
use crate::telemetry::Kept;

const SECRETS: [&str; 6] =
    ["why-prompt", "system-text", "earlier-turn", "document-text", "answer-text", "bearer-x"];

fn request() -> ChatRequest {
    let endpoint = |slug: &str| EndpointRef {
        slug: slug.to_owned(),
        owner_username: Some("ada".to_owned()),
        ..EndpointRef::default()
    };
    let mut request = ChatRequest::new("why-prompt", endpoint("oracle"));
    request.data_sources = vec![endpoint("notes"), endpoint("letters")];
    request.data_sources[0].query_override = Some("why-prompt".to_owned());
    request.custom_system_prompt = Some("system-text".to_owned());
    request.messages = vec![syfthub_core::wire::space::Message::new("user", "earlier-turn")];
    request.endpoint_tokens.insert("ada".to_owned(), "bearer-x".to_owned());
    request.transaction_tokens.insert("ada".to_owned(), "bearer-x".to_owned());
    request
}

fn source(source: usize, status: SourceStatus, documents: usize) -> AnswerEvent {
    AnswerEvent::SourceComplete {
        source,
        path: "ada/notes".to_owned(),
        status,
        documents,
        time_ms: 20,
        error_message: Some("document-text why-prompt".to_owned()),
        cost: Some(Cost { amount: Money::from_micros(250_000), currency: None }),
    }
}

fn token() -> AnswerEvent {
    AnswerEvent::Token { content: "answer-text".to_owned() }
}

/// The spans of an answer of which `events` were seen.
async fn spans(request: &ChatRequest, events: &[AnswerEvent]) -> Vec<SpanData> {
    let (traces, kept): (Traces, Kept) = Traces::kept();
    let numbers = Arc::new(Answers::new());
    let correlation = CorrelationId::random();
    let mut observer =
        Observer::begin(&traces, numbers, request, &correlation, &TraceParent::default());
    for event in events {
        observer.see(event);
    }
    drop(observer);
    traces.close().await;
    let spans = kept.spans();
    let text = format!("{spans:?}");
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    spans
}

fn told(span: &SpanData, key: &str) -> Option<String> {
    let mut found = span.attributes.iter().filter(|said| said.key.as_str() == key);
    found.next_back().map(|said| said.value.to_string())
}

fn named<'a>(spans: &'a [SpanData], name: &str) -> Vec<&'a SpanData> {
    spans.iter().filter(|span| span.name == name).collect()
}

#[tokio::test]
async fn an_answer_is_one_trace_with_a_span_for_each_part() {
    let usage = Usage { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };
    let answer = Answer {
        response: "answer-text".to_owned(),
        usage: Some(usage),
        billing: Some(Billing { total_cost: Some(0.5), currency: None, entries: Vec::new() }),
        ..Answer::default()
    };
    let events = [
        AnswerEvent::RetrievalStart { sources: 2 },
        source(1, SourceStatus::AccessDenied, 0),
        source(0, SourceStatus::Success, 3),
        AnswerEvent::RerankingStart { documents: 3 },
        AnswerEvent::RerankingComplete { documents: 2, time_ms: 1 },
        AnswerEvent::RetrievalComplete { total_documents: 2, time_ms: 21 },
        AnswerEvent::GenerationStart,
        token(),
        token(),
        AnswerEvent::Done(Box::new(answer)),
    ];
    let spans = spans(&request(), &events).await;
    let [chat] = *named(&spans, "chat") else { panic!("{spans:?}") };
    assert_eq!(told(chat, "syfthub.outcome").as_deref(), Some("answered"));
    assert_eq!(told(chat, "syfthub.cost").as_deref(), Some("0.5"));
    let children = spans.iter().filter(|span| span.name != "chat");
    assert!(children.clone().all(|span| span.parent_span_id == chat.span_context.span_id()));
    assert_eq!(children.count(), 4);
    let [letters, notes] = *named(&spans, "source") else { panic!("{spans:?}") };
    let verdict = |span| {
        let keys = ["syfthub.endpoint", "syfthub.verdict", "syfthub.documents", "syfthub.cost"];
        keys.map(|key| told(span, key).unwrap()).join(" ")
    };
    assert_eq!(verdict(letters), "ada/letters access_denied 0 0.25");
    assert_eq!(verdict(notes), "ada/notes success 3 0.25");
    let [generate] = *named(&spans, "generate") else { panic!("{spans:?}") };
    assert_eq!(
        generate.events.iter().map(|event| &*event.name).collect::<Vec<_>>(),
        ["first_token"]
    );
    assert_eq!(told(generate, "syfthub.tokens").as_deref(), Some("2"));
    assert_eq!(told(generate, "gen_ai.usage.output_tokens").as_deref(), Some("2"));
}

#[tokio::test]
async fn a_failure_says_so_in_a_word_and_not_what_the_model_said() {
    let error = AnswerError::Generation(GenerateError::Denied("document-text".into()));
    let events = [
        AnswerEvent::RetrievalStart { sources: 2 },
        AnswerEvent::GenerationStart,
        AnswerEvent::Error { error, billing: None },
    ];
    let spans = spans(&request(), &events).await;
    let [chat] = *named(&spans, "chat") else { panic!("{spans:?}") };
    assert_eq!(told(chat, "syfthub.outcome").as_deref(), Some("failed"));
    assert_eq!(chat.status, opentelemetry::trace::Status::error("failed"));
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_any_more_is_traced_as_far_as_it_came() {
    let spans = spans(&request(), &[AnswerEvent::RetrievalStart { sources: 2 }]).await;
    let [chat] = *named(&spans, "chat") else { panic!("{spans:?}") };
    assert_eq!(told(chat, "syfthub.outcome").as_deref(), Some("cancelled"));
    assert_eq!(named(&spans, "source").len(), 2);
    assert!(named(&spans, "generate").is_empty(), "the model was never asked");
}

#[tokio::test]
async fn retrieval_alone_has_no_generation() {
    let mut request = request();
    request.retrieval_only = true;
    let events = [AnswerEvent::RetrievalStart { sources: 2 }, AnswerEvent::Done(Box::default())];
    let spans = spans(&request, &events).await;
    assert_eq!(told(named(&spans, "chat")[0], "syfthub.outcome").as_deref(), Some("retrieved"));
    assert!(named(&spans, "generate").is_empty());
}

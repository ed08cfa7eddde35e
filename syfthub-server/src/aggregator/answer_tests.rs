//! What the two routes say of an answer: events by request, bills, and refusals.

use super::*;

/// The names of the frames, in order.
fn names(frames: &str) -> Vec<&str> {
    frames.lines().filter_map(|line| line.strip_prefix("event: ")).collect()
}

/// The data of the first frame called `name`.
fn data(frames: &str, name: &str) -> Value {
    let (_, rest) = frames.split_once(&format!("event: {name}\ndata: ")).expect(name);
    serde_json::from_str(rest.lines().next().unwrap()).unwrap()
}

#[tokio::test]
async fn whoever_asks_for_events_gets_them_and_nobody_else_does() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    let mut question = space.question("model", &["paid"]);
    for (words, expected) in [
        (json!([]), &[][..]),
        (json!(["sparkles", "heartbeat"]), &[]),
        (json!(["rerank"]), &["reranking_start", "reranking_complete"]),
        (json!(["citations"]), &["citations"]),
        (json!(["all"]), &["reranking_start", "reranking_complete", "citations"]),
    ] {
        question["stream_events"] = words;
        let frames = stream_of(&url, &question).await;
        let usual = [
            "retrieval_start",
            "source_complete",
            "retrieval_complete",
            "generation_start",
            "token",
            "done",
        ];
        let extra: Vec<&str> =
            names(&frames).into_iter().filter(|name| !usual.contains(name)).collect();
        assert_eq!(extra, expected, "{frames}");
    }
}

#[tokio::test]
async fn all_there_is_to_say_of_an_answer_is_said_to_whoever_wants_it_all() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    let mut question = space.question("model", &["paid", "dear"]);
    question["stream_events"] = json!(["all"]);
    let frames = stream_of(&url, &question).await;
    // The two sources finish in any order.
    let (first, rest) = frames.split_once("event: reranking_start").unwrap();
    let mut sources: Vec<&str> = first.lines().filter(|line| line.contains("\"path\"")).collect();
    sources.sort_unstable();
    insta::assert_snapshot!(sources.join("\n"), @r#"
    data: {"path":"ada/dear","status":"payment_failed","documents":0,"source":1,"time_ms":0,"error_message":"HTTP 402: pay first (needs 0.5)"}
    data: {"path":"ada/paid","status":"success","documents":2,"source":0,"time_ms":0,"cost":0.1}
    "#);
    insta::assert_snapshot!(format!("event: reranking_start{rest}"), @r#"
    event: reranking_start
    data: {"documents":2}

    event: reranking_complete
    data: {"documents":2,"time_ms":0}

    event: retrieval_complete
    data: {"total_documents":2,"time_ms":0}

    event: generation_start
    data: {}

    event: token
    data: {"content":"It \u2028"}

    event: token
    data: {"content":"rains [cite:1]."}

    event: citations
    data: {"citations":[{"start":0,"end":9,"document":1,"title":"Document from ada/paid","source":"ada/paid"}]}

    event: done
    data: {"sources":{"Document from ada/paid":{"slug":"ada/paid","content":"Rain costs.","score":1.0},"Document from ada/paid (2)":{"slug":"ada/paid","content":"It rains.","score":0.9}},"retrieval_info":[{"path":"ada/paid","documents_retrieved":2,"status":"success"},{"path":"ada/dear","documents_retrieved":0,"status":"payment_failed","error_message":"HTTP 402: pay first (needs 0.5)"}],"metadata":{"retrieval_time_ms":0,"generation_time_ms":0,"total_time_ms":0},"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7},"citations":[{"start":0,"end":9,"document":1,"title":"Document from ada/paid","source":"ada/paid"}],"response":"It \u2028rains [cite:1-0:9].","profit_share":{"ada/paid":1.0},"billing":{"total_cost":0.1,"entries":[{"source":"ada/paid","policy_type":"accounting","kind":"payment","status":"charged","amount":0.1,"details":{}},{"source":"ada/dear","policy_type":"accounting","kind":"payment","status":"rejected","amount":0.5,"reason_code":"INSUFFICIENT_BALANCE","details":{}}]}}
    "#);
}

#[tokio::test]
async fn a_bill_comes_with_the_answer_and_with_its_failure_on_both_routes() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    let (_, answer) = chat(&url, &space.question("paid", &["paid", "dear"])).await;
    let billing = &answer["billing"];
    assert_eq!(billing["total_cost"], 0.2);
    assert_eq!(billing.get("currency"), None);
    let entries = billing["entries"].as_array().unwrap();
    let brief: Vec<String> = entries
        .iter()
        .map(|e| format!("{} {} {}", e["source"], e["status"], e["details"]))
        .collect();
    assert_eq!(
        brief,
        [r#""ada/paid" "charged" {}"#, r#""ada/dear" "rejected" {}"#, r#""ada/paid" "charged" {}"#]
    );

    let question = space.question("dear", &["paid"]);
    let (status, body) = chat(&url, &question).await;
    assert_eq!((status, &body["billing"]["total_cost"]), (400, &json!(0.1)));
    assert_eq!(
        body["detail"],
        "Generation failed: Model generation failed: Model request failed: HTTP 402 - pay first (needs 0.5)"
    );
    let frames = stream_of(&url, &question).await;
    let error = data(&frames, "error");
    assert_eq!(error["billing"], body["billing"]);
    assert_eq!(error["billing"]["entries"][1]["reason_code"], "INSUFFICIENT_BALANCE");
}

#[tokio::test]
async fn a_source_that_refuses_ends_the_answer_only_when_the_caller_says_so() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    let mut question = space.question("model", &["denied", "notes", "broken"]);
    assert_eq!(chat(&url, &question).await.0, 200);
    question["on_denied"] = json!("fail");
    let (status, body) = chat(&url, &question).await;
    let sentence = "Access denied by ada/denied";
    assert_eq!(
        (status, body),
        (400, json!({"detail": sentence, "message": sentence, "error": "access_denied"}))
    );
    let frames = stream_of(&url, &question).await;
    assert_eq!(names(&frames).last(), Some(&"error"));
    assert!(!frames.contains("retrieval_complete"), "{frames}");
    assert_eq!(data(&frames, "error"), json!({"message": sentence}));
    assert!(space.asked.lock().unwrap().iter().filter(|(slug, ..)| slug == "model").count() < 2);
    question["on_denied"] = json!("perhaps");
    assert_eq!(chat(&url, &question).await.0, 422);
}

#[tokio::test]
async fn what_a_source_wrote_itself_is_a_document_of_that_source() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    let (_, answer) = chat(&url, &space.question("model", &["paid"])).await;
    let contents: Vec<&str> = answer["sources"]
        .as_object()
        .unwrap()
        .values()
        .map(|source| source["content"].as_str().unwrap())
        .collect();
    assert_eq!(contents, ["Rain costs.", "It rains."]);
    assert_eq!(answer["retrieval_info"][0]["documents_retrieved"], 2);
}

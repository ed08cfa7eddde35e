//! `syfthub query` through the real program, against an aggregator that says what each test wants to see told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use insta::{assert_snapshot, with_settings};
use serde_json::Value;

use crate::hub::{Hub, seen};

const STREAM: &str = "event: retrieval_start\ndata: {\"sources\":2}\n\n\
    event: source_complete\ndata: {\"path\":\"ada/notes\",\"status\":\"success\",\"documents\":2}\n\n\
    event: source_complete\ndata: {\"path\":\"ada/maps\",\"status\":\"timeout\",\"documents\":0}\n\n\
    event: retrieval_complete\ndata: {\"total_documents\":2,\"time_ms\":3}\n\n\
    event: generation_start\ndata: {}\n\n\
    event: token\ndata: {\"content\":\"Reeds grow there [ci\"}\n\n\
    event: token\ndata: {\"content\":\"te:1], and sedge [cite:2].\"}\n\n";
const SOURCES: &str = "{\"The river\":{\"slug\":\"ada/notes\",\"content\":\"Reeds.\",\"document\":\"rivers/varn.md\",\
    \"score\":0.91},\"Sedge\":{\"slug\":\"ada/notes\",\"content\":\"Sedge.\",\"document\":\"sedge.txt\",\"score\":0.62}}";
const RETRIEVAL: &str = "[{\"path\":\"ada/notes\",\"documents_retrieved\":2,\"status\":\"success\"},\
    {\"path\":\"ada/maps\",\"documents_retrieved\":0,\"status\":\"timeout\",\"error_message\":\"Request timed out\"}]";
const TIMES: &str = "{\"retrieval_time_ms\":3,\"generation_time_ms\":4,\"total_time_ms\":7}";

/// A hub where ada, who is signed in, has published a model and two data sources.
fn hub() -> Hub {
    let hub = Hub::start();
    hub.login();
    for (name, kind) in [("model", "model"), ("notes", "data_source"), ("maps", "data_source")] {
        let publish =
            ["publish", "--name", name, "--type", kind, "--url", "https://space.example.com"];
        let output = hub.run(&publish, "");
        assert!(output.status.success(), "{}", seen(&output));
    }
    hub
}

/// An aggregator that gives one answer: its address, and what it was asked.
fn aggregator(kind: &str, body: &str) -> (String, JoinHandle<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it listens"));
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let serve = move || {
        let (mut stream, _) = listener.accept().expect("somebody asks");
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("headers are text");
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(text) = line.strip_prefix("content-length:") {
                length = text.trim().parse().expect("a length is a number");
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("the body is as long as it says");
        stream.write_all(answer.as_bytes()).expect("the client still listens");
        serde_json::from_slice(&body).expect("a question is JSON")
    };
    (url, std::thread::spawn(serve))
}

fn streamed() -> String {
    let end =
        format!("{{\"sources\":{SOURCES},\"retrieval_info\":{RETRIEVAL},\"metadata\":{TIMES}}}");
    format!("{STREAM}event: done\ndata: {end}\n\n")
}

#[test]
fn an_answer_streams_and_its_sources_carry_the_numbers_of_its_citations() {
    let hub = hub();
    let (url, asked) = aggregator("text/event-stream", &streamed());
    let query =
        ["query", "ada/model", "What grows?", "-s", "ada/notes", "-s", "ada/maps", "-k", "2", "-a"];
    let told = hub.seen(&[&query[..], &[&url, "-V"]].concat(), "");
    with_settings!({omit_expression => true}, { assert_snapshot!("query", told) });
    let asked = asked.join().unwrap();
    assert_eq!((&asked["prompt"], &asked["top_k"]), (&"What grows?".into(), &2.into()));
    assert!(asked["endpoint_tokens"]["ada"].is_string());
}

#[test]
fn an_answer_in_json_lists_its_sources_best_first() {
    let hub = hub();
    let answer = format!(
        "{{\"response\":\"Reeds [cite:1].\",\"sources\":{SOURCES},\"retrieval_info\":{RETRIEVAL},\"metadata\":{TIMES},\
         \"usage\":null}}"
    );
    let (url, asked) = aggregator("application/json", &answer);
    let query = ["query", "ada/model", "-", "-s", "ada/notes", "--json", "-a", &url];
    let told = hub.seen(&query, "What\ngrows?\n");
    with_settings!({omit_expression => true}, { assert_snapshot!("query-json", told) });
    assert_eq!(asked.join().unwrap()["prompt"], "What\ngrows?");
}

/// The end of an answer that cites a document and was paid for.
const PAID_END: &str = "event: done\ndata: {\"sources\":{\"The river\":{\"slug\":\"ada/notes\",\
    \"content\":\"Reeds grow at the river. Sedge does not.\",\"document\":\"rivers/varn.md\"}},\"retrieval_info\":[],\
    \"citations\":[{\"start\":0,\"end\":16,\"document\":1,\"title\":\"The river\",\"source\":\"ada/notes\",\
    \"support\":{\"start\":0,\"end\":24}}],\"billing\":{\"total_cost\":0.05,\"currency\":\"USD\",\"entries\":[\
    {\"source\":\"ada/notes\",\"policy_type\":\"accounting\",\"kind\":\"payment\",\"status\":\"charged\",\"amount\":0.05,\
    \"currency\":\"USD\"}]}}\n\n";

#[test]
fn a_cited_source_is_quoted_and_what_was_paid_is_told() {
    let hub = hub();
    let (url, asked) = aggregator("text/event-stream", &format!("{STREAM}{PAID_END}"));
    let query =
        ["query", "ada/model", "And now?", "-s", "ada/notes=reeds", "-s", "ada/notes", "-a", &url];
    let terms = [
        "--turn",
        "user:What grows?",
        "--turn",
        "assistant: Reeds.",
        "--system",
        "Be brief.",
        "--on-denied",
        "fail",
        "--no-pay",
    ];
    let told = hub.seen(&[&query[..], &terms].concat(), "");
    with_settings!({omit_expression => true}, { assert_snapshot!("query-paid", told) });
    let asked = asked.join().unwrap();
    assert_eq!(asked["data_sources"][0]["query_override"], "reeds");
    assert_eq!(asked["data_sources"].as_array().unwrap().len(), 2);
    assert_eq!(asked["messages"][1]["content"], "Reeds.");
    assert_eq!(
        (&asked["custom_system_prompt"], &asked["on_denied"]),
        (&"Be brief.".into(), &"fail".into())
    );
    assert!(asked["transaction_tokens"].as_object().unwrap().is_empty());
}

#[test]
fn events_are_printed_as_lines_of_json_and_the_last_one_says_how_it_ended() {
    let hub = hub();
    let (url, asked) = aggregator("text/event-stream", &format!("{STREAM}{PAID_END}"));
    let query =
        ["query", "ada/model", "What grows?", "-s", "ada/notes", "--json-stream", "-a", &url];
    let told = hub.seen(&query, "");
    with_settings!({omit_expression => true}, { assert_snapshot!("query-json-stream", told) });
    asked.join().unwrap();

    let failed = "event: error\ndata: {\"message\":\"Model generation failed: no\",\"error\":\"generation_failed\"}\n\n";
    let (url, asked) = aggregator("text/event-stream", &format!("{STREAM}{failed}"));
    let output = hub.run(&["query", "ada/model", "What grows?", "--json-stream", "-a", &url], "");
    asked.join().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["code"]), (&"error".into(), &"generation_failed".into()));
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0));

    let output = hub.run(&["query", "ada/nothing", "What grows?", "--json-stream"], "");
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["event"], output.status.code()), (&"error".into(), Some(4)));
}

#[test]
fn turns_may_come_from_a_file() {
    let hub = hub();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, r#"[{"role": "user", "content": "Hello"}]"#).unwrap();
    let path = file.path().to_str().unwrap();
    let (url, asked) = aggregator("text/event-stream", &streamed());
    let query = [
        "query",
        "ada/model",
        "And now?",
        "--turn",
        "assistant:Hello.",
        "--history",
        path,
        "-a",
        &url,
    ];
    assert!(hub.run(&query, "").status.success());
    let asked = asked.join().unwrap();
    assert_eq!(
        (&asked["messages"][0]["content"], &asked["messages"][1]["role"]),
        (&"Hello".into(), &"assistant".into())
    );
    std::fs::write(&file, "not json").unwrap();
    let output = hub.run(&query, "");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains(path));
}

#[test]
fn an_answer_is_given_up_after_the_time_that_was_allowed() {
    let hub = hub();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", silent.local_addr().expect("it listens"));
    let query = ["query", "ada/model", "What grows?", "--timeout", "1", "-a", &url];
    let output = hub.run(&query, "");
    assert_eq!(output.status.code(), Some(6), "{}", seen(&output));
}

#[test]
fn an_answer_that_breaks_off_is_a_failure_after_what_was_said() {
    let hub = hub();
    let (url, asked) = aggregator("text/event-stream", STREAM);
    let output = hub.run(&["query", "ada/model", "What grows?", "-a", &url], "");
    asked.join().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("Reeds grow there [1]"));
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(talk.contains("error: the answer ended before it was complete"), "{talk}");
}

#[test]
fn an_endpoint_that_cannot_play_its_part_is_named() {
    let hub = hub();
    let query = ["query", "ada/notes", "What grows?", "--json"];
    let output = hub.run(&query, "");
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["message"], "ada/notes is of type data_source, not a model");
}

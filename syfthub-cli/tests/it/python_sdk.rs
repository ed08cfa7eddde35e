//! The published Python client, version 0.1.1, against the running stack: what people have installed goes on working.

use std::process::Command;

use serde_json::Value;

use crate::stack::{Stack, small_corpus};
use crate::third_party;

#[test]
fn the_published_python_client_signs_in_browses_publishes_and_chats() {
    let Some(python) = third_party::path("SYFTHUB_TEST_SDK_PYTHON") else { return };
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);

    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/python_sdk.py"))
        .args([
            stack.text("hub"),
            stack.text("username"),
            stack.text("password"),
            stack.text("model"),
            stack.source(0),
        ])
        .output()
        .unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    let seen: Value = serde_json::from_str(&out).unwrap();

    assert_eq!(seen["me"], stack.text("username"));
    assert_eq!(seen["registered"], "visitor");
    assert_paths(&seen["browsed"], &[stack.text("model"), stack.source(0)]);
    assert_paths(&seen["models"], &[stack.text("model")]);
    assert_paths(&seen["data_sources"], &[stack.source(0)]);
    assert_eq!(seen["found"], "data_source");
    assert_eq!(seen["satellite_token_seconds"], 60);

    assert_eq!(seen["created"], serde_json::json!(["sdk-notes", "Notes", "private", ["a", "b"]]));
    assert_eq!(seen["listed_private"], serde_json::json!(["sdk-notes"]));
    assert_eq!(seen["updated"], serde_json::json!(["Better notes", "public"]));
    assert_eq!(seen["read_again"], "Better notes");
    assert_eq!(seen["after_delete"], "NotFoundError");
    assert_eq!(seen["wrong_password"], "AuthenticationError");

    assert_answer(&seen["complete"], stack.source(0));
    assert_answer(&seen["stream"], stack.source(0));
    let kinds: Vec<&str> =
        seen["events"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(
        kinds,
        [
            "retrieval_start",
            "source_complete",
            "retrieval_complete",
            "generation_start",
            "token",
            "done"
        ]
    );
    assert_eq!(seen["refreshed"], true);
    assert_eq!(seen["signed_out"], true);
}

fn assert_paths(seen: &Value, expected: &[&str]) {
    let paths: Vec<&str> =
        seen.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for path in expected {
        assert!(paths.contains(path), "{path} is not among {paths:?}");
    }
}

fn assert_answer(answer: &Value, source: &str) {
    assert!(answer["response"].as_str().is_some_and(|text| text.contains("1873")), "{answer}");
    assert!(
        answer["sources"].as_array().is_some_and(|paths| paths.iter().any(|path| path == source)),
        "{answer}"
    );
    assert_eq!(answer["retrieval"], serde_json::json!([[source, "success"]]), "{answer}");
}

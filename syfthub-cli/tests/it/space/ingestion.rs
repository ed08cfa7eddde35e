//! `syfthub space ingest`: until everything is indexed, step by step, with what could not be read.

use std::fs;

use serde_json::Value;

use super::assert_seen;
use super::node::Node;

#[test]
fn ingesting_waits_until_everything_can_be_found() {
    let node = Node::start();
    assert_seen!("space-ingest", node.seen(&["ingest", "notes"], ""));
    let done = node.json(&["ingest", "notes"], "");
    assert_eq!((done["total"].as_u64(), done["done"].as_u64()), (Some(2), Some(2)), "{done}");
    let found = node.json(&["search", "notes", "Which permit covers night work?"], "");
    assert_eq!(found["documents"][0]["metadata"]["file_name"], "permits.md", "{found}");
    let text = node.seen(&["search", "notes", "-", "-k", "1"], "Where do reeds grow?");
    assert!(text.contains("reeds.txt") && text.contains("near the river Varn"), "{text}");
}

#[test]
fn every_step_can_be_had_as_a_line_of_json() {
    let node = Node::start();
    let output = node.run(&["ingest", "notes", "--json-lines"], "");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let steps: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = steps.last().expect("there is one step at least");
    assert_eq!((last["ready"].as_bool(), last["done"].as_u64()), (Some(true), Some(2)), "{last}");
    assert!(output.stderr.is_empty(), "no bar is drawn where nobody watches");
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason_and_read_again_when_asked() {
    let mut node = Node::nowhere();
    let broken = node.notes().join("broken.pdf");
    fs::write(&broken, "this is no PDF").unwrap();
    node.json(&["init", "--yes", "--data", node.notes().to_str().unwrap()], "");
    node.run_space();
    let done = node.json(&["ingest", "notes"], "");
    assert_eq!((done["done"].as_u64(), done["failed"].as_u64()), (Some(2), Some(1)), "{done}");
    assert_eq!(done["failures"][0]["file_name"], "broken.pdf", "{done}");
    let text = node.seen(&["ingest", "notes"], "");
    assert!(text.contains("warning: broken.pdf: "), "{text}");
    fs::remove_file(&broken).unwrap();
    assert_eq!(node.code(&["ingest", "notes", "--retry"]), Some(0));
}

#[test]
fn ingestion_is_stopped_and_started_again() {
    let node = Node::start();
    node.json(&["ingest", "notes"], "");
    assert_eq!(node.json(&["ingest", "notes", "--stop"], "")["jobs"], 0);
    fs::write(node.notes().join("late.md"), "# Late\n\nThe ferry to Oss leaves on Tuesdays.\n")
        .unwrap();
    let done = node.json(&["ingest", "notes"], "");
    assert_eq!(done["done"].as_u64(), Some(3), "{done}");
}

#[test]
fn what_would_be_shared_is_shown_before_it_is() {
    let node = Node::start();
    let path = node.notes().display().to_string();
    assert_seen!(
        "space-dataset-dry-run",
        node.seen(&["dataset", "add", "again", "--path", &path, "--dry-run"], "")
    );
    assert_eq!(node.json(&["dataset", "ls"], "")["datasets"].as_array().unwrap().len(), 1);
}

#[test]
fn a_dataset_that_does_not_exist_is_told() {
    let node = Node::start();
    assert_seen!("space-ingest-missing", node.seen(&["ingest", "note"], ""));
}

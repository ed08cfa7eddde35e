//! The life of a space: set up, run, found, asked, logged, stopped, killed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::assert_seen;
use super::node::Node;
use crate::hub::seen;

#[test]
fn a_space_is_set_up_run_and_asked_without_a_single_question() {
    let mut node = Node::nowhere();
    let notes = node.notes();
    assert_seen!(
        "space-init",
        node.seen(&["init", "--yes", "--data", notes.to_str().unwrap()], "")
    );
    node.run_space();
    let ready = serde_json::to_string_pretty(&node.ready).unwrap();
    assert_seen!("space-ready", ready.replace(node.home().to_str().unwrap(), "[home]"));
    node.json(&["ingest", "notes"], "");
    let text = node.seen(&["search", "notes", "-", "-k", "1"], "Which permit covers night work?");
    assert!(text.contains("permits.md") && text.contains("permit N-4"), "{text}");
    assert!(node.interrupt().success());
}

#[test]
fn nothing_secret_stands_outside_the_folder_of_a_space() {
    let node = Node::start();
    for file in ["admin.key", "space.key", "space.db", "space.log", "running.json"] {
        let mode = fs::metadata(node.state().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}: {mode:o}");
    }
    assert_eq!(fs::metadata(node.state()).unwrap().permissions().mode() & 0o077, 0);
    let key = fs::read_to_string(node.state().join("admin.key")).unwrap();
    let log = fs::read_to_string(node.state().join("space.log")).unwrap();
    assert!(!log.contains(key.trim()));
}

#[test]
fn a_space_that_runs_is_found_and_one_that_does_not_is_told_apart_from_none() {
    let mut node = Node::nowhere();
    assert_seen!("space-none", node.seen(&["status"], ""));
    node.json(&["init", "--yes", "--model", "none"], "");
    assert_seen!("space-stopped", node.seen(&["status"], ""));
    assert_seen!("space-stopped-json", node.seen(&["dataset", "ls", "--json"], ""));
    node.run_space();
    assert_seen!("space-status", node.seen(&["status"], ""));
    assert!(node.json(&["status"], "")["pid"].is_u64());
    assert_seen!("space-run-twice", node.seen(&["run"], ""));
    assert_seen!("space-init-running", node.seen(&["init", "--yes"], ""));
    node.kill();
    assert_eq!(node.code(&["status"]), Some(6), "what a killed space left behind is not believed");
    node.run_space();
    assert_eq!(node.code(&["status"]), Some(0));
}

#[test]
fn a_space_can_be_named_by_its_address_with_a_key_from_anywhere_but_an_argument() {
    let node = Node::start();
    let url = node.ready["admin_url"].as_str().unwrap();
    let elsewhere = node.home().join("elsewhere");
    let there = ["--state", elsewhere.to_str().unwrap(), "--admin-url", url, "model", "ls"];
    assert_seen!("space-no-key", node.seen(&there, "").replace("elsewhere", "[folder]"));
    let key = fs::read_to_string(node.state().join("admin.key")).unwrap();
    let by_variable = node.run_with(&there, "", &[("SYFTHUB_SPACE_KEY", key.trim())]);
    assert!(by_variable.status.success(), "{}", seen(&by_variable));
    let by_input = node.run(&[&there[..], &["--key-file", "-"]].concat(), &key);
    assert!(by_input.status.success(), "{}", seen(&by_input));
    let file = node.state().join("admin.key");
    let by_file = node.run(&[&there[..], &["--key-file", file.to_str().unwrap()]].concat(), "");
    assert!(by_file.status.success(), "{}", seen(&by_file));
    let wrong = node.run_with(&there, "", &[("SYFTHUB_SPACE_KEY", "wrong")]);
    assert_seen!("space-wrong-key", seen(&wrong));
    assert_eq!(node.code(&["--key", "x", "status"]), Some(2));
}

#[test]
fn the_log_is_read_while_the_space_runs_and_afterwards() {
    let mut node = Node::nowhere();
    assert_seen!("space-logs-none", node.seen(&["logs"], ""));
    node.json(&["init", "--yes"], "");
    node.run_space();
    let running = node.seen(&["logs", "-n", "1000"], "");
    assert!(running.contains("INFO  admin API url="), "{running}");
    assert!(node.interrupt().success());
    assert_eq!(node.code(&["logs"]), Some(0));
    let lines = String::from_utf8(node.run(&["logs", "--json"], "").stdout).unwrap();
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert!(first["timestamp"].is_string() && first["message"].is_string(), "{first}");
}

#[test]
fn settings_that_make_no_sense_are_refused_by_their_name() {
    let node = Node::nowhere();
    let usage = node.run_with(&["run"], "", &[("SPACE_PARSERS", "many")]);
    assert_seen!("space-run-bad-setting", seen(&usage));
    assert_seen!("space-run-public-admin", node.seen(&["run", "--admin-listen", "nonsense"], ""));
    assert_seen!(
        "space-init-no-folder",
        node.seen(&["init", "--yes", "--data", "/no/such/folder"], "")
    );
    assert_seen!("space-init-mistyped", node.seen(&["init", "--yes", "--model", "extractiv"], ""));
}

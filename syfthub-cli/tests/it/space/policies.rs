//! Policies of endpoints, what they would say, and what they decided.

use syfthub_client::{Client, ErrorKind};
use tokio::runtime::Runtime;

use super::assert_seen;
use super::node::Node;
use crate::hub::{Hub, PASSWORD};

const MEMBERS: [&str; 6] =
    ["policy", "add", "notes", "--type", "access", "--set=allowed_users=*@example.org"];

#[test]
fn policies_are_added_shown_tried_changed_and_removed() {
    let node = Node::start();
    assert_seen!("space-policy-none", node.seen(&["policy", "ls"], ""));
    assert_seen!("space-policy-add", node.seen(&MEMBERS, ""));
    let limit = ["policy", "add", "notes", "--type", "rate_limit", "--name", "fair use"];
    let limit = node.json(&[&limit[..], &["--set", "limit=50/m"]].concat(), "");
    let id = limit["policy"]["id"].as_str().unwrap();
    assert_seen!("space-policy-ls", node.seen(&["policy", "ls", "notes"], ""));
    assert_seen!("space-policy-show", node.seen(&["policy", "show", id], ""));
    assert_seen!("space-policy-edit", node.seen(&["policy", "edit", id, "--set", "limit=9/m"], ""));
    let shown = node.json(&["policy", "show", id], "");
    assert_eq!(shown["policy"]["configuration"]["limit"], "9/m", "{shown}");
    assert_seen!(
        "space-policy-check-in",
        node.seen(&["policy", "check", "notes", "ada@example.org"], "")
    );
    assert_seen!(
        "space-policy-check-out",
        node.seen(&["policy", "check", "notes", "eve@elsewhere.net"], "")
    );
    let forecast = node.json(&["policy", "check", "notes", "eve@elsewhere.net"], "");
    assert_eq!(forecast["check"]["allowed"], false, "{forecast}");
    assert_seen!("space-policy-rm", node.seen(&["policy", "rm", id, "--yes"], ""));
    assert_eq!(node.code(&["policy", "show", id]), Some(4));
}

#[test]
fn a_policy_that_makes_no_sense_is_refused_with_what_to_type_next() {
    let node = Node::start();
    for (name, arguments) in [
        ("space-policy-mistyped-type", &["policy", "add", "notes", "--type", "rate-limits"][..]),
        (
            "space-policy-mistyped-setting",
            &["policy", "add", "notes", "--type", "rate_limit", "--set", "limti=5/m"],
        ),
        (
            "space-policy-bad-limit",
            &["policy", "add", "notes", "--type", "rate_limit", "--set", "limit=often"],
        ),
        ("space-policy-no-endpoint", &["policy", "add", "nothing", "--type", "rate_limit"]),
    ] {
        assert_seen!(name, node.seen(arguments, ""));
    }
}

#[test]
fn who_asked_and_what_was_decided_is_read_afterwards() {
    let hub = Hub::start();
    let node = Node::start();
    assert_seen!("space-decisions-none", node.seen(&["logs", "--decisions"], ""));
    node.json(&["ingest", "notes"], "");
    node.json(&["--hub", &hub.url, "connect", "-u", "ada"], &format!("{PASSWORD}\n"));
    node.json(&["publish", "notes"], "");
    let runtime = Runtime::new().unwrap();
    let ask = || {
        runtime.block_on(async {
            let client = Client::builder(hub.url.as_str()).build()?;
            client.auth().login("ada", PASSWORD).await?;
            let notes = client.endpoints().query("ada/notes".parse().expect("it is a path"));
            notes.similarity_threshold(0.0).documents("Where do reeds grow?").await
        })
    };
    assert_eq!(ask().unwrap()[0].metadata["file_name"], "reeds.txt");
    assert!(node.run(&MEMBERS, "").status.success());
    assert_eq!(ask().unwrap_err().kind(), ErrorKind::Forbidden);
    let decisions = loop {
        let read = node.json(&["logs", "--decisions", "--endpoint", "notes"], "");
        let read = read["decisions"].as_array().unwrap().clone();
        // They are written behind the answers.
        if read.len() == 2 {
            break read;
        }
    };
    assert_eq!(decisions[0]["outcome"], "success", "{decisions:?}");
    assert_eq!(decisions[1]["outcome"], "access_denied", "{decisions:?}");
    assert_eq!(decisions[1]["email"], "ada@example.com", "{decisions:?}");
    let people = node.seen(&["logs", "--decisions", "-n", "1"], "");
    assert!(people.contains("ada@example.com\taccess_denied"), "{people}");
}

#[test]
fn what_was_changed_is_read_with_who_did_it() {
    let node = Node::start();
    node.json(&["dataset", "edit", "notes", "--summary", "From the field"], "");
    let changes = node.json(&["logs", "--changes", "-n", "1"], "");
    assert_eq!(changes["changes"][0]["actor"], "admin-key", "{changes}");
    let people = node.seen(&["logs", "--changes"], "");
    assert!(people.lines().filter(|line| line.contains("\tadmin-key\t")).count() >= 3, "{people}");
}

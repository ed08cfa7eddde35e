//! Datasets, models and endpoints: added, listed, shown, removed.

use std::fs;

use super::assert_seen;
use super::node::Node;

#[test]
fn datasets_models_and_endpoints_are_added_listed_shown_and_removed() {
    let node = Node::start();
    let notes = node.notes();
    let path = notes.to_str().unwrap();
    let add = ["dataset", "add", "again", "--path", path, "--summary", "The same", "--tag", "a"];
    assert_seen!("space-dataset-add", node.seen(&add, ""));
    assert_seen!("space-dataset-add-taken", node.seen(&add, ""));
    assert_seen!("space-dataset-ls", node.seen(&["dataset", "ls"], ""));
    let listed = node.json(&["dataset", "ls"], "");
    assert_eq!(listed["datasets"][1]["name"], "again");
    let shown = node.json(&["dataset", "show", "again"], "");
    assert_eq!(shown["dataset"]["summary"], "The same");
    let endpoint = ["endpoint", "add", "Both of it", "--dataset", "again", "--model", "extractive"];
    assert_seen!("space-endpoint-add", node.seen(&endpoint, ""));
    assert_seen!("space-endpoint-ls", node.seen(&["endpoint", "ls"], ""));
    assert_seen!("space-endpoint-show", node.seen(&["endpoint", "show", "both-of-it"], ""));
    let edit = ["endpoint", "edit", "both-of-it", "--answers", "raw", "--summary", "Of both"];
    assert_seen!("space-endpoint-edit", node.seen(&edit, ""));
    assert_seen!("space-endpoint-edit-nothing", node.seen(&["endpoint", "edit", "both-of-it"], ""));
    assert_eq!(
        node.json(&["endpoint", "show", "both-of-it"], "")["endpoint"]["summary"],
        "Of both"
    );
    let edit = ["dataset", "edit", "again", "--rename", "renamed", "--set", "chunkTokens=300"];
    assert_seen!("space-dataset-edit", node.seen(&edit, ""));
    let shown = node.json(&["dataset", "show", "renamed"], "");
    assert_eq!(shown["dataset"]["configuration"]["chunkTokens"], 300, "{shown}");
    node.json(&["dataset", "edit", "renamed", "--rename", "again"], "");
    assert_seen!("space-dataset-rm-used", node.seen(&["dataset", "rm", "again", "--yes"], ""));
    assert_seen!("space-endpoint-rm", node.seen(&["endpoint", "rm", "both-of-it", "--yes"], ""));
    assert_seen!("space-dataset-rm", node.seen(&["dataset", "rm", "again", "-y"], ""));
    assert_seen!("space-dataset-gone", node.seen(&["dataset", "show", "again"], ""));
    assert_seen!("space-dataset-gone-json", node.seen(&["dataset", "show", "again", "--json"], ""));
}

#[test]
fn what_cannot_be_undone_asks_and_where_nobody_can_be_asked_is_refused() {
    let node = Node::start();
    assert_seen!("space-rm-unconfirmed", node.seen(&["endpoint", "rm", "notes"], "y\n"));
    assert_eq!(node.json(&["endpoint", "ls"], "")["endpoints"].as_array().unwrap().len(), 2);
}

#[test]
fn a_slip_in_a_name_a_type_or_a_setting_says_what_was_meant() {
    let node = Node::start();
    let path = node.notes().display().to_string();
    for (name, arguments) in [
        ("space-mistyped-type", &["model", "add", "x", "--type", "opneai"][..]),
        (
            "space-mistyped-setting",
            &["dataset", "add", "x", "--path", &path, "--set", "chunktokens=9"],
        ),
        ("space-mistyped-dataset", &["endpoint", "add", "X Y", "--dataset", "note"]),
        ("space-mistyped-endpoint", &["search", "note", "why?"]),
        ("space-missing-path", &["dataset", "add", "x"]),
        ("space-missing-setting", &["model", "add", "x", "--type", "openai"]),
        ("space-missing-part", &["endpoint", "add", "x"]),
    ] {
        assert_seen!(name, node.seen(arguments, ""));
    }
}

#[test]
fn a_secret_comes_from_a_file_standard_input_or_the_environment_and_is_never_shown() {
    let node = Node::start();
    let add = |name: &str, key: &str, input: &str| {
        let arguments =
            ["model", "add", name, "--type", "openai", "--set", "model=m", "--set", key];
        node.run_with(&arguments, input, &[("KEY_OF_TEST", "hunter2")])
    };
    let refused = add("by-argument", "api_key=hunter2", "");
    assert_seen!("space-secret-argument", crate::hub::seen(&refused));
    let file = node.home().join("key.txt");
    fs::write(&file, "hunter2\n").unwrap();
    let by_file = format!("api_key=@{}", file.display());
    assert!(add("by-file", &by_file, "").status.success());
    assert!(add("by-input", "api_key=-", "hunter2\n").status.success());
    assert!(add("by-variable", "api_key=env:KEY_OF_TEST", "").status.success());
    for name in ["by-file", "by-input", "by-variable"] {
        let shown = node.json(&["model", "show", name], "");
        assert_eq!(shown["model"]["configuration"]["api_key"], "********", "{shown}");
    }
    let database = fs::read(node.state().join("space.db")).unwrap();
    assert!(!database.windows(7).any(|bytes| bytes == b"hunter2"));
}

#[test]
fn types_are_listed_with_their_settings() {
    let node = Node::start();
    let all = node.json(&["types"], "");
    assert!(all["types"]["model"].as_array().unwrap().iter().any(|one| one["name"] == "openai"));
    let one = node.seen(&["types", "model", "openai"], "");
    assert!(one.contains("api_key\tsecret"), "{one}");
    assert_seen!("space-types-mistyped", node.seen(&["types", "model", "opnai"], ""));
}

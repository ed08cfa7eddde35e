//! What a person at a terminal is asked and shown, in a pseudo-terminal.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::assert_seen;
use super::node::Node;

/// `syfthub space …` at a terminal at which somebody types `input`. Answers what is on the screen in the end.
fn at_terminal(node: &Node, arguments: &str, input: &str) -> String {
    let command = format!("{} space {arguments}", env!("CARGO_BIN_EXE_syfthub"));
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env_clear()
        .env("HOME", node.home())
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script is there");
    child.stdin.take().expect("it is piped").write_all(input.as_bytes()).expect("it is read");
    let output = child.wait_with_output().expect("its output is read to the end");
    let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    let home = node.home().canonicalize().expect("it exists");
    format!(
        "exit code: {:?}\n{}",
        output.status.code(),
        text.replace(home.to_str().expect("text"), "[home]")
    )
}

#[test]
fn a_space_is_set_up_by_answering_questions() {
    let node = Node::nowhere();
    let notes = node.notes().canonicalize().unwrap();
    let screen = at_terminal(&node, "init", &format!("{}\n\n\n", notes.display()));
    assert!(screen.starts_with("exit code: Some(0)"), "{screen}");
    for question in
        ["Folder of documents", "Model that answers, or none [extractive]", "Account at"]
    {
        assert!(screen.contains(question), "{question}: {screen}");
    }
    assert!(screen.contains("dataset   notes"), "{screen}");
}

#[test]
fn a_removal_asks_and_takes_no_for_an_answer() {
    let node = Node::start();
    let screen = at_terminal(&node, "endpoint rm notes", "n\n");
    assert!(screen.contains("Remove the endpoint notes, here and at the hubs? [y/N]"), "{screen}");
    assert!(screen.contains("nothing was changed"), "{screen}");
    let screen = at_terminal(&node, "endpoint rm notes", "y\n");
    assert!(screen.contains("Removed the endpoint notes."), "{screen}");
}

#[test]
fn tables_have_a_header_at_a_terminal() {
    let node = Node::start();
    assert_seen!("space-terminal-dataset-ls", at_terminal(&node, "dataset ls", ""));
    assert_seen!("space-terminal-endpoint-ls", at_terminal(&node, "endpoint ls", ""));
}

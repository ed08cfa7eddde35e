//! From a folder of real documents to a cited answer: Python's own documentation, some 500 HTML pages.

use std::process::Command;

use serde_json::Value;

use crate::stack::Stack;
use crate::third_party;

const QUESTION: &str = "What does functools.lru_cache do when maxsize is None?";

#[test]
fn an_answer_about_pythons_documentation_cites_the_right_page_and_a_second_run_resumes() {
    let Some(corpus) = third_party::path("SYFTHUB_TEST_CORPUS") else { return };
    let home = tempfile::tempdir().unwrap();

    let first = Stack::start(home.path(), &[&corpus]);
    first.login();
    assert_cites_functools(&ask(&first));
    let (username, password) =
        (first.text("username").to_owned(), first.text("password").to_owned());
    let sources = first.ready["sources"].clone();
    assert_eq!(first.interrupt().code(), Some(0), "Ctrl-C ends it cleanly");

    let second = Stack::start(home.path(), &[&corpus]);
    assert_eq!((second.text("username"), second.text("password")), (&*username, &*password));
    assert_eq!(second.ready["sources"], sources);
    second.login();
    assert_cites_functools(&ask(&second));
    assert_eq!(second.interrupt().code(), Some(0));
}

#[test]
fn the_state_directory_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;

    let (home, data) = (tempfile::tempdir().unwrap(), crate::stack::small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let password = stack.text("password").to_owned();
    let state = home.path().join("state");
    let found = Command::new("grep").args(["-rlF", &password]).arg(&state).output().unwrap();
    let files = String::from_utf8(found.stdout).unwrap();
    assert!(!files.is_empty(), "the password is kept for the next run");
    for file in files.lines() {
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} is readable by others");
    }
}

fn ask(stack: &Stack) -> Value {
    stack.json(&["query", stack.text("model"), QUESTION, "-s", stack.source(0), "--json"], "")
}

fn assert_cites_functools(answer: &Value) {
    let sources =
        answer["sources"].as_array().unwrap_or_else(|| panic!("no list of sources in {answer}"));
    let documents: Vec<&str> =
        sources.iter().filter_map(|source| source["document"].as_str()).collect();
    assert!(documents.contains(&"library/functools.html"), "{documents:?}");
    let scores: Vec<f64> = sources.iter().filter_map(|source| source["score"].as_f64()).collect();
    assert_eq!(scores.len(), sources.len(), "every source has its score: {answer}");
    assert!(scores.is_sorted_by(|a, b| a >= b), "best first: {scores:?}");
    assert_eq!(answer["status"], "success");
    assert!(answer["response"].as_str().is_some_and(|text| !text.trim().is_empty()), "{answer}");
}

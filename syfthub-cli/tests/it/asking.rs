//! Asking a stack: as a guest, as a person at a terminal, and with documents that change.

use crate::stack::{Stack, small_corpus};

const QUESTION: &str = "When was the lighthouse of Varn built?";

#[test]
fn a_guest_gets_a_streamed_answer_that_cites_its_file() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let output = stack.run(&["query", stack.text("model"), QUESTION, "-s", stack.source(0)], "");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let (answer, sources) = text.split_once("\nSources\n").expect("the sources follow the answer");
    assert!(answer.contains("1873") && answer.contains("[1]"), "{answer}");
    assert!(sources.contains("[1] lighthouse.md"), "{sources}");
}

#[test]
fn the_question_may_come_from_standard_input() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let answer =
        stack.json(&["query", stack.text("model"), "-", "-s", stack.source(0), "--json"], QUESTION);
    assert!(answer["response"].as_str().unwrap().contains("1873"), "{answer}");
    assert_eq!(answer["sources"][0]["document"], "lighthouse.md");
    assert_eq!(answer["retrieval_info"][0]["status"], "success");
}

#[test]
fn a_source_that_is_no_data_source_is_refused_before_anything_is_asked() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let model = stack.text("model");
    let output = stack.run(&["query", model, QUESTION, "-s", model], "");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains(model));
}

#[test]
fn two_folders_are_asked_at_once_and_each_source_says_where_it_comes_from() {
    let (home, one, two) =
        (tempfile::tempdir().unwrap(), small_corpus(), tempfile::tempdir().unwrap());
    std::fs::write(
        two.path().join("keeper.md"),
        "# The keeper\n\nThe keeper of the lighthouse of Varn is Ilse Brand.\n",
    )
    .unwrap();
    let stack = Stack::start(home.path(), &[one.path(), two.path()]);
    let (first, second) = (stack.source(0).to_owned(), stack.source(1).to_owned());
    let question = "Who is the keeper of the lighthouse of Varn?";
    let answer = stack
        .json(&["query", stack.text("model"), question, "-s", &first, "-s", &second, "--json"], "");
    let from: Vec<(&str, &str)> = answer["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| (source["slug"].as_str().unwrap(), source["document"].as_str().unwrap()))
        .collect();
    assert!(from.contains(&(&second, "keeper.md")), "{from:?}");
    assert!(
        from.iter().all(|(slug, document)| (*slug == second) == (*document == "keeper.md")),
        "{from:?}"
    );
    assert!(answer["response"].as_str().unwrap().contains("Ilse Brand"), "{answer}");
}

#[test]
fn a_second_stack_on_the_same_state_is_refused_by_name() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let state = home.path().join("state");
    let output =
        stack.run(&["dev", "--listen", "127.0.0.1:0", "--state", state.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--state"));
}

#[test]
fn a_port_in_use_is_named_with_its_flag() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let taken = stack.text("hub").trim_start_matches("http://").trim_end_matches('/').to_owned();
    let other = home.path().join("other");
    let output = stack.run(&["dev", "--listen", &taken, "--state", other.to_str().unwrap()], "");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("--listen") && text.contains("in use"), "{text}");
}

#[test]
fn without_an_aggregator_the_same_question_gets_the_same_answer() {
    let (home, one, two) =
        (tempfile::tempdir().unwrap(), small_corpus(), tempfile::tempdir().unwrap());
    std::fs::write(
        two.path().join("keeper.md"),
        "# The keeper\n\nThe keeper of the lighthouse of Varn is Ilse Brand.\n",
    )
    .unwrap();
    let stack = Stack::start(home.path(), &[one.path(), two.path()]);
    let question = "Who is the keeper of the lighthouse of Varn?";
    let ask = [
        "query",
        stack.text("model"),
        question,
        "-s",
        stack.source(0),
        "-s",
        stack.source(1),
        "--json",
    ];
    let aggregated = stack.json(&ask, "");
    let direct = stack.json(&[&ask[..], &["--direct"]].concat(), "");
    assert_eq!(aggregated, direct);
    assert!(direct["response"].as_str().unwrap().contains("Ilse Brand"), "{direct}");
    assert!(!direct["citations"].as_array().unwrap().is_empty(), "{direct}");

    stack.login();
    assert_eq!(stack.json(&[&ask[..], &["--direct"]].concat(), ""), aggregated);
}

#[test]
fn the_events_of_both_ways_carry_the_same_facts_in_the_same_order() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let ask = ["query", stack.text("model"), QUESTION, "-s", stack.source(0), "--json-stream"];
    let facts = |more: &[&str]| {
        let output = stack.run(&[&ask[..], more].concat(), "");
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let events = text.lines().map(|line| {
            let mut event: serde_json::Value = serde_json::from_str(line).unwrap();
            let event = event.as_object_mut().unwrap();
            for timing in ["time_ms", "metadata"] {
                event.remove(timing);
            }
            serde_json::Value::Object(event.clone())
        });
        events.collect::<Vec<_>>()
    };
    let (aggregated, direct) = (facts(&[]), facts(&["--direct"]));
    assert_eq!(aggregated, direct);
    assert_eq!(direct.last().unwrap()["event"], "done");
}

#[test]
fn documents_alone_are_shown_by_how_they_begin() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let ask = ["query", stack.text("model"), QUESTION, "-s", stack.source(0), "--retrieve-only"];
    for way in [&[][..], &["--direct"]] {
        let output = stack.run(&[&ask[..], way].concat(), "");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("Documents\n  [1] lighthouse.md"), "{text}");
        assert!(text.contains("was built in 1873"), "{text}");
    }
    let answer = stack.json(&[&ask[..], &["--json"]].concat(), "");
    assert_eq!(answer["response"], "");
    assert!(answer["sources"][0]["content"].as_str().unwrap().contains("1873"));
}

#[test]
fn a_person_sees_the_sentence_that_an_answer_rests_on() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let ask = ["query", stack.text("model"), QUESTION, "-s", stack.source(0), "--direct"];
    let text = String::from_utf8(stack.run(&ask, "").stdout).unwrap();
    assert!(
        text.contains("“The lighthouse of Varn was built in 1873 from grey granite.”"),
        "{text}"
    );
}

//! The programs in Rust.

use std::process::Command;

use crate::service::Service;
use crate::stack::Stack;

#[test]
fn ask_prints_the_answer_and_what_it_rests_on() {
    let stack = Stack::start();
    let sources = stack.sources();
    assert_eq!(sources.len(), 3);
    let question = [stack.text("model"), "When was the lighthouse of Varn built?"];
    let said = stack.run(
        Command::new(env!("CARGO_BIN_EXE_ask")),
        &[&question[..], &sources].concat(),
        &[],
    );
    for source in sources {
        assert!(said.contains(&format!("{source}: success")), "{said}");
    }
    assert!(said.contains("1873"), "{said}");
    assert!(said.contains("[1] "), "{said}");
}

#[test]
fn publish_shows_changes_and_withdraws_a_model() {
    let stack = Stack::start();
    let said = stack.run(Command::new(env!("CARGO_BIN_EXE_publish")), &[], &[]);
    assert_eq!(said, published(&stack));
}

/// What the programs that publish a model print.
pub(crate) fn published(stack: &Stack) -> String {
    let path = format!("{}/haiku", stack.text("username"));
    format!(
        "published {path}: Answers in seventeen syllables.\nchanged {path}: Answers in seventeen syllables, mostly.\nwithdrew {path}: nobody finds it\n"
    )
}

#[tokio::test]
async fn a_service_on_axum_lets_in_whose_token_counts() {
    let stack = Stack::start();
    Service::start(Command::new(env!("CARGO_BIN_EXE_verify")), &stack)
        .lets_in_whose_token_counts(stack)
        .await;
}

//! The programs in TypeScript, as `.ci/examples` compiled them against our package.

use std::process::Command;

use crate::rust::published;
use crate::service::Service;
use crate::stack::{Stack, example, installed};

/// A compiled program, where our package is built.
fn program(name: &str) -> Option<Command> {
    installed("SYFTHUB_TEST_OUR_NODE")?;
    let mut command = Command::new("node");
    command.arg(example("typescript/dist").join(name));
    Some(command)
}

#[test]
fn publish_model_shows_changes_and_withdraws_a_model() {
    let Some(program) = program("publish-model.js") else { return };
    let stack = Stack::start();
    let said = stack.run(program, &[], &[]);
    assert_eq!(said, published(&stack));
}

#[test]
fn a_chat_goes_on_until_its_input_ends() {
    let Some(program) = program("chat.js") else { return };
    let stack = Stack::start();
    let asked = [&[stack.text("model")][..], &stack.sources()].concat();
    let lines = ["When was the lighthouse of Varn built?", "How tall do reeds grow?"];
    let said = stack.run(program, &asked, &lines);
    assert!(said.contains("1873"), "{said}");
    assert!(said.contains("four metres"), "{said}");
}

#[tokio::test]
async fn a_service_on_express_lets_in_whose_token_counts() {
    let Some(program) = program("verify-express.js") else { return };
    let stack = Stack::start();
    Service::start(program, &stack).lets_in_whose_token_counts(stack).await;
}

//! The programs in Python, run by the interpreter that has our package.

use std::path::Path;
use std::process::Command;

use crate::rust::published;
use crate::service::Service;
use crate::stack::{Stack, example, installed, output};

const PYTHON: &str = "SYFTHUB_TEST_OUR_PYTHON";

fn program(python: &Path, name: &str) -> Command {
    let mut command = Command::new(python);
    command.arg(example("python").join(name)).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

#[test]
fn publish_model_shows_changes_and_withdraws_a_model() {
    let Some(python) = installed(PYTHON) else { return };
    let stack = Stack::start();
    let said = stack.run(program(&python, "publish_model.py"), &[], &[]);
    assert_eq!(said, published(&stack));
}

#[test]
fn ask_streams_an_answer_over_three_sources() {
    let Some(python) = installed(PYTHON) else { return };
    let stack = Stack::start();
    let sources = stack.sources();
    let question = [stack.text("model"), "When was the lighthouse of Varn built?"];
    let asked = [&question[..], &sources].concat();
    let said = stack.run(program(&python, "ask.py"), &asked, &[]);
    for source in sources {
        assert!(said.contains(&format!("{source}: success")), "{said}");
    }
    assert!(said.contains("1873") && said.contains("[1] "), "{said}");
}

#[test]
fn the_walkthrough_runs_from_top_to_bottom() {
    let Some(python) = installed(PYTHON) else { return };
    let stack = Stack::start();
    let mut walk = program(&python, "walkthrough.py");
    walk.env("SYFTHUB_URL", stack.text("hub"))
        .env("SYFTHUB_USERNAME", stack.text("username"))
        .env("SYFTHUB_PASSWORD", stack.text("password"));
    let said = output(walk, &[]);
    for part in ["signed in as", "river-notes has 1 star", "Varn", "1873", "a token of"] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
}

#[tokio::test]
async fn a_service_on_fastapi_lets_in_whose_token_counts() {
    let Some(python) = installed(PYTHON) else { return };
    let stack = Stack::start();
    Service::start(program(&python, "verify_fastapi.py"), &stack)
        .lets_in_whose_token_counts(stack)
        .await;
}

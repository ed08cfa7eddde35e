//! Every command below `syfthub space` explains itself.

use super::assert_seen;
use crate::hub::{seen, syfthub};

const COMMANDS: [&str; 44] = [
    "",
    "init",
    "run",
    "status",
    "dataset",
    "dataset add",
    "dataset ls",
    "dataset show",
    "dataset edit",
    "dataset rm",
    "model",
    "model add",
    "model ls",
    "endpoint",
    "endpoint add",
    "endpoint ls",
    "endpoint show",
    "endpoint edit",
    "endpoint rm",
    "policy",
    "policy add",
    "policy ls",
    "policy show",
    "policy edit",
    "policy rm",
    "policy check",
    "types",
    "ingest",
    "search",
    "publish",
    "unpublish",
    "connect",
    "register",
    "marketplace",
    "marketplace rm",
    "url",
    "tunnel",
    "tunnel on",
    "logs",
    "provisioner",
    "tenant",
    "tenant add",
    "account",
    "account add",
];

#[test]
fn every_command_of_a_space_explains_itself() {
    let home = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        let mut run = syfthub(home.path());
        run.arg("space").args(command.split_whitespace()).arg("--help");
        let name = format!("help-space-{}", command.replace(' ', "-"));
        assert_seen!(name.trim_end_matches('-'), seen(&run.output().unwrap()));
    }
}

#[test]
fn a_command_that_does_not_exist_is_wrong_usage_with_what_was_meant() {
    let home = tempfile::tempdir().unwrap();
    let output = syfthub(home.path()).args(["space", "datasets"]).output().unwrap();
    assert_seen!("space-mistyped", seen(&output));
}

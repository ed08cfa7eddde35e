//! A task in a process of its own, so that one task's modules, connections and memory are not the next one's.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;
use serde_json::Value;

const PYTHON: &str = include_str!("measure.py");
const NODE: &str = include_str!("measure.mjs");

/// What a task tells of itself.
#[derive(Deserialize)]
pub(super) struct Outcome {
    /// How long the work took.
    pub(super) seconds: f64,
    /// How many items it gave.
    pub(super) items: usize,
    /// How long the middle one of many took, in seconds.
    #[serde(default)]
    pub(super) middle: f64,
    /// The most memory in use, in bytes.
    #[serde(default)]
    pub(super) memory: u64,
    /// The same before the work.
    #[serde(default)]
    pub(super) before: u64,
}

/// An interpreter that has a package `syfthub_sdk`.
pub(super) struct Python(PathBuf);

impl Python {
    pub(super) fn at(interpreter: &Path) -> Self {
        Self(interpreter.to_owned())
    }

    pub(super) fn run(&self, task: &str, setting: &Value) -> anyhow::Result<Outcome> {
        let mut command = Command::new(&self.0);
        command.args(["-I", "-c", PYTHON, task, &setting.to_string()]);
        outcome(command)
    }
}

/// Node with our package, or without it.
pub(super) struct Node(PathBuf);

/// Who asks.
#[derive(Clone, Copy)]
pub(super) enum Way {
    /// Our package.
    Package,
    /// The `fetch` that Node has.
    Fetch,
}

impl Node {
    /// The directory of our package.
    pub(super) fn with(package: &Path) -> Self {
        Self(package.to_owned())
    }

    pub(super) fn run(&self, way: Way, task: &str, setting: &Value) -> anyhow::Result<Outcome> {
        let mut command = Command::new("node");
        command.args(["--input-type=module", "--eval", NODE, "--"]);
        command.arg(match way {
            Way::Package => "package",
            Way::Fetch => "fetch",
        });
        command.arg(task).arg(setting.to_string()).arg(std::path::absolute(&self.0)?);
        outcome(command)
    }
}

fn outcome(mut command: Command) -> anyhow::Result<Outcome> {
    let program = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("start {program}"))?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{program} said {}", String::from_utf8_lossy(&output.stdout)))
}

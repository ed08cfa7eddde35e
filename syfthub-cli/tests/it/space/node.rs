//! A running `syfthub space run`, and the commands beside it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::hub::{seen, syfthub};

/// A home of its own, with a folder of two notes, and perhaps a space that runs; killed when dropped.
pub(super) struct Node {
    home: TempDir,
    child: Option<Child>,
    /// The line it printed when it was ready.
    pub(super) ready: Value,
}

impl Node {
    /// A home in which no space is set up.
    pub(super) fn nowhere() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let notes = home.path().join("notes");
        std::fs::create_dir(&notes).expect("it is writable");
        let write = |name: &str, text: &str| {
            std::fs::write(notes.join(name), text).expect("it is writable");
        };
        write(
            "permits.md",
            "# Permits\n\nNight work needs permit N-4, which the harbour office gives.\n",
        );
        write("reeds.txt", "Reeds grow near the river Varn. Sedge grows beside them.\n");
        Self { home, child: None, ready: Value::Null }
    }

    /// A space over the notes that is set up and runs.
    pub(super) fn start() -> Self {
        let mut node = Self::nowhere();
        let notes = node.notes();
        node.json(&["init", "--yes", "--data", notes.to_str().expect("it is text")], "");
        node.run_space();
        node
    }

    /// Runs the space and waits until it is ready.
    pub(super) fn run_space(&mut self) {
        self.run_space_with(&[]);
    }

    /// The same, with these settings in its environment.
    pub(super) fn run_space_with(&mut self, settings: &[(&str, &str)]) {
        let log = self.home.path().join("run.err");
        let mut child = syfthub(self.home.path())
            .args(["space", "run", "--json", "--listen", "127.0.0.1:0"])
            .args(["--admin-listen", "127.0.0.1:0"])
            .envs(settings.iter().copied())
            .stderr(File::create(&log).expect("it is writable"))
            .spawn()
            .expect("the program exists");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped"))
            .read_line(&mut line)
            .expect("the ready line is text");
        self.child = Some(child);
        self.ready = serde_json::from_str(&line).unwrap_or_else(|_| {
            panic!(
                "no ready line but {line:?}; {}",
                std::fs::read_to_string(&log).unwrap_or_default()
            )
        });
    }

    /// Presses Ctrl-C and waits for the end.
    pub(super) fn interrupt(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill exists").success());
        child.wait().expect("it is our child")
    }

    /// Ends the space without warning.
    pub(super) fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it runs");
        child.wait().expect("it is our child");
    }

    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(super) fn notes(&self) -> PathBuf {
        self.home.path().join("notes")
    }

    /// Where the space keeps everything.
    pub(super) fn state(&self) -> PathBuf {
        self.home.path().join(".local/state/syfthub/space")
    }

    /// `syfthub space …` with `input` on its standard input.
    pub(super) fn run(&self, arguments: &[&str], input: &str) -> Output {
        self.run_with(arguments, input, &[])
    }

    /// The same, with more variables in its environment.
    pub(super) fn run_with(
        &self,
        arguments: &[&str],
        input: &str,
        variables: &[(&str, &str)],
    ) -> Output {
        let mut child = syfthub(self.home.path())
            .arg("space")
            .args(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .spawn()
            .expect("the program exists");
        // A command that reads no input may be gone before all of it is written.
        drop(child.stdin.take().expect("it is piped").write_all(input.as_bytes()));
        child.wait_with_output().expect("its output is read to the end")
    }

    /// What a person sees of a run, with this node's folder as `[home]`.
    pub(super) fn seen(&self, arguments: &[&str], input: &str) -> String {
        let home = self.home.path().canonicalize().expect("it exists");
        seen(&self.run(arguments, input)).replace(home.to_str().expect("it is text"), "[home]")
    }

    /// The JSON that a command prints, which must succeed.
    pub(super) fn json(&self, arguments: &[&str], input: &str) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        let output = self.run(&arguments, input);
        assert!(output.status.success(), "{arguments:?}: {}", seen(&output));
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{arguments:?} printed no JSON: {}", seen(&output)))
    }

    /// The exit code of a command.
    pub(super) fn code(&self, arguments: &[&str]) -> Option<i32> {
        self.run(arguments, "").status.code()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

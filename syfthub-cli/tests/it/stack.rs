//! A running `syfthub dev`, and the command line beside it.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// `syfthub dev --json` on a free port; killed when dropped.
pub(crate) struct Stack {
    child: Child,
    home: PathBuf,
    /// The line it prints when it is ready.
    pub(crate) ready: Value,
}

impl Stack {
    /// Starts it over the folders `data` with everything it keeps below `home`, and waits until it is ready.
    pub(crate) fn start(home: &Path, data: &[&Path]) -> Self {
        let log = home.join("dev.log");
        let mut command = syfthub(home);
        command
            .args(["dev", "--json", "--listen", "127.0.0.1:0", "--state"])
            .arg(home.join("state"));
        for folder in data {
            command.arg("--data").arg(folder);
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("the test's folder is writable"))
            .spawn()
            .expect("the program exists");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped"))
            .read_line(&mut line)
            .expect("the ready line is text");
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| {
            panic!(
                "no ready line but {line:?}; {}",
                std::fs::read_to_string(&log).unwrap_or_default()
            )
        });
        Self { child, home: home.to_owned(), ready }
    }

    /// A text of the ready line.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap_or_else(|| panic!("no text {key:?} in {}", self.ready))
    }

    /// The path of the n-th data source.
    pub(crate) fn source(&self, n: usize) -> &str {
        self.ready["sources"][n]
            .as_str()
            .unwrap_or_else(|| panic!("no source {n} in {}", self.ready))
    }

    /// Runs `syfthub` against this hub, with `input` on its standard input.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = syfthub(&self.home)
            .args(arguments)
            .env("SYFTHUB_URL", self.text("hub"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program exists");
        // A command that does not read its input may be gone before all of it is written.
        let _ = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
        child.wait_with_output().expect("its output is read to the end")
    }

    /// Runs `syfthub`, which must succeed, and reads the JSON it prints.
    pub(crate) fn json(&self, arguments: &[&str], input: &str) -> Value {
        let output = self.run(arguments, input);
        let (out, err) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {}\n{out}\n{err}", output.status);
        serde_json::from_str(&out)
            .unwrap_or_else(|_| panic!("{arguments:?} printed no JSON: {out}"))
    }

    /// Signs the command line in as the stack's user.
    pub(crate) fn login(&self) {
        let input = format!("{}\n", self.text("password"));
        self.json(&["login", "-u", self.text("username"), "--json"], &input);
    }

    /// Presses Ctrl-C and waits for the end.
    pub(crate) fn interrupt(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill exists").success());
        self.child.wait().expect("it is our child")
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // Ended already after `interrupt`; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command line with its credentials and settings below `home`, and nothing of the developer's own.
fn syfthub(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syfthub"));
    command
        .env_clear()
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_STATE_HOME", home.join("local-state"))
        .stdin(Stdio::null());
    command
}

/// A folder with two short documents about things nobody else writes about.
pub(crate) fn small_corpus() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("it is writable");
    };
    write(
        "lighthouse.md",
        "# The lighthouse of Varn\n\nThe lighthouse of Varn was built in 1873 from grey granite. Its lamp burns whale oil.\n",
    );
    write(
        "ferry.txt",
        "The ferry to Oss leaves every Tuesday at noon. Bicycles travel for free, horses pay double.\n",
    );
    folder
}

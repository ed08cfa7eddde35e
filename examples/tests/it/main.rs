//! Every example does what it says, against a running stack.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// `syfthub dev --json`; killed when dropped.
struct Stack {
    child: Child,
    ready: Value,
    _home: tempfile::TempDir,
}

impl Stack {
    fn start() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let documents = home.path().join("documents");
        std::fs::create_dir(&documents).expect("the folder is ours");
        std::fs::write(
            documents.join("lighthouse.md"),
            "# Varn\n\nThe lighthouse of Varn was built in 1873 from grey granite.\n",
        )
        .expect("the folder is ours");
        // Built beside the examples whenever the workspace is.
        let program = Path::new(env!("CARGO_BIN_EXE_ask")).with_file_name("syfthub");
        let mut child = Command::new(&program)
            .args(["dev", "--json", "--listen", "127.0.0.1:0", "--state"])
            .arg(home.path().join("state"))
            .arg("--data")
            .arg(&documents)
            .env("HOME", home.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{}: {error}; `cargo build --workspace` makes it", program.display())
            });
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped"))
            .read_line(&mut line)
            .expect("a text");
        let ready =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("not the ready line: {line:?}"));
        Self { child, ready, _home: home }
    }

    fn text(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap_or_else(|| panic!("no text {key:?} in {}", self.ready))
    }

    /// Runs an example with the password on its standard input; what it printed.
    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut child = Command::new(program)
            .args([&[self.text("hub"), self.text("username")], arguments].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("cargo built it");
        writeln!(child.stdin.take().expect("it is piped"), "{}", self.text("password"))
            .expect("it reads the password");
        let output = child.wait_with_output().expect("its output ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn ask_prints_the_answer_and_what_it_rests_on() {
    let stack = Stack::start();
    let source = stack.ready["sources"][0].as_str().unwrap();
    let said = stack.run(
        env!("CARGO_BIN_EXE_ask"),
        &[stack.text("model"), "When was the lighthouse of Varn built?", source],
    );
    assert!(said.contains(&format!("{source}: success")), "{said}");
    assert!(said.contains("1873"), "{said}");
    assert!(said.contains("[1] "), "{said}");
}

#[test]
fn publish_shows_changes_and_withdraws_an_endpoint() {
    let stack = Stack::start();
    let said = stack.run(env!("CARGO_BIN_EXE_publish"), &[]);
    let path = format!("{}/field-notes", stack.text("username"));
    let expected = format!(
        "published {path}: What we saw, in our own words.\nchanged {path}: What we saw this year.\nwithdrew {path}: nobody finds it\n"
    );
    assert_eq!(said, expected);
}

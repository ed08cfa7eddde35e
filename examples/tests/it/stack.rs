//! A running stack, and programs that are run against it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// What three people know.
const DOCUMENTS: [(&str, &str); 3] = [
    ("coast", "# Varn\n\nThe lighthouse of Varn was built in 1873 from grey granite.\n"),
    ("river", "# Reeds\n\nReeds grow near the river, and reach four metres in summer.\n"),
    ("hills", "# Thyme\n\nThyme covers the hills above the town from May to July.\n"),
];

/// `syfthub dev --json`; killed when dropped.
pub(crate) struct Stack {
    child: Child,
    ready: Value,
    _home: tempfile::TempDir,
}

impl Stack {
    /// Starts one with three data sources and a model.
    pub(crate) fn start() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        // Built beside the examples whenever the workspace is.
        let program = Path::new(env!("CARGO_BIN_EXE_ask")).with_file_name("syfthub");
        let mut command = Command::new(&program);
        command.args(["dev", "--json", "--listen", "127.0.0.1:0", "--state"]);
        command.arg(home.path().join("state"));
        for (name, text) in DOCUMENTS {
            let folder = home.path().join(name);
            std::fs::create_dir(&folder).expect("the folder is ours");
            std::fs::write(folder.join("notes.md"), text).expect("the folder is ours");
            command.arg("--data").arg(folder);
        }
        command.env("HOME", home.path()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("{}: {error}; `cargo build --workspace` makes it", program.display())
        });
        let line = first_line(&mut child);
        let ready =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("not the ready line: {line:?}"));
        Self { child, ready, _home: home }
    }

    /// A text that it said when it was ready.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap_or_else(|| panic!("no text {key:?} in {}", self.ready))
    }

    /// The paths of its data sources.
    pub(crate) fn sources(&self) -> Vec<&str> {
        self.ready["sources"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Runs a program with the hub's address, the user's name and `arguments`, and with the password and then `lines` on its
    /// standard input; what it printed.
    pub(crate) fn run(&self, mut program: Command, arguments: &[&str], lines: &[&str]) -> String {
        program.args([&[self.text("hub"), self.text("username")], arguments].concat());
        output(program, &[&[self.text("password")], lines].concat())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `program` to its end with `lines` on its standard input; what it printed.
pub(crate) fn output(mut program: Command, lines: &[&str]) -> String {
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.get_program().display()));
    let mut input = child.stdin.take().expect("it is piped");
    for line in lines {
        // A program that has read enough need not read on.
        let _ = writeln!(input, "{line}");
    }
    drop(input);
    let output = child.wait_with_output().expect("its output ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The first line that `child` prints.
pub(crate) fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("a text");
    line
}

/// A file of this folder.
pub(crate) fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The path in `variable`. Without it the calling test has nothing to run: that is said aloud, and is a failure where `CI` is
/// set, so that a skip never counts as a pass.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests have no Config and no printer"
)]
pub(crate) fn installed(variable: &str) -> Option<PathBuf> {
    if let Ok(path) = std::env::var(variable) {
        return Some(path.into());
    }
    assert!(std::env::var("CI").is_err(), "{variable} is not set: run `make test`");
    println!("skipped: {variable} is not set (`make test` sets it)");
    None
}

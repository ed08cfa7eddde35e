//! `syfthub trace`: in a pipe, for programs, and at a terminal.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::stack::{Stack, small_corpus};

const QUESTION: &str = "When was the lighthouse of Varn built?";

/// `syfthub trace` at a terminal, against `hub`.
fn at_terminal(home: &Path, hub: &str, arguments: &[&str]) -> Child {
    let quoted: Vec<String> = arguments.iter().map(|argument| format!("'{argument}'")).collect();
    let command = format!("{} trace {}", env!("CARGO_BIN_EXE_syfthub"), quoted.join(" "));
    Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm-256color")
        .env("SYFTHUB_URL", hub)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script is there")
}

/// What comes on the screen until `part` of it does, or until the end.
fn screen_until(terminal: &mut Child, part: &str) -> String {
    let output = terminal.stdout.as_mut().expect("it is piped");
    let (mut seen, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let length = output.read(&mut piece).expect("the terminal can be read");
        seen.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&seen);
        if length == 0 || (!part.is_empty() && text.contains(part)) {
            return text.into_owned();
        }
    }
}

#[test]
fn in_a_pipe_the_phases_are_lines_and_the_waterfall_and_the_answer_follow() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    for way in [&[][..], &["--direct"]] {
        let ask = ["trace", stack.text("model"), QUESTION, "-s", stack.source(0)];
        let output = stack.run(&[&ask[..], way].concat(), "");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && !text.contains('\x1b'), "{text}");
        let told = [
            "the hub gave addresses and tokens; asking 1 sources",
            &format!("{}: success, ", stack.source(0)),
            &format!("asking {}", stack.text("model")),
            "the first word",
            "the answer is complete",
            "\nhub ",
            "█",
            "\ntotal ",
            "1873",
            "\nSources\n  [1] lighthouse.md",
        ];
        let mut rest = text.as_str();
        for part in told {
            let (_, after) =
                rest.split_once(part).unwrap_or_else(|| panic!("no {part:?} in {text}"));
            rest = after;
        }
    }
}

#[test]
fn programs_get_every_moment_in_milliseconds() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let told =
        stack.json(&["trace", stack.text("model"), QUESTION, "-s", stack.source(0), "--json"], "");
    let at = |pointer: &str| {
        told.pointer(pointer)
            .and_then(serde_json::Value::as_u64)
            .unwrap_or_else(|| panic!("{pointer}: {told}"))
    };
    let moments = [
        "/opened_ms",
        "/sources/0/end_ms",
        "/retrieval/end_ms",
        "/generation/start_ms",
        "/generation/first_word_ms",
        "/total_ms",
    ];
    let moments = moments.map(at);
    assert!(moments.is_sorted(), "{moments:?}");
    assert_eq!(told["status"], "success");
    assert_eq!(told["sources"][0]["path"], stack.source(0));
    assert_eq!(told["answer"]["sources"][0]["document"], "lighthouse.md");
}

#[test]
fn a_question_that_fails_says_so_in_each_form() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let ask = ["trace", "nobody/nothing", QUESTION];
    let output = stack.run(&ask, "");
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stdout).contains("✗"));
    let output = stack.run(&[&ask[..], &["--json"]].concat(), "");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["status"], output.status.code()), (&"error".into(), Some(4)));
}

#[test]
fn a_terminal_shows_the_drawing_while_it_lasts_and_keeps_the_waterfall() {
    let (home, data) = (tempfile::tempdir().unwrap(), small_corpus());
    let stack = Stack::start(home.path(), &[data.path()]);
    let ask = [stack.text("model"), QUESTION, "-s", stack.source(0), "--direct"];
    let mut terminal = at_terminal(home.path(), stack.text("hub"), &ask);
    let screen = screen_until(&mut terminal, "");
    assert_eq!(terminal.wait().unwrap().code(), Some(0), "{screen}");
    let (hidden, shown) = (screen.find("\x1b[?25l").unwrap(), screen.rfind("\x1b[?25h").unwrap());
    assert!(hidden < shown, "the cursor is there again: {screen}");
    let kept = &screen[shown..];
    assert!(kept.contains("total") && kept.contains("1873") && kept.contains("\x1b[32m"), "{kept}");
}

#[test]
fn whoever_presses_ctrl_c_gets_a_clean_terminal_back() {
    let home = tempfile::tempdir().unwrap();
    // A hub that takes the question and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hub = format!("http://{}", silent.local_addr().unwrap());
    let mut terminal = at_terminal(home.path(), &hub, &["ada/model", QUESTION]);
    assert!(screen_until(&mut terminal, "total").contains("hub"));
    terminal.stdin.as_mut().expect("it is piped").write_all(b"\x03").expect("it is read");
    let screen = screen_until(&mut terminal, "");
    assert_eq!(terminal.wait().unwrap().code(), Some(130), "{screen}");
    let shown = screen.rfind("\x1b[?25h").expect("the cursor is there again");
    assert!(screen[..shown].ends_with("\x1b[J"), "the drawing is gone: {screen:?}");
}

//! Every command through the real program: exit code, standard output, standard error.

use std::fs;
use std::process::Stdio;

use insta::{assert_snapshot, with_settings};
use serde_json::Value;

use crate::hub::{Hub, PASSWORD, seen, syfthub};

/// What changes from run to run.
const FILTERS: [(&str, &str); 2] = [
    (r"correlation(_| )id(: |.: .)[0-9a-f-]{36}", "correlation${1}id${2}[id]"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "[time]"),
];

macro_rules! assert_seen {
    ($name:expr, $text:expr) => {
        with_settings!({filters => FILTERS.to_vec(), omit_expression => true}, { assert_snapshot!($name, $text) })
    };
}

#[test]
fn every_command_explains_itself() {
    let home = tempfile::tempdir().unwrap();
    for command in ["", "dev", "login", "logout", "whoami", "ls", "publish", "query", "trace"] {
        let mut run = syfthub(home.path());
        if !command.is_empty() {
            run.arg(command);
        }
        let output = run.arg("--help").output().unwrap();
        let name = if command.is_empty() { "help".to_owned() } else { format!("help-{command}") };
        assert_seen!(name, seen(&output));
    }
}

#[test]
fn nobody_is_signed_in_at_first() {
    let hub = Hub::start();
    assert_seen!("whoami-signed-out", hub.seen(&["whoami"], ""));
    assert_seen!("whoami-signed-out-json", hub.seen(&["whoami", "--json"], ""));
    assert_seen!("logout-signed-out", hub.seen(&["logout"], ""));
}

#[test]
fn a_wrong_password_signs_nobody_in() {
    let hub = Hub::start();
    assert_seen!("login-refused", hub.seen(&["login", "-u", "ada"], "wrong horse 1\n"));
    assert_seen!("login-empty", hub.seen(&["login", "-u", "ada"], "\n"));
    assert_seen!("login-nobody", hub.seen(&["login"], "x\n"));
}

#[test]
fn a_session_lasts_from_login_to_logout() {
    let hub = Hub::start();
    let password = format!("{PASSWORD}\n");
    assert_seen!("login", hub.seen(&["login", "-u", "ada"], &password));
    assert_seen!("login-json", hub.seen(&["login", "-u", "ADA@example.com", "--json"], &password));
    assert_seen!("whoami", hub.seen(&["whoami"], ""));
    assert_seen!("whoami-json", hub.seen(&["whoami", "--json"], ""));
    assert_seen!("logout", hub.seen(&["logout", "--json"], ""));
    assert_eq!(hub.run(&["whoami"], "").status.code(), Some(3));
}

#[test]
fn what_is_published_is_listed_and_shown() {
    let hub = Hub::start();
    assert_seen!("ls-empty", hub.seen(&["ls"], ""));
    hub.login();
    let home = tempfile::tempdir().unwrap();
    let readme = home.path().join("README.md");
    fs::write(&readme, "# Notes\n\nFrom the field.\n").unwrap();
    let readme = readme.to_str().unwrap();
    let publish = [
        "publish",
        "--name",
        "Field notes",
        "--type",
        "data_source",
        "--description",
        "What grew where",
        "--tag",
        "plants",
        "--readme",
        readme,
        "--url",
        "https://space.example.com",
    ];
    assert_seen!("publish", hub.seen(&publish, ""));
    assert_seen!("publish-again", hub.seen(&publish, ""));
    assert_seen!(
        "publish-json",
        hub.seen(&["publish", "--name", "Oracle", "--type", "model", "--json"], "")
    );
    assert_seen!("ls", hub.seen(&["ls"], ""));
    assert_seen!("ls-json", hub.seen(&["ls", "--json"], ""));
    assert_seen!("ls-owner", hub.seen(&["ls", "ada"], ""));
    assert_seen!("ls-owner-json", hub.seen(&["ls", "ada", "--json"], ""));
    assert_seen!("ls-endpoint", hub.seen(&["ls", "ada/field-notes"], ""));
    assert_seen!("ls-endpoint-json", hub.seen(&["ls", "ada/field-notes", "--json"], ""));
}

#[test]
fn what_does_not_exist_is_told_apart_from_what_makes_no_sense() {
    let hub = Hub::start();
    assert_seen!("ls-missing", hub.seen(&["ls", "ada/nothing"], ""));
    assert_seen!("ls-missing-owner-json", hub.seen(&["ls", "nobody", "--json"], ""));
    hub.login();
    assert_seen!("query-missing", hub.seen(&["query", "ada/nothing", "why?"], ""));
    assert_seen!("usage-json", hub.seen(&["ls", "-n", "0", "--json"], ""));
    for usage in [
        &["ls", "A B"][..],
        &["query", "nonsense", "why?"],
        &["query", "ada/model", "-"],
        &["query", "ada/model", "why?", "-k", "21"],
        &["publish", "--name", "x", "--type", "thing"],
        &["frobnicate"],
    ] {
        assert_eq!(hub.run(usage, "").status.code(), Some(2), "{usage:?}");
    }
}

#[test]
fn an_update_changes_what_is_named_and_nothing_else() {
    let hub = Hub::start();
    hub.login();
    let name = ["publish", "--name", "Field notes", "--type", "data_source"];
    let first = ["--description", "What grew", "--tag", "plants", "--visibility", "private"];
    assert_seen!("publish-unreachable", hub.seen(&[&name[..], &first].concat(), ""));
    let second = ["--version", "0.2.0", "--url", "https://example.com", "--path", "team/space"];
    assert_seen!("publish-update", hub.seen(&[&name[..], &second].concat(), ""));
    assert_seen!("ls-updated", hub.seen(&["ls", "ada/field-notes"], ""));
    assert_seen!(
        "publish-other-type",
        hub.seen(&["publish", "--name", "Field notes", "--type", "model"], "")
    );
}

#[test]
fn publishing_needs_a_session() {
    let hub = Hub::start();
    assert_seen!(
        "publish-signed-out",
        hub.seen(&["publish", "--name", "Oracle", "--type", "model"], "")
    );
}

#[test]
fn a_hub_that_is_not_there_and_one_that_is_none_are_told_apart() {
    let home = tempfile::tempdir().unwrap();
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = format!("http://127.0.0.1:{port}");
    let output = syfthub(home.path()).args(["--hub", &url, "ls"]).output().unwrap();
    let text = seen(&output);
    assert_eq!(output.status.code(), Some(6), "{text}");
    assert!(text.contains("syfthub dev"), "{text}");
}

#[test]
fn a_reader_who_goes_away_ends_the_command_quietly() {
    let hub = Hub::start();
    let home = tempfile::tempdir().unwrap();
    let mut child = syfthub(home.path())
        .args(["--hub", &hub.url, "ls", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn the_saved_session_is_renewed_by_two_commands_at_once_without_losing_it() {
    let hub = Hub::start();
    hub.login();
    let expire = |text: String| text.replace("access_token = \"", "access_token = \"stale.");
    let file = hub.config_file();
    fs::write(&file, expire(fs::read_to_string(&file).unwrap())).unwrap();
    let codes: Vec<Option<i32>> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..4).map(|_| scope.spawn(|| hub.run(&["whoami"], "").status.code())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(codes, vec![Some(0); 4]);
    let whoami: Value = serde_json::from_slice(&hub.run(&["whoami", "--json"], "").stdout).unwrap();
    assert_eq!(whoami["user"]["username"], "ada");
}

//! A wrong setting stops the start, with its name and the accepted form; nothing is printed as if it were ready.

use std::net::TcpListener;
use std::process::{Command, Output};

const KEY: (&str, &str) = ("SECRET_KEY", "only-tests-know-this-secret-of-48-letters-or-more");

/// Runs the hub under `settings`, which must stop it, and returns what it says about that.
fn refusal(settings: &[(&str, &str)]) -> String {
    let home = tempfile::tempdir().expect("a temporary folder");
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_syfthub-server"))
        .arg("hub")
        .env_clear()
        .env("SYFTHUB_LISTEN", "127.0.0.1:0")
        .envs(settings.iter().copied())
        .current_dir(home.path())
        .output()
        .expect("the program exists");
    let said = String::from_utf8(stderr).expect("text");
    assert!(!status.success() && status.code().is_some(), "{settings:?}: {status}");
    assert!(stdout.is_empty(), "{settings:?} printed {:?}", String::from_utf8_lossy(&stdout));
    said
}

fn assert_says(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
}

#[test]
fn a_misspelled_setting_is_named_with_the_one_that_was_meant() {
    assert_says(
        &refusal(&[KEY, ("SYFTHUB_MAX_BODY_BYTE", "1")]),
        &["SYFTHUB_MAX_BODY_BYTE", "SYFTHUB_MAX_BODY_BYTES"],
    );
}

#[test]
fn an_unknown_flag_is_a_mistake() {
    let output = Command::new(env!("CARGO_BIN_EXE_syfthub-server"))
        .args(["hub", "--colour"])
        .env_clear()
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert_says(&String::from_utf8_lossy(&output.stderr), &["--colour"]);
}

#[test]
fn a_bad_address_is_named_with_the_accepted_form() {
    assert_says(
        &refusal(&[KEY, ("SYFTHUB_LISTEN", "localhost")]),
        &["SYFTHUB_LISTEN", "127.0.0.1:"],
    );
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_says(&refusal(&[KEY, ("SYFTHUB_LISTEN", &address)]), &["SYFTHUB_LISTEN", &address]);
}

#[test]
fn a_short_secret_is_refused_and_not_repeated() {
    let said = refusal(&[("SECRET_KEY", "sesame-open")]);
    assert_says(&said, &["SECRET_KEY", "32"]);
    assert!(!said.contains("sesame-open"), "{said}");
}

#[test]
fn a_missing_secret_is_named() {
    assert_says(&refusal(&[]), &["SECRET_KEY"]);
}

#[test]
fn a_database_of_another_kind_is_refused_without_its_password() {
    let said = refusal(&[KEY, ("DATABASE_URL", "mysql://ann:opensesame@127.0.0.1/hub")]);
    assert_says(&said, &["DATABASE_URL", "postgres://"]);
    assert!(!said.contains("opensesame"), "{said}");
}

#[test]
fn a_database_that_cannot_be_written_is_named() {
    assert_says(
        &refusal(&[KEY, ("DATABASE_URL", "sqlite:/dev/null/hub.db")]),
        &["DATABASE_URL", "/dev/null/hub.db", "expected a file in a folder"],
    );
}

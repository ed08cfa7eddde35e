//! Paying and being paid, through the real program.

use insta::{assert_snapshot, with_settings};
use serde_json::Value;
use syfthub_core::{Email, Secret, Username};

use crate::hub::{Hub, PASSWORD, seen, syfthub};

/// What changes from run to run.
const FILTERS: [(&str, &str); 5] = [
    (r"correlation(_| )id(: |.: .)[0-9a-f-]{36}", "correlation${1}id${2}[id]"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "[id]"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "[time]"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "[time]"),
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "[token]"),
];

macro_rules! assert_seen {
    ($name:expr, $text:expr) => {
        with_settings!({filters => FILTERS.to_vec(), omit_expression => true}, { assert_snapshot!($name, $text) })
    };
}

/// A hub with ada and bob, and with root, who runs it.
fn hub() -> Hub {
    let hub = Hub::with(|config| {
        config.bootstrap.bootstrap_admin_username = Some(Username::parse("root").expect("a name"));
        config.bootstrap.bootstrap_admin_email =
            Some(Email::parse("root@example.com").expect("an address"));
        config.bootstrap.bootstrap_admin_password = Some(Secret::new(PASSWORD));
    });
    hub.register("bob");
    hub
}

/// A hub where ada has ten.
fn rich_hub() -> Hub {
    let hub = hub();
    hub.login_as("root");
    assert_eq!(code(&hub, &["deposit", "ada", "10"]), Some(0));
    hub.login();
    hub
}

fn see(hub: &Hub, arguments: &[&str]) -> String {
    hub.seen(&[&["ledger"], arguments].concat(), "")
}

fn code(hub: &Hub, arguments: &[&str]) -> Option<i32> {
    hub.run(&[&["ledger"], arguments].concat(), "").status.code()
}

/// What a command tells programs.
fn told(hub: &Hub, arguments: &[&str]) -> Value {
    let output = hub.run(&[&["ledger"], arguments, &["--json"]].concat(), "");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", seen(&output)))
}

#[test]
fn every_command_of_the_ledger_explains_itself() {
    let home = tempfile::tempdir().unwrap();
    for command in [
        "",
        "balance",
        "history",
        "show",
        "pay",
        "confirm",
        "cancel",
        "entries",
        "deposit",
        "grant",
        "grant ls",
        "grant create",
        "grant revoke",
        "trial-balance",
    ] {
        let mut run = syfthub(home.path());
        run.arg("ledger").args(command.split_whitespace()).arg("--help");
        let name = format!("help-ledger-{}", command.replace(' ', "-"));
        assert_seen!(name.trim_end_matches('-'), seen(&run.output().unwrap()));
    }
}

#[test]
fn nobody_has_money_at_first() {
    let hub = hub();
    assert_seen!("ledger-signed-out", see(&hub, &["balance"]));
    hub.login();
    assert_seen!("ledger-balance-none", see(&hub, &["balance"]));
    assert_seen!("ledger-balance-json", see(&hub, &["balance", "--json"]));
    assert_seen!("ledger-history-none", see(&hub, &["history"]));
    assert_seen!("ledger-entries-none", see(&hub, &["entries"]));
    assert_seen!("ledger-grant-ls-none", see(&hub, &["grant", "ls"]));
}

#[test]
fn money_comes_in_and_the_books_balance() {
    let hub = hub();
    hub.login_as("root");
    assert_seen!("ledger-deposit", see(&hub, &["deposit", "ada", "10", "--note", "invoice 7"]));
    assert_seen!(
        "ledger-deposit-json",
        see(&hub, &["deposit", "ada@example.com", "0.000001", "--json"])
    );
    assert_seen!("ledger-deposit-nobody", see(&hub, &["deposit", "nobody", "1"]));
    assert_seen!("ledger-trial-balance", see(&hub, &["trial-balance"]));
    assert_seen!("ledger-trial-balance-json", see(&hub, &["trial-balance", "--json"]));
    hub.login();
    assert_seen!("ledger-deposit-refused", see(&hub, &["deposit", "ada", "1"]));
    assert_eq!(code(&hub, &["trial-balance"]), Some(5));
}

#[test]
fn a_payment_moves_money_at_once_or_waits() {
    let hub = rich_hub();
    assert_seen!("ledger-pay", see(&hub, &["pay", "bob", "2.5", "--for", "bob/notes"]));
    let waiting = told(&hub, &["pay", "bob@example.com", "1", "--pending"]);
    let id = waiting["transaction"]["id"].as_str().unwrap();
    assert_seen!("ledger-show", see(&hub, &["show", id]));
    assert_seen!("ledger-cancel", see(&hub, &["cancel", id]));
    assert_seen!("ledger-confirm-late", see(&hub, &["confirm", id]));
    assert_seen!("ledger-history", see(&hub, &["history"]));
    assert_seen!("ledger-history-json", see(&hub, &["history", "-n", "1", "--json"]));
    assert_seen!("ledger-entries", see(&hub, &["entries"]));
    assert_seen!("ledger-balance", see(&hub, &["balance"]));
    hub.login_as("bob");
    assert_eq!(told(&hub, &["balance"])["account"]["balance"], 2.5);
}

#[test]
fn the_same_payment_under_one_key_is_made_once() {
    let hub = rich_hub();
    for _ in 0..2 {
        let paid = told(&hub, &["pay", "bob", "4", "--key", "order-7"]);
        assert_eq!(paid["transaction"]["status"], "completed");
    }
    assert_eq!(told(&hub, &["balance"])["account"]["balance"], 6.0);
    assert_seen!("ledger-pay-other-key", see(&hub, &["pay", "bob", "5", "--key", "order-7"]));
}

#[test]
fn what_cannot_be_paid_says_why() {
    let hub = rich_hub();
    assert_seen!("ledger-pay-too-much", see(&hub, &["pay", "bob", "10.5"]));
    assert_seen!("ledger-pay-nobody", see(&hub, &["pay", "nobody", "1"]));
    assert_seen!("ledger-pay-oneself", see(&hub, &["pay", "ada", "1"]));
    assert_seen!("ledger-pay-decimals", see(&hub, &["pay", "bob", "0.0000001"]));
    assert_seen!("ledger-show-missing", see(&hub, &["show", "no-such-transaction"]));
    assert_seen!("ledger-confirm-missing", see(&hub, &["confirm", "no-such-transaction"]));
    for usage in [
        &["pay", "bob", "0"][..],
        &["pay", "b b", "1"],
        &["pay", "bob"],
        &["history", "-n", "0"],
        &["grant", "create", "bob", "--life", "soon"],
        &["deposit", "bob", "1e3"],
        &["pay", "bob", "1", "--key", "two words"],
    ] {
        assert_eq!(code(&hub, usage), Some(2), "{usage:?}");
    }
}

#[test]
fn grants_are_given_and_taken_back() {
    let hub = rich_hub();
    assert_seen!(
        "ledger-grant-create",
        see(&hub, &["grant", "create", "bob", "--cap", "2.5", "--life", "7d"])
    );
    let made = told(&hub, &["grant", "create", "bob@example.com"]);
    let id = made["grant"]["id"].as_str().unwrap();
    assert_seen!("ledger-grant-ls", see(&hub, &["grant", "ls"]));
    assert_seen!("ledger-grant-revoke", see(&hub, &["grant", "revoke", id]));
    assert_seen!("ledger-grant-ls-json", see(&hub, &["grant", "ls", "-n", "1", "--json"]));
    assert_seen!("ledger-grant-revoke-missing", see(&hub, &["grant", "revoke", "no-such-grant"]));
}

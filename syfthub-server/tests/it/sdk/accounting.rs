//! The published Python clients' `accounting` against a hub with its own ledger, through its whole life: every version
//! speaks the one dialect, and two of them lose the delegation token on the way (contract accounting 4.4 and 4.7).

use std::path::PathBuf;

use super::run;
use crate::cluster::Database;
use crate::process::HubProcess;
use crate::third_party;

/// Brings money in over HTTP.
const ADMIN_KEY: &str = "0123456789abcdef0123456789abcdef";

/// A published version, and the variable that names an interpreter that has it.
const VERSIONS: [(&str, &str); 4] = [
    ("0.1.0", "SYFTHUB_TEST_SDK0_PYTHON"),
    ("0.1.1", "SYFTHUB_TEST_SDK_PYTHON"),
    ("0.2.1", "SYFTHUB_TEST_SDK2_PYTHON"),
    ("0.3.1", "SYFTHUB_TEST_SDK3_PYTHON"),
];

pub(super) const TOLD: &str = "ok user\nok create\nok read\nok confirm\nok cancel\nok pages\nok errors\nok delegated\n\
                    ok organization\nok password\n";

#[tokio::test]
async fn the_ledger_serves_every_version_on_sqlite() {
    let Some(pythons) = pythons() else { return };
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[("LEDGER_ADMIN_KEY", ADMIN_KEY)]).await;
    for (version, python) in &pythons {
        let arguments = [&hub.at(""), ADMIN_KEY, version, "on"];
        assert_eq!(run(python, "accounting_story.py", &arguments).await, TOLD, "{version}");
    }
}

#[tokio::test]
async fn the_ledger_serves_every_version_on_postgresql() {
    let Some(pythons) = pythons() else { return };
    let Some(database) = Database::create().await else { return };
    let (home, url) = (tempfile::tempdir().unwrap(), database.url());
    let settings = [("LEDGER_ADMIN_KEY", ADMIN_KEY), ("DATABASE_URL", &*url)];
    let hub = HubProcess::start(home.path(), &settings).await;
    for (version, python) in &pythons {
        let arguments = [&hub.at(""), ADMIN_KEY, version, "on"];
        assert_eq!(run(python, "accounting_story.py", &arguments).await, TOLD, "{version}");
    }
}

#[tokio::test]
async fn a_ledger_may_insist_on_the_delegation_token() {
    let Some(pythons) = pythons() else { return };
    let home = tempfile::tempdir().unwrap();
    let settings = [("LEDGER_ADMIN_KEY", ADMIN_KEY), ("LEDGER_BASIC_DELEGATION", "false")];
    let hub = HubProcess::start(home.path(), &settings).await;
    for (version, python) in &pythons {
        let arguments = [&hub.at(""), ADMIN_KEY, version, "off"];
        assert_eq!(run(python, "accounting_story.py", &arguments).await, TOLD, "{version}");
    }
}

/// An interpreter for each version.
fn pythons() -> Option<Vec<(&'static str, PathBuf)>> {
    let found = VERSIONS
        .into_iter()
        .map(|(version, variable)| third_party::path(variable).map(|python| (version, python)));
    found.collect()
}

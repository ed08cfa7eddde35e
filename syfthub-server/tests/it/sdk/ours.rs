//! Our own Python package in the place of the published ones: programs that were written for these keep running, word for
//! word, and so does the example of the first README.
//!
//! What asks spaces, pays and talks to agents is beside the same programs' tests with the published packages.

use super::{MailServer, World, methods, run, story_0_1_1, story_0_3_1, with_ledger, with_mail};
use crate::cluster::Database;
use crate::process::HubProcess;
use crate::third_party;

/// Names an interpreter that has our wheel.
pub(crate) const PYTHON: &str = "SYFTHUB_TEST_OUR_PYTHON";

/// Brings money in over HTTP.
const ADMIN_KEY: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_program_for_0_1_1_runs_on_ours_on_sqlite() {
    let Some(python) = third_party::path(PYTHON) else { return };
    let (home, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let hub = HubProcess::start(home.path(), &with_ledger(&world.ledger())).await;
    story_0_1_1(&python, &hub, &world).await;
}

#[tokio::test]
async fn a_program_for_0_1_1_runs_on_ours_on_postgresql() {
    let Some(python) = third_party::path(PYTHON) else { return };
    let Some(database) = Database::create().await else { return };
    let (home, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let (url, ledger) = (database.url(), world.ledger());
    let settings = [with_ledger(&ledger), vec![("DATABASE_URL", &*url)]].concat();
    let hub = HubProcess::start(home.path(), &settings).await;
    story_0_1_1(&python, &hub, &world).await;
}

#[tokio::test]
async fn a_program_for_0_3_1_runs_on_ours_on_sqlite() {
    let Some(python) = third_party::path(PYTHON) else { return };
    let (home, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let Some(mail) = MailServer::start(home.path()).await else { return };
    let (ledger, port) = (world.ledger(), mail.port());
    let settings = [with_ledger(&ledger), with_mail(&port)].concat();
    let hub = HubProcess::start(home.path(), &settings).await;
    story_0_3_1(&python, &hub, &world, mail.folder()).await;
}

#[tokio::test]
async fn a_program_for_0_3_1_runs_on_ours_on_postgresql() {
    let Some(python) = third_party::path(PYTHON) else { return };
    let Some(database) = Database::create().await else { return };
    let (home, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let Some(mail) = MailServer::start(home.path()).await else { return };
    let (url, ledger, port) = (database.url(), world.ledger(), mail.port());
    let settings = [with_ledger(&ledger), with_mail(&port), vec![("DATABASE_URL", &*url)]].concat();
    let hub = HubProcess::start(home.path(), &settings).await;
    story_0_3_1(&python, &hub, &world, mail.folder()).await;
}

#[tokio::test]
async fn a_program_that_pays_runs_on_ours_on_sqlite() {
    let Some(python) = third_party::path(PYTHON) else { return };
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[("LEDGER_ADMIN_KEY", ADMIN_KEY)]).await;
    let arguments = [&*hub.at(""), ADMIN_KEY, "0.1.1", "on"];
    assert_eq!(run(&python, "accounting_story.py", &arguments).await, super::accounting::TOLD);
}

#[tokio::test]
async fn a_program_that_pays_runs_on_ours_on_postgresql() {
    let Some(python) = third_party::path(PYTHON) else { return };
    let Some(database) = Database::create().await else { return };
    let (home, url) = (tempfile::tempdir().unwrap(), database.url());
    let settings = [("LEDGER_ADMIN_KEY", ADMIN_KEY), ("DATABASE_URL", &*url)];
    let hub = HubProcess::start(home.path(), &settings).await;
    let arguments = [&*hub.at(""), ADMIN_KEY, "0.1.1", "off"];
    assert_eq!(run(&python, "accounting_story.py", &arguments).await, super::accounting::TOLD);
}

#[tokio::test]
async fn the_example_of_the_first_readme_runs_word_for_word() {
    let Some(python) = third_party::path(PYTHON) else { return };
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let told = run(&python, "readme.py", &[&hub.at("")]).await;
    assert_eq!(told, methods::told_by(&["the example", "the example for asyncio"]));
}

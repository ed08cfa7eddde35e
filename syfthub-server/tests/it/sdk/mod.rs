//! The published Python clients against the hub: every public method that contract hub 9.2 and 9.4 say can work.
//!
//! The programs print one line for each method; the lists here say which methods there are, so that none is forgotten.
//! Each program runs against every way to keep the hub's data.

mod accounting;
mod ledger;
mod mail;
mod methods;
pub(crate) mod ours;
mod world;

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::cluster::{Cluster, Database};
use crate::process::{Door, HubProcess};
use crate::third_party;
pub(crate) use mail::MailServer;
pub(crate) use world::World;

/// Settings of every hub here: it may call this machine, where the node and the ledger are.
const SETTINGS: [(&str, &str); 1] = [("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8")];

#[tokio::test]
async fn every_method_of_sdk_0_1_1_works_on_sqlite() {
    let Some(python) = third_party::path("SYFTHUB_TEST_SDK_PYTHON") else { return };
    let (home, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let hub = HubProcess::start(home.path(), &with_ledger(&world.ledger())).await;
    story_0_1_1(&python, &hub, &world).await;
}

#[tokio::test]
async fn every_method_of_sdk_0_1_1_works_on_postgresql() {
    let Some(python) = third_party::path("SYFTHUB_TEST_SDK_PYTHON") else { return };
    let Some(database) = Database::create().await else { return };
    let (home, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let (url, ledger) = (database.url(), world.ledger());
    let settings = [with_ledger(&ledger), vec![("DATABASE_URL", &*url)]].concat();
    let hub = HubProcess::start(home.path(), &settings).await;
    story_0_1_1(&python, &hub, &world).await;
}

#[tokio::test]
async fn every_method_of_sdk_0_1_1_works_on_two_instances() {
    let Some(python) = third_party::path("SYFTHUB_TEST_SDK_PYTHON") else { return };
    let world = World::start().await;
    let Some(cluster) = Cluster::with(&with_ledger(&world.ledger())).await else { return };
    story_0_1_1(&python, cluster.front(), &world).await;
}

#[tokio::test]
async fn every_method_of_sdk_0_3_1_works_on_sqlite() {
    let Some(python) = third_party::path("SYFTHUB_TEST_SDK3_PYTHON") else { return };
    let (home, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let Some(mail) = MailServer::start(home.path()).await else { return };
    let (ledger, port) = (world.ledger(), mail.port());
    let settings = [with_ledger(&ledger), with_mail(&port)].concat();
    let hub = HubProcess::start(home.path(), &settings).await;
    story_0_3_1(&python, &hub, &world, mail.folder()).await;
}

#[tokio::test]
async fn every_method_of_sdk_0_3_1_works_on_postgresql() {
    let Some(python) = third_party::path("SYFTHUB_TEST_SDK3_PYTHON") else { return };
    let Some(database) = Database::create().await else { return };
    let (home, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let Some(mail) = MailServer::start(home.path()).await else { return };
    let (url, ledger, port) = (database.url(), world.ledger(), mail.port());
    let settings = [with_ledger(&ledger), with_mail(&port), vec![("DATABASE_URL", &*url)]].concat();
    let hub = HubProcess::start(home.path(), &settings).await;
    story_0_3_1(&python, &hub, &world, mail.folder()).await;
}

#[tokio::test]
async fn every_method_of_sdk_0_3_1_works_on_two_instances() {
    let Some(python) = third_party::path("SYFTHUB_TEST_SDK3_PYTHON") else { return };
    let (home, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let Some(mail) = MailServer::start(home.path()).await else { return };
    let (ledger, port) = (world.ledger(), mail.port());
    let settings = [with_ledger(&ledger), with_mail(&port)].concat();
    let Some(cluster) = Cluster::with(&settings).await else { return };
    story_0_3_1(&python, cluster.front(), &world, mail.folder()).await;
}

/// Settings of a hub whose users get accounts with the ledger.
fn with_ledger(ledger: &str) -> Vec<(&str, &str)> {
    SETTINGS.into_iter().chain([("DEFAULT_ACCOUNTING_URL", ledger)]).collect()
}

/// Settings of a hub that mails and wants verified addresses.
fn with_mail(port: &str) -> Vec<(&str, &str)> {
    vec![
        ("SMTP_HOST", "127.0.0.1"),
        ("SMTP_PORT", port),
        ("SMTP_TLS", "none"),
        ("SMTP_FROM", "hub@acme.org"),
        ("REQUIRE_EMAIL_VERIFICATION", "true"),
    ]
}

/// Drives every method of version 0.1.1 at the hub `hub`.
async fn story_0_1_1(python: &Path, hub: &Door, world: &World) {
    let told = run(python, "story_0_1_1.py", &[&hub.at(""), &world.url()]).await;
    assert_eq!(told, methods::told_by(&methods::SDK_0_1_1));
}

/// Drives every method of version 0.3.1 at the hub `hub`, whose mail goes to `mail`.
async fn story_0_3_1(python: &Path, hub: &Door, world: &World, mail: &Path) {
    let mail = mail.to_str().expect("the test's folder has a plain name");
    let told = run(python, "story_0_3_1.py", &[&hub.at(""), &world.url(), mail]).await;
    assert_eq!(told, methods::told_by(&methods::SDK_0_3_1));
}

/// What a program of this folder printed; what it complained about is shown when the test fails.
pub(crate) async fn run(python: &Path, program: &str, arguments: &[&str]) -> String {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/sdk").join(program);
    let output = Command::new(python)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(program)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("the interpreter runs");
    complain(&String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("the program prints text")
}

#[expect(clippy::print_stderr, reason = "shown by the test runner when the test fails")]
fn complain(text: &str) {
    eprintln!("{text}");
}

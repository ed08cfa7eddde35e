//! Databases for tests: a rule is written once as `async fn(Db)` and [`both_engines!`] runs it on SQLite and PostgreSQL.
//!
//! PostgreSQL is found through `SYFTHUB_TEST_POSTGRES_URL`, a superuser's URL; every test makes a database of its own
//! there and drops it. Without the variable those tests print `skipped`, and fail when `CI` is set.

use std::future::Future;

use tokio_postgres::{Client, Config, NoTls};

pub(crate) use super::sqlite::{Pause, Template};
use super::{DatabaseUrl, Db, DbOptions, Schema};

/// Makes a module with one test per rule and engine: `both_engines! { Hub => rule_one, rule_two }`.
macro_rules! both_engines {
    ($schema:ident => $($rule:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $rule() {
                $crate::db::testing::on_sqlite($crate::db::Schema::$schema, super::$rule).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn $rule() {
                $crate::db::testing::on_postgres($crate::db::Schema::$schema, super::$rule).await;
            })+
        }
    };
}
pub(crate) use both_engines;

/// A fresh SQLite database in a folder that lives as long as the answer's second half.
pub(crate) async fn sqlite(schema: Schema) -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::file(folder.path().join("test.db"));
    (Db::open(&url, schema, DbOptions::default()).await.unwrap(), folder)
}

pub(crate) async fn on_sqlite<F: Future<Output = ()>>(schema: Schema, rule: impl FnOnce(Db) -> F) {
    let (db, _folder) = sqlite(schema).await;
    rule(db).await;
}

pub(crate) async fn on_postgres<F>(schema: Schema, rule: impl FnOnce(Db) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let Some(server) = server() else { return };
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let admin = connect(&server).await;
    admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    let mut config = server.clone();
    config.dbname(&name);
    let db =
        Db::open(&DatabaseUrl::Postgres(Box::new(config.into())), schema, DbOptions::default())
            .await
            .unwrap();
    // In a task of its own, so that the database is dropped even when the rule panics.
    let outcome = tokio::spawn(rule(db)).await;
    admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}

/// Who signed the certificate of that server: the file that `SYFTHUB_TEST_POSTGRES_CA` names.
#[expect(clippy::disallowed_methods, reason = "tests have no Config")]
pub(super) fn certificate_authority() -> Option<std::path::PathBuf> {
    if let Ok(path) = std::env::var("SYFTHUB_TEST_POSTGRES_CA") {
        return Some(path.into());
    }
    assert!(std::env::var("CI").is_err(), "SYFTHUB_TEST_POSTGRES_CA is not set");
    println!("skipped: SYFTHUB_TEST_POSTGRES_CA is not set");
    None
}

#[expect(clippy::disallowed_methods, reason = "tests have no Config")]
pub(super) fn server() -> Option<Config> {
    if let Ok(url) = std::env::var("SYFTHUB_TEST_POSTGRES_URL") {
        return Some(url.parse().expect("SYFTHUB_TEST_POSTGRES_URL is a PostgreSQL URL"));
    }
    assert!(std::env::var("CI").is_err(), "SYFTHUB_TEST_POSTGRES_URL is not set");
    println!("skipped: SYFTHUB_TEST_POSTGRES_URL is not set");
    None
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

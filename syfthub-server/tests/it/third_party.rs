//! Programs of others that `make test` installs and names through the environment.

use std::path::PathBuf;

use url::Url;

/// The path in `variable`. Without it the calling test has nothing to run against: that is said aloud, and is a
/// failure where `CI` is set, so that a skip never counts as a pass.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests have no Config and no printer"
)]
pub(crate) fn path(variable: &str) -> Option<PathBuf> {
    if let Ok(path) = std::env::var(variable) {
        return Some(path.into());
    }
    assert!(std::env::var("CI").is_err(), "{variable} is not set: run `make test`");
    println!("skipped: {variable} is not set (`make test` sets it)");
    None
}

/// The URL of a fresh database on the server that `SYFTHUB_TEST_POSTGRES_URL` names; it goes away with that server.
pub(crate) async fn database() -> Option<String> {
    let server = path("SYFTHUB_TEST_POSTGRES_URL")?;
    let mut url: Url = server.to_str()?.parse().expect("SYFTHUB_TEST_POSTGRES_URL is a URL");
    let (client, connection) = tokio_postgres::connect(url.as_str(), tokio_postgres::NoTls)
        .await
        .expect("the server that the variable names answers");
    tokio::spawn(connection);
    let name = format!("it_{}", uuid::Uuid::new_v4().simple());
    let create = format!("CREATE DATABASE {name}");
    client.batch_execute(&create).await.expect("its user may make databases");
    url.set_path(&name);
    Some(url.into())
}

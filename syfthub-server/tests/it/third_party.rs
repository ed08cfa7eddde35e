//! Programs of others that `make test` installs and names through the environment.

use std::path::PathBuf;

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

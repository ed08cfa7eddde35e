//! The keyring of the operating system: macOS's keychain, Windows' credential manager, or a desktop's secret service.

use std::fmt;

use syfthub_core::wire::auth::Tokens;

/// Keeps the tokens of sessions, by a name of each.
pub(super) trait Vault: fmt::Debug + Send + Sync {
    fn read(&self, key: &str) -> Result<Option<Tokens>, Away>;
    fn write(&self, key: &str, tokens: &Tokens) -> Result<(), Away>;
    fn erase(&self, key: &str) -> Result<(), Away>;
}

/// Why a keyring cannot be used: mostly, because there is none.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Away(pub(super) String);

/// The operating system's own.
#[cfg(feature = "keyring")]
#[derive(Debug)]
pub(super) struct Keyring;

#[cfg(feature = "keyring")]
mod system {
    use keyring::{Entry, Error};
    use syfthub_core::wire::auth::Tokens;

    use super::{Away, Keyring, Vault};

    /// Under which name the entries are shown to their owner.
    const SERVICE: &str = "syfthub";

    fn entry(key: &str) -> Result<Entry, Away> {
        match Entry::store_status() {
            Ok(()) => Entry::new(SERVICE, key).map_err(away),
            Err(cause) => Err(Away(cause.to_string())),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "used with Result::map_err")]
    fn away(error: Error) -> Away {
        Away(error.to_string())
    }

    impl Vault for Keyring {
        fn read(&self, key: &str) -> Result<Option<Tokens>, Away> {
            match entry(key)?.get_password() {
                Ok(text) => serde_json::from_str(&text)
                    .map(Some)
                    .map_err(|_| Away("its entry was not written by SyftHub".to_owned())),
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(away(error)),
            }
        }

        fn write(&self, key: &str, tokens: &Tokens) -> Result<(), Away> {
            let text = serde_json::to_string(tokens).expect("tokens are JSON");
            entry(key)?.set_password(&text).map_err(away)
        }

        fn erase(&self, key: &str) -> Result<(), Away> {
            match entry(key)?.delete_credential() {
                Ok(()) | Err(Error::NoEntry) => Ok(()),
                Err(error) => Err(away(error)),
            }
        }
    }
}

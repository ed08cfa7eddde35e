//! The command line of `syfthub-server keys`.

use clap::{Args, Subcommand};

use super::{DatabaseSettings, EncryptionSettings, KeySettings, SecretKey};

/// What to do with the keys that sign satellite tokens, with the settings of the hub they belong to.
#[derive(Debug, Clone, Args)]
pub struct KeysCommand {
    /// What to do.
    #[command(subcommand)]
    pub action: KeysAction,

    /// Key that signs the hub's own tokens; it decrypts the stored keys when `ENCRYPTION_KEY` is absent
    #[arg(
        long,
        env = "SECRET_KEY",
        value_name = "SECRET_KEY",
        hide_env_values = true,
        value_parser = SecretKey::parse
    )]
    pub secret_key: SecretKey,

    /// Where the data lives.
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// What encrypts stored secrets.
    #[command(flatten)]
    pub encryption: EncryptionSettings,
    /// The keys.
    #[command(flatten)]
    pub keys: KeySettings,
}

/// What to do with the keys.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum KeysAction {
    /// Show every key, newest first, and what it is for
    List,
    /// Make a new key: it is published at once, and signs when every verifier has it
    Rotate {
        /// Let it sign as soon as all instances have read it, for when the old key may have leaked
        #[arg(long)]
        now: bool,
    },
    /// Forget the keys whose last token is dead
    Prune,
}

//! Sessions, passwords, and the keys behind tokens.

use std::path::PathBuf;
use std::time::Duration;

use syfthub_core::Secret;
use url::Url;

use super::values;

/// Sessions and passwords.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Identity")]
pub struct IdentitySettings {
    /// Minutes that an access token is good for
    #[arg(
        id = "access_token_expire_minutes",
        long = "access-token-expire-minutes",
        env = "ACCESS_TOKEN_EXPIRE_MINUTES",
        value_name = "ACCESS_TOKEN_EXPIRE_MINUTES",
        default_value = "30",
        value_parser = values::minutes
    )]
    pub access_token_lifetime: Duration,

    /// Days that a refresh token is good for
    #[arg(
        id = "refresh_token_expire_days",
        long = "refresh-token-expire-days",
        env = "REFRESH_TOKEN_EXPIRE_DAYS",
        value_name = "REFRESH_TOKEN_EXPIRE_DAYS",
        default_value = "7",
        value_parser = values::days
    )]
    pub refresh_token_lifetime: Duration,

    /// Fewest characters of a password
    #[arg(long, env = "PASSWORD_MIN_LENGTH", value_name = "PASSWORD_MIN_LENGTH", default_value = "8", value_parser = values::count)]
    pub password_min_length: usize,

    /// Sign-ins that wait for their password to be checked; further ones are told to come back
    #[arg(long, env = "SYFTHUB_PASSWORD_QUEUE", value_name = "SYFTHUB_PASSWORD_QUEUE", default_value = "1024", value_parser = values::count)]
    pub password_queue: usize,

    /// Personal access tokens that one user may have at a time, not counting those that no longer work
    #[arg(long, env = "SYFTHUB_MAX_ACCESS_TOKENS", value_name = "SYFTHUB_MAX_ACCESS_TOKENS", default_value = "50", value_parser = values::few)]
    pub max_access_tokens: u32,

    /// Aggregators that one user may keep in their list
    #[arg(long, env = "SYFTHUB_MAX_AGGREGATORS", value_name = "SYFTHUB_MAX_AGGREGATORS", default_value = "50", value_parser = values::count)]
    pub max_aggregators: usize,
}

/// Satellite tokens and the RSA keys that sign them.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Satellite tokens")]
pub struct KeySettings {
    /// Seconds that a satellite token is good for
    #[arg(
        id = "satellite_token_expire_seconds",
        long = "satellite-token-expire-seconds",
        env = "SATELLITE_TOKEN_EXPIRE_SECONDS",
        value_name = "SATELLITE_TOKEN_EXPIRE_SECONDS",
        default_value = "60",
        value_parser = values::seconds
    )]
    pub satellite_token_lifetime: Duration,

    /// Whether people without an account get tokens that present them to a space as guests
    #[arg(
        long,
        env = "SYFTHUB_GUEST_TOKENS",
        value_name = "SYFTHUB_GUEST_TOKENS",
        default_value = "true",
        action = clap::ArgAction::Set,
        value_parser = values::truth
    )]
    pub guest_tokens: bool,

    /// Issuer named in satellite tokens; the public URL when absent
    #[arg(long, env = "ISSUER_URL", value_name = "ISSUER_URL", value_parser = values::web_url)]
    pub issuer_url: Option<Url>,

    /// Private RSA key as PEM, also in base64
    #[arg(
        long,
        env = "RSA_PRIVATE_KEY_PEM",
        value_name = "RSA_PRIVATE_KEY_PEM",
        hide_env_values = true
    )]
    pub rsa_private_key_pem: Option<Secret>,

    /// Public RSA key; accepted for compatibility, since it follows from the private one
    #[arg(long, env = "RSA_PUBLIC_KEY_PEM", value_name = "RSA_PUBLIC_KEY_PEM")]
    pub rsa_public_key_pem: Option<String>,

    /// File with the private RSA key as PEM
    #[arg(long, env = "RSA_PRIVATE_KEY_PATH", value_name = "RSA_PRIVATE_KEY_PATH")]
    pub rsa_private_key_path: Option<PathBuf>,

    /// File with the public RSA key; accepted for compatibility
    #[arg(long, env = "RSA_PUBLIC_KEY_PATH", value_name = "RSA_PUBLIC_KEY_PATH")]
    pub rsa_public_key_path: Option<PathBuf>,

    /// Name of a key that is given, in tokens and key set; its RFC 7638 thumbprint when absent
    #[arg(long, env = "RSA_KEY_ID", value_name = "RSA_KEY_ID")]
    pub rsa_key_id: Option<String>,

    /// Folder with a key to begin with (`signing.pem`) and with further public keys to publish (`*.jwk`)
    #[arg(
        long,
        env = "RSA_KEYS_DIRECTORY",
        value_name = "RSA_KEYS_DIRECTORY",
        default_value = "./data/rsa_keys"
    )]
    pub rsa_keys_directory: PathBuf,

    /// Whether to generate a key when there is none; it is kept in the database, encrypted
    #[arg(
        long,
        env = "AUTO_GENERATE_RSA_KEYS",
        value_name = "AUTO_GENERATE_RSA_KEYS",
        default_value = "true",
        action = clap::ArgAction::Set,
        value_parser = values::truth
    )]
    pub auto_generate_rsa_keys: bool,

    /// Days after which a generated key is replaced, or `never`
    #[arg(
        id = "rsa_key_rotation_days",
        long = "rsa-key-rotation-days",
        env = "RSA_KEY_ROTATION_DAYS",
        value_name = "RSA_KEY_ROTATION_DAYS",
        default_value = "90"
    )]
    pub rsa_key_rotation: Age,

    /// Seconds after which an instance looks for keys that another one added
    #[arg(
        id = "rsa_keys_reload_seconds",
        long = "rsa-keys-reload-seconds",
        env = "RSA_KEYS_RELOAD_SECONDS",
        value_name = "RSA_KEYS_RELOAD_SECONDS",
        default_value = "60",
        value_parser = values::seconds
    )]
    pub rsa_keys_reload: Duration,
}

/// How old something may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age(pub Option<Duration>);

impl std::str::FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" { Ok(Self(None)) } else { values::days(text).map(|age| Self(Some(age))) }
    }
}

/// The key that signs hub tokens, strong enough for that.
#[derive(Debug, Clone)]
pub struct SecretKey(Secret);

/// Fewest bytes of a key: RFC 7518 section 3.2 wants as many as the hash has.
const SHORTEST: usize = 32;

/// Parts of keys that were printed in documentation, so that everybody has them.
const PUBLISHED: [&str; 5] =
    ["change-in-production", "change-me", "changeme", "change-this", "your-secret-key"];

impl SecretKey {
    /// Takes over a key.
    ///
    /// # Errors
    /// The accepted form, when the key is too short, has too little variety, or stands in somebody's documentation.
    pub fn parse(text: &str) -> Result<Self, String> {
        let reason = if text.len() < SHORTEST {
            format!("it has {} bytes", text.len())
        } else if text.bytes().collect::<std::collections::HashSet<_>>().len() < 8 {
            "it repeats a few characters".to_owned()
        } else if PUBLISHED
            .iter()
            .any(|part| text.to_ascii_lowercase().replace('_', "-").contains(part))
        {
            "it is a placeholder from documentation".to_owned()
        } else {
            return Ok(Self(Secret::new(text)));
        };
        Err(format!(
            "expected at least {SHORTEST} random bytes, such as `openssl rand -hex 32` prints, but {reason}"
        ))
    }

    /// The key itself.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_key_is_refused_without_being_repeated() {
        for weak in ["short", &"a".repeat(64), "your-secret-key-change-in-production-please"] {
            let refusal = SecretKey::parse(weak).unwrap_err();
            assert!(
                refusal.contains("at least 32 random bytes") && !refusal.contains(weak),
                "{refusal}"
            );
        }
        assert!(SecretKey::parse("9f86d081884c7d659a2feaa0c55ad015").is_ok());
    }
}

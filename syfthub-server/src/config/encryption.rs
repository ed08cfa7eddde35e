//! The keys of secrets at rest.

use std::fmt;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

use crate::seal::{self, KEY_BYTES, Vault};

use super::SecretKey;

/// What encrypts the secrets that the hub keeps: other services' passwords and its own signing keys.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Secrets at rest")]
pub struct EncryptionSettings {
    /// Key that encrypts stored secrets: 32 random bytes, such as `openssl rand -hex 32` prints; when absent it is
    /// derived from `SECRET_KEY`, which then cannot be replaced without losing them
    #[arg(
        long,
        env = "ENCRYPTION_KEY",
        value_name = "ENCRYPTION_KEY",
        hide_env_values = true,
        value_parser = EncryptionKey::parse
    )]
    pub encryption_key: Option<EncryptionKey>,

    /// Keys that were `ENCRYPTION_KEY` before, comma-separated: they still decrypt
    #[arg(
        long,
        env = "ENCRYPTION_KEYS_OLD",
        value_name = "ENCRYPTION_KEYS_OLD",
        hide_env_values = true,
        value_delimiter = ',',
        value_parser = EncryptionKey::parse
    )]
    pub encryption_keys_old: Vec<EncryptionKey>,
}

impl EncryptionSettings {
    /// The hub's vault. What was sealed before there was an `ENCRYPTION_KEY` still opens.
    pub(crate) fn vault(&self, secret_key: &SecretKey) -> Vault {
        let derived = seal::derive(secret_key.secret(), "secrets at rest");
        let vault = match &self.encryption_key {
            Some(key) => Vault::new(&key.0).opening(&derived),
            None => Vault::new(&derived),
        };
        self.encryption_keys_old.iter().fold(vault, |vault, old| vault.opening(&old.0))
    }
}

/// 32 random bytes.
#[derive(Clone)]
pub struct EncryptionKey([u8; KEY_BYTES]);

impl EncryptionKey {
    /// Reads a key in hexadecimal or base64.
    ///
    /// # Errors
    /// The accepted form, which does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let bytes = from_hex(text)
            .or_else(|| BASE64_STANDARD.decode(text).ok())
            .or_else(|| BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok());
        let key: Option<[u8; KEY_BYTES]> = bytes.and_then(|bytes| bytes.try_into().ok());
        let expected = "expected 32 random bytes in hexadecimal or base64, such as `openssl rand -hex 32` prints";
        match key {
            Some(key) if key.iter().any(|byte| *byte != key[0]) => Ok(Self(key)),
            _ => Err(expected.to_owned()),
        }
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit =
        |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let digits: Vec<u8> = text.as_bytes().iter().map(digit).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| pair[0] * 16 + pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use syfthub_core::Secret;

    use super::*;

    fn settings(newest: Option<&str>, old: &[&str]) -> EncryptionSettings {
        let parse = |text: &str| EncryptionKey::parse(text).unwrap();
        EncryptionSettings {
            encryption_key: newest.map(parse),
            encryption_keys_old: old.iter().map(|text| parse(text)).collect(),
        }
    }

    #[test]
    fn a_key_is_read_in_every_usual_spelling() {
        let bytes: [u8; KEY_BYTES] = std::array::from_fn(|n| u8::try_from(n * 7 + 3).unwrap());
        let hex = bytes.map(|byte| format!("{byte:02X}")).concat();
        let spellings = [
            hex.to_lowercase(),
            hex,
            BASE64_STANDARD.encode(bytes),
            BASE64_URL_SAFE_NO_PAD.encode(bytes),
        ];
        for text in spellings {
            assert_eq!(EncryptionKey::parse(&text).unwrap().0, bytes, "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        for text in ["", "hunter22-hunter22-hunter22-hunter22", &"ab".repeat(31), &"00".repeat(32)]
        {
            let refusal = EncryptionKey::parse(text).unwrap_err();
            assert!(refusal.starts_with("expected 32 random bytes"), "{refusal}");
            assert!(text.is_empty() || !refusal.contains(text), "{refusal}");
        }
    }

    #[test]
    fn a_hub_opens_what_it_sealed_before_it_got_a_key_and_before_the_key_was_replaced() {
        let secret_key = SecretKey::parse("9f86d081884c7d659a2feaa0c55ad015").unwrap();
        let (first, second) = ("0123456789abcdef".repeat(4), "fedcba9876543210".repeat(4));
        let derived = settings(None, &[]).vault(&secret_key).seal("x", &Secret::new("a"));
        let with_first =
            settings(Some(&first), &[]).vault(&secret_key).seal("x", &Secret::new("b"));
        let vault = settings(Some(&second), &[&first]).vault(&secret_key);
        assert_eq!(vault.open("x", &derived).unwrap().expose(), "a");
        assert_eq!(vault.open("x", &with_first).unwrap().expose(), "b");
        let forgotten = settings(Some(&second), &[]).vault(&secret_key);
        assert!(forgotten.open("x", &with_first).is_err());
    }
}

//! The keys that people bring: one in the settings, and what lies in a folder.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use syfthub_core::Secret;
use syfthub_core::token::jwks::Jwk;
use syfthub_core::token::satellite::SigningKey;

use crate::config::KeySettings;
use crate::running::StartError;

/// The file in `RSA_KEYS_DIRECTORY` with the key that a hub without any takes over as its first.
const SIGNING: &str = "signing.pem";

/// The extension of files with further public keys, one JSON Web Key each, that are published beside it.
const PUBLIC: &str = "jwk";

const PEM: &str = "RSA_PRIVATE_KEY_PEM";
const PATH: &str = "RSA_PRIVATE_KEY_PATH";
const DIRECTORY: &str = "RSA_KEYS_DIRECTORY";
const EXPECTED: &str = "expected an RSA private key of 2048 to 8192 bits as PEM, or base64 of it";

/// What people brought.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    /// The key in the settings: it signs, whatever else there is.
    pub(super) signing: Option<SigningKey>,
    /// The key in the folder, for a hub that has none yet.
    pub(super) former: Option<SigningKey>,
    /// Public keys to publish besides.
    pub(super) further: Vec<Jwk>,
}

impl Given {
    /// Reads settings and folder, off the async threads.
    pub(super) async fn read(settings: &KeySettings) -> Result<Self, StartError> {
        let settings = settings.clone();
        let read = tokio::task::spawn_blocking(move || Self::load(&settings));
        read.await.expect("reading keys does not panic and is never aborted")
    }

    fn load(settings: &KeySettings) -> Result<Self, StartError> {
        let kid = settings.rsa_key_id.clone();
        let signing = match (&settings.rsa_private_key_pem, &settings.rsa_private_key_path) {
            (Some(text), _) => Some(parsed(PEM, text, kid.clone())?),
            (None, Some(path)) => Some(parsed(PATH, &read(PATH, path)?, kid.clone())?),
            (None, None) => None,
        };
        let path = settings.rsa_keys_directory.join(SIGNING);
        let is_there = path.try_exists().map_err(|error| unusable(DIRECTORY, &path, &error))?;
        let former = if is_there && signing.is_none() {
            Some(parsed(DIRECTORY, &read(DIRECTORY, &path)?, kid)?)
        } else {
            None
        };
        Ok(Self { signing, former, further: further_keys(&settings.rsa_keys_directory)? })
    }
}

/// That there is no key and none may be made.
pub(super) fn none_to_be_made(settings: &KeySettings) -> StartError {
    let path = settings.rsa_keys_directory.join(SIGNING);
    let reason = format!("{} is missing, and AUTO_GENERATE_RSA_KEYS is false", path.display());
    StartError::setting(DIRECTORY, reason)
}

/// The key that `text` holds; the refusal names the setting it came from and repeats nothing of it.
fn parsed(
    setting: &'static str,
    text: &Secret,
    kid: Option<String>,
) -> Result<SigningKey, StartError> {
    let refused = || StartError::setting(setting, EXPECTED);
    let trimmed = text.expose().trim();
    let pem = if trimmed.starts_with("-----") {
        Secret::new(trimmed)
    } else {
        let compact: String = trimmed.split_whitespace().collect();
        let bytes = STANDARD.decode(compact).map_err(|_| refused())?;
        Secret::new(String::from_utf8(bytes).map_err(|_| refused())?)
    };
    SigningKey::from_pem(&pem, kid).map_err(|_| refused())
}

fn read(setting: &'static str, path: &Path) -> Result<Secret, StartError> {
    fs::read_to_string(path).map(Secret::new).map_err(|error| unusable(setting, path, &error))
}

/// The public keys that are published besides the signing one, in the order of their file names.
fn further_keys(directory: &Path) -> Result<Vec<Jwk>, StartError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unusable(DIRECTORY, directory, &error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unusable(DIRECTORY, directory, &error))?.path();
        if path.extension().is_some_and(|extension| extension == PUBLIC) {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| read_jwk(path)).collect()
}

fn read_jwk(path: &Path) -> Result<Jwk, StartError> {
    let text = fs::read(path).map_err(|error| unusable(DIRECTORY, path, &error))?;
    let expected =
        || StartError::setting(DIRECTORY, format!("{} is not a JSON Web Key", path.display()));
    serde_json::from_slice(&text).map_err(|_| expected())
}

fn unusable(setting: &'static str, path: &Path, error: &io::Error) -> StartError {
    StartError::setting(setting, format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The settings of a hub whose folder of keys is `folder`.
    fn settings(folder: &Path) -> KeySettings {
        let rsa_keys_directory = folder.join("keys");
        KeySettings { rsa_keys_directory, ..crate::config::defaults() }
    }

    #[test]
    fn a_key_in_the_settings_counts_as_pem_and_as_base64_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::generate().unwrap();
        let pem = key.to_pem().unwrap();
        for text in [pem.expose().to_owned(), STANDARD.encode(pem.expose())] {
            let given = Given::load(&KeySettings {
                rsa_private_key_pem: Some(Secret::new(text)),
                rsa_key_id: Some("hub-key-1".to_owned()),
                ..settings(folder.path())
            });
            let public = given.unwrap().signing.unwrap().public().clone();
            assert_eq!((public.kid.as_str(), &public.n), ("hub-key-1", &key.public().n));
        }
    }

    #[test]
    fn what_is_no_key_is_refused_with_the_name_of_its_setting() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = |settings: KeySettings| Given::load(&settings).unwrap_err().to_string();
        let text = KeySettings {
            rsa_private_key_pem: Some(Secret::new("hunter22")),
            ..settings(folder.path())
        };
        let said = refusal(text);
        assert!(
            said.starts_with("RSA_PRIVATE_KEY_PEM: expected") && !said.contains("hunter22"),
            "{said}"
        );
        let file = KeySettings {
            rsa_private_key_path: Some(folder.path().join("none.pem")),
            ..settings(folder.path())
        };
        assert!(refusal(file).starts_with("RSA_PRIVATE_KEY_PATH: "));
        fs::create_dir(folder.path().join("keys")).unwrap();
        fs::write(folder.path().join("keys/signing.pem"), "nothing").unwrap();
        assert!(refusal(settings(folder.path())).starts_with("RSA_KEYS_DIRECTORY: expected"));
    }
}

//! The RSA keys behind satellite tokens: one that signs, and every public one whose tokens may still be alive.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use syfthub_core::Secret;
use syfthub_core::token::jwks::{Jwk, JwkSet};
use syfthub_core::token::satellite::{KeySet, SigningKey};

use crate::config::KeySettings;
use crate::running::StartError;

/// The signing key's file in `RSA_KEYS_DIRECTORY`.
const SIGNING: &str = "signing.pem";

/// The extension of files with further public keys, one JSON Web Key each, that are published beside it.
const PUBLIC: &str = "jwk";

/// Where the keys come from.
#[derive(Debug, Clone)]
pub(crate) struct KeySource {
    given: Given,
    kid: Option<String>,
    directory: PathBuf,
    generate: bool,
}

/// The signing key that the settings give, if they do. It wins over the directory's.
#[derive(Debug, Clone)]
enum Given {
    Nothing,
    Text(Secret),
    File(PathBuf),
}

impl KeySource {
    /// What the settings say.
    pub(crate) fn of(settings: &KeySettings) -> Self {
        let given = match (&settings.rsa_private_key_pem, &settings.rsa_private_key_path) {
            (Some(text), _) => Given::Text(text.clone()),
            (None, Some(path)) => Given::File(path.clone()),
            (None, None) => Given::Nothing,
        };
        Self {
            given,
            kid: settings.rsa_key_id.clone(),
            directory: settings.rsa_keys_directory.clone(),
            generate: settings.auto_generate_rsa_keys,
        }
    }
}

const PEM: &str = "RSA_PRIVATE_KEY_PEM";
const PATH: &str = "RSA_PRIVATE_KEY_PATH";
const DIRECTORY: &str = "RSA_KEYS_DIRECTORY";
const EXPECTED: &str = "expected an RSA private key of 2048 to 8192 bits as PEM, or base64 of it";

/// The keys in use.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) signing: SigningKey,
    /// Every published key, to judge tokens with.
    pub(crate) published: KeySet,
    /// The body of `/.well-known/jwks.json`.
    pub(crate) document: Bytes,
    /// Its entity tag, quoted.
    pub(crate) etag: String,
}

impl Keys {
    /// Reads the keys, and makes and stores one when there is none. Blocks, for a second or so when it makes one.
    pub(crate) fn load(source: &KeySource) -> Result<Self, StartError> {
        let signing = match &source.given {
            Given::Text(text) => parsed(PEM, text, source.kid.clone())?,
            Given::File(path) => parsed(PATH, &read(PATH, path)?, source.kid.clone())?,
            Given::Nothing => from_directory(source)?,
        };
        let public = signing.public();
        let others =
            further_keys(&source.directory)?.into_iter().filter(|key| key.kid != public.kid);
        let keys = std::iter::once(public.clone()).chain(others).collect();
        let set = JwkSet { keys };
        let document = serde_json::to_vec(&set).expect("plain structs become JSON");
        let etag = format!(
            "\"{}\"",
            base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&document))
        );
        Ok(Self { signing, published: KeySet::new(&set), document: document.into(), etag })
    }
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

fn from_directory(source: &KeySource) -> Result<SigningKey, StartError> {
    let path = source.directory.join(SIGNING);
    if !exists(&path)? {
        if !source.generate {
            let reason =
                format!("{} is missing, and AUTO_GENERATE_RSA_KEYS is false", path.display());
            return Err(StartError::setting(DIRECTORY, reason));
        }
        let key = SigningKey::generate()
            .map_err(|error| StartError::setting(DIRECTORY, error.to_string()))?;
        store(&key, &source.directory, &path)?;
    }
    // Read back even when it was just made: of two servers that start together, both use the key that was first.
    let text = read(DIRECTORY, &path)?;
    parsed(DIRECTORY, &text, source.kid.clone())
}

fn read(setting: &'static str, path: &Path) -> Result<Secret, StartError> {
    fs::read_to_string(path).map(Secret::new).map_err(|error| unusable(setting, path, &error))
}

fn exists(path: &Path) -> Result<bool, StartError> {
    path.try_exists().map_err(|error| unusable(DIRECTORY, path, &error))
}

/// Writes the key to a file for its owner alone, whole or not at all, and never over another one.
fn store(key: &SigningKey, directory: &Path, path: &Path) -> Result<(), StartError> {
    let pem = key.to_pem().map_err(|error| StartError::setting(DIRECTORY, error.to_string()))?;
    create_private_directory(directory).map_err(|error| unusable(DIRECTORY, directory, &error))?;
    let draft = directory.join(format!(".{SIGNING}.{}", uuid::Uuid::new_v4().simple()));
    let written = create_private_file(&draft)
        .and_then(|mut file| file.write_all(pem.expose().as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::hard_link(&draft, path))
        .and_then(|()| File::open(directory)?.sync_all());
    // The draft has done its work either way; a leftover is private and harmless.
    drop(fs::remove_file(&draft));
    match written {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(unusable(DIRECTORY, path, &error))
        }
        _ => Ok(()),
    }
}

fn create_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn create_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
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

    fn source(directory: &Path) -> KeySource {
        KeySource {
            given: Given::Nothing,
            kid: None,
            directory: directory.join("keys"),
            generate: true,
        }
    }

    #[test]
    fn a_key_is_made_once_and_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Keys::load(&source(folder.path())).unwrap();
        let again = Keys::load(&source(folder.path())).unwrap();
        assert_eq!(first.signing.public(), again.signing.public());
        assert_eq!(first.etag, again.etag);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(folder.path().join("keys")), 0o700);
            assert_eq!(mode(folder.path().join("keys/signing.pem")), 0o600);
        }
        assert_eq!(fs::read_dir(folder.path().join("keys")).unwrap().count(), 1);
    }

    #[test]
    fn a_key_in_the_settings_wins_as_pem_and_as_base64_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::generate().unwrap();
        let pem = key.to_pem().unwrap();
        for text in [pem.expose().to_owned(), STANDARD.encode(pem.expose())] {
            let kid = Some("hub-key-1".to_owned());
            let given =
                KeySource { given: Given::Text(Secret::new(text)), kid, ..source(folder.path()) };
            let keys = Keys::load(&given).unwrap();
            assert_eq!(
                (keys.signing.public().kid.as_str(), &keys.signing.public().n),
                ("hub-key-1", &key.public().n)
            );
        }
        assert!(!folder.path().join("keys").exists());
    }

    #[test]
    fn further_public_keys_are_published() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::load(&source(folder.path())).unwrap();
        let retired = SigningKey::generate().unwrap();
        let text = serde_json::to_string(retired.public()).unwrap();
        fs::write(folder.path().join("keys/retired.jwk"), text).unwrap();
        let more = Keys::load(&source(folder.path())).unwrap();
        assert!(
            more.published.knows(&retired.public().kid)
                && more.published.knows(&keys.signing.public().kid)
        );
        assert_ne!(more.etag, keys.etag);
    }

    #[test]
    fn what_is_no_key_is_refused_with_the_name_of_its_setting() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = |given: KeySource| Keys::load(&given).unwrap_err().to_string();
        let text =
            KeySource { given: Given::Text(Secret::new("hunter22")), ..source(folder.path()) };
        let said = refusal(text);
        assert!(
            said.starts_with("RSA_PRIVATE_KEY_PEM: expected") && !said.contains("hunter22"),
            "{said}"
        );
        let file = KeySource {
            given: Given::File(folder.path().join("none.pem")),
            ..source(folder.path())
        };
        assert!(refusal(file).starts_with("RSA_PRIVATE_KEY_PATH: "));
        let none = KeySource { generate: false, ..source(folder.path()) };
        assert!(refusal(none).contains("AUTO_GENERATE_RSA_KEYS"));
        fs::create_dir(folder.path().join("keys")).unwrap();
        fs::write(folder.path().join("keys/signing.pem"), "nothing").unwrap();
        assert!(refusal(source(folder.path())).starts_with("RSA_KEYS_DIRECTORY: expected"));
    }
}

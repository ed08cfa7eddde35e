//! The state directory: database, indexes, and the two files that hold secrets, readable by their owner alone.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use syfthub_core::Secret;

use super::ids::DatasetId;
use crate::seal::{KEY_BYTES, Vault};

const KEY_FILE: &str = "space.key";
const ADMIN_FILE: &str = "admin.key";
const SETUP_FILE: &str = "setup.token";

/// Where a space keeps everything.
#[derive(Debug, Clone)]
pub(crate) struct StateDir(PathBuf);

/// Why the directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}: {reason}", .path.display())]
pub(crate) struct StateError {
    path: PathBuf,
    reason: String,
}

impl StateDir {
    /// Makes the directory when there is none, for its owner alone. Blocks.
    pub(crate) fn open(path: &Path) -> Result<Self, StateError> {
        let failed =
            |error: io::Error| StateError { path: path.to_owned(), reason: error.to_string() };
        make_private(path).map_err(failed)?;
        let absolute = path.canonicalize().map_err(failed)?;
        Ok(Self(absolute))
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The space's own tables.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("space.db")
    }

    /// The index of a dataset, named by the dataset's id, so that no two datasets ever share one.
    pub(crate) fn index(&self, dataset: DatasetId) -> PathBuf {
        self.indexes().join(dataset.to_string())
    }

    /// Where all indexes are.
    pub(crate) fn indexes(&self) -> PathBuf {
        self.0.join("index")
    }

    /// Where the copies of a dataset's pages are.
    pub(crate) fn mirror(&self, dataset: DatasetId) -> PathBuf {
        self.0.join("sites").join(dataset.to_string())
    }

    /// What the server of a provisioned store keeps, by its type.
    pub(crate) fn provision(&self, dtype: &str) -> PathBuf {
        self.0.join("stores").join(dtype)
    }

    /// The secret that all keys of this space are made of, and its vault; made on first use. Blocks.
    pub(crate) fn keys(&self) -> Result<(Secret, Vault), StateError> {
        let path = self.0.join(KEY_FILE);
        let bad = |reason: &str| StateError { path: path.clone(), reason: reason.to_owned() };
        let text = read_or_make(&path).map_err(|error| bad(&error.to_string()))?;
        let key = BASE64_URL_SAFE_NO_PAD.decode(text.expose()).ok();
        let key: Option<[u8; KEY_BYTES]> = key.and_then(|key| key.try_into().ok());
        key.map(|key| (text, Vault::new(&key)))
            .ok_or_else(|| bad("expected 32 bytes in base64url, as the space wrote them"))
    }

    /// The key of the admin API; made on first use. Blocks.
    pub(crate) fn admin_key(&self) -> Result<Secret, StateError> {
        let path = self.admin_key_file();
        read_or_make(&path).map_err(|error| StateError { path, reason: error.to_string() })
    }

    /// What lets the first account in; made on first use. Blocks.
    pub(crate) fn setup_token(&self) -> Result<Secret, StateError> {
        let path = self.setup_token_file();
        read_or_make(&path).map_err(|error| StateError { path, reason: error.to_string() })
    }

    /// Where that token stands.
    pub(crate) fn setup_token_file(&self) -> PathBuf {
        self.0.join(SETUP_FILE)
    }

    /// Where the admin key stands.
    pub(crate) fn admin_key_file(&self) -> PathBuf {
        self.0.join(ADMIN_FILE)
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// The text in `path`; 32 random bytes are put there first when the file is missing.
fn read_or_make(path: &Path) -> io::Result<Secret> {
    match fs::read_to_string(path) {
        Ok(text) => return Ok(Secret::new(text.trim())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut bytes = [0; KEY_BYTES];
    rand::fill(&mut bytes).map_err(|_| io::Error::other("the system gives no random bytes"))?;
    let text = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let mut file = private_file(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    Ok(Secret::new(text))
}

fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_for_the_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(&folder.path().join("a/b")).unwrap();
        let key = state.admin_key().unwrap();
        assert!(key.expose().len() >= 43);
        assert_eq!(state.admin_key().unwrap().expose(), key.expose());
        let sealed = state.keys().unwrap().1.seal("x", &Secret::new("s"));
        assert!(state.keys().unwrap().1.open("x", &sealed).is_ok());
        for (file, mode) in [("admin.key", 0o600), ("space.key", 0o600), (".", 0o700)] {
            let found = fs::metadata(state.0.join(file)).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{file}");
        }
    }

    #[test]
    fn a_key_file_that_is_no_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(folder.path()).unwrap();
        fs::write(folder.path().join(KEY_FILE), "short").unwrap();
        assert!(state.keys().err().unwrap().to_string().contains("space.key: expected 32 bytes"));
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(StateDir::open(&file.join("x")).is_err());
    }
}

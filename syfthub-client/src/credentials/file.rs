//! The file that says for which hubs there is a session, and has the tokens where no keyring does.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use syfthub_core::wire::auth::Tokens;
use url::Url;

use super::private;
use crate::error::{Error, ErrorKind};

/// Everything in the file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    /// The hub of the last login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) current: Option<Url>,
    /// Address to session.
    #[serde(default)]
    pub(super) hubs: BTreeMap<String, Entry>,
}

/// One saved session.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Whose it is, for people who read the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Where the tokens are, when they are not here.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_in: Option<Elsewhere>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Elsewhere {
    Keyring,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session of {}", self.username.as_deref().unwrap_or("somebody"))
    }
}

impl Entry {
    /// The tokens that are in the file.
    pub(super) fn tokens(&self) -> Option<Tokens> {
        Some(Tokens {
            access_token: self.access_token.clone()?,
            refresh_token: self.refresh_token.clone()?,
            token_type: "bearer".to_owned(),
        })
    }

    pub(super) fn is_in_keyring(&self) -> bool {
        self.kept_in == Some(Elsewhere::Keyring)
    }

    /// Puts the tokens into the file.
    pub(super) fn set(&mut self, tokens: &Tokens) {
        self.access_token = Some(tokens.access_token.clone());
        self.refresh_token = Some(tokens.refresh_token.clone());
        self.kept_in = None;
    }

    /// Says that the tokens are in the keyring.
    pub(super) fn move_to_keyring(&mut self) {
        (self.access_token, self.refresh_token) = (None, None);
        self.kept_in = Some(Elsewhere::Keyring);
    }
}

/// The folder that holds the file.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

/// The right to change the file, which no other process has while this lives.
pub(super) struct Lock {
    _file: File,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(std::path::absolute(&path).unwrap_or(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn file(&self) -> PathBuf {
        self.0.join("hubs.toml")
    }

    /// Reads the file; nothing saved is an empty register.
    pub(super) fn read(&self) -> Result<Register, Error> {
        let path = self.file();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Register::default()),
            Err(error) => return Err(broken(&path, "cannot be read", &error)),
        };
        toml::from_str(&text).map_err(|error| broken(&path, "does not hold saved sessions", &error))
    }

    /// Waits until no other process holds the file.
    pub(super) fn lock(&self) -> Result<Lock, Error> {
        private::create_folder(&self.0)
            .map_err(|error| broken(&self.0, "cannot be made", &error))?;
        let path = self.0.join("hubs.lock");
        let open = || {
            let mut options = OpenOptions::new();
            let file = private::file(options.create(true).truncate(false)).open(&path)?;
            file.lock()?;
            Ok(Lock { _file: file })
        };
        open().map_err(|error: io::Error| broken(&path, "cannot be locked", &error))
    }

    /// Replaces the file in one step, so that a crash leaves the old one or the new one.
    pub(super) fn write(&self, _lock: &Lock, register: &Register) -> Result<(), Error> {
        let path = self.file();
        let text = toml::to_string_pretty(register).expect("addresses and tokens are TOML");
        let replace = || {
            let draft = self.0.join("hubs.toml.new");
            let mut options = OpenOptions::new();
            let mut file = private::file(options.create(true).truncate(true)).open(&draft)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        };
        replace().map_err(|error| broken(&path, "cannot be written", &error))
    }
}

fn broken(path: &Path, what: &str, cause: &dyn fmt::Display) -> Error {
    Error::new(ErrorKind::Storage, format!("{} {what}: {cause}", path.display()))
}

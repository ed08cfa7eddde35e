//! What `syfthub dev` keeps between runs: a folder that only its owner can enter.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rand::Rng as _;
use rand::distr::Alphanumeric;
use syfthub_client::credentials::private;
use syfthub_core::Secret;

use super::docs;
use super::stack::{Folder, name_of};

/// The state folder of one stack, held by one process.
#[derive(Debug)]
pub(super) struct State {
    dir: PathBuf,
    /// Signs the hub's tokens.
    pub(super) secret_key: Secret,
    /// Signs in the stack's user.
    pub(super) password: Secret,
    /// What to publish, in the order it was named.
    pub(super) folders: Vec<Folder>,
    /// What to ask about it.
    pub(super) question: &'static str,
    _lock: File,
}

impl State {
    /// Opens the folder, or makes it, and finds the folders to publish: those named, or on a first run without any the
    /// documentation. Another process that uses the state folder is a refusal. Blocks.
    pub(super) fn open(dir: &Path, data: &[PathBuf]) -> anyhow::Result<Self> {
        private::create_folder(dir)
            .with_context(|| format!("--state {}: the folder cannot be made", dir.display()))?;
        let dir = dir.canonicalize().with_context(|| format!("--state {}", dir.display()))?;
        let lock = lock(&dir)?;
        let folders = data.iter().map(|path| folder(path)).collect::<anyhow::Result<_>>()?;
        let mut state = Self {
            secret_key: secret(&dir, "secret_key", 48)?,
            password: secret(&dir, "password", 24)?,
            folders,
            question: "What is this about?",
            dir,
            _lock: lock,
        };
        if state.folders.is_empty() && (state.is_new() || state.join("docs").exists()) {
            let path = state.join("docs");
            docs::write(&path).with_context(|| format!("{} cannot be written", path.display()))?;
            state.question = docs::QUESTION;
            state.folders = vec![Folder { name: "SyftHub".to_owned(), path }];
        }
        Ok(state)
    }

    /// Whether no stack has run on this folder yet.
    fn is_new(&self) -> bool {
        !self.join("space").exists()
    }

    /// A place inside the folder.
    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

fn lock(dir: &Path) -> anyhow::Result<File> {
    let path = dir.join("dev.lock");
    let lock = private::file(OpenOptions::new().create(true).truncate(false))
        .open(&path)
        .with_context(|| format!("--state {}: the folder cannot be written", dir.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => bail!(
            "--state {}: another `syfthub dev` uses this folder; stop it, or name another folder",
            dir.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
    }
}

fn folder(path: &Path) -> anyhow::Result<Folder> {
    let name = || format!("--data {}", path.display());
    let path = path.canonicalize().with_context(name)?;
    if !path.is_dir() {
        bail!("{}: a folder is expected", name());
    }
    Ok(Folder { name: name_of(&path), path })
}

/// The secret kept under `name`; a new one of `length` random letters and digits on the first run.
fn secret(dir: &Path, name: &str, length: usize) -> anyhow::Result<Secret> {
    let path = dir.join(name);
    match fs::read_to_string(&path) {
        Ok(text) if text.trim().len() >= length => return Ok(Secret::new(text.trim())),
        Ok(_) => bail!("{} is cut short; delete {} to begin anew", path.display(), dir.display()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", path.display()));
        }
    }
    let text = random_text(length);
    let write = || {
        let draft = dir.join(format!("{name}.new"));
        let mut file =
            private::file(OpenOptions::new().create(true).truncate(true)).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(Secret::new(text))
}

/// Random letters and digits, at least one of each, as passwords need.
fn random_text(length: usize) -> String {
    loop {
        let text: String =
            rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect();
        let has = |kind: fn(char) -> bool| text.chars().any(kind);
        if has(|c| c.is_ascii_digit()) && has(|c| c.is_ascii_alphabetic()) {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_made_once_and_kept() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("state");
        let first = State::open(&dir, &[]).unwrap();
        let (key, password) = (first.secret_key.clone(), first.password.clone());
        drop(first);
        let second = State::open(&dir, &[]).unwrap();
        assert_eq!(second.secret_key.expose(), key.expose());
        assert_eq!(second.password.expose(), password.expose());
        assert_ne!(key.expose(), password.expose());
    }

    #[test]
    fn two_stacks_cannot_share_a_folder() {
        let home = tempfile::tempdir().unwrap();
        let _first = State::open(home.path(), &[]).unwrap();
        let refusal = State::open(home.path(), &[]).unwrap_err();
        assert!(refusal.to_string().contains("--state"), "{refusal}");
    }

    #[test]
    fn a_folder_that_is_a_file_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let refusal = State::open(&file.path().join("state"), &[]).unwrap_err();
        assert!(refusal.to_string().starts_with("--state "), "{refusal}");
        let home = tempfile::tempdir().unwrap();
        let refusal = State::open(home.path(), &[file.path().to_owned()]).unwrap_err();
        assert!(refusal.to_string().starts_with("--data "), "{refusal}");
    }

    #[test]
    fn without_folders_a_first_run_publishes_the_documentation_and_a_later_one_what_there_is() {
        let home = tempfile::tempdir().unwrap();
        let folders = |data: &[PathBuf]| State::open(home.path(), data).unwrap().folders;
        assert!(folders(&[])[0].path.join("README.md").exists());
        let other = tempfile::tempdir().unwrap();
        fs::create_dir(other.path().join("space")).unwrap();
        assert!(State::open(other.path(), &[]).unwrap().folders.is_empty());
    }
}

//! The saved sessions: one TOML file, readable by its owner alone.
//!
//! ```toml
//! current = "http://127.0.0.1:8080/"
//!
//! [hubs."http://127.0.0.1:8080/"]
//! username = "ada"
//! access_token = "…"
//! refresh_token = "…"
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use syfthub_client::{HeldTokens, TokenStore, TokenStoreError};
use syfthub_core::wire::auth::Tokens;
use url::Url;

/// Everything in the file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// The hub of the last login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) current: Option<Url>,
    /// Address to session.
    #[serde(default)]
    pub(crate) hubs: BTreeMap<String, Session>,
}

/// One saved session.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    pub(crate) username: String,
    access_token: String,
    refresh_token: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session of {}", self.username)
    }
}

impl Session {
    pub(crate) fn new(username: String, tokens: &Tokens) -> Self {
        let Tokens { access_token, refresh_token, .. } = tokens.clone();
        Self { username, access_token, refresh_token }
    }

    pub(crate) fn tokens(&self) -> Tokens {
        Tokens {
            access_token: self.access_token.clone(),
            refresh_token: self.refresh_token.clone(),
            token_type: "bearer".to_owned(),
        }
    }
}

/// The folder that holds the file.
#[derive(Debug, Clone)]
pub(crate) struct ProfileDir(PathBuf);

impl ProfileDir {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("hubs.toml")
    }

    /// Reads the file; nothing saved is an empty profile.
    pub(crate) fn read(&self) -> anyhow::Result<Profile> {
        let path = self.file();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Profile::default()),
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", path.display()));
            }
        };
        toml::from_str(&text)
            .with_context(|| format!("{} is not what `syfthub login` writes", path.display()))
    }

    /// Changes the file while no other process does.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Profile)) -> anyhow::Result<()> {
        let _lock = self.lock()?;
        let mut profile = self.read()?;
        change(&mut profile);
        self.write(&profile)
    }

    /// Waits until no other process holds the file. The lock ends when the value is dropped.
    fn lock(&self) -> anyhow::Result<File> {
        create_private_dir(&self.0)
            .with_context(|| format!("{} cannot be made", self.0.display()))?;
        let path = self.0.join("hubs.lock");
        let open = || {
            let file = private_file(OpenOptions::new().create(true).truncate(false)).open(&path)?;
            file.lock()?;
            Ok::<_, io::Error>(file)
        };
        open().with_context(|| format!("{} cannot be locked", path.display()))
    }

    /// Replaces the file in one step, so that a crash leaves the old one or the new one.
    fn write(&self, profile: &Profile) -> anyhow::Result<()> {
        let path = self.file();
        let text = toml::to_string_pretty(profile)?;
        let replace = || {
            let draft = self.0.join("hubs.toml.new");
            let mut file =
                private_file(OpenOptions::new().create(true).truncate(true)).open(&draft)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        };
        replace().with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// Makes a folder that only its owner can enter, with the folders above it.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes files that are created with these options readable by their owner alone.
pub(crate) fn private_file(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.write(true)
}

/// The saved session of one hub, as the client keeps it.
#[derive(Debug, Clone)]
pub(crate) struct SavedSession {
    dir: ProfileDir,
    hub: Url,
}

impl SavedSession {
    pub(crate) fn new(dir: ProfileDir, hub: Url) -> Self {
        Self { dir, hub }
    }
}

struct Held {
    place: SavedSession,
    session: Option<Session>,
    lock: File,
}

impl TokenStore for SavedSession {
    fn hold(&self) -> BoxFuture<'_, Result<Box<dyn HeldTokens>, TokenStoreError>> {
        let place = self.clone();
        let hold = move || {
            let lock = place.dir.lock()?;
            let session = place.dir.read()?.hubs.remove(place.hub.as_str());
            Ok::<_, anyhow::Error>(Held { place, session, lock })
        };
        Box::pin(async move {
            Ok(Box::new(tokio::task::spawn_blocking(hold).await??) as Box<dyn HeldTokens>)
        })
    }
}

impl HeldTokens for Held {
    fn tokens(&self) -> Option<Tokens> {
        self.session.as_ref().map(Session::tokens)
    }

    fn replace(
        self: Box<Self>,
        tokens: Option<Tokens>,
    ) -> BoxFuture<'static, Result<(), TokenStoreError>> {
        let replace = move || {
            let Self { place, session, lock } = *self;
            let mut profile = place.dir.read()?;
            let hub = place.hub.as_str();
            match (tokens, session) {
                (Some(tokens), Some(session)) => {
                    profile.hubs.insert(hub.to_owned(), Session::new(session.username, &tokens));
                }
                // A session that was never saved is saved by `login`, which knows whose it is.
                (Some(_), None) => {}
                (None, _) => drop(profile.hubs.remove(hub)),
            }
            place.dir.write(&profile)?;
            drop(lock);
            Ok::<_, anyhow::Error>(())
        };
        Box::pin(async move { Ok(tokio::task::spawn_blocking(replace).await??) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(name: &str) -> Tokens {
        Tokens {
            access_token: format!("{name}-access"),
            refresh_token: format!("{name}-refresh"),
            token_type: "bearer".to_owned(),
        }
    }

    fn saved(dir: &ProfileDir, hub: &Url) {
        dir.change(|profile| {
            profile.hubs.insert(hub.to_string(), Session::new("ada".to_owned(), &tokens("old")));
        })
        .unwrap();
    }

    #[test]
    fn what_was_saved_is_read_again_and_readable_by_its_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let dir = ProfileDir::new(home.path().join("syfthub"));
        let hub: Url = "http://127.0.0.1:8080".parse().unwrap();
        assert!(dir.read().unwrap().hubs.is_empty());
        saved(&dir, &hub);
        assert_eq!(dir.read().unwrap().hubs[hub.as_str()].username, "ada");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(dir.file()).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn a_renewed_session_is_written_back_for_its_hub_alone() {
        let home = tempfile::tempdir().unwrap();
        let dir = ProfileDir::new(home.path().to_owned());
        let (here, there): (Url, Url) =
            ("http://a.io".parse().unwrap(), "http://b.io".parse().unwrap());
        saved(&dir, &here);
        saved(&dir, &there);
        let held = SavedSession::new(dir.clone(), here.clone()).hold().await.unwrap();
        assert_eq!(held.tokens().unwrap().access_token, "old-access");
        held.replace(Some(tokens("new"))).await.unwrap();
        let profile = dir.read().unwrap();
        assert_eq!(profile.hubs[here.as_str()].tokens().access_token, "new-access");
        assert_eq!(profile.hubs[there.as_str()].tokens().access_token, "old-access");
    }

    #[test]
    fn a_file_with_an_unknown_key_is_refused_by_name() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("hubs.toml"), "curent = \"http://a.io\"\n").unwrap();
        let error = ProfileDir::new(home.path().to_owned()).read().unwrap_err();
        assert!(format!("{error:#}").contains("curent"), "{error:#}");
    }
}

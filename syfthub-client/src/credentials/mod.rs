//! Sessions that outlive a program: in the keyring of the operating system, or in a file that their owner alone reads.
//!
//! A folder holds `hubs.toml`, which says for which hubs there is a session, and a lock that the processes which share it
//! take in turn. The tokens themselves are in the keyring; where there is none, as on most servers, they are in the file:
//!
//! ```toml
//! current = "http://127.0.0.1:8080/"
//!
//! [hubs."http://127.0.0.1:8080/"]
//! username = "ada"
//! access_token = "…"
//! refresh_token = "…"
//! ```

mod file;
pub mod private;
mod vault;

use std::path::PathBuf;
use std::sync::{Arc, Once};

use futures_util::future::BoxFuture;
use syfthub_core::wire::auth::Tokens;
use url::Url;

use self::file::{Folder, Lock, Register};
use self::vault::Vault;
use crate::error::{Error, ErrorKind};
use crate::session::{HeldTokens, TokenStore, TokenStoreError};

/// The saved sessions of one user. Clones are cheap. What it does blocks for a moment, and for longer where the operating
/// system asks its user whether the keyring may be read.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use syfthub_client::{Client, Credentials};
///
/// let saved = Credentials::in_folder("/home/ada/.config/syfthub");
/// let hub = Client::builder("https://hub.example.org").credentials(saved).build()?;
/// println!("signed in as {}", hub.auth().me().await?.username);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Credentials {
    folder: Folder,
    vault: Option<Arc<dyn Vault>>,
}

/// Where a session's tokens are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kept {
    /// In the keyring of the operating system.
    InKeyring,
    /// In this file.
    InFile(PathBuf),
}

impl Credentials {
    /// The sessions saved in `folder`, whose tokens are in files only.
    ///
    /// ```
    /// use syfthub_client::credentials::Credentials;
    ///
    /// let saved = Credentials::in_folder("/var/lib/nightly/syfthub");
    /// ```
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Folder::new(folder.into()), vault: None }
    }

    /// The sessions saved in `folder`, whose tokens are in the keyring of the operating system wherever there is one.
    ///
    /// ```
    /// use syfthub_client::credentials::Credentials;
    ///
    /// let saved = Credentials::in_keyring("/home/ada/.config/syfthub");
    /// ```
    #[cfg(feature = "keyring")]
    pub fn in_keyring(folder: impl Into<PathBuf>) -> Self {
        let vault = Arc::new(vault::Keyring);
        Self { folder: Folder::new(folder.into()), vault: Some(vault) }
    }

    /// The hub of the last [`Credentials::introduce`].
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when the file cannot be read.
    ///
    /// ```no_run
    /// # fn example(saved: syfthub_client::credentials::Credentials) -> Result<(), syfthub_client::Error> {
    /// let hub = saved.current()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn current(&self) -> Result<Option<Url>, Error> {
        Ok(self.folder.read()?.current)
    }

    /// The session at `hub`, if one is saved.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when the file, or the keyring that has the tokens, cannot be read.
    ///
    /// ```no_run
    /// # fn example(saved: syfthub_client::credentials::Credentials) -> Result<(), Box<dyn std::error::Error>> {
    /// let tokens = saved.tokens(&"https://hub.example.org".parse()?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn tokens(&self, hub: &Url) -> Result<Option<Tokens>, Error> {
        self.tokens_in(&self.folder.read()?, hub)
    }

    fn tokens_in(&self, register: &Register, hub: &Url) -> Result<Option<Tokens>, Error> {
        match (register.hubs.get(hub.as_str()), &self.vault) {
            (None, _) => Ok(None),
            (Some(entry), _) if !entry.is_in_keyring() => Ok(entry.tokens()),
            (Some(_), Some(vault)) => vault.read(&self.key(hub)).map_err(of_keyring),
            (Some(_), None) => Err(Error::new(
                ErrorKind::Storage,
                format!("the session at {hub} is in the keyring, which is not to be read"),
            )),
        }
    }

    /// Where the tokens of the session at `hub` are, if one is saved.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when the file cannot be read.
    ///
    /// ```no_run
    /// # fn example(saved: syfthub_client::credentials::Credentials) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::credentials::Kept;
    ///
    /// if let Some(Kept::InFile(path)) = saved.kept(&"https://hub.example.org".parse()?)? {
    ///     println!("there is no keyring: the session is in {}", path.display());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn kept(&self, hub: &Url) -> Result<Option<Kept>, Error> {
        let register = self.folder.read()?;
        Ok(register.hubs.get(hub.as_str()).map(|entry| {
            if entry.is_in_keyring() { Kept::InKeyring } else { Kept::InFile(self.folder.file()) }
        }))
    }

    /// Saves a session at `hub`, or its new tokens, and says where they went. Tokens that are in a file stay there, so that a
    /// session does not move while programs that know no keyring share it.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when the file cannot be written.
    ///
    /// ```no_run
    /// # fn example(hub: syfthub_client::Client, saved: syfthub_client::credentials::Credentials) -> Result<(), syfthub_client::Error> {
    /// if let Some(tokens) = hub.auth().tokens() {
    ///     saved.save(hub.hub_url(), &tokens)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn save(&self, hub: &Url, tokens: &Tokens) -> Result<Kept, Error> {
        let lock = self.folder.lock()?;
        self.save_under(&lock, hub, tokens)
    }

    fn save_under(&self, lock: &Lock, hub: &Url, tokens: &Tokens) -> Result<Kept, Error> {
        let mut register = self.folder.read()?;
        let entry = register.hubs.entry(hub.to_string()).or_default();
        let vault = self.vault.as_ref().filter(|_| entry.tokens().is_none());
        let kept = match vault.map(|vault| vault.write(&self.key(hub), tokens)) {
            Some(Ok(())) => {
                entry.move_to_keyring();
                Kept::InKeyring
            }
            // What is in the keyring stays the truth; a file beside it would be another one.
            Some(Err(cause)) if entry.is_in_keyring() => return Err(of_keyring(cause)),
            refused => {
                if let Some(Err(cause)) = refused {
                    say_once(&cause);
                }
                entry.set(tokens);
                Kept::InFile(self.folder.file())
            }
        };
        self.folder.write(lock, &register)?;
        Ok(kept)
    }

    /// Says whose session the saved one at `hub` is, and that this is the hub of whoever names none.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when the file cannot be written.
    ///
    /// ```no_run
    /// # fn example(saved: syfthub_client::credentials::Credentials) -> Result<(), Box<dyn std::error::Error>> {
    /// saved.introduce(&"https://hub.example.org".parse()?, "ada")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn introduce(&self, hub: &Url, username: &str) -> Result<(), Error> {
        let lock = self.folder.lock()?;
        let mut register = self.folder.read()?;
        register.current = Some(hub.clone());
        if let Some(entry) = register.hubs.get_mut(hub.as_str()) {
            entry.username = Some(username.to_owned());
        }
        self.folder.write(&lock, &register)
    }

    /// Forgets the session at `hub`. That there is none is a success.
    ///
    /// # Errors
    /// [`ErrorKind::Storage`] when the file cannot be written, or the keyring does not let go of the tokens.
    ///
    /// ```no_run
    /// # fn example(saved: syfthub_client::credentials::Credentials) -> Result<(), Box<dyn std::error::Error>> {
    /// saved.forget(&"https://hub.example.org".parse()?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn forget(&self, hub: &Url) -> Result<(), Error> {
        let lock = self.folder.lock()?;
        self.forget_under(&lock, hub)
    }

    fn forget_under(&self, lock: &Lock, hub: &Url) -> Result<(), Error> {
        let mut register = self.folder.read()?;
        let Some(entry) = register.hubs.remove(hub.as_str()) else { return Ok(()) };
        self.folder.write(lock, &register)?;
        match &self.vault {
            Some(vault) if entry.is_in_keyring() => vault.erase(&self.key(hub)).map_err(of_keyring),
            _ => Ok(()),
        }
    }

    /// What the keyring knows the session under: two folders are two users, though both know the hub.
    fn key(&self, hub: &Url) -> String {
        format!("{hub} for {}", self.folder.path().display())
    }

    /// The session at `hub` as a client keeps it up to date; for
    /// [`ClientBuilder::token_store`](crate::ClientBuilder::token_store).
    ///
    /// ```no_run
    /// # fn example(saved: syfthub_client::credentials::Credentials) -> Result<(), Box<dyn std::error::Error>> {
    /// let store = saved.store(&"https://hub.example.org".parse()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn store(&self, hub: &Url) -> Arc<dyn TokenStore> {
        Arc::new(Store { credentials: self.clone(), hub: hub.clone() })
    }
}

/// Once in a program's life is enough.
fn say_once(cause: &vault::Away) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        tracing::info!(%cause, "there is no keyring: sessions are kept in a file of their owner's");
    });
}

#[expect(clippy::needless_pass_by_value, reason = "used with Result::map_err")]
fn of_keyring(cause: vault::Away) -> Error {
    Error::new(ErrorKind::Storage, format!("the keyring cannot be used: {cause}"))
}

/// The saved session of one hub.
#[derive(Debug, Clone)]
struct Store {
    credentials: Credentials,
    hub: Url,
}

struct Held {
    store: Store,
    tokens: Option<Tokens>,
    lock: Lock,
}

impl TokenStore for Store {
    fn hold(&self) -> BoxFuture<'_, Result<Box<dyn HeldTokens>, TokenStoreError>> {
        let store = self.clone();
        let hold = move || {
            let lock = store.credentials.folder.lock()?;
            let tokens = store.credentials.tokens(&store.hub)?;
            Ok::<_, Error>(Held { store, tokens, lock })
        };
        Box::pin(async move {
            Ok(Box::new(tokio::task::spawn_blocking(hold).await??) as Box<dyn HeldTokens>)
        })
    }
}

impl HeldTokens for Held {
    fn tokens(&self) -> Option<Tokens> {
        self.tokens.clone()
    }

    fn replace(
        self: Box<Self>,
        tokens: Option<Tokens>,
    ) -> BoxFuture<'static, Result<(), TokenStoreError>> {
        let replace = move || {
            let Self { store: Store { credentials, hub }, lock, .. } = *self;
            match tokens {
                Some(tokens) => credentials.save_under(&lock, &hub, &tokens).map(drop),
                None => credentials.forget_under(&lock, &hub),
            }
        };
        Box::pin(async move { Ok(tokio::task::spawn_blocking(replace).await??) })
    }
}

#[cfg(test)]
mod tests;

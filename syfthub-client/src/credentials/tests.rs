use std::collections::HashMap;
use std::fs;
use std::sync::Mutex;

use super::vault::Away;
use super::*;

fn tokens(name: &str) -> Tokens {
    Tokens {
        access_token: format!("{name}-access"),
        refresh_token: format!("{name}-refresh"),
        token_type: "bearer".to_owned(),
    }
}

fn address(text: &str) -> Url {
    text.parse().unwrap()
}

/// A keyring in memory; without one, as on a server, every use of it fails.
#[derive(Debug, Default)]
struct FixtureKeyring {
    entries: Mutex<HashMap<String, Tokens>>,
    is_away: bool,
}

impl FixtureKeyring {
    fn open(&self) -> Result<std::sync::MutexGuard<'_, HashMap<String, Tokens>>, Away> {
        if self.is_away {
            Err(Away("no session bus".to_owned()))
        } else {
            Ok(self.entries.lock().unwrap())
        }
    }
}

impl Vault for FixtureKeyring {
    fn read(&self, hub: &str) -> Result<Option<Tokens>, Away> {
        Ok(self.open()?.get(hub).cloned())
    }

    fn write(&self, hub: &str, tokens: &Tokens) -> Result<(), Away> {
        self.open()?.insert(hub.to_owned(), tokens.clone());
        Ok(())
    }

    fn erase(&self, hub: &str) -> Result<(), Away> {
        self.open()?.remove(hub);
        Ok(())
    }
}

fn with_keyring(folder: &std::path::Path, is_away: bool) -> Credentials {
    let vault = Arc::new(FixtureKeyring { is_away, ..FixtureKeyring::default() });
    Credentials { folder: Folder::new(folder.to_owned()), vault: Some(vault) }
}

#[test]
fn what_was_saved_is_read_again_and_readable_by_its_owner_alone() {
    let home = tempfile::tempdir().unwrap();
    let saved = Credentials::in_folder(home.path().join("syfthub"));
    let hub = address("http://127.0.0.1:8080");
    assert!(saved.tokens(&hub).unwrap().is_none() && saved.kept(&hub).unwrap().is_none());
    let file = home.path().join("syfthub/hubs.toml");
    assert_eq!(saved.save(&hub, &tokens("a")).unwrap(), Kept::InFile(file.clone()));
    saved.introduce(&hub, "ada").unwrap();
    assert_eq!(saved.tokens(&hub).unwrap().unwrap().access_token, "a-access");
    assert_eq!(saved.current().unwrap(), Some(hub));
    assert!(fs::read_to_string(&file).unwrap().contains("username = \"ada\""));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn where_there_is_a_keyring_no_file_has_tokens() {
    let home = tempfile::tempdir().unwrap();
    let saved = with_keyring(home.path(), false);
    let hub = address("https://hub.example.org");
    assert_eq!(saved.save(&hub, &tokens("a")).unwrap(), Kept::InKeyring);
    assert_eq!(saved.tokens(&hub).unwrap().unwrap().refresh_token, "a-refresh");
    let text = fs::read_to_string(home.path().join("hubs.toml")).unwrap();
    assert!(text.contains("kept_in = \"keyring\"") && !text.contains("a-"), "{text}");
    assert_eq!(saved.save(&hub, &tokens("b")).unwrap(), Kept::InKeyring);
    saved.forget(&hub).unwrap();
    assert!(saved.tokens(&hub).unwrap().is_none());
    assert!(!fs::read_to_string(home.path().join("hubs.toml")).unwrap().contains("hub.example"));
}

#[test]
fn where_there_is_none_a_file_has_them() {
    let home = tempfile::tempdir().unwrap();
    let saved = with_keyring(home.path(), true);
    let hub = address("https://hub.example.org");
    let file = Kept::InFile(home.path().join("hubs.toml"));
    assert_eq!(saved.save(&hub, &tokens("a")).unwrap(), file);
    assert_eq!(saved.tokens(&hub).unwrap().unwrap().access_token, "a-access");
    assert_eq!(saved.kept(&hub).unwrap(), Some(file));
    saved.forget(&hub).unwrap();
}

#[test]
fn a_session_that_was_saved_before_there_was_a_keyring_goes_on_where_it_is() {
    let home = tempfile::tempdir().unwrap();
    let text = "current = \"http://a.io/\"\n\n[hubs.\"http://a.io/\"]\nusername = \"ada\"\n\
        access_token = \"old-access\"\nrefresh_token = \"old-refresh\"\n";
    fs::write(home.path().join("hubs.toml"), text).unwrap();
    let saved = with_keyring(home.path(), false);
    let hub = saved.current().unwrap().unwrap();
    assert_eq!(saved.tokens(&hub).unwrap().unwrap().access_token, "old-access");
    assert_eq!(
        saved.save(&hub, &tokens("new")).unwrap(),
        Kept::InFile(home.path().join("hubs.toml"))
    );
    assert_eq!(saved.tokens(&hub).unwrap().unwrap().access_token, "new-access");
}

#[test]
fn a_keyring_that_is_away_later_does_not_lose_a_session_to_a_second_place() {
    let home = tempfile::tempdir().unwrap();
    let hub = address("https://hub.example.org");
    with_keyring(home.path(), false).save(&hub, &tokens("a")).unwrap();
    for refused in [
        with_keyring(home.path(), true).save(&hub, &tokens("b")).unwrap_err(),
        with_keyring(home.path(), true).tokens(&hub).unwrap_err(),
        Credentials::in_folder(home.path()).tokens(&hub).unwrap_err(),
    ] {
        assert_eq!(refused.kind(), ErrorKind::Storage);
        assert!(refused.to_string().contains("keyring"), "{refused}");
    }
}

#[tokio::test]
async fn a_renewed_session_is_written_back_for_its_hub_alone() {
    let home = tempfile::tempdir().unwrap();
    let saved = Credentials::in_folder(home.path());
    let (here, there) = (address("http://a.io"), address("http://b.io"));
    saved.save(&here, &tokens("old")).unwrap();
    saved.save(&there, &tokens("old")).unwrap();
    let held = saved.store(&here).hold().await.unwrap();
    assert_eq!(held.tokens().unwrap().access_token, "old-access");
    held.replace(Some(tokens("new"))).await.unwrap();
    assert_eq!(saved.tokens(&here).unwrap().unwrap().access_token, "new-access");
    assert_eq!(saved.tokens(&there).unwrap().unwrap().access_token, "old-access");
    saved.store(&here).hold().await.unwrap().replace(None).await.unwrap();
    assert!(saved.tokens(&here).unwrap().is_none());
}

#[test]
fn a_file_with_an_unknown_key_is_refused_by_name() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("hubs.toml"), "curent = \"http://a.io\"\n").unwrap();
    let error = Credentials::in_folder(home.path()).current().unwrap_err();
    assert!(error.kind() == ErrorKind::Storage && error.to_string().contains("curent"), "{error}");
}

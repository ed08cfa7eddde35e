//! What a client is made of, as the languages write it: a JSON object of settings.

use std::path::PathBuf;

use serde::Deserialize;
use syfthub_client::space::Space;
use syfthub_client::wire::auth::Tokens;
use syfthub_client::{Client, Credentials, Secret};

use crate::arguments;
use crate::failure::Failure;
use crate::operation::Spelling;
use crate::seconds::Seconds;

/// The settings of a client of a hub. Only `base_url` must be there; the others have the client's own defaults.
///
/// ```
/// # fn example() -> Result<(), syfthub_calls::Failure> {
/// use syfthub_calls::Settings;
///
/// let hub = Settings::parse(r#"{"base_url": "https://hub.example.org", "timeout_s": 10}"#)?.client()?;
/// assert_eq!(hub.hub_url().as_str(), "https://hub.example.org/");
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The address of the hub.
    base_url: String,
    /// The address of the aggregator; the hub's own unless set.
    aggregator_url: Option<String>,
    /// The most time one call may take, repetitions included.
    timeout_s: Option<Seconds>,
    /// The most time a connection may take to be made.
    connect_timeout_s: Option<Seconds>,
    /// The most time a complete answer of a model may take.
    answer_timeout_s: Option<Seconds>,
    /// The longest silence within a stream.
    stream_idle_timeout_s: Option<Seconds>,
    /// How often what is safe to repeat is repeated.
    retries: Option<u32>,
    /// A personal access token to act with.
    api_token: Option<Secret>,
    /// The tokens of a session to go on with.
    tokens: Option<Tokens>,
    /// Where sessions outlive the program; nowhere unless set.
    credentials: Option<Saved>,
}

/// Where sessions are saved.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    /// The folder that says which there are.
    folder: PathBuf,
    /// Whether their tokens are in the keyring of the operating system, where there is one; they are unless this is false.
    keyring: Option<bool>,
}

impl Settings {
    /// Reads the settings out of a JSON object.
    ///
    /// # Errors
    /// [`Failure::Argument`], with the name of the setting that does not fit.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::parse_in(Spelling::Snake, text)
    }

    /// As `parse`, with the names of the settings in that spelling.
    ///
    /// # Errors
    /// As `parse`.
    pub fn parse_in(spelling: Spelling, text: &str) -> Result<Self, Failure> {
        Ok(arguments::read(text, spelling)?)
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Failure::Client`] of kind `Usage` when an address cannot be one, of kind `Storage` when a saved session cannot be
    /// read.
    pub fn client(self) -> Result<Client, Failure> {
        let mut builder = Client::builder(self.base_url);
        if let Some(url) = self.aggregator_url {
            builder = builder.aggregator_url(url);
        }
        if let Some(Seconds(span)) = self.timeout_s {
            builder = builder.timeout(span);
        }
        if let Some(Seconds(span)) = self.connect_timeout_s {
            builder = builder.connect_timeout(span);
        }
        if let Some(Seconds(span)) = self.answer_timeout_s {
            builder = builder.answer_timeout(span);
        }
        if let Some(Seconds(span)) = self.stream_idle_timeout_s {
            builder = builder.stream_idle_timeout(span);
        }
        if let Some(repetitions) = self.retries {
            builder = builder.retries(repetitions);
        }
        if let Some(token) = self.api_token {
            builder = builder.api_token(token);
        }
        if let Some(tokens) = self.tokens {
            builder = builder.tokens(tokens);
        }
        if let Some(Saved { folder, keyring }) = self.credentials {
            builder = builder.credentials(match keyring {
                Some(false) => Credentials::in_folder(folder),
                _ => Credentials::in_keyring(folder),
            });
        }
        Ok(builder.build()?)
    }
}

/// What is to be otherwise for some calls of a client.
///
/// ```
/// # fn example() -> Result<(), syfthub_calls::Failure> {
/// use syfthub_calls::{Changes, Settings};
///
/// let hub = Settings::parse(r#"{"base_url": "https://hub.example.org"}"#)?.client()?;
/// let hurried = Changes::parse(r#"{"timeout_s": 2, "idempotency_key": "order-4711"}"#)?.of(&hub)?;
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// The most time one call may take, repetitions included.
    timeout_s: Option<Seconds>,
    /// Sent with every call that changes something, so that a ledger does it once.
    idempotency_key: Option<String>,
    /// The address of another aggregator.
    aggregator_url: Option<String>,
    /// Calls as nobody in particular.
    #[serde(default)]
    guest: bool,
}

impl Changes {
    /// Reads the changes out of a JSON object.
    ///
    /// # Errors
    /// [`Failure::Argument`], with the name of the setting that does not fit.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::parse_in(Spelling::Snake, text)
    }

    /// As `parse`, with the names of the settings in that spelling.
    ///
    /// # Errors
    /// As `parse`.
    pub fn parse_in(spelling: Spelling, text: &str) -> Result<Self, Failure> {
        Ok(arguments::read(text, spelling)?)
    }

    /// `client` with these changes, which it does not see itself; both share the connections.
    ///
    /// # Errors
    /// [`Failure::Client`] of kind `Usage` when the address or the key cannot be one.
    pub fn of(self, client: &Client) -> Result<Client, Failure> {
        let mut client = if self.guest { client.as_guest() } else { client.clone() };
        if let Some(Seconds(span)) = self.timeout_s {
            client = client.with_timeout(span);
        }
        if let Some(key) = self.idempotency_key {
            client = client.with_idempotency_key(&key)?;
        }
        if let Some(url) = self.aggregator_url {
            client = client.with_aggregator(&url)?;
        }
        Ok(client)
    }
}

/// The settings of a client of a space. Only `base_url` must be there.
///
/// ```
/// # fn example() -> Result<(), syfthub_calls::Failure> {
/// use syfthub_calls::SpaceSettings;
///
/// let text = r#"{"base_url": "http://127.0.0.1:8082", "key": "…", "tenant": "lab"}"#;
/// let space = SpaceSettings::parse(text)?.space()?;
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpaceSettings {
    /// The address of the space's admin API, or the one where it answers callers.
    base_url: String,
    /// The space's admin key, or the token of a tenant's account; for callers a satellite token.
    key: Option<Secret>,
    /// For which tenant; the one that is always there unless set.
    tenant: Option<String>,
    /// The most time one call may take, repetitions included.
    timeout_s: Option<Seconds>,
    /// The most time a connection may take to be made.
    connect_timeout_s: Option<Seconds>,
    /// The most time a call may take that waits for a model or a database.
    answer_timeout_s: Option<Seconds>,
    /// The longest silence within a stream.
    stream_idle_timeout_s: Option<Seconds>,
    /// How often what is safe to repeat is repeated.
    retries: Option<u32>,
}

impl SpaceSettings {
    /// Reads the settings out of a JSON object.
    ///
    /// # Errors
    /// [`Failure::Argument`], with the name of the setting that does not fit.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::parse_in(Spelling::Snake, text)
    }

    /// As `parse`, with the names of the settings in that spelling.
    ///
    /// # Errors
    /// As `parse`.
    pub fn parse_in(spelling: Spelling, text: &str) -> Result<Self, Failure> {
        Ok(arguments::read(text, spelling)?)
    }

    /// The client of the space. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Failure::Client`] of kind `Usage` when the address or the tenant's name cannot be one.
    pub fn space(self) -> Result<Space, Failure> {
        let mut builder = Space::builder(self.base_url);
        if let Some(key) = self.key {
            builder = builder.key(key);
        }
        if let Some(tenant) = self.tenant {
            builder = builder.tenant(tenant);
        }
        if let Some(Seconds(span)) = self.timeout_s {
            builder = builder.timeout(span);
        }
        if let Some(Seconds(span)) = self.connect_timeout_s {
            builder = builder.connect_timeout(span);
        }
        if let Some(Seconds(span)) = self.answer_timeout_s {
            builder = builder.answer_timeout(span);
        }
        if let Some(Seconds(span)) = self.stream_idle_timeout_s {
            builder = builder.stream_idle_timeout(span);
        }
        if let Some(repetitions) = self.retries {
            builder = builder.retries(repetitions);
        }
        Ok(builder.build()?)
    }
}

#[cfg(test)]
mod tests {
    use syfthub_client::ErrorKind;

    use super::*;

    fn refused(text: &str) -> (String, bool) {
        match Settings::parse(text).unwrap_err() {
            Failure::Argument(argument) => (argument.field, argument.of_type),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_setting_that_does_not_fit_is_named() {
        let cases = [
            ("{}", "base_url", true),
            (r#"{"base_url": 7}"#, "base_url", true),
            (r#"{"base_url": "http://h", "timeout": 7}"#, "timeout", true),
            (r#"{"base_url": "http://h", "timeout_s": "7"}"#, "timeout_s", true),
            (r#"{"base_url": "http://h", "timeout_s": -1}"#, "timeout_s", false),
            (r#"{"base_url": "http://h", "connect_timeout_s": 0}"#, "connect_timeout_s", false),
            (r#"{"base_url": "http://h", "retries": 1.5}"#, "retries", true),
            (
                r#"{"base_url": "http://h", "tokens": {"access_token": 1}}"#,
                "tokens.access_token",
                true,
            ),
        ];
        for (text, field, of_type) in cases {
            assert_eq!(refused(text), (field.to_owned(), of_type), "{text}");
        }
    }

    #[test]
    fn an_address_that_is_none_is_told_as_the_clients_own_error() {
        let settings = Settings::parse(r#"{"base_url": "hub"}"#).unwrap();
        let Failure::Client(error) = settings.client().unwrap_err() else { panic!("an error") };
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.to_string().contains("the hub address `hub`"), "{error}");
    }

    #[test]
    fn a_session_outlives_its_client_in_the_folder_that_is_named() {
        let home = tempfile::tempdir().unwrap();
        let settings = |more: &str| {
            let folder = serde_json::json!(home.path());
            let text = format!(
                r#"{{"base_url": "http://h", "credentials": {{"folder": {folder}, "keyring": false}} {more}}}"#
            );
            Settings::parse(&text).unwrap().client().unwrap()
        };
        assert!(!settings("").is_signed_in());
        let tokens =
            r#", "tokens": {"access_token": "a", "refresh_token": "r", "token_type": "bearer"}"#;
        settings(tokens);
        assert_eq!(settings("").auth().tokens().unwrap().refresh_token, "r");
    }

    #[test]
    fn no_setting_shows_its_secret() {
        let text = r#"{"base_url": "http://h", "api_token": "syft_pat_x", "tokens":
            {"access_token": "aaa", "refresh_token": "rrr", "token_type": "bearer"}}"#;
        let shown = format!("{:?}", Settings::parse(text).unwrap());
        assert!(
            !["syft_pat_x", "aaa", "rrr"].iter().any(|secret| shown.contains(secret)),
            "{shown}"
        );
    }
}

//! Callers' tokens, judged by a service without asking the hub: settings in, claims out.

use serde::Deserialize;
use syfthub_client::{JwkSet, Verifier};

use crate::arguments;
use crate::failure::Failure;
use crate::operation::{Operation, Spelling, operations};
use crate::seconds::Seconds;

/// The settings of a verifier. `base_url` and `audience` must be there; the others have the verifier's own defaults.
///
/// ```
/// # fn example() -> Result<(), syfthub_calls::Failure> {
/// use syfthub_calls::verifier::VerifierSettings;
///
/// let text = r#"{"base_url": "https://hub.example.org", "audience": "ada", "timeout_s": 3}"#;
/// let verifier = VerifierSettings::parse(text)?.verifier()?;
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifierSettings {
    /// The address of the hub.
    base_url: String,
    /// Whose services the tokens are for: a username, or the slug of an organization.
    audience: String,
    /// What the hub calls itself in its tokens; its address unless set.
    issuer: Option<String>,
    /// Keys to count in place of those that the hub publishes; it is never asked then.
    jwks: Option<JwkSet>,
    /// The most time that fetching the keys may take.
    timeout_s: Option<Seconds>,
    /// How long after it was asked out of turn the hub is left alone.
    pause_s: Option<Seconds>,
}

impl VerifierSettings {
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

    /// The verifier. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`Failure::Client`] of kind `Usage` when the address cannot be one.
    pub fn verifier(self) -> Result<Verifier, Failure> {
        let mut builder = Verifier::builder(self.base_url, self.audience);
        if let Some(name) = self.issuer {
            builder = builder.issuer(name);
        }
        if let Some(keys) = &self.jwks {
            builder = builder.keys(keys);
        }
        if let Some(Seconds(span)) = self.timeout_s {
            builder = builder.timeout(span);
        }
        if let Some(Seconds(span)) = self.pause_s {
            builder = builder.pause(span);
        }
        Ok(builder.build()?)
    }
}

operations! {
    /// What a verifier does.
    OPERATIONS on Verifier;

    /// What a token says, if it counts now.
    call "verify" [], (token: String) |verifier| {
        Ok(verifier.verify(&token).await?)
    }
}

/// The operation of this name, if there is one.
pub fn operation(name: &str) -> Option<&'static Operation<Verifier>> {
    OPERATIONS.iter().find(|one| one.name == name)
}

#[cfg(test)]
mod tests {
    use syfthub_client::ErrorKind;

    use super::*;

    #[tokio::test]
    async fn a_token_that_does_not_count_is_refused_with_its_reason() {
        let text = r#"{"base_url": "http://127.0.0.1:1", "audience": "ada", "jwks": {"keys": []}}"#;
        let verifier = VerifierSettings::parse(text).unwrap().verifier().unwrap();
        let verify = operation("verify").unwrap();
        let Failure::Client(error) =
            verify.call(&verifier, r#"{"token": "no token"}"#).await.unwrap_err()
        else {
            panic!("a refusal");
        };
        assert_eq!(error.kind(), ErrorKind::NotSignedIn);
        assert_eq!(error.code(), Some("invalid_token_format"));
    }

    #[test]
    fn a_setting_that_does_not_fit_is_named() {
        for (text, field) in [
            (r#"{"base_url": "http://h"}"#, "audience"),
            (r#"{"base_url": "http://h", "audience": "ada", "jwks": {"keys": 1}}"#, "jwks.keys"),
        ] {
            let Failure::Argument(argument) = VerifierSettings::parse(text).unwrap_err() else {
                panic!("an argument");
            };
            assert_eq!(argument.field, field);
        }
    }
}

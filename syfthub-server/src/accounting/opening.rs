//! The account that a new user gets at an accounting service (contract hub 8.1).

use http::StatusCode;
use rand::Rng as _;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use serde_json::{Value, json};
use syfthub_core::input::{Issue, Part};
use syfthub_core::wire::auth::Registration;
use syfthub_core::{Email, Invalid, Secret};
use url::Url;

use super::desk::service_of;
use super::refusal::Refusal;
use super::service::Service;
use crate::http::CorrelationId;
use crate::hub::Hub;

/// The account that a registration asks for.
pub(crate) struct Wanted {
    url: Url,
    /// The password of the account, when it exists already.
    password: Option<Secret>,
}

impl Wanted {
    /// What `registration` asks for: nothing while no default service is set (contract hub 8.1, RULE), or when it is the hub
    /// itself, whose ledger gives every user an account.
    ///
    /// # Errors
    /// When the service's address is none.
    pub(crate) fn of(hub: &Hub, registration: &Registration) -> Result<Option<Self>, Vec<Issue>> {
        let Some(default) = &hub.accounting.settings.default_accounting_url else {
            return Ok(None);
        };
        let own = registration.accounting_service_url.as_deref().map(str::trim);
        let url = match own.filter(|url| !url.is_empty()) {
            None => default.clone(),
            Some(text) => match Url::parse(text) {
                Ok(url) if matches!(url.scheme(), "http" | "https") => url,
                _ => return Err(vec![issue(text)]),
            },
        };
        if service_of(hub, Some(url.as_str())).is_none() {
            return Ok(None);
        }
        let password = registration.accounting_password.clone();
        let password = password.filter(|password| !password.expose().is_empty());
        Ok(Some(Self { url, password }))
    }

    /// The service's address, for the profile.
    pub(crate) fn url(&self) -> &str {
        self.url.as_str()
    }
}

fn issue(text: &str) -> Issue {
    let refusal = Invalid::value("an http or https URL is expected");
    let loc = ["body", "accounting_service_url"].map(|part| Part::Field(part.to_owned()));
    Issue {
        kind: refusal.kind,
        loc: loc.to_vec(),
        msg: refusal.message.into_owned(),
        input: Value::from(text.chars().take(200).collect::<String>()),
    }
}

/// Opens the account, or links the one that exists; the password there.
///
/// # Errors
/// When the account exists and its password was not sent, or is another one, or when the service is away.
pub(crate) async fn open_account(
    hub: &Hub,
    wanted: &Wanted,
    email: &Email,
    correlation_id: CorrelationId,
) -> Result<Secret, Refusal> {
    let service = Service::new(&hub.outbound, &hub.accounting, wanted.url.clone(), correlation_id);
    let password = wanted.password.clone().unwrap_or_else(new_password);
    let body = json!({ "email": email, "password": password.expose() });
    match service
        .post(&["user", "create"], Some(&body), None)
        .await
        .map_err(|refusal| away(&refusal))?
        .status
    {
        StatusCode::CREATED => return Ok(password),
        StatusCode::CONFLICT if wanted.password.is_none() => return Err(Refusal::AccountExists),
        StatusCode::CONFLICT => {}
        _ => return Err(Refusal::NoAccount),
    }
    let service = service.signed_in(email.as_str(), password.clone());
    match service.get(&["user", "my-info"], &[]).await {
        Ok(said) if said.status == StatusCode::OK => Ok(password),
        Err(Refusal::Rejected) => Err(Refusal::WrongPassword),
        Ok(_) => Err(Refusal::NoAccount),
        Err(refusal) => Err(away(&refusal)),
    }
}

/// Whatever went wrong, the service is away, as far as a new user is concerned.
fn away(refusal: &Refusal) -> Refusal {
    tracing::info!(%refusal, "an accounting service opened no account");
    Refusal::NoAccount
}

const CLASSES: [&[u8]; 4] =
    [b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghijkmnopqrstuvwxyz", b"23456789", b"!@#$%^&*"];

/// A password of 32 characters with some of each class, which services ask for.
fn new_password() -> Secret {
    let mut rng = rand::rng();
    let any = CLASSES.concat();
    let mut letters: Vec<u8> = CLASSES
        .iter()
        .map(|class| *class.choose(&mut rng).expect("a class has characters"))
        .collect();
    while letters.len() < 32 {
        letters.push(any[rng.random_range(0..any.len())]);
    }
    letters.shuffle(&mut rng);
    Secret::new(String::from_utf8(letters).expect("the classes are ASCII"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_has_some_of_every_class() {
        for _ in 0..200 {
            let password = new_password();
            let letters = password.expose().as_bytes();
            assert_eq!(letters.len(), 32);
            for class in CLASSES {
                assert!(letters.iter().any(|letter| class.contains(letter)), "{class:?}");
            }
        }
    }
}

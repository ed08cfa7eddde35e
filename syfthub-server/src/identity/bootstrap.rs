//! The first administrator, made from the settings when the hub starts and has none.

use serde_json::json;
use syfthub_core::model::Role;
use syfthub_core::{Email, Password, Secret, Username};
use uuid::Uuid;

use super::store::users::{self, NewUser, Taken};
use crate::audit::{self, Event};
use crate::config::BootstrapSettings;
use crate::db::StoreError;
use crate::hub::Hub;
use crate::running::StartError;

/// Fewest characters of an administrator's first password, which stands in a file or the environment for a while.
const SHORTEST: usize = 12;

/// Fewest different characters of it.
const VARIETY: usize = 6;

/// Parts of passwords that everybody tries first.
const USUAL: [&str; 7] =
    ["password", "passw0rd", "changeme", "change-me", "admin123", "12345678", "qwerty"];

const USERNAME: &str = "SYFTHUB_BOOTSTRAP_ADMIN_USERNAME";
const EMAIL: &str = "SYFTHUB_BOOTSTRAP_ADMIN_EMAIL";
const PASSWORD: &str = "SYFTHUB_BOOTSTRAP_ADMIN_PASSWORD";
const PASSWORD_FILE: &str = "SYFTHUB_BOOTSTRAP_ADMIN_PASSWORD_FILE";

/// An administrator about to exist.
struct Candidate {
    username: Username,
    email: Email,
    password: Password,
}

/// Makes the administrator that the settings describe, unless there is one already. Settings that could not make one stop
/// the start even when they are not needed, so that they do not fail on the day they are.
pub(crate) async fn ensure_administrator(
    hub: &Hub,
    settings: &BootstrapSettings,
) -> Result<(), StartError> {
    let shortest = hub.identity.shortest_password.max(SHORTEST);
    let Some(candidate) = candidate(settings, shortest).await? else { return Ok(()) };
    let count = hub.db.read(|tx| Box::pin(async move { users::has_administrator(tx, None).await }));
    if count.await.map_err(|error: StoreError| error)? {
        return Ok(());
    }
    let hash = hub.identity.passwords.hash(candidate.password.secret()).await;
    let new = NewUser {
        full_name: candidate.username.to_string(),
        username: candidate.username,
        email: candidate.email,
        password_hash: hash.map_err(|busy| StartError::setting(PASSWORD, busy.to_string()))?,
        role: Role::Admin,
    };
    let at = hub.clock.now();
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            // Of instances that start together, the first makes the account and the others find it.
            users::guard(tx).await?;
            if users::has_administrator(tx, None).await? {
                return Ok(Ok(None));
            }
            let id = match users::insert(tx, &new, at).await? {
                Ok(id) => id,
                Err(taken) => return Ok(Err(taken)),
            };
            // The operator vouches for the address; nobody else could confirm it for them.
            users::set_email_verified(tx, id, at).await?;
            let detail = json!({ "username": new.username, "role": new.role });
            let event = Event {
                actor: None,
                action: "user.bootstrap",
                subject: format!("user:{id}"),
                detail,
                correlation_id: Uuid::new_v4().to_string(),
                at,
            };
            audit::append(tx, &event).await?;
            Ok::<_, StoreError>(Ok(Some(id)))
        })
    });
    match write.await? {
        Ok(Some(id)) => tracing::info!(user = id.0, "made the first administrator"),
        Ok(None) => {}
        Err(taken) => return Err(refused(taken)),
    }
    Ok(())
}

/// Somebody else may have registered with the name: they are not made an administrator for it.
fn refused(taken: Taken) -> StartError {
    let (setting, what) = match taken {
        Taken::Username => (USERNAME, "username"),
        Taken::Email => (EMAIL, "e-mail address"),
    };
    StartError::setting(
        setting,
        format!("the {what} belongs to an account that is no administrator; choose another"),
    )
}

/// What the settings describe, checked; nothing when none of them is given.
async fn candidate(
    settings: &BootstrapSettings,
    shortest: usize,
) -> Result<Option<Candidate>, StartError> {
    let missing = |setting| {
        let reason = format!(
            "is required: an administrator has {USERNAME}, {EMAIL} and {PASSWORD} or {PASSWORD_FILE}"
        );
        StartError::setting(setting, reason)
    };
    let password = read_password(settings).await?;
    let (username, email) = (&settings.bootstrap_admin_username, &settings.bootstrap_admin_email);
    if username.is_none() && email.is_none() && password.is_none() {
        return Ok(None);
    }
    let username = username.clone().ok_or_else(|| missing(USERNAME))?;
    let email = email.clone().ok_or_else(|| missing(EMAIL))?;
    let (source, password) = password.ok_or_else(|| missing(PASSWORD))?;
    let password = strong(&password, &username, shortest)
        .map_err(|reason| StartError::setting(source, reason))?;
    Ok(Some(Candidate { username, email, password }))
}

/// The password and the setting it came from. A file may end in a line break.
async fn read_password(
    settings: &BootstrapSettings,
) -> Result<Option<(&'static str, Secret)>, StartError> {
    if let Some(password) = &settings.bootstrap_admin_password {
        return Ok(Some((PASSWORD, password.clone())));
    }
    let Some(path) = &settings.bootstrap_admin_password_file else { return Ok(None) };
    let text = tokio::fs::read_to_string(path).await.map_err(|error| {
        StartError::setting(PASSWORD_FILE, format!("{}: {error}", path.display()))
    })?;
    Ok(Some((PASSWORD_FILE, Secret::new(text.trim_end_matches(['\r', '\n'])))))
}

/// The password, if it is not one of those that are guessed first; the reason never repeats it.
fn strong(password: &Secret, username: &Username, shortest: usize) -> Result<Password, String> {
    let text = password.expose();
    let folded = text.to_lowercase();
    let kinds = text.chars().collect::<std::collections::HashSet<_>>().len();
    let usual =
        USUAL.iter().any(|part| folded.contains(part)) || folded.contains(username.as_str());
    let reason = match Password::parse(text, shortest) {
        Ok(_) if kinds < VARIETY => "it repeats a few characters".to_owned(),
        Ok(_) if usual => "it is too easily guessed".to_owned(),
        Ok(password) => return Ok(password),
        Err(refusal) => refusal.message.into_owned(),
    };
    Err(format!(
        "expected a password of at least {shortest} characters with letters and digits, such as `openssl rand -hex 16` \
         prints, but: {reason}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_password_is_refused_without_being_repeated() {
        let username = Username::parse("root-ada").unwrap();
        for weak in [
            "",
            "short1",
            "aaaaaaaaaaa1",
            "Password-2027-x",
            "root-ada-2027!",
            "no digits in here",
            "123456789012",
        ] {
            let reason = strong(&Secret::new(weak), &username, SHORTEST).unwrap_err();
            assert!(reason.starts_with("expected a password of at least 12"), "{weak}");
            assert!(weak.is_empty() || !reason.contains(weak), "{reason}");
        }
        assert!(strong(&Secret::new("4f1e6c7a90b2d835"), &username, SHORTEST).is_ok());
    }
}

//! Registering: a user, an account at the hub's own ledger, or at the accounting service where one is set, and a first
//! session or a code in the mail.
//!
//! The ledger's account is made with the user. The accounting service is asked after the user exists, since an account there cannot be taken back (contract hub 8.1,
//! RULE). When it refuses, the user is withdrawn and the name is free again; when the hub ends in between, a user stays who
//! can sign in and link an account later.

use serde_json::{Value, json};
use syfthub_core::model::Role;
use syfthub_core::wire::auth::{Registered, Registration, SignedIn};
use syfthub_core::wire::user::User;
use syfthub_core::{Email, Invalid, Password, Secret};

use super::accounts::issue;
use super::codes::Purpose;
use super::origin::Origin;
use super::recovery;
use super::refusal::Refusal;
use super::store::users::{self, NewUser};
use crate::accounting::{self, Wanted};
use crate::db::{StoreError, Tx};
use crate::hub::Hub;
use crate::ledger::Trace;

/// What a registration ends with: the answer, and the code to mail.
type Welcome = (Registered, Option<Secret>);

/// Creates the user and signs them in, or mails a code where the address must be verified first.
pub(crate) async fn register(
    hub: &Hub,
    registration: Registration,
    password: &Password,
    origin: Origin,
) -> Result<Registered, Refusal> {
    let wanted = Wanted::of(hub, &registration).map_err(Refusal::Invalid)?;
    check_address(&registration.email)?;
    let password_hash = hub.identity.passwords.hash(password.secret()).await?;
    let email = registration.email.clone();
    let new = NewUser {
        username: registration.username,
        email: registration.email,
        full_name: registration.full_name,
        password_hash,
        role: Role::User,
    };
    let (registered, code) = match wanted {
        None => create(hub, new, origin).await?,
        Some(wanted) => {
            let hub = hub.clone();
            // In a task of its own, so that a client who goes away does not leave half of it.
            let work =
                tokio::spawn(async move { create_with_account(&hub, new, wanted, origin).await });
            work.await.expect("registering does not panic and is never aborted")?
        }
    };
    if let Some(code) = code {
        hub.mail.post(recovery::letter(hub, Purpose::Verification, email, code));
    }
    Ok(registered)
}

/// Refuses an address that nobody may have.
pub(super) fn check_address(email: &Email) -> Result<(), Refusal> {
    if !email.is_reserved() {
        return Ok(());
    }
    let reason = Invalid::value("addresses of this domain belong to organizations' accounts");
    Err(Refusal::Invalid(vec![issue("email", &reason, Value::from(email.as_str()))]))
}

/// Creates the user, with an account at the hub's own ledger where there is one.
async fn create(hub: &Hub, new: NewUser, origin: Origin) -> Result<Welcome, Refusal> {
    let part = hub.clone();
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let user = insert(tx, &new, &origin).await?;
            let by = Trace::of(Some(user.id), origin.correlation_id());
            part.ledger.open_in(tx, &new.email, user.id, &by).await?;
            Ok(welcome(&part, tx, user, &new.email, &origin).await?)
        })
    });
    write.await
}

async fn create_with_account(
    hub: &Hub,
    new: NewUser,
    wanted: Wanted,
    origin: Origin,
) -> Result<Welcome, Refusal> {
    let (email, noted) = (new.email.clone(), origin.clone());
    let write = hub.db.write(move |tx| Box::pin(async move { insert(tx, &new, &noted).await }));
    let user: User = write.await.map_err(|refusal: Refusal| refusal)?;
    let opened =
        accounting::open_account(hub, &wanted, &email, origin.correlation_id().clone()).await;
    let password = match opened {
        Ok(password) => password,
        Err(refusal) => {
            withdraw(hub, user, origin).await?;
            return Err(Refusal::Accounting(refusal));
        }
    };
    let part = hub.clone();
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            accounting::link(tx, &part.vault, user.id, &wanted, &password).await?;
            let user = users::find(tx, user.id).await?.ok_or(Refusal::Unauthenticated)?;
            Ok(welcome(&part, tx, user, &email, &origin).await?)
        })
    });
    write.await
}

async fn insert(tx: &mut Tx, new: &NewUser, origin: &Origin) -> Result<User, Refusal> {
    let id = users::insert(tx, new, origin.at).await?.map_err(Refusal::Registered)?;
    let user = users::find(tx, id).await?.ok_or(Refusal::Unauthenticated)?;
    let detail = json!({ "username": user.username });
    origin.note(tx, id, "user.register", format!("user:{id}"), detail).await?;
    Ok(user)
}

/// The first session, or the code that comes before it.
async fn welcome(
    hub: &Hub,
    tx: &mut Tx,
    mut user: User,
    email: &Email,
    origin: &Origin,
) -> Result<Welcome, StoreError> {
    if recovery::is_verification_required(hub) {
        let codes = &hub.identity.codes;
        let code = codes.replace(tx, Purpose::Verification, email, true, origin.at).await?;
        return Ok((Registered::unverified(user), code));
    }
    let tokens = hub.identity.sessions.open(tx, &mut user, origin.at).await?;
    Ok((SignedIn { user, tokens }.into(), None))
}

async fn withdraw(hub: &Hub, user: User, origin: Origin) -> Result<(), Refusal> {
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            users::withdraw(tx, user.id).await?;
            let detail = json!({ "username": user.username, "reason": "accounting" });
            let subject = format!("user:{}", user.id);
            origin.note(tx, user.id, "user.withdraw", subject, detail).await
        })
    });
    Ok(write.await.map_err(|error: StoreError| error)?)
}

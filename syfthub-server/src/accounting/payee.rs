//! Who is to be paid: a user or an organization of the hub, by name or by address, or an account that stands free.

use syfthub_core::wire::accounting::Payee;
use syfthub_core::{Email, OrganizationId, UserId};

use super::desk::service_of;
use super::refusal::Refusal;
use super::{organizations, own, store};
use crate::db::StoreError;
use crate::hub::Hub;
use crate::ledger::Trace;

/// Somebody of the hub who can be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// A user.
    User {
        id: UserId,
        email: String,
        /// The accounting service that their profile names.
        service: Option<String>,
    },
    /// An organization, whose money is nobody's own.
    Organization { id: OrganizationId, name: String },
}

/// The address of who is to be paid at a service of somebody else's.
pub(super) async fn address(hub: &Hub, payee: Payee) -> Result<String, Refusal> {
    match payee {
        Payee::Email(email) => Ok(email.to_string()),
        Payee::Owner(name) => match find(hub, Payee::Owner(name)).await? {
            Some(Owner::User { email, .. }) => Ok(email),
            Some(Owner::Organization { .. }) | None => Err(Refusal::NoSuchOwner),
        },
    }
}

/// The address of the payee's account at the hub's own ledger. A user of the hub who has none yet gets one.
pub(super) async fn account(hub: &Hub, payee: Payee, by: &Trace) -> Result<Email, Refusal> {
    match (find(hub, payee.clone()).await?, payee) {
        (Some(owner), _) => account_of_owner(hub, owner, by).await,
        // An account that stands free, or none: that is for the ledger to say.
        (None, Payee::Email(email)) => Ok(email),
        (None, Payee::Owner(_)) => Err(Refusal::NoSuchOwner),
    }
}

/// The address of the owner's account at the hub's own ledger, which is opened when there is none.
pub(super) async fn account_of_owner(
    hub: &Hub,
    owner: Owner,
    by: &Trace,
) -> Result<Email, Refusal> {
    match owner {
        Owner::User { service, .. } if service_of(hub, service.as_deref()).is_some() => {
            Err(Refusal::PaidElsewhere)
        }
        Owner::User { id, email, .. } => Ok(own::account_of(hub, id, &email, by).await?.email),
        Owner::Organization { id, name } => organizations::account(hub, id, &name, by).await,
    }
}

async fn find(hub: &Hub, payee: Payee) -> Result<Option<Owner>, Refusal> {
    let find = hub.db.read(move |tx| {
        Box::pin(async move {
            match payee {
                Payee::Email(email) => store::user_of(tx, email.as_str()).await,
                Payee::Owner(name) => store::owner(tx, name.as_str()).await,
            }
        })
    });
    Ok(find.await.map_err(|error: StoreError| error)?)
}

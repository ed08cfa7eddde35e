//! Where a user's money is: at the hub's own ledger, or at a service whose address their profile names.

use syfthub_core::wire::accounting::AccountingCredentials;
use syfthub_core::wire::user::User;
use url::Url;

use super::elsewhere::Elsewhere;
use super::link;
use super::own::Own;
use super::refusal::Refusal;
use crate::http::CorrelationId;
use crate::hub::Hub;
use crate::ledger::LedgerError;

/// Where a user's money is.
pub(super) enum Desk<'a> {
    /// At the hub's own ledger.
    Own(Own<'a>),
    /// At a service of somebody else's.
    Elsewhere(Elsewhere<'a>),
}

impl<'a> Desk<'a> {
    /// The desk at which `user` is served. Who has no account at the hub's own ledger yet gets one.
    ///
    /// # Errors
    /// When the user has no account and cannot get one, or when the password of the service is not known.
    pub(super) async fn of(
        hub: &'a Hub,
        user: &User,
        correlation_id: &CorrelationId,
    ) -> Result<Self, Refusal> {
        match service_of(hub, user.accounting_service_url.as_deref()) {
            None => Ok(Self::Own(Own::open(hub, user, correlation_id).await?)),
            Some(url) => {
                let url = Url::parse(url).map_err(|_| Refusal::NotConfigured)?;
                let password = link::password(hub, user.id).await?;
                let password = password.ok_or(Refusal::NotConfigured)?;
                let id = correlation_id.clone();
                Ok(Self::Elsewhere(Elsewhere::new(hub, url, &user.email, password, id)))
            }
        }
    }

    /// The desk of a user, who must have their money at the hub's own ledger.
    ///
    /// # Errors
    /// As [`Desk::of`], and when the money is elsewhere.
    pub(super) async fn own(
        hub: &'a Hub,
        user: &User,
        correlation_id: &CorrelationId,
    ) -> Result<Own<'a>, Refusal> {
        match service_of(hub, user.accounting_service_url.as_deref()) {
            None => Own::open(hub, user, correlation_id).await,
            Some(_) => Err(Refusal::KeptElsewhere),
        }
    }
}

/// The service that a profile's address means: none when there is none, or when it is the hub itself.
pub(super) fn service_of<'u>(hub: &Hub, url: Option<&'u str>) -> Option<&'u str> {
    let text = url?;
    let is_own = Url::parse(text).is_ok_and(|url| url.origin() == hub.accounting.url.origin());
    (!is_own || !hub.ledger.is_enabled()).then_some(text)
}

/// What the user's programs sign in with. Where there is neither a service nor a ledger it is the stub of the settings, if
/// there is one.
pub(super) async fn credentials(
    hub: &Hub,
    user: User,
    correlation_id: &CorrelationId,
) -> Result<AccountingCredentials, Refusal> {
    if let Some(url) = service_of(hub, user.accounting_service_url.as_deref()) {
        let password = link::password(hub, user.id).await?;
        return Ok(AccountingCredentials {
            url: Some(url.to_owned()),
            password: password.map(|secret| secret.expose().to_owned()),
            email: user.email,
        });
    }
    let own = match Own::open(hub, &user, correlation_id).await {
        Ok(own) => own,
        Err(Refusal::NotConfigured) => return Ok(stub(hub, user)),
        // Another's until the user proves that it is theirs.
        Err(Refusal::Ledger(LedgerError::Taken(_))) => {
            let url = Some(hub.accounting.address());
            return Ok(AccountingCredentials { url, email: user.email, password: None });
        }
        Err(refusal) => return Err(refusal),
    };
    let (email, secret) = own.credentials().await?;
    Ok(AccountingCredentials {
        url: Some(hub.accounting.address()),
        email: email.to_string(),
        password: Some(secret.expose().to_owned()),
    })
}

fn stub(hub: &Hub, user: User) -> AccountingCredentials {
    let stub = hub.accounting.settings.accounting_stub_url.as_ref();
    AccountingCredentials {
        url: stub.map(Url::to_string),
        password: stub.map(|_| hub.accounting.stub_password(user.id)),
        email: user.email,
    }
}

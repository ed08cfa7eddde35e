//! Leave to charge: the tokens that say so, and taking it back.

use std::time::Duration;

use serde_json::json;
use syfthub_core::ledger::{AccountId, Grant, GrantId, Origin};
use syfthub_core::token::delegation::{self, DelegationClaims};
use syfthub_core::{Email, Money, Secret};

use super::model::{Granted, Party, Trace};
use super::store::{accounts, grants};
use super::{Ledger, LedgerError, own_account, trace};
use crate::db::Tx;

/// What a grant is to be.
struct Wanted {
    id: GrantId,
    recipient: Email,
    cap: Money,
    life: Duration,
    origin: Origin,
}

impl Ledger {
    /// A token with which `recipient` may charge who asks, by the ledger's own cap and life. While half of both are left,
    /// the grant behind the latest such token serves for another one, so that asking costs no write.
    ///
    /// # Errors
    /// When nobody has an account of the recipient's address.
    pub(crate) async fn token(
        &self,
        party: &Party,
        recipient: &Email,
    ) -> Result<(Granted, Secret), LedgerError> {
        let (cap, life) = (self.0.settings.ledger_grant_cap, self.0.settings.ledger_grant_ttl);
        let (who, to, now) = (party.who.clone(), recipient.clone(), self.0.clock.now());
        let latest = self
            .read(move |tx| {
                Box::pin(async move {
                    let sender = own_account(tx, &who).await?;
                    let recipient = recipient_of(tx, &sender, &to).await?;
                    Ok(grants::latest(tx, &sender, &recipient).await?)
                })
            })
            .await?;
        let fresh = latest.filter(|granted| granted.grant.serves(cap, life, now));
        let granted = match fresh {
            Some(granted) => granted,
            None => self.make_grant(party, recipient.clone(), cap, life, Origin::Token).await?,
        };
        let token = self.token_of(&granted);
        Ok((granted, token))
    }

    /// Lets `recipient` charge who asks up to `cap` altogether, for `life`; the grant and its token.
    ///
    /// # Errors
    /// As [`Ledger::token`], or when the cap is nothing.
    pub(crate) async fn grant(
        &self,
        party: &Party,
        recipient: &Email,
        cap: Money,
        life: Duration,
    ) -> Result<(Granted, Secret), LedgerError> {
        if cap.is_zero() {
            return Err(LedgerError::NoAmount);
        }
        let granted = self.make_grant(party, recipient.clone(), cap, life, Origin::Chosen).await?;
        let token = self.token_of(&granted);
        Ok((granted, token))
    }

    /// What who asks has granted, newest first.
    ///
    /// # Errors
    /// When they have no account.
    pub(crate) async fn grants(
        &self,
        party: &Party,
        skip: i64,
        limit: i64,
    ) -> Result<Vec<Granted>, LedgerError> {
        let who = party.who.clone();
        self.read(move |tx| {
            Box::pin(async move {
                let sender = own_account(tx, &who).await?;
                Ok(grants::list(tx, &sender, limit, skip).await?)
            })
        })
        .await
    }

    /// Takes a grant back: nothing more can be charged under it, while what is pending stays. Taking it back again does
    /// nothing.
    ///
    /// # Errors
    /// When there is no such grant of who asks.
    pub(crate) async fn revoke(&self, party: &Party, id: &GrantId) -> Result<Granted, LedgerError> {
        let (party, id, now) = (party.clone(), id.clone(), self.0.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let sender = own_account(tx, &party.who).await?;
                let is_new = grants::revoke(tx, &id, &sender, now).await?;
                let granted = grants::find(tx, &id).await?;
                let granted = granted.filter(|granted| granted.grant.sender == sender);
                let granted = granted.ok_or(LedgerError::NotFound("grant"))?;
                if is_new {
                    let subject = format!("ledger-grant:{id}");
                    let detail = json!({ "recipient": granted.grant.recipient.as_str() });
                    trace(tx, &party.trace, "ledger.grant.revoke", subject, detail, now).await?;
                }
                Ok(granted)
            })
        })
        .await
    }

    async fn make_grant(
        &self,
        party: &Party,
        recipient: Email,
        cap: Money,
        life: Duration,
        origin: Origin,
    ) -> Result<Granted, LedgerError> {
        let wanted = Wanted { id: GrantId::new(self.new_id()), recipient, cap, life, origin };
        let (party, now) = (party.clone(), self.0.clock.now());
        self.write(move |tx| {
            Box::pin(async move {
                let sender = own_account(tx, &party.who).await?;
                let recipient = recipient_of(tx, &sender, &wanted.recipient).await?;
                let grant = Grant {
                    id: wanted.id,
                    sender,
                    recipient,
                    cap: wanted.cap,
                    spent: Money::ZERO,
                    origin: wanted.origin,
                    created_at: now,
                    expires_at: now.after(wanted.life),
                    revoked_at: None,
                };
                keep(tx, &grant, &party.trace).await
            })
        })
        .await
    }

    /// The token of a grant, which is the same each time.
    fn token_of(&self, granted: &Granted) -> Secret {
        let grant = &granted.grant;
        let claims = DelegationClaims {
            id: grant.id.as_str().to_owned(),
            sender_email: granted.sender_email.as_str().to_owned(),
            recipient_email: granted.recipient_email.as_str().to_owned(),
            iat: grant.created_at.secs(),
            exp: grant.expires_at.secs(),
            jti: grant.id.as_str().to_owned(),
        };
        Secret::new(delegation::issue(&claims, &self.0.tokens))
    }
}

async fn recipient_of(
    tx: &mut Tx,
    sender: &AccountId,
    email: &Email,
) -> Result<AccountId, LedgerError> {
    let account = accounts::by_email(tx, email).await?;
    let recipient = account.ok_or_else(|| LedgerError::Unknown(email.clone()))?.id;
    if recipient == *sender { Err(LedgerError::SameAccount) } else { Ok(recipient) }
}

async fn keep(tx: &mut Tx, grant: &Grant, by: &Trace) -> Result<Granted, LedgerError> {
    grants::insert(tx, grant).await?;
    let detail = json!({
        "recipient": grant.recipient.as_str(),
        "cap": grant.cap.to_string(),
        "expires_at": grant.expires_at,
    });
    let subject = format!("ledger-grant:{}", grant.id);
    trace(tx, by, "ledger.grant", subject, detail, grant.created_at).await?;
    grants::find(tx, &grant.id).await?.ok_or(LedgerError::NotFound("grant"))
}

//! Creating transactions: by who pays, or by who is paid under a grant. Either way the money is set aside at once, so that
//! confirming cannot fail for lack of it.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use syfthub_core::ledger::{
    AccountId, GrantId, GrantRefused, Movement, Side, Status, Transaction, TransactionId,
};
use syfthub_core::token::delegation;
use syfthub_core::{Email, Timestamp};

use super::metrics::Outcome;
use super::model::{Delegation, Granted, Order, Party, Trace, Transfer, Who};
use super::store::keys::{self, Claim};
use super::store::{accounts, grants, postings, transactions};
use super::{Ledger, LedgerError, own_account, trace};
use crate::db::Tx;

/// What a creation came to.
struct Created {
    transfer: Transfer,
    is_replay: bool,
}

/// The parties of a transaction to be.
struct Parties {
    sender: AccountId,
    recipient: AccountId,
    recipient_email: Email,
    created_by: Side,
}

/// By what leave a recipient charges, once its token was read.
enum Leave {
    Grant(GrantId),
    Standing,
}

impl Ledger {
    /// Creates a transaction that who asks will pay.
    ///
    /// # Errors
    /// When they have too little, or nobody has an account of the recipient's address.
    pub(crate) async fn create(
        &self,
        party: &Party,
        order: Order,
    ) -> Result<Transfer, LedgerError> {
        let (attempt, who) = (self.attempt(party, order)?, party.who.clone());
        let created =
            self.write(move |tx| Box::pin(async move { attempt.direct(tx, &who).await })).await;
        self.counted(created)
    }

    /// Creates a transaction that `order.other` will pay to who asks, who has leave to.
    ///
    /// # Errors
    /// When there is no such leave, it does not cover the amount, or the sender has too little.
    pub(crate) async fn create_delegated(
        &self,
        party: &Party,
        delegation: Delegation,
        order: Order,
    ) -> Result<Transfer, LedgerError> {
        let leave = match delegation {
            Delegation::Token(token) => {
                let claims = delegation::read(token.expose(), &self.0.tokens);
                Leave::Grant(GrantId::new(claims.map_err(|_| LedgerError::BadToken)?.jti))
            }
            Delegation::Standing if self.0.settings.ledger_basic_delegation => Leave::Standing,
            Delegation::Standing => return Err(LedgerError::TokenNeeded),
        };
        let (attempt, who) = (self.attempt(party, order)?, party.who.clone());
        let created = self
            .write(move |tx| {
                Box::pin(async move {
                    match leave {
                        Leave::Grant(id) => attempt.under_grant(tx, &who, &id).await,
                        Leave::Standing => attempt.under_any_grant(tx, &who).await,
                    }
                })
            })
            .await;
        self.counted(created)
    }

    fn attempt(&self, party: &Party, order: Order) -> Result<Attempt, LedgerError> {
        if order.amount.is_zero() {
            return Err(LedgerError::NoAmount);
        }
        let now = self.0.clock.now();
        Ok(Attempt {
            id: TransactionId::new(self.new_id()),
            order,
            now,
            expires_at: now.after(self.0.settings.ledger_pending_ttl),
            trace: party.trace.clone(),
        })
    }

    fn counted(&self, created: Result<Created, LedgerError>) -> Result<Transfer, LedgerError> {
        let outcome = match &created {
            Ok(Created { is_replay: true, .. }) => Outcome::Replayed,
            Ok(_) => Outcome::Created,
            Err(_) => Outcome::Refused,
        };
        self.0.outcomes.count(outcome);
        created.map(|created| created.transfer)
    }
}

/// One transaction to be created.
struct Attempt {
    id: TransactionId,
    order: Order,
    now: Timestamp,
    expires_at: Timestamp,
    trace: Trace,
}

impl Attempt {
    async fn direct(self, tx: &mut Tx, who: &Who) -> Result<Created, LedgerError> {
        let sender = own_account(tx, who).await?;
        let recipient = accounts::by_email(tx, &self.order.other).await?;
        let recipient = recipient.ok_or_else(|| LedgerError::Unknown(self.order.other.clone()))?;
        let parties = Parties {
            sender,
            recipient: recipient.id,
            recipient_email: recipient.email,
            created_by: Side::Sender,
        };
        let scope = format!("create:{}", parties.sender);
        if let Some(earlier) = self.earlier(tx, &parties, scope).await? {
            return Ok(earlier);
        }
        self.reserve(tx, parties, None).await
    }

    async fn under_grant(
        self,
        tx: &mut Tx,
        who: &Who,
        id: &GrantId,
    ) -> Result<Created, LedgerError> {
        let granted = grants::find(tx, id).await?.ok_or(LedgerError::BadToken)?;
        if *who != Who::Holder && own_account(tx, who).await? != granted.grant.recipient {
            return Err(LedgerError::BadToken);
        }
        if granted.sender_email != self.order.other {
            return Err(LedgerError::BadToken);
        }
        let parties = charged(&granted);
        if let Some(earlier) = self.earlier(tx, &parties, self.charge_scope(&parties)).await? {
            return Ok(earlier);
        }
        self.spend(tx, granted, parties).await
    }

    async fn under_any_grant(self, tx: &mut Tx, who: &Who) -> Result<Created, LedgerError> {
        let recipient = own_account(tx, who).await?;
        let recipient = accounts::find(tx, &recipient).await?.ok_or(LedgerError::NoAccount)?;
        // A sender who does not exist has granted nothing, which is all that a stranger learns.
        let sender = accounts::by_email(tx, &self.order.other).await?;
        let sender = sender.ok_or(LedgerError::NoGrant)?.id;
        let parties = Parties {
            sender,
            recipient: recipient.id,
            recipient_email: recipient.email,
            created_by: Side::Recipient,
        };
        if let Some(earlier) = self.earlier(tx, &parties, self.charge_scope(&parties)).await? {
            return Ok(earlier);
        }
        let granted = grants::widest(tx, &parties.sender, &parties.recipient, self.now).await?;
        self.spend(tx, granted.ok_or(LedgerError::NoGrant)?, parties).await
    }

    /// Keys of charges count for a pair and an endpoint, whichever grant is used: a retry with a token that was renewed
    /// meanwhile is still the same charge.
    fn charge_scope(&self, parties: &Parties) -> String {
        let path = self.order.app_ep_path.as_deref().unwrap_or_default();
        format!("charge:{}:{}:{path}", parties.sender, parties.recipient)
    }

    /// What the request's idempotency key stands for already; otherwise it stands for this transaction from now on.
    async fn earlier(
        &self,
        tx: &mut Tx,
        parties: &Parties,
        scope: String,
    ) -> Result<Option<Created>, LedgerError> {
        let Some(key) = self.order.key.clone() else { return Ok(None) };
        let fingerprint = fingerprint(&json!([
            parties.sender.as_str(),
            parties.recipient.as_str(),
            self.order.amount.micros(),
            self.order.app_name,
            self.order.app_ep_path,
        ]));
        let claim = Claim { scope, key, fingerprint };
        let Some(known) = keys::claim(tx, &claim, self.id.as_str(), self.now).await? else {
            return Ok(None);
        };
        if known.fingerprint != claim.fingerprint {
            return Err(LedgerError::KeyReused);
        }
        let transfer = transactions::find(tx, &TransactionId::new(known.reference)).await?;
        let transfer = transfer.ok_or(LedgerError::NotFound("transaction"))?;
        Ok(Some(Created { transfer, is_replay: true }))
    }

    async fn spend(
        self,
        tx: &mut Tx,
        granted: Granted,
        parties: Parties,
    ) -> Result<Created, LedgerError> {
        let grant = granted.grant;
        grant.allow(self.order.amount, self.now)?;
        if !grants::spend(tx, &grant.id, self.order.amount, self.now).await? {
            // Somebody else was faster; what is left now decides.
            let after = grants::find(tx, &grant.id).await?.ok_or(LedgerError::NoGrant)?.grant;
            after.allow(self.order.amount, self.now)?;
            return Err(GrantRefused::Cap(after.left()).into());
        }
        self.reserve(tx, parties, Some(grant.id)).await
    }

    async fn reserve(
        self,
        tx: &mut Tx,
        parties: Parties,
        grant: Option<GrantId>,
    ) -> Result<Created, LedgerError> {
        if parties.sender == parties.recipient {
            return Err(LedgerError::SameAccount);
        }
        let movement = Movement::reserve(&parties.sender, self.order.amount);
        let moved = postings::apply(tx, &movement, self.id.as_str(), self.now).await?;
        let sender_email = moved.ok_or(LedgerError::Insufficient)?.into_iter().flatten().next();
        let transaction = Transaction {
            id: self.id,
            sender: parties.sender,
            recipient: parties.recipient,
            amount: self.order.amount,
            status: Status::Pending,
            created_by: parties.created_by,
            resolved_by: None,
            grant,
            app_name: self.order.app_name,
            app_ep_path: self.order.app_ep_path,
            created_at: self.now,
            expires_at: self.expires_at,
            resolved_at: None,
        };
        transactions::insert(tx, &transaction).await?;
        let subject = format!("ledger-transaction:{}", transaction.id);
        trace(tx, &self.trace, "ledger.create", subject, told(&transaction), self.now).await?;
        let transfer = Transfer {
            transaction,
            sender_email: sender_email.ok_or(LedgerError::NoAccount)?,
            recipient_email: parties.recipient_email,
        };
        Ok(Created { transfer, is_replay: false })
    }
}

fn charged(granted: &Granted) -> Parties {
    Parties {
        sender: granted.grant.sender.clone(),
        recipient: granted.grant.recipient.clone(),
        recipient_email: granted.recipient_email.clone(),
        created_by: Side::Recipient,
    }
}

/// What the trace of changes tells of a transaction.
pub(super) fn told(transaction: &Transaction) -> Value {
    json!({
        "sender": transaction.sender.as_str(),
        "recipient": transaction.recipient.as_str(),
        "amount": transaction.amount.to_string(),
    })
}

/// What distinguishes a request from others under the same key.
pub(super) fn fingerprint(request: &Value) -> String {
    use base64::Engine as _;
    let digest = Sha256::digest(request.to_string());
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(digest)
}

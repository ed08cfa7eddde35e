//! Money: the signed-in user's account at the hub's ledger, or at the accounting service their profile names (contract hub
//! 3.6, contract accounting 4.7).

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use syfthub_core::wire::accounting::{
    AccountingTransaction, AccountingUser, MOST_OWNERS, NewTransaction, Payee,
    TransactionTokenRequest, TransactionTokens,
};
use syfthub_core::wire::ledger::{DepositDraft, GrantDraft, NewGrant, TrialBalance};
use syfthub_core::{Money, OwnerName};

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::lists::{Entries, Grants, List, Transactions};
use crate::payment::Payment;
use crate::transport::{Call, Caller};

/// Requests for transaction tokens that are under way at a time.
const AT_A_TIME: usize = 4;

/// The operations on the signed-in user's money; from [`Client::ledger`].
#[derive(Debug, Clone, Copy)]
pub struct Ledger<'a> {
    pub(crate) client: &'a Client,
}

impl<'a> Ledger<'a> {
    /// The user's account: what is left to spend, and what is set aside.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the user has no account.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// println!("{} left", hub.ledger().balance().await?.balance);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn balance(&self) -> Result<AccountingUser, Error> {
        self.client.transport().json(Call::get(self.url(&["user"]), Caller::User)).await
    }

    /// The user's transactions, newest first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use futures_util::TryStreamExt as _;
    ///
    /// let mut history = std::pin::pin!(hub.ledger().history().stream());
    /// while let Some(transaction) = history.try_next().await? {
    ///     println!("{} {} {}", transaction.id, transaction.amount, transaction.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn history(&self) -> List<'a, Transactions> {
        List::new(self.client, Call::get(self.url(&["transactions"]), Caller::User))
    }

    /// The transaction with this id, if the user is a party to it.
    ///
    /// # Errors
    /// When the hub refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let found = hub.ledger().find("01976f2e-6b1c-7cc0-9d2c-6a0f0f0f0f0f").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn find(&self, id: &str) -> Result<Option<AccountingTransaction>, Error> {
        let call = Call::get(self.url(&["transactions", id]), Caller::User);
        match self.client.transport().json(call).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            found => found.map(Some),
        }
    }

    /// Sets money aside for somebody; see [`Payment`]. It moves when either of the two confirms.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let ledger = hub.ledger();
    /// let payment = ledger.pay("bob".parse()?, "2.5".parse()?).endpoint("bob/notes").send().await?;
    /// ledger.confirm(&payment.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn pay(&self, recipient: Payee, amount: Money) -> Payment<'a> {
        Payment::new(self.client, NewTransaction::new(recipient, amount))
    }

    /// Confirms a pending transaction: the money moves.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when it is not pending any more, and [`ErrorKind::NotFound`] when the user is not a party to it.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client, id: &str) -> Result<(), syfthub_client::Error> {
    /// assert_eq!(hub.ledger().confirm(id).await?.status, "completed");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn confirm(&self, id: &str) -> Result<AccountingTransaction, Error> {
        self.end(id, "confirm").await
    }

    /// Cancels a pending transaction: the money goes back to who set it aside.
    ///
    /// # Errors
    /// As [`Ledger::confirm`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client, id: &str) -> Result<(), syfthub_client::Error> {
    /// assert_eq!(hub.ledger().cancel(id).await?.status, "cancelled");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cancel(&self, id: &str) -> Result<AccountingTransaction, Error> {
        self.end(id, "cancel").await
    }

    async fn end(&self, id: &str, verb: &str) -> Result<AccountingTransaction, Error> {
        let url = self.url(&["transactions", id, verb]);
        self.client.transport().json(Call::post(url, Caller::User)).await
    }

    /// Tokens with which each of the owners may charge the user, as many requests as it takes (contract accounting 4.7).
    /// What fails for one owner is said beside the others' tokens.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the user has no account.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let tokens = hub.ledger().transaction_tokens(&["bob".parse()?, "acme".parse()?]).await?;
    /// println!("{} owners may charge, {} may not", tokens.tokens.len(), tokens.errors.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn transaction_tokens(
        &self,
        owners: &[OwnerName],
    ) -> Result<TransactionTokens, Error> {
        let mut names: Vec<String> = owners.iter().map(|owner| owner.as_str().to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        let chunks: Vec<Vec<String>> = names.chunks(MOST_OWNERS).map(<[String]>::to_vec).collect();
        let asked = stream::iter(chunks).map(|owner_usernames| {
            let url = self.url(&["transaction-tokens"]);
            let body = TransactionTokenRequest { owner_usernames };
            self.client.transport().json(Call::post(url, Caller::User).json(&body))
        });
        let join = async |mut all: TransactionTokens, some: TransactionTokens| {
            all.tokens.extend(some.tokens);
            all.errors.extend(some.errors);
            Ok(all)
        };
        asked.buffer_unordered(AT_A_TIME).try_fold(TransactionTokens::default(), join).await
    }

    /// The grants that the user gave, newest first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// for grant in hub.ledger().grants().send().await? {
    ///     println!("{} may charge {}", grant.recipient_email, grant.cap);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn grants(&self) -> List<'a, Grants> {
        List::new(self.client, Call::get(self.url(&["grants"]), Caller::User))
    }

    /// Gives somebody leave to charge the user, up to a cap and until a moment. The answer is the only one with the token.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the recipient has no account, and [`ErrorKind::Refused`] when a field breaks its rule.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::wire::ledger::GrantDraft;
    ///
    /// let mut draft = GrantDraft::new("bob".parse()?);
    /// draft.cap = Some("5".parse()?);
    /// let made = hub.ledger().grant(&draft).await?;
    /// println!("until {}", made.grant.expires_at);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn grant(&self, draft: &GrantDraft) -> Result<NewGrant, Error> {
        let call = Call::post(self.url(&["grants"]), Caller::User).json(draft);
        self.client.transport().json(call).await
    }

    /// Takes a grant back at once. What was charged stays charged.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the user gave none of this id.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client, id: &str) -> Result<(), syfthub_client::Error> {
    /// hub.ledger().revoke(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn revoke(&self, id: &str) -> Result<(), Error> {
        let call = Call::new(Method::DELETE, self.url(&["grants", id]), Caller::User);
        self.client.transport().empty(call).await
    }

    /// The lines of the user's account, newest first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// for entry in hub.ledger().entries().limit(100).send().await? {
    ///     println!("{} {} {:+}", entry.created_at, entry.kind, entry.amount);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn entries(&self) -> List<'a, Entries> {
        List::new(self.client, Call::get(self.url(&["entries"]), Caller::User))
    }

    /// Brings money in, which administrators of the hub may do; the account after it.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`] for anybody else, and [`ErrorKind::NotFound`] when there is no such account.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::wire::ledger::DepositDraft;
    ///
    /// hub.ledger().deposit(&DepositDraft::new("bob".parse()?, "10".parse()?)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn deposit(&self, draft: &DepositDraft) -> Result<AccountingUser, Error> {
        let call = Call::post(self.url(&["deposits"]), Caller::User).json(draft);
        self.client.transport().json(call).await
    }

    /// Whether the books of the hub are right, which administrators of the hub may ask.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`] for anybody else.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// assert!(hub.ledger().trial_balance().await?.is_balanced);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn trial_balance(&self) -> Result<TrialBalance, Error> {
        self.client.transport().json(Call::get(self.url(&["trial-balance"]), Caller::User)).await
    }

    fn url(self, place: &[&str]) -> url::Url {
        self.client.api(&[&["accounting"], place].concat())
    }
}

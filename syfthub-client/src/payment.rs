//! One payment, before it is sent.

use reqwest::header::{HeaderName, HeaderValue};
use syfthub_core::wire::accounting::{AccountingTransaction, NewTransaction};

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::transport::{Call, Caller};

/// The header under which a payment is made once, however often it is sent.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A payment that has not been sent yet; from [`Ledger::pay`](crate::ledger::Ledger::pay).
#[must_use = "nothing is paid before `send`"]
#[derive(Debug, Clone)]
pub struct Payment<'a> {
    client: &'a Client,
    new: NewTransaction,
    key: String,
}

impl<'a> Payment<'a> {
    pub(crate) fn new(client: &'a Client, new: NewTransaction) -> Self {
        let given = client.transport().idempotency_key.as_ref().and_then(|key| key.to_str().ok());
        let key = given.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
        Self { client, new, key }
    }

    /// Names the program that pays.
    pub fn app(mut self, name: impl Into<String>) -> Self {
        self.new.app_name = Some(name.into());
        self
    }

    /// Names the endpoint that is paid for.
    pub fn endpoint(mut self, path: impl Into<String>) -> Self {
        self.new.app_ep_path = Some(path.into());
        self
    }

    /// Makes it the payment that was tried before under `key`, at most 255 visible ASCII characters: when that one was
    /// made, this one is the same and not another.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// The key to send it under again when nobody knows whether it was made; a new one unless set.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Sets the money aside; it moves when either party confirms.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let payment = hub.ledger().pay("ada".parse()?, "2.50".parse()?);
    /// // Whoever gets no answer sends the same payment again: it is made once.
    /// let reserved = match payment.send().await {
    ///     Err(error) if error.kind() == syfthub_client::ErrorKind::Interrupted => payment.send().await?,
    ///     answer => answer?,
    /// };
    /// hub.ledger().confirm(&reserved.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the key cannot be sent, [`ErrorKind::Refused`] when there is not enough money, and
    /// [`ErrorKind::NotFound`] when the recipient has no account.
    pub async fn send(&self) -> Result<AccountingTransaction, Error> {
        let key = idempotency_key(&self.key)?;
        let url = self.client.api(&["accounting", "transactions"]);
        let call = Call::post(url, Caller::User).json(&self.new).header(IDEMPOTENCY_KEY, key);
        self.client.transport().json(call).await
    }
}

/// `text` as the value of such a header.
pub(crate) fn idempotency_key(text: &str) -> Result<HeaderValue, Error> {
    let is_sendable = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    HeaderValue::from_str(text).ok().filter(|_| is_sendable).ok_or_else(|| {
        let message = "an idempotency key has 1 to 255 visible ASCII characters";
        Error::new(ErrorKind::Usage, message)
    })
}

//! An accounting service that a user's programs speak to themselves (contract accounting 4.3): a hub's own ledger, or one
//! that runs beside it.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use syfthub_core::Secret;
use syfthub_core::wire::accounting::{AccountingTransaction, AccountingUser};
use url::Url;

use crate::builder::{address, below};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::transport::{Call, Caller, Whole};

/// An account at an accounting service; from [`Client::accounting_service`].
#[derive(Clone)]
pub struct AccountingService<'a> {
    client: &'a Client,
    base: Url,
    basic: HeaderValue,
}

/// Whom and what for, besides the amount.
#[derive(Debug, Clone, Default)]
pub struct Purpose {
    /// The program that it is made for.
    pub app_name: Option<String>,
    /// The endpoint that it is made for.
    pub app_ep_path: Option<String>,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

impl Client {
    /// The account of `email` at the accounting service at `url`: what
    /// [`Users::accounting`](crate::users::Users::accounting) tells. The hub's session has no part in it.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when the address is not an `http` or `https` URL.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let service = hub.accounting_service("https://ledger.example.org", "ada@example.org", &"secret".into())?;
    /// println!("{}", service.user().await?.balance);
    /// # Ok(())
    /// # }
    /// ```
    pub fn accounting_service(
        &self,
        url: &str,
        email: &str,
        password: &Secret,
    ) -> Result<AccountingService<'_>, Error> {
        let base = address("accounting", url)?;
        let pair = BASE64_STANDARD.encode(format!("{email}:{}", password.expose()));
        Ok(AccountingService { client: self, base, basic: sensitive(&format!("Basic {pair}"))? })
    }
}

impl AccountingService<'_> {
    /// The account.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`] when the service does not take the credentials.
    ///
    /// ```no_run
    /// # async fn example(service: syfthub_client::accounting::AccountingService<'_>) -> Result<(), syfthub_client::Error> {
    /// println!("{} has {}", service.user().await?.email, service.user().await?.balance);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn user(&self) -> Result<AccountingUser, Error> {
        self.ask(Method::GET, &["user"], None).await
    }

    /// Sets a new password at the service; these credentials no longer count then.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when `current` is not the password.
    ///
    /// ```no_run
    /// # async fn example(service: syfthub_client::accounting::AccountingService<'_>) -> Result<(), syfthub_client::Error> {
    /// service.change_password(&"secret".into(), &"another".into()).await
    /// # }
    /// ```
    pub async fn change_password(&self, current: &Secret, new: &Secret) -> Result<(), Error> {
        let body = json!({"oldPassword": current.expose(), "newPassword": new.expose()});
        self.tell(&["user", "password"], &body).await
    }

    /// Names the organization of the account.
    ///
    /// # Errors
    /// As [`AccountingService::user`].
    ///
    /// ```no_run
    /// # async fn example(service: syfthub_client::accounting::AccountingService<'_>) -> Result<(), syfthub_client::Error> {
    /// service.set_organization("Acme").await
    /// # }
    /// ```
    pub async fn set_organization(&self, organization: &str) -> Result<(), Error> {
        self.tell(&["user", "organization"], &json!({"organization": organization})).await
    }

    /// A page of the account's transactions, newest first; one shorter than `limit` is the last.
    ///
    /// # Errors
    /// As [`AccountingService::user`].
    ///
    /// ```no_run
    /// # async fn example(service: syfthub_client::accounting::AccountingService<'_>) -> Result<(), syfthub_client::Error> {
    /// let newest = service.transactions(0, 20).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn transactions(
        &self,
        skip: u64,
        limit: u32,
    ) -> Result<Vec<AccountingTransaction>, Error> {
        let call = Call::get(below(&self.base, &["transactions"]), Caller::Anybody);
        self.read(call.query("skip", &skip.to_string()).query("limit", &limit.to_string())).await
    }

    /// The transaction with this id.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the account is no party to one.
    ///
    /// ```no_run
    /// # async fn example(service: syfthub_client::accounting::AccountingService<'_>) -> Result<(), syfthub_client::Error> {
    /// println!("{}", service.transaction("018f").await?.status);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn transaction(&self, id: &str) -> Result<AccountingTransaction, Error> {
        self.ask(Method::GET, &["transactions", id], None).await
    }

    /// Sets money aside for somebody; it moves when either of the two confirms.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when there is not enough, and [`ErrorKind::NotFound`] when there is no such recipient.
    ///
    /// ```no_run
    /// # async fn example(service: syfthub_client::accounting::AccountingService<'_>) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::accounting::Purpose;
    ///
    /// let payment = service.pay("bob@example.org", 2.5, &Purpose::default()).await?;
    /// service.confirm(&payment.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn pay(
        &self,
        recipient: &str,
        amount: f64,
        purpose: &Purpose,
    ) -> Result<AccountingTransaction, Error> {
        let mut body = json!({"recipientEmail": recipient, "amount": amount});
        for (key, said) in [("appName", &purpose.app_name), ("appEpPath", &purpose.app_ep_path)] {
            if let Some(text) = said {
                body[key] = json!(text);
            }
        }
        self.ask(Method::POST, &["transactions"], Some(&body)).await
    }

    /// Confirms a pending transaction: the money moves.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when it is not pending any more, [`ErrorKind::NotFound`] when the account is no party to it.
    ///
    /// ```no_run
    /// # async fn example(service: syfthub_client::accounting::AccountingService<'_>) -> Result<(), syfthub_client::Error> {
    /// assert_eq!(service.confirm("018f").await?.status, "completed");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn confirm(&self, id: &str) -> Result<AccountingTransaction, Error> {
        self.ask(Method::POST, &["transactions", id, "confirm"], None).await
    }

    /// Cancels a pending transaction: the money goes back.
    ///
    /// # Errors
    /// As [`AccountingService::confirm`].
    ///
    /// ```no_run
    /// # async fn example(service: syfthub_client::accounting::AccountingService<'_>) -> Result<(), syfthub_client::Error> {
    /// assert_eq!(service.cancel("018f").await?.status, "cancelled");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cancel(&self, id: &str) -> Result<AccountingTransaction, Error> {
        self.ask(Method::POST, &["transactions", id, "cancel"], None).await
    }

    /// A token with which somebody may charge the account.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such recipient.
    ///
    /// ```no_run
    /// # async fn example(service: syfthub_client::accounting::AccountingService<'_>) -> Result<(), syfthub_client::Error> {
    /// let token = service.token("bob@example.org").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn token(&self, recipient: &str) -> Result<Secret, Error> {
        let body = json!({"recipientEmail": recipient});
        let made: Token = self.ask(Method::POST, &["token", "create"], Some(&body)).await?;
        Ok(Secret::new(made.token))
    }

    /// Charges somebody who gave leave with `token`; the money moves when either of the two confirms.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`] or [`ErrorKind::Forbidden`] when the token does not count.
    ///
    /// ```no_run
    /// # async fn example(service: syfthub_client::accounting::AccountingService<'_>) -> Result<(), syfthub_client::Error> {
    /// let charge = service.charge("bob@example.org", 1.0, &"eyJ...".into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn charge(
        &self,
        sender: &str,
        amount: f64,
        token: &Secret,
    ) -> Result<AccountingTransaction, Error> {
        let call = Call::post(below(&self.base, &["transactions"]), Caller::Anybody)
            .json(&json!({"senderEmail": sender, "amount": amount}))
            .header(AUTHORIZATION, sensitive(&format!("Bearer {}", token.expose()))?);
        self.exchange(call).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        place: &[&str],
        body: Option<&Value>,
    ) -> Result<T, Error> {
        let call = Call::new(method, below(&self.base, place), Caller::Anybody);
        self.read(match body {
            Some(body) => call.json(body),
            None => call,
        })
        .await
    }

    /// Changes something; whatever the service says of it afterwards is not needed.
    async fn tell(&self, place: &[&str], body: &Value) -> Result<(), Error> {
        let call = Call::new(Method::PUT, below(&self.base, place), Caller::Anybody).json(body);
        let call = call.header(AUTHORIZATION, self.basic.clone());
        self.client.transport().sender.send::<Whole>(&call, None).await.map(drop)
    }

    async fn read<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        self.exchange(call.header(AUTHORIZATION, self.basic.clone())).await
    }

    async fn exchange<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        let sender = &self.client.transport().sender;
        let (body, correlation_id) = sender.send::<Whole>(&call, None).await?;
        sender.decode(&call.url, &body, correlation_id)
    }
}

impl fmt::Debug for AccountingService<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountingService")
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Error::new(ErrorKind::Usage, "the token holds characters that no header can carry")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

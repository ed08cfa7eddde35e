//! An accounting service, with an account's own credentials there.

use futures_util::Stream;
use serde::Deserialize;
use syfthub_client::accounting::{AccountingService, Purpose};
use syfthub_client::wire::accounting::AccountingTransaction;
use syfthub_client::{Client, Error, Secret};

use crate::operation::operations;

/// Whose account at which service.
#[derive(Deserialize)]
struct Account {
    url: String,
    email: String,
    password: Secret,
}

impl Account {
    /// That of the signed-in user, as the hub tells it; one that is linked to no service has no address.
    async fn of_user(hub: &Client) -> Result<Self, Error> {
        let told = hub.users().accounting().await?;
        let (url, password) = (told.url.unwrap_or_default(), told.password.unwrap_or_default());
        Ok(Self { url, email: told.email, password: Secret::new(password) })
    }

    fn at<'a>(&self, client: &'a Client) -> Result<AccountingService<'a>, Error> {
        client.accounting_service(&self.url, &self.email, &self.password)
    }
}

/// The pages of an account's transactions, newest first; the one that is shorter is the last.
fn transactions(
    hub: Client,
    account: Option<Account>,
    skip: u64,
    limit: u32,
) -> impl Stream<Item = Result<Vec<AccountingTransaction>, Error>> + Send {
    async_stream::try_stream! {
        let account = match account {
            Some(account) => account,
            None => Account::of_user(&hub).await?,
        };
        let service = account.at(&hub)?;
        let mut skip = skip;
        loop {
            let page = service.transactions(skip, limit).await?;
            let is_last = page.len() < limit as usize;
            yield page;
            if is_last {
                break;
            }
            skip += u64::from(limit);
        }
    }
}

operations! {
    /// An accounting service, with an account's own credentials there.
    OPERATIONS on Client;

    /// The account.
    call "accounting.user" ["GET /user"], (account: Account) |hub| {
        Ok(account.at(&hub)?.user().await?)
    }

    /// Sets a new password at the service.
    call "accounting.change_password" ["PUT /user/password"], (account: Account, current: Secret, new: Secret) |hub| {
        Ok(account.at(&hub)?.change_password(&current, &new).await?)
    }

    /// Names the organization of the account.
    call "accounting.set_organization" ["PUT /user/organization"], (account: Account, organization: String) |hub| {
        Ok(account.at(&hub)?.set_organization(&organization).await?)
    }

    /// The account's transactions, newest first; those of the signed-in user unless an account is given.
    stream "accounting.transactions" ["GET /transactions"], (account: Option<Account>, skip: Option<u64>, limit: Option<u32>) |hub| {
        transactions(hub, account, skip.unwrap_or(0), limit.unwrap_or(100).max(1))
    }

    /// The transaction with this id, if the account is a party to it.
    call "accounting.transaction" ["GET /transactions/{id}"], (account: Account, transaction: String) |hub| {
        Ok(account.at(&hub)?.transaction(&transaction).await?)
    }

    /// Sets money aside for somebody. It moves when either of the two confirms.
    call "accounting.create" ["POST /transactions"],
    (account: Account, recipient: String, amount: f64, app_name: Option<String>, app_ep_path: Option<String>) |hub| {
        Ok(account.at(&hub)?.pay(&recipient, amount, &Purpose { app_name, app_ep_path }).await?)
    }

    /// Confirms a pending transaction: the money moves.
    call "accounting.confirm" ["POST /transactions/{id}/confirm"], (account: Account, transaction: String) |hub| {
        Ok(account.at(&hub)?.confirm(&transaction).await?)
    }

    /// Cancels a pending transaction: the money goes back.
    call "accounting.cancel" ["POST /transactions/{id}/cancel"], (account: Account, transaction: String) |hub| {
        Ok(account.at(&hub)?.cancel(&transaction).await?)
    }

    /// A token with which somebody may charge the account.
    call "accounting.token" ["POST /token/create"], (account: Account, recipient: String) |hub| {
        Ok(account.at(&hub)?.token(&recipient).await?.expose().to_owned())
    }

    /// Charges somebody who gave leave with a token.
    call "accounting.charge" ["POST /transactions"], (account: Account, sender: String, amount: f64, token: Secret) |hub| {
        Ok(account.at(&hub)?.charge(&sender, amount, &token).await?)
    }
}

//! The hubs that the space is connected to.

use syfthub_client::Secret;
use syfthub_client::space::Space;
use syfthub_client::space::marketplaces::{HubAccount, HubRemoval, MarketplacePatch, NewAccount};
use url::Url;
use uuid::Uuid;

use crate::operation::operations;

operations! {
    /// The hubs that the space is connected to.
    OPERATIONS on Space;

    /// All connected hubs, the default one first.
    call "marketplaces.list" ["GET /api/v1/marketplaces"], () |space| {
        Ok(space.marketplaces().list().await?)
    }

    /// The connected hub with this id.
    call "marketplaces.get" ["GET /api/v1/marketplaces/{id}"], (marketplace: Uuid) |space| {
        Ok(space.marketplaces().get(marketplace).await?)
    }

    /// Signs the space in at a hub with an account there, or gives a connected hub another account.
    call "marketplaces.connect" ["POST /api/v1/marketplaces/connect"],
    (username: String, password: Secret, url: Option<Url>, organization: Option<String>) |space| {
        let mut account = HubAccount::new(username, password);
        account.organization = organization;
        Ok(space.marketplaces().connect(url.as_ref(), &account).await?)
    }

    /// Makes an account at a hub and signs the space in with it.
    call "marketplaces.register" ["POST /api/v1/marketplaces/register"],
    (username: String, email: String, password: Secret, url: Option<Url>, name: Option<String>,
     accounting_url: Option<String>, accounting_password: Option<Secret>) |space| {
        let mut account = NewAccount::new(username, email, password);
        account.name = name.unwrap_or_default();
        (account.accounting_url, account.accounting_password) = (accounting_url, accounting_password);
        Ok(space.marketplaces().register(url.as_ref(), &account).await?)
    }

    /// Whether nobody at a hub goes by this name yet.
    call "marketplaces.check_username" ["GET /api/v1/marketplaces/check-username/{username}"],
    (username: String, url: Option<Url>) |space| {
        Ok(space.marketplaces().is_username_free(&username, url.as_ref()).await?)
    }

    /// What is left of the account's money, by the default hub's accounting.
    call "marketplaces.balance" ["GET /api/v1/marketplaces/balance"], () |space| {
        Ok(space.marketplaces().balance().await?)
    }

    /// Renames a hub, switches it on or off, or makes it the default one.
    call "marketplaces.update" ["PATCH /api/v1/marketplaces/{id}"], (marketplace: Uuid, body: MarketplacePatch) |space| {
        Ok(space.marketplaces().edit(marketplace, &body).await?)
    }

    /// Takes everything off a hub that the space listed there, and disconnects from it.
    call "marketplaces.delete" ["DELETE /api/v1/marketplaces/{id}"],
    (marketplace: Uuid, default: Option<Uuid>, force: Option<bool>) |space| {
        let rest = HubRemoval { default, force: force == Some(true) };
        Ok(space.marketplaces().remove(marketplace, rest).await?)
    }
}

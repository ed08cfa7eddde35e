//! What is set while the space runs: where it is reached.

use syfthub_client::Secret;
use syfthub_client::space::Space;
use url::Url;

use crate::operation::operations;

operations! {
    /// What is set while the space runs: where it is reached.
    OPERATIONS on Space;

    /// Where callers reach the space.
    call "settings.public_url" ["GET /api/v1/settings/public-url"], () |space| {
        Ok(space.settings().public_url().await?)
    }

    /// Says where callers reach the space, once every hub knows it.
    call "settings.set_public_url" ["PATCH /api/v1/settings/public-url"], (url: Url) |space| {
        Ok(space.settings().set_public_url(&url).await?)
    }

    /// How the space is reached without an address of its own.
    call "settings.proxy" ["GET /api/v1/settings/proxy"], () |space| {
        Ok(space.settings().proxy().await?)
    }

    /// Has the space reached through its hubs, or with a token through an agent of ngrok's.
    call "settings.open_proxy" ["POST /api/v1/settings/proxy"], (token: Option<Secret>) |space| {
        Ok(space.settings().open_proxy(token.as_ref()).await?)
    }

    /// Has the space reached that way no more.
    call "settings.close_proxy" ["DELETE /api/v1/settings/proxy"], () |space| {
        Ok(space.settings().close_proxy().await?)
    }
}

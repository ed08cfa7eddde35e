//! Personal access tokens: keys for scripts that do not sign in (contract hub 4.5).

use reqwest::Method;
use syfthub_core::ids::AccessTokenId;
use syfthub_core::wire::access_token::{
    AccessToken, AccessTokenDraft, AccessTokenPatch, AccessTokens, NewAccessToken,
};

use crate::client::Client;
use crate::error::Error;
use crate::transport::{Call, Caller};

/// The operations on the signed-in user's personal access tokens; from [`Client::api_tokens`].
#[derive(Debug, Clone, Copy)]
pub struct ApiTokens<'a> {
    pub(crate) client: &'a Client,
}

impl ApiTokens<'_> {
    /// Makes a token. The answer is the only one that holds it.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when a field breaks its rule or the user has as many tokens as
    /// there can be.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::Scope;
    /// use syfthub_client::wire::access_token::AccessTokenDraft;
    ///
    /// let made = hub.api_tokens().create(&AccessTokenDraft::new("nightly job", Scope::Read)).await?;
    /// println!("keep this: {}", made.token);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create(&self, draft: &AccessTokenDraft) -> Result<NewAccessToken, Error> {
        let url = self.client.api(&["auth", "tokens"]);
        self.client.transport().json(Call::post(url, Caller::User).json(draft)).await
    }

    /// The hundred newest tokens that count.
    ///
    /// # Errors
    /// When the hub refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// for token in hub.api_tokens().list().await?.tokens {
    ///     println!("{} {}…", token.name, token.token_prefix);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(&self) -> Result<AccessTokens, Error> {
        let url = self.client.api(&["auth", "tokens"]);
        self.client.transport().json(Call::get(url, Caller::User)).await
    }

    /// A page of tokens, newest first: `limit` of them, 1 to 100, without the first `skip`. Revoked and expired ones come
    /// along where that is asked for.
    ///
    /// # Errors
    /// As [`ApiTokens::list`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let page = hub.api_tokens().page(0, 20, true).await?;
    /// println!("{} of {}", page.tokens.len(), page.total);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn page(
        &self,
        skip: u64,
        limit: u32,
        with_inactive: bool,
    ) -> Result<AccessTokens, Error> {
        let call = Call::get(self.client.api(&["auth", "tokens"]), Caller::User)
            .query("skip", &skip.to_string())
            .query("limit", &limit.to_string())
            .query("include_inactive", if with_inactive { "true" } else { "false" });
        self.client.transport().json(call).await
    }

    /// The token with this number, also when it no longer counts.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the user has none of this number.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::AccessTokenId;
    ///
    /// println!("{:?}", hub.api_tokens().get(AccessTokenId(7)).await?.last_used_at);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(&self, id: AccessTokenId) -> Result<AccessToken, Error> {
        let url = self.client.api(&["auth", "tokens", &id.to_string()]);
        self.client.transport().json(Call::get(url, Caller::User)).await
    }

    /// Gives a token another name.
    ///
    /// # Errors
    /// As [`ApiTokens::get`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::AccessTokenId;
    ///
    /// hub.api_tokens().rename(AccessTokenId(7), "weekly job").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn rename(
        &self,
        id: AccessTokenId,
        name: impl Into<String>,
    ) -> Result<AccessToken, Error> {
        let url = self.client.api(&["auth", "tokens", &id.to_string()]);
        let patch = AccessTokenPatch { name: name.into() };
        let call = Call::new(Method::PATCH, url, Caller::User).json(&patch);
        self.client.transport().json(call).await
    }

    /// Ends a token at once and for good.
    ///
    /// # Errors
    /// As [`ApiTokens::get`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::AccessTokenId;
    ///
    /// hub.api_tokens().revoke(AccessTokenId(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn revoke(&self, id: AccessTokenId) -> Result<(), Error> {
        let url = self.client.api(&["auth", "tokens", &id.to_string()]);
        self.client.transport().empty(Call::new(Method::DELETE, url, Caller::User)).await
    }
}

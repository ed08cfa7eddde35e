//! The aggregators a user keeps (contract hub 12).

use reqwest::Method;
use syfthub_core::ids::AggregatorId;
use syfthub_core::wire::aggregator::{AggregatorDraft, AggregatorPatch, UserAggregator};

use crate::client::Client;
use crate::error::Error;
use crate::transport::{Call, Caller};

/// The operations on the signed-in user's aggregators; from [`Client::aggregators`].
#[derive(Debug, Clone, Copy)]
pub struct Aggregators<'a> {
    pub(crate) client: &'a Client,
}

impl Aggregators<'_> {
    /// All of them, in the order in which they were added.
    ///
    /// # Errors
    /// When the hub refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let default = hub.aggregators().list().await?.into_iter().find(|one| one.is_default);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(&self) -> Result<Vec<UserAggregator>, Error> {
        self.client.transport().json(Call::get(self.url(&[]), Caller::User)).await
    }

    /// Adds one. The first becomes the default.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when a field breaks its rule.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::wire::aggregator::AggregatorDraft;
    ///
    /// let url = "https://rag.example.org/api/v1".to_owned();
    /// let draft = AggregatorDraft { name: "ours".to_owned(), url, is_default: false };
    /// hub.aggregators().create(&draft).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create(&self, draft: &AggregatorDraft) -> Result<UserAggregator, Error> {
        let call = Call::post(self.url(&[]), Caller::User).json(draft);
        self.client.transport().json(call).await
    }

    /// The one with this number.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none, and
    /// [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden) when it is another user's.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// println!("{}", hub.aggregators().get(syfthub_client::AggregatorId(7)).await?.url);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(&self, id: AggregatorId) -> Result<UserAggregator, Error> {
        let call = Call::get(self.url(&[&id.to_string()]), Caller::User);
        self.client.transport().json(call).await
    }

    /// Changes it by what `patch` holds.
    ///
    /// # Errors
    /// As [`Aggregators::get`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::{AggregatorId, wire::aggregator::AggregatorPatch};
    ///
    /// let patch = AggregatorPatch { name: Some("theirs".to_owned()), ..AggregatorPatch::default() };
    /// hub.aggregators().update(AggregatorId(7), &patch).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update(
        &self,
        id: AggregatorId,
        patch: &AggregatorPatch,
    ) -> Result<UserAggregator, Error> {
        let url = self.url(&[&id.to_string()]);
        self.client.transport().json(Call::new(Method::PUT, url, Caller::User).json(patch)).await
    }

    /// Makes it the default instead of the one so far.
    ///
    /// # Errors
    /// As [`Aggregators::get`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// hub.aggregators().set_default(syfthub_client::AggregatorId(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn set_default(&self, id: AggregatorId) -> Result<UserAggregator, Error> {
        let url = self.url(&[&id.to_string(), "default"]);
        self.client.transport().json(Call::new(Method::PATCH, url, Caller::User)).await
    }

    /// Removes it; when it was the default, the oldest of the rest becomes it.
    ///
    /// # Errors
    /// As [`Aggregators::get`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// hub.aggregators().delete(syfthub_client::AggregatorId(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(&self, id: AggregatorId) -> Result<(), Error> {
        let url = self.url(&[&id.to_string()]);
        self.client.transport().empty(Call::new(Method::DELETE, url, Caller::User)).await
    }

    fn url(self, place: &[&str]) -> url::Url {
        self.client.api(&[&["users", "me", "aggregators"], place].concat())
    }
}

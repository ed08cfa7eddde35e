//! Finding public endpoints by words (contract hub 7.2).

use syfthub_core::model::EndpointType;
use syfthub_core::wire::discovery::{SearchRequest, SearchResponse, SearchResult};

use crate::client::Client;
use crate::endpoints::Endpoints;
use crate::error::Error;
use crate::transport::{Call, Caller};

/// A search that has not been sent yet; from [`Endpoints::search`].
#[derive(Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct Search<'a> {
    client: &'a Client,
    request: SearchRequest,
}

impl Search<'_> {
    /// How many to find at most, 1 to 50; 10 unless set.
    pub fn top_k(mut self, count: u32) -> Self {
        self.request.top_k = i64::from(count.clamp(1, 50));
        self
    }

    /// Only endpoints of this type.
    pub fn kind(mut self, kind: EndpointType) -> Self {
        self.request.kind = Some(kind);
        self
    }

    /// What was found, the best fitting first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// for found in hub.endpoints().search("river plants").top_k(5).send().await? {
    ///     println!("{:.2} {}/{}", found.relevance_score, found.endpoint.owner_username, found.endpoint.slug);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the query is empty or longer than 1000 characters.
    pub async fn send(self) -> Result<Vec<SearchResult>, Error> {
        let url = self.client.api(&["endpoints", "search"]);
        let call = Call::post(url, Caller::Anybody).json(&self.request);
        let response: SearchResponse = self.client.transport().json(call).await?;
        Ok(response.results)
    }
}

impl<'a> Endpoints<'a> {
    /// Public endpoints that have words of `query` in their name, tags, owner, description or readme; mistyped names are
    /// recognised.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// for found in hub.endpoints().search("weather in berlin").top_k(5).send().await? {
    ///     println!("{:.2} {}/{}", found.relevance_score, found.endpoint.owner_username, found.endpoint.slug);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn search(&self, query: impl Into<String>) -> Search<'a> {
        Search { client: self.client, request: SearchRequest::new(query) }
    }
}

//! Stars (contract hub 3.3, 7.6).

use reqwest::Method;
use syfthub_core::ids::EndpointPath;
use syfthub_core::wire::discovery::Starred;

use crate::endpoints::Endpoints;
use crate::error::Error;
use crate::transport::{Call, Caller};

impl Endpoints<'_> {
    /// Stars the endpoint for the signed-in user; false when they had done so before.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none that the user may see.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// hub.endpoints().star(&"ada/field-notes".parse()?).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn star(&self, path: &EndpointPath) -> Result<bool, Error> {
        self.ask(Method::POST, path, "star").await
    }

    /// Takes the signed-in user's star back; nothing happens when there is none.
    ///
    /// # Errors
    /// When the hub cannot be asked, or does not know the user.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// hub.endpoints().unstar(&"ada/field-notes".parse()?).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unstar(&self, path: &EndpointPath) -> Result<(), Error> {
        self.client.transport().empty(self.call(Method::DELETE, path, "star")).await
    }

    /// Whether the signed-in user starred the endpoint.
    ///
    /// # Errors
    /// When the hub cannot be asked, or does not know the user.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// assert!(hub.endpoints().is_starred(&"ada/field-notes".parse()?).await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn is_starred(&self, path: &EndpointPath) -> Result<bool, Error> {
        self.ask(Method::GET, path, "starred").await
    }

    async fn ask(&self, method: Method, path: &EndpointPath, what: &str) -> Result<bool, Error> {
        let answer: Starred = self.client.transport().json(self.call(method, path, what)).await?;
        Ok(answer.starred)
    }

    fn call(self, method: Method, path: &EndpointPath, what: &str) -> Call {
        let (owner, slug) = (path.owner.as_str(), path.slug.as_str());
        let url = self.client.api(&["endpoints", "by-path", owner, slug, what]);
        Call::new(method, url, Caller::User)
    }
}

//! Endpoints by their address, by their owner, and how available they were (contract hub 3.3, 6.1, 7.6).

use reqwest::Method;
use serde::Serialize;
use syfthub_core::ids::{EndpointId, EndpointPath, OwnerName, Slug};
use syfthub_core::wire::discovery::EndpointAdminPatch;
use syfthub_core::wire::endpoint::{Endpoint, EndpointPublic};
use syfthub_core::wire::health::Uptime;

use crate::endpoints::{Endpoints, shown};
use crate::error::{Error, ErrorKind};
use crate::lists::{Grouped, List, PublicOf};
use crate::transport::{Call, Caller};

/// An endpoint as a hub shows it to the caller.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Shown {
    /// Whole, to those whose it is.
    Whole(Endpoint),
    /// Its public half, to everybody else who may see it.
    Public(EndpointPublic),
}

impl<'a> Endpoints<'a> {
    /// The endpoint at `owner/slug`, as the hub shows it to the caller.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none that the caller may see.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::Shown;
    ///
    /// match hub.endpoints().show(&"ada/field-notes".parse()?).await? {
    ///     Shown::Whole(endpoint) => println!("mine, number {}", endpoint.id),
    ///     Shown::Public(endpoint) => println!("of {}", endpoint.owner_username),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn show(&self, path: &EndpointPath) -> Result<Shown, Error> {
        let url = self.client.root(&[path.owner.as_str(), path.slug.as_str()]);
        let body = self.client.transport().json(Call::get(url, Caller::UserIfAny)).await?;
        shown(body, path)
    }

    /// The public endpoint at `owner/slug`, if there is one.
    ///
    /// # Errors
    /// When the hub cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let is_public = hub.endpoints().find(&"ada/field-notes".parse()?).await?.is_some();
    /// # Ok(())
    /// # }
    /// ```
    pub async fn find(&self, path: &EndpointPath) -> Result<Option<EndpointPublic>, Error> {
        let (owner, slug) = (path.owner.as_str(), path.slug.as_str());
        let url = self.client.api(&["endpoints", "public", owner, slug]);
        match self.client.transport().json(Call::get(url, Caller::Anybody)).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            found => found.map(Some),
        }
    }

    /// Whether the signed-in user has an endpoint of this slug, switched off or on.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`] when nobody is.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// assert!(!hub.endpoints().exists(&"field-notes".parse()?).await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn exists(&self, slug: &Slug) -> Result<bool, Error> {
        let url = self.client.api(&["endpoints", slug.as_str(), "exists"]);
        self.client.transport().json(Call::get(url, Caller::User)).await
    }

    /// The public endpoints of one owner, latest edit first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let first_ten = hub.endpoints().public_of(&"ada".parse()?).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn public_of(&self, owner: &OwnerName) -> List<'a, PublicOf> {
        let url = self.client.api(&["endpoints", "public", "by-owner", owner.as_str()]);
        List::new(self.client, Call::get(url, Caller::Anybody))
    }

    /// Users and organizations with public endpoints, each with those that they edited last.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// for owner in hub.endpoints().grouped().per_owner(3).send().await? {
    ///     println!("{}: {} of {}", owner.owner_username, owner.endpoints.len(), owner.total_count);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn grouped(&self) -> List<'a, Grouped> {
        let url = self.client.api(&["endpoints", "public", "grouped"]);
        List::new(self.client, Call::get(url, Caller::Anybody))
    }

    /// For how much of the last `hours`, 1 to 2160, the endpoint answered.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none that the caller may see.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let day = hub.endpoints().uptime(&"ada/field-notes".parse()?, 24).await?;
    /// println!("{:.1} %", 100.0 * day.uptime.unwrap_or(0.0));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn uptime(&self, path: &EndpointPath, hours: u32) -> Result<Uptime, Error> {
        let (owner, slug) = (path.owner.as_str(), path.slug.as_str());
        let url = self.client.api(&["endpoints", owner, slug, "uptime"]);
        let call = Call::get(url, Caller::UserIfAny).query("window_hours", &hours.to_string());
        self.client.transport().json(call).await
    }

    /// Switches anybody's endpoint off or on again, or sets its stars, which administrators of the hub may do.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`] for anybody else.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::{EndpointId, wire::discovery::EndpointAdminPatch};
    ///
    /// let off = EndpointAdminPatch { is_active: Some(false), stars_count: None };
    /// hub.endpoints().administer(EndpointId(7), off).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn administer(
        &self,
        id: EndpointId,
        patch: EndpointAdminPatch,
    ) -> Result<Endpoint, Error> {
        let url = self.client.api(&["endpoints", &id.to_string(), "admin"]);
        let call = Call::new(Method::PATCH, url, Caller::User).json(&patch);
        self.client.transport().json(call).await
    }
}

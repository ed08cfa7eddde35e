//! Endpoints: what callers ask (contract space 1.3).
//!
//! Here they are made, changed and put away; [`Endpoints::publish`] and its neighbours list them at hubs, and
//! [`Endpoints::query`] and [`Endpoints::stream`] ask them.

mod answer;
mod listing;
mod query;
mod types;

use super::{Notice, Space};
use crate::error::Error;

pub use self::answer::{Answer, AnswerEvent};
pub use self::listing::{Hubs, Listing, ListingState, Published, SlugAtHub, SlugCheck};
pub use self::query::Question;
pub use self::types::{
    Endpoint, EndpointDetail, EndpointItem, EndpointPatch, NewEndpoint, PartOf, PolicyOf,
};

/// The operations on endpoints; from [`Space::endpoints`].
#[derive(Debug, Clone, Copy)]
pub struct Endpoints<'a> {
    pub(super) space: &'a Space,
}

impl Endpoints<'_> {
    /// All endpoints, oldest first.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for endpoint in space.endpoints().list().await? {
    ///     println!("{} published: {}", endpoint.slug, endpoint.published);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(&self) -> Result<Vec<EndpointItem>, Error> {
        self.space.json(self.space.get(&["endpoints", ""])).await
    }

    /// The endpoint at `slug`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.endpoints().get("notes").await?.name);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(&self, slug: &str) -> Result<EndpointDetail, Error> {
        self.space.json(self.space.get(&["endpoints", slug])).await
    }

    /// Makes an endpoint.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when it has neither dataset nor model or a field breaks its rule,
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when one of them does not exist,
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the slug is taken.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::endpoints::NewEndpoint;
    ///
    /// let mut new = NewEndpoint::new("Field notes", "field-notes");
    /// new.dataset_id = Some(space.datasets().get("notes").await?.id);
    /// new.response_type = "raw".to_owned();
    /// space.endpoints().add(&new).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add(&self, new: &NewEndpoint) -> Result<Endpoint, Error> {
        self.space.json(self.space.post(&["endpoints", ""]).json(new)).await
    }

    /// Changes an endpoint.
    ///
    /// # Errors
    /// As [`Endpoints::get`]; [`ErrorKind::Refused`](crate::ErrorKind::Refused) when a field breaks its rule.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::endpoints::EndpointPatch;
    ///
    /// let patch = EndpointPatch { name: Some("Notes".to_owned()), ..EndpointPatch::default() };
    /// space.endpoints().edit("field-notes", &patch).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn edit(&self, slug: &str, patch: &EndpointPatch) -> Result<EndpointDetail, Error> {
        self.space.json(self.space.patch(&["endpoints", slug]).json(patch)).await
    }

    /// Removes an endpoint; hubs that list it are told first.
    ///
    /// # Errors
    /// As [`Endpoints::get`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// space.endpoints().remove("field-notes").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove(&self, slug: &str) -> Result<Notice, Error> {
        self.space.json(self.space.delete(&["endpoints", slug])).await
    }

    /// Puts an endpoint away: it is kept, and closed to callers.
    ///
    /// # Errors
    /// As [`Endpoints::get`]; [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) while a hub lists it.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// assert!(space.endpoints().archive("field-notes").await?.is_archived);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn archive(&self, slug: &str) -> Result<Endpoint, Error> {
        self.space.json(self.space.post(&["endpoints", slug, "archive"])).await
    }

    /// Takes an endpoint out again that was put away.
    ///
    /// # Errors
    /// As [`Endpoints::get`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// assert!(!space.endpoints().unarchive("field-notes").await?.is_archived);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unarchive(&self, slug: &str) -> Result<Endpoint, Error> {
        self.space.json(self.space.post(&["endpoints", slug, "unarchive"])).await
    }
}

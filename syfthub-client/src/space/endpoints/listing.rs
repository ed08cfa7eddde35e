//! Endpoints at hubs: whether an address can be had, and where an endpoint is listed.

use serde::{Deserialize, Serialize};
use syfthub_core::Timestamp;
use uuid::Uuid;

use super::Endpoints;
use crate::error::Error;

/// What one hub said to publishing or unpublishing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Listing {
    /// The hub.
    pub marketplace_id: Uuid,
    /// Its name.
    pub marketplace_name: String,
    /// Whether it did as told.
    pub success: bool,
    /// What it said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Why it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Where a slug is free.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SlugCheck {
    /// The slug, as it would be used.
    pub slug: String,
    /// Whether it follows the hubs' rules and is free in the space.
    pub local_available: bool,
    /// Whether each hub that was asked would list it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marketplaces: Option<Vec<SlugAtHub>>,
}

/// Whether a hub would list a slug.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SlugAtHub {
    /// The hub.
    pub marketplace_id: Uuid,
    /// Whether it would; `None` for a hub that could not be asked.
    pub available: Option<bool>,
    /// Why it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Which of the connected hubs are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hubs<'a> {
    /// All of them.
    All,
    /// Only these.
    Only(&'a [Uuid]),
}

impl<'a> Hubs<'a> {
    /// The ids that are named; none where all are meant.
    fn named(self) -> &'a [Uuid] {
        match self {
            Self::All => &[],
            Self::Only(ids) => ids,
        }
    }
}

/// What publishing did, hub by hub.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Published {
    /// The endpoint's address.
    pub endpoint_slug: String,
    /// What each hub said.
    pub results: Vec<Listing>,
}

/// How an endpoint stands at a hub.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ListingState {
    /// The hub.
    pub marketplace_id: Uuid,
    /// Its name.
    pub marketplace_name: String,
    /// Whether it is meant to be listed there.
    pub wanted: bool,
    /// How far that is.
    pub state: String,
    /// Why it is no further.
    pub error: Option<String>,
    /// When that changed last.
    pub updated_at: Option<Timestamp>,
}

impl Endpoints<'_> {
    /// Whether a slug is free in the space, and at `hubs`; no hub is asked for `None`.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::endpoints::Hubs;
    ///
    /// let check = space.endpoints().validate_slug("field-notes", Some(Hubs::All)).await?;
    /// assert!(check.local_available);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn validate_slug(
        &self,
        slug: &str,
        hubs: Option<Hubs<'_>>,
    ) -> Result<SlugCheck, Error> {
        let body = serde_json::json!({
            "slug": slug, "check_all_marketplaces": hubs == Some(Hubs::All),
            "marketplace_ids": hubs.map(Hubs::named),
        });
        self.space.json(self.space.post(&["endpoints", "validate-slug"]).json(&body)).await
    }

    /// Lets callers ask an endpoint, and lists it at `hubs`.
    ///
    /// # Errors
    /// As [`Endpoints::get`]; [`ErrorKind::Refused`](crate::ErrorKind::Refused) when no hub is named, or the space is
    /// connected to none. What a single hub says is in its [`Listing`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::endpoints::Hubs;
    ///
    /// for listing in space.endpoints().publish("field-notes", Hubs::All).await?.results {
    ///     println!("{}: {:?}", listing.marketplace_name, listing.error);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn publish(&self, slug: &str, hubs: Hubs<'_>) -> Result<Published, Error> {
        let body = serde_json::json!({
            "marketplace_ids": hubs.named(), "publish_to_all_marketplaces": hubs == Hubs::All,
        });
        self.space.json(self.space.post(&["endpoints", slug, "publish"]).json(&body)).await
    }

    /// Takes an endpoint off the hubs that list it; callers can no longer ask it.
    ///
    /// # Errors
    /// As [`Endpoints::get`]; [`ErrorKind::Refused`](crate::ErrorKind::Refused) when it is not published.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// space.endpoints().unpublish("field-notes").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unpublish(&self, slug: &str) -> Result<Vec<Listing>, Error> {
        self.space.json(self.space.delete(&["endpoints", slug, "unpublish"])).await
    }

    /// How an endpoint stands at each hub: what waits to be done there, and why.
    ///
    /// # Errors
    /// As [`Endpoints::get`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for listing in space.endpoints().listings("field-notes").await? {
    ///     println!("{}: {}", listing.marketplace_name, listing.state);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn listings(&self, slug: &str) -> Result<Vec<ListingState>, Error> {
        self.space.json(self.space.get(&["endpoints", slug, "listings"])).await
    }
}

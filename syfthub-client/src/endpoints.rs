//! Publishing, finding and changing endpoints (contract hub 3.3, 6.1).

use reqwest::Method;
use serde_json::Value;
use syfthub_core::ids::{EndpointId, EndpointPath, OwnerName, Slug};
use syfthub_core::wire::chat::EndpointRef;
use syfthub_core::wire::endpoint::{Endpoint, EndpointDraft, EndpointPatch, EndpointPublic};
use syfthub_core::wire::health::{HealthReceipt, HealthReport};

use crate::client::Client;
use crate::discovery::Shown;
use crate::error::{Error, ErrorKind};
use crate::lists::{GuestAccessible, List, OfOwner, Own, Owners, Public, Trending};
use crate::publish::Publication;
use crate::query::Query;
use crate::resolve::Place;
use crate::transport::{Call, Caller};

/// The operations on endpoints; from [`Client::endpoints`].
#[derive(Debug, Clone, Copy)]
pub struct Endpoints<'a> {
    pub(crate) client: &'a Client,
}

impl<'a> Endpoints<'a> {
    /// Creates an endpoint in the name of the signed-in user.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the slug is taken or a field breaks its rule.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::EndpointType;
    /// use syfthub_client::wire::endpoint::EndpointDraft;
    ///
    /// let draft = EndpointDraft::new("Field notes", EndpointType::DataSource);
    /// let endpoint = hub.endpoints().create(&draft).await?;
    /// println!("published as {}", endpoint.slug);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create(&self, draft: &EndpointDraft) -> Result<Endpoint, Error> {
        let url = self.client.api(&["endpoints"]);
        self.client.transport().json(Call::post(url, Caller::User).json(draft)).await
    }

    /// Creates the endpoint, or changes the signed-in user's endpoint of the same slug into what `draft` describes.
    /// Without a slug, the one that follows from the name is used.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when that endpoint has another type, which cannot change.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::wire::endpoint::EndpointDraft;
    /// use syfthub_client::{EndpointType, Publication};
    ///
    /// let draft = EndpointDraft::new("Field notes", EndpointType::DataSource);
    /// match hub.endpoints().publish(&draft).await? {
    ///     Publication::Created(endpoint) => println!("created {}", endpoint.slug),
    ///     Publication::Updated(endpoint) => println!("updated {}", endpoint.slug),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn publish(&self, draft: &EndpointDraft) -> Result<Publication, Error> {
        self.create_or_update(draft, &EndpointPatch::from(draft.clone())).await
    }

    /// Creates the endpoint as `draft` describes it, or makes the changes in `patch` to the signed-in user's endpoint of
    /// the same slug.
    ///
    /// # Errors
    /// As [`Endpoints::publish`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::EndpointType;
    /// use syfthub_client::wire::endpoint::{EndpointDraft, EndpointPatch};
    ///
    /// let draft = EndpointDraft::new("Field notes", EndpointType::DataSource);
    /// let patch = EndpointPatch { version: Some("1.1.0".parse()?), ..EndpointPatch::default() };
    /// hub.endpoints().create_or_update(&draft, &patch).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_or_update(
        &self,
        draft: &EndpointDraft,
        patch: &EndpointPatch,
    ) -> Result<Publication, Error> {
        crate::publish::create_or_update(*self, draft, patch).await
    }

    /// The signed-in user's own endpoints, newest change first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::Visibility;
    ///
    /// let page = hub.endpoints().list().visibility(Visibility::Private).limit(20).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> List<'a, Own> {
        let call = Call::get(self.client.api(&["endpoints"]), Caller::User);
        List::new(self.client, call)
    }

    /// Everybody's public endpoints, newest change first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use futures_util::TryStreamExt as _;
    /// use syfthub_client::EndpointType;
    ///
    /// let mut models = std::pin::pin!(hub.endpoints().public().kind(EndpointType::Model).stream());
    /// while let Some(model) = models.try_next().await? {
    ///     println!("{}/{}", model.owner_username, model.slug);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn public(&self) -> List<'a, Public> {
        let call = Call::get(self.client.api(&["endpoints", "public"]), Caller::Anybody);
        List::new(self.client, call)
    }

    /// Everybody's public endpoints, those with the most stars first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let best = hub.endpoints().trending().min_stars(5).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn trending(&self) -> List<'a, Trending> {
        let call = Call::get(self.client.api(&["endpoints", "trending"]), Caller::Anybody);
        List::new(self.client, call)
    }

    /// Public endpoints without policies, which guests can use, newest change first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let open = hub.endpoints().guest_accessible().send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn guest_accessible(&self) -> List<'a, GuestAccessible> {
        let call = Call::get(self.client.api(&["endpoints", "guest-accessible"]), Caller::Anybody);
        List::new(self.client, call)
    }

    /// Users and organizations with public endpoints, those with the most first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// for owner in hub.endpoints().owners().limit(100).send().await? {
    ///     println!("{}: {}", owner.username, owner.endpoint_count);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn owners(&self) -> List<'a, Owners> {
        let call = Call::get(self.client.api(&["endpoints", "public", "owners"]), Caller::Anybody);
        List::new(self.client, call)
    }

    /// What `owner` publishes and the caller may see.
    ///
    /// # Errors
    /// Sending it gives [`ErrorKind::NotFound`] when there is no such owner.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let first_ten = hub.endpoints().of(&"ada".parse()?).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn of(&self, owner: &OwnerName) -> List<'a, OfOwner> {
        let call = Call::get(self.client.root(&[owner.as_str()]), Caller::UserIfAny);
        List::new(self.client, call)
    }

    /// The endpoint at `owner/slug`, if there is one that the caller may see.
    ///
    /// # Errors
    /// When the hub cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(endpoint) = hub.endpoints().get_path(&"ada/field-notes".parse()?).await? {
    ///     println!("{}", endpoint.description);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_path(&self, path: &EndpointPath) -> Result<Option<EndpointPublic>, Error> {
        let url = self.client.root(&[path.owner.as_str(), path.slug.as_str()]);
        let asked = self.client.transport().json(Call::get(url, Caller::UserIfAny)).await;
        match asked {
            Ok(body) => Ok(Some(match shown(body, path)? {
                Shown::Whole(endpoint) => endpoint.into(),
                Shown::Public(endpoint) => endpoint,
            })),
            Err(error) if hides(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The number of the endpoint at `path`, which a hub tells those whose endpoint it is.
    pub(crate) async fn number_of(&self, path: &EndpointPath) -> Result<EndpointId, Error> {
        let url = self.client.root(&[path.owner.as_str(), path.slug.as_str()]);
        let whole: Endpoint = self.client.transport().json(Call::get(url, Caller::User)).await?;
        Ok(whole.id)
    }

    /// The endpoint with this number, as its owner sees it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none that the caller may see.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::EndpointId;
    ///
    /// let endpoint = hub.endpoints().get(EndpointId(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(&self, id: EndpointId) -> Result<Endpoint, Error> {
        let url = self.client.api(&["endpoints", &id.to_string()]);
        self.client.transport().json(Call::get(url, Caller::User)).await
    }

    /// Changes the endpoint with this number.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Forbidden`] when it is not the caller's to change.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::EndpointId;
    /// use syfthub_client::wire::endpoint::EndpointPatch;
    ///
    /// let patch = EndpointPatch { name: Some("Notes".to_owned()), ..EndpointPatch::default() };
    /// hub.endpoints().update(EndpointId(7), &patch).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update(&self, id: EndpointId, patch: &EndpointPatch) -> Result<Endpoint, Error> {
        self.patch(&[&id.to_string()], patch).await
    }

    /// Changes the signed-in user's endpoint of this slug.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::wire::endpoint::EndpointPatch;
    ///
    /// let patch = EndpointPatch { readme: Some("# Notes".to_owned()), ..EndpointPatch::default() };
    /// hub.endpoints().update_slug(&"field-notes".parse()?, &patch).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_slug(&self, slug: &Slug, patch: &EndpointPatch) -> Result<Endpoint, Error> {
        self.patch(&["slug", slug.as_str()], patch).await
    }

    async fn patch(&self, place: &[&str], patch: &EndpointPatch) -> Result<Endpoint, Error> {
        let url = self.client.api(&[&["endpoints"], place].concat());
        let call = Call::new(Method::PATCH, url, Caller::User).json(patch);
        self.client.transport().json(call).await
    }

    /// Starts a question to one endpoint of a space, without hub or aggregator in between; see [`Query`].
    pub fn query(&self, path: EndpointPath) -> Query<'a> {
        Query::new(self.client, Place::Named(path))
    }

    /// Starts a question to the endpoint at this address, whether or not the hub knows it.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::wire::chat::EndpointRef;
    ///
    /// let here = EndpointRef {
    ///     url: "http://127.0.0.1:8083".to_owned(),
    ///     slug: "field-notes".to_owned(),
    ///     owner_username: Some("ada".to_owned()),
    ///     ..EndpointRef::default()
    /// };
    /// let documents = hub.endpoints().query_at(here).documents("What grows near the river?").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn query_at(&self, endpoint: EndpointRef) -> Query<'a> {
        Query::new(self.client, Place::Known(endpoint))
    }

    /// Deletes the endpoint with this number; its slug is free again.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Forbidden`] when it is not the caller's to delete.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// hub.endpoints().delete(syfthub_client::EndpointId(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(&self, id: EndpointId) -> Result<(), Error> {
        self.remove(&[&id.to_string()]).await
    }

    /// Deletes the signed-in user's endpoint of this slug.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// hub.endpoints().delete_slug(&"field-notes".parse()?).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_slug(&self, slug: &Slug) -> Result<(), Error> {
        self.remove(&["slug", slug.as_str()]).await
    }

    /// Deletes the endpoint at `path`, the user's own or that of an organization of theirs.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::Forbidden`] when it is not the caller's to delete.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// hub.endpoints().delete_path(&"acme/field-notes".parse()?).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_path(&self, path: &EndpointPath) -> Result<(), Error> {
        self.delete(self.number_of(path).await?).await
    }

    /// Tells the hub how endpoints of the signed-in user are, for as long as the report says (contract hub 7.4).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when a field breaks its rule.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::wire::health::HealthReport;
    ///
    /// let url = "https://space.example.org".to_owned();
    /// let report = HealthReport { endpoints: Vec::new(), ttl_seconds: Some(90), url };
    /// println!("{} known", hub.endpoints().report_health(&report).await?.updated);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn report_health(&self, report: &HealthReport) -> Result<HealthReceipt, Error> {
        let call = Call::post(self.client.api(&["endpoints", "health"]), Caller::User);
        self.client.transport().json(call.json(report)).await
    }

    async fn remove(&self, place: &[&str]) -> Result<(), Error> {
        let url = self.client.api(&[&["endpoints"], place].concat());
        self.client.transport().empty(Call::new(Method::DELETE, url, Caller::User)).await
    }
}

/// A hub shows the whole endpoint to those whose it is, and its public side to everybody else.
pub(crate) fn shown(body: Value, path: &EndpointPath) -> Result<Shown, Error> {
    let read = if body.get("visibility").is_some() {
        serde_json::from_value::<Endpoint>(body).map(|mut endpoint| {
            if endpoint.owner_username.is_empty() {
                path.owner.as_str().clone_into(&mut endpoint.owner_username);
            }
            Shown::Whole(endpoint)
        })
    } else {
        serde_json::from_value(body).map(Shown::Public)
    };
    read.map_err(|cause| {
        let message = format!("the hub's description of {path} cannot be read: {cause}");
        Error::new(ErrorKind::Protocol, message)
    })
}

/// A hub answers 404, or 401 to those it does not know, for what the caller may not see.
fn hides(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotSignedIn)
}

//! Endpoints: what callers ask (contract space 1.3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use syfthub_core::Timestamp;
use syfthub_core::wire::space::QueryResponse;
use uuid::Uuid;

use super::{Notice, Space};
use crate::error::Error;

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Endpoint {
    /// The endpoint.
    pub id: Uuid,
    /// Its address.
    pub slug: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// In one line.
    #[serde(default)]
    pub summary: String,
    /// In Markdown.
    #[serde(default)]
    pub description: String,
    /// `raw`, `summary` or `both`.
    #[serde(default)]
    pub response_type: String,
    /// Whether callers may ask it.
    #[serde(default)]
    pub published: bool,
    /// How many hubs list it.
    #[serde(default)]
    pub listed: u64,
    /// What its model is told before every conversation.
    #[serde(default)]
    pub system_prompt: Option<String>,
    /// Whether it was put away.
    #[serde(default)]
    pub is_archived: bool,
    /// Separated by commas.
    #[serde(default)]
    pub tags: String,
    /// What it searches.
    #[serde(default)]
    pub dataset_id: Option<Uuid>,
    /// What answers.
    #[serde(default)]
    pub model_id: Option<Uuid>,
    /// What it searches, where the space says more than its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<PartOf>,
    /// What answers, where the space says more than its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<PartOf>,
    /// Its policies, where the space lists them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<PolicyOf>>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was changed last.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
}

impl Endpoint {
    /// The dataset's id, however the space says it.
    pub fn dataset(&self) -> Option<Uuid> {
        self.dataset_id.or_else(|| self.dataset.as_ref().map(|part| part.id))
    }

    /// The model's id, however the space says it.
    pub fn model(&self) -> Option<Uuid> {
        self.model_id.or_else(|| self.model.as_ref().map(|part| part.id))
    }
}

/// A dataset or model of an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartOf {
    /// The dataset or model.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(default)]
    pub dtype: String,
}

/// A policy of an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PolicyOf {
    /// The policy.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its type.
    pub policy_type: String,
    /// Its settings.
    #[serde(default)]
    pub configuration: Map<String, Value>,
}

/// An endpoint to be made.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NewEndpoint {
    /// Its name, 1 to 100 characters.
    pub name: String,
    /// Its address, by the hub's rules: 3 to 63 lower-case letters, digits and hyphens.
    pub slug: String,
    /// In Markdown.
    pub description: String,
    /// In one line.
    pub summary: String,
    /// What it searches.
    pub dataset_id: Option<Uuid>,
    /// What answers.
    pub model_id: Option<Uuid>,
    /// `raw`, `summary` or `both`.
    pub response_type: String,
    /// Whether callers may ask it at once.
    pub published: bool,
    /// Separated by commas.
    pub tags: String,
}

impl NewEndpoint {
    /// An endpoint that answers with `both`, and has yet to be given a dataset or a model.
    pub fn new(name: impl Into<String>, slug: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            slug: slug.into(),
            description: String::new(),
            summary: String::new(),
            dataset_id: None,
            model_id: None,
            response_type: "both".to_owned(),
            published: false,
            tags: String::new(),
        }
    }
}

/// Changes to an endpoint; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct EndpointPatch {
    /// Another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another line about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Another text about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Other tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
    /// `raw`, `summary` or `both`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_type: Option<String>,
    /// Whether callers may ask it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<bool>,
    /// Another dataset to search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset_id: Option<Uuid>,
    /// Another model to answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_id: Option<Uuid>,
    /// What its model is told before every conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
}

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
    pub message: Option<String>,
    /// Why it did not.
    pub error: Option<String>,
}

#[derive(Deserialize)]
struct Published {
    results: Vec<Listing>,
}

/// Where a slug is free.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SlugCheck {
    /// The slug, as it would be used.
    pub slug: String,
    /// Whether it is free in the space.
    pub local_available: bool,
}

/// A question that the owner puts to an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Question {
    /// The text.
    pub messages: String,
    /// The most documents, 1 to 100.
    pub limit: u32,
    /// The least score of a document, 0 to 1.
    pub similarity_threshold: f64,
    /// The most tokens of the answer.
    pub max_tokens: u32,
}

impl Question {
    /// Asks for five documents, with any score.
    pub fn new(text: impl Into<String>) -> Self {
        Self { messages: text.into(), limit: 5, similarity_threshold: 0.0, max_tokens: 1024 }
    }
}

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
    pub async fn list(&self) -> Result<Vec<Endpoint>, Error> {
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
    pub async fn get(&self, slug: &str) -> Result<Endpoint, Error> {
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
    pub async fn edit(&self, slug: &str, patch: &EndpointPatch) -> Result<Endpoint, Error> {
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

    /// Whether a slug is free in the space.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when it cannot be a slug.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// assert!(space.endpoints().validate_slug("field-notes").await?.local_available);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn validate_slug(&self, slug: &str) -> Result<SlugCheck, Error> {
        let body = serde_json::json!({ "slug": slug });
        self.space.json(self.space.post(&["endpoints", "validate-slug"]).json(&body)).await
    }

    /// Asks an endpoint as its owner, whether or not it is published.
    ///
    /// # Errors
    /// As [`Endpoints::get`], or what the dataset or model says.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::endpoints::Question;
    ///
    /// let answer = space.endpoints().query("field-notes", &Question::new("reeds")).await?;
    /// for document in answer.references.into_iter().flat_map(|found| found.documents) {
    ///     println!("{:.2} {}", document.similarity_score, document.content);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn query(&self, slug: &str, question: &Question) -> Result<QueryResponse, Error> {
        let call = self.space.post(&["endpoints", slug, "query"]).json(question);
        self.space.json(call.deadline(std::time::Duration::from_mins(5))).await
    }

    /// Lets callers ask an endpoint, and lists it at `hubs`; at every connected one when there are none.
    ///
    /// # Errors
    /// As [`Endpoints::get`]; [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the space is connected to no hub.
    /// What a single hub says is in its [`Listing`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for listing in space.endpoints().publish("field-notes", &[]).await? {
    ///     println!("{}: {:?}", listing.marketplace_name, listing.error);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn publish(&self, slug: &str, hubs: &[Uuid]) -> Result<Vec<Listing>, Error> {
        let body = serde_json::json!({
            "marketplace_ids": hubs, "publish_to_all_marketplaces": hubs.is_empty(),
        });
        let call = self.space.post(&["endpoints", slug, "publish"]).json(&body);
        self.space.json::<Published>(call).await.map(|published| published.results)
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
}

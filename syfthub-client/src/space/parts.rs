//! Datasets and models: what an endpoint is made of (contract space 1.1, 1.2). They have one shape, and the same operations.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use syfthub_core::Timestamp;
use uuid::Uuid;

use super::{Notice, Space};
use crate::error::Error;
use crate::transport::{Call, Caller};

pub use super::types::TypeInfo;

/// An endpoint that uses a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Connected {
    /// The endpoint.
    pub id: Uuid,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its address.
    pub slug: String,
}

/// A dataset or a model. Secrets in its configuration are masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// The dataset or model.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its type.
    pub dtype: String,
    /// Its settings.
    #[serde(default)]
    pub configuration: Map<String, Value>,
    /// For people.
    #[serde(default)]
    pub summary: String,
    /// Separated by commas.
    #[serde(default)]
    pub tags: String,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was changed last.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// The endpoints that use it.
    #[serde(default)]
    pub connected_endpoints: Vec<Connected>,
}

/// A dataset or model to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NewPart {
    /// Its name, 1 to 100 characters, unique among its kind.
    pub name: String,
    /// Its type.
    pub dtype: String,
    /// Its settings, by the type's schema.
    #[serde(default)]
    pub configuration: Map<String, Value>,
    /// For people, at most 500 characters.
    #[serde(default)]
    pub summary: String,
    /// Separated by commas.
    #[serde(default)]
    pub tags: String,
}

impl NewPart {
    /// A part of type `dtype` without summary and tags.
    pub fn new(
        name: impl Into<String>,
        dtype: impl Into<String>,
        configuration: Map<String, Value>,
    ) -> Self {
        Self {
            name: name.into(),
            dtype: dtype.into(),
            configuration,
            summary: String::new(),
            tags: String::new(),
        }
    }

    /// With a summary and tags.
    #[must_use]
    pub fn described(mut self, summary: impl Into<String>, tags: impl Into<String>) -> Self {
        self.summary = summary.into();
        self.tags = tags.into();
        self
    }
}

/// Changes to a dataset or model; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PartPatch {
    /// Another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Other tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
    /// Other settings: those named are set, those set to null are taken away, the others stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Map<String, Value>>,
}

/// What removing a part does to the endpoints that use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Users {
    /// They keep it: the removal is refused.
    Keep,
    /// They are removed with it.
    Remove,
}

/// Whether a part works.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PartHealth {
    /// `healthy` or `unhealthy`, of a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The same, of a dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset_type_status: Option<String>,
    /// The state of the database behind it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioner_status: Option<String>,
    /// The same in a sentence; for the owner, with the reason.
    pub message: String,
    /// When it was found out; for the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<Timestamp>,
}

impl PartHealth {
    /// `healthy` or `unhealthy`.
    pub fn word(&self) -> &str {
        let said = self.status.as_deref().or(self.dataset_type_status.as_deref());
        said.unwrap_or("unhealthy")
    }
}

/// What a model's server offers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AvailableModels {
    /// The names of its models.
    pub models: Vec<String>,
}

/// The operations on datasets or on models; from [`Space::datasets`] and [`Space::models`].
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    pub(super) space: &'a Space,
    pub(super) route: &'static str,
}

impl Parts<'_> {
    /// The types that this space knows.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for kind in space.datasets().types().await? {
    ///     println!("{}: {}", kind.name, kind.description);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn types(&self) -> Result<Vec<TypeInfo>, Error> {
        self.space.json(self.space.get(&[self.route, "types", ""])).await
    }

    /// The type of this name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.datasets().kind("local_file").await?.description);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn kind(&self, name: &str) -> Result<TypeInfo, Error> {
        self.space.json(self.space.get(&[self.route, "types", name])).await
    }

    /// The JSON Schema of a type's configuration.
    ///
    /// # Errors
    /// As [`Parts::kind`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// let schema = space.models().schema("openai").await?;
    /// println!("{}", schema["properties"]);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn schema(&self, name: &str) -> Result<Value, Error> {
        self.space.json(self.space.get(&[self.route, "types", name, "schema"])).await
    }

    /// What the server offers that a configuration of a type names, so that one of its models can be chosen.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the type is none or offers no choice,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the configuration cannot be used,
    /// [`ErrorKind::Server`](crate::ErrorKind::Server) when its server refuses or fails.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// let known = serde_json::json!({"base_url": "http://127.0.0.1:11434/v1"});
    /// let known = known.as_object().cloned().unwrap_or_default();
    /// for name in space.models().available("openai", &known).await?.models {
    ///     println!("{name}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn available(
        &self,
        kind: &str,
        configuration: &Map<String, Value>,
    ) -> Result<AvailableModels, Error> {
        let body = serde_json::json!({ "configuration": configuration });
        let call = self.space.post(&[self.route, "types", kind, "actions", "list_models"]);
        self.space.json(self.space.patient(call.json(&body))).await
    }

    /// All of them, oldest first.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{} models", space.models().list().await?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(&self) -> Result<Vec<Part>, Error> {
        self.space.json(self.space.get(&[self.route, ""])).await
    }

    /// The one of this name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.datasets().get("notes").await?.dtype);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(&self, name: &str) -> Result<Part, Error> {
        self.space.json(self.space.get(&[self.route, name])).await
    }

    /// Makes one.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the type is unknown or its configuration cannot be used,
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the name is taken.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::parts::NewPart;
    ///
    /// space.models().add(&NewPart::new("quotes", "extractive", serde_json::Map::new())).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add(&self, new: &NewPart) -> Result<Part, Error> {
        let call = self.space.post(&[self.route, ""]).json(new);
        // A dataset may have to wait for its database to come up.
        self.space.json(self.space.patient(call)).await
    }

    /// Changes one.
    ///
    /// # Errors
    /// As [`Parts::add`] and [`Parts::get`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::parts::PartPatch;
    ///
    /// let patch = PartPatch { summary: Some("From the field".to_owned()), ..PartPatch::default() };
    /// space.datasets().edit("notes", &patch).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn edit(&self, name: &str, patch: &PartPatch) -> Result<Part, Error> {
        self.space.json(self.space.patch(&[self.route, name]).json(patch)).await
    }

    /// Removes one, and with [`Users::Remove`] the endpoints that use it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none,
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when endpoints use it and are to be kept.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::parts::Users;
    ///
    /// space.datasets().remove("notes", Users::Keep).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove(&self, name: &str, users: Users) -> Result<Notice, Error> {
        let call = self.space.delete(&[self.route, name]);
        let force = (users == Users::Remove).then_some(true);
        self.space.json(call.query_if("force", force)).await
    }

    /// Whether it works. At the address for callers this needs no key, and one that callers may not use is not told apart
    /// from one that is not well.
    ///
    /// # Errors
    /// When the space cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.models().health("quotes").await?.word());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn health(&self, name: &str) -> Result<PartHealth, Error> {
        let url = self.space.api(&[self.route, name, "health"]);
        self.space.json(Call::get(url, Caller::UserIfAny)).await
    }
}

//! Making, listing and removing models. Secrets are sealed before they are stored, and never shown again.

use std::sync::Arc;

use serde_json::{Map, Value};
use syfthub_core::Secret;

use super::datasets::{in_use, refuse_used, taken};
use super::{Connected, Model, NewPart};
use crate::db::StoreError;
use crate::space::error::SpaceError;
use crate::space::ids::ModelId;
use crate::space::kind::{MASK, mask};
use crate::space::models;
use crate::space::node::Space;
use crate::space::store::endpoints;
use crate::space::store::models::{self as store, ModelRow};

impl Space {
    /// Makes a model.
    ///
    /// # Errors
    /// When the type is unknown, the configuration cannot be used, or the name is taken.
    pub async fn new_model(&self, new: NewPart) -> Result<Model, SpaceError> {
        let kind = models::find(&new.dtype)
            .ok_or_else(|| SpaceError::refused(format!("there is no model type {}", new.dtype)))?;
        let model = kind.open(&new.configuration)?;
        let id = ModelId::new();
        let (configuration, secrets) = kind.info().split(new.configuration);
        let secrets = secrets.into_iter().map(|(name, secret)| {
            let sealed = self
                .vault
                .seal(&purpose(id, &name), &Secret::new(secret.as_str().unwrap_or_default()));
            (name, Value::String(sealed))
        });
        let now = self.clock.now();
        let row = ModelRow {
            id,
            name: new.name,
            dtype: new.dtype,
            configuration,
            secrets: secrets.collect(),
            summary: new.summary,
            tags: new.tags,
            created_at: now,
            updated_at: now,
        };
        let stored = row.clone();
        let inserted = self
            .db
            .write(move |tx| Box::pin(async move { store::insert(tx, &stored).await }))
            .await;
        inserted.map_err(|error: StoreError| taken(error, "model", &row.name))?;
        self.open_models().insert(id, model);
        Ok(to_wire(row, Vec::new()))
    }

    /// The model called `name` of this type; it is made unless it exists.
    ///
    /// # Errors
    /// As [`Space::new_model`], or when the name belongs to a model of another type or configuration.
    pub async fn add_model(
        &self,
        name: &str,
        dtype: &str,
        configuration: Map<String, Value>,
    ) -> Result<Model, SpaceError> {
        let Some(existing) = self.find_model(name).await? else {
            return self.new_model(NewPart::new(name, dtype, configuration)).await;
        };
        let same = existing.dtype == dtype
            && configuration.iter().all(|(key, value)| {
                existing
                    .configuration
                    .get(key)
                    .is_some_and(|stored| stored == value || stored == MASK)
            });
        if same {
            Ok(existing)
        } else {
            Err(SpaceError::Conflict(format!("the model {name} exists and is set up differently")))
        }
    }

    /// All models, oldest first.
    pub(crate) async fn models(&self) -> Result<Vec<Model>, SpaceError> {
        let (rows, connected) = self
            .db
            .read(|tx| {
                Box::pin(async move {
                    Ok::<_, StoreError>((store::list(tx).await?, endpoints::connected(tx).await?))
                })
            })
            .await?;
        let of = |id| {
            connected
                .iter()
                .filter(move |(.., model)| *model == Some(id))
                .map(|(endpoint, ..)| endpoint.clone())
        };
        Ok(rows
            .into_iter()
            .map(|row| {
                let uses = of(row.id).collect();
                to_wire(row, uses)
            })
            .collect())
    }

    /// The model called `name`.
    pub(crate) async fn find_model(&self, name: &str) -> Result<Option<Model>, SpaceError> {
        Ok(self.models().await?.into_iter().find(|model| model.name == name))
    }

    /// Removes a model. One that endpoints use stays.
    pub(crate) async fn remove_model(&self, name: &str) -> Result<(), SpaceError> {
        let model = self.find_model(name).await?.ok_or(SpaceError::NotFound("model"))?;
        refuse_used(&model.connected_endpoints)?;
        let id = model.id;
        let removed =
            self.db.write(move |tx| Box::pin(async move { store::delete(tx, id).await })).await;
        removed.map_err(|error: StoreError| in_use(error))?;
        self.open_models().remove(&id);
        Ok(())
    }

    /// Opens what the row describes.
    pub(crate) fn open_model(&self, row: &ModelRow) -> Result<(), SpaceError> {
        let kind = models::find(&row.dtype)
            .ok_or_else(|| SpaceError::refused(format!("there is no model type {}", row.dtype)))?;
        let (info, mut configuration) = (kind.info(), row.configuration.clone());
        for (name, sealed) in &row.secrets {
            let secret =
                self.vault.open(&purpose(row.id, name), sealed.as_str().unwrap_or_default())?;
            info.restore(&mut configuration, name, secret.expose());
        }
        let model = kind.open(&configuration)?;
        self.open_models().insert(row.id, model);
        Ok(())
    }

    /// The model, when it is open.
    pub(crate) fn model(&self, id: ModelId) -> Option<Arc<dyn models::Model>> {
        self.open_models().get(&id).cloned()
    }
}

fn purpose(id: ModelId, property: &str) -> String {
    format!("model:{id}:{property}")
}

fn to_wire(row: ModelRow, connected_endpoints: Vec<Connected>) -> Model {
    let mut configuration = row.configuration;
    row.secrets.keys().for_each(|path| mask(&mut configuration, path));
    Model {
        id: row.id,
        name: row.name,
        dtype: row.dtype,
        configuration,
        summary: row.summary,
        tags: row.tags,
        created_at: row.created_at,
        updated_at: row.updated_at,
        connected_endpoints,
    }
}

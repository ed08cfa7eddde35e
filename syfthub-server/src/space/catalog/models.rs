//! Making, editing, listing and removing models.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::parts::{self, PartPatch};
use super::{Model, NewPart, secrets};
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::ids::{ModelId, TenantId};
use crate::space::models::{self, ModelType};
use crate::space::node::Space;
use crate::space::store::parts::ModelRow;

impl Space {
    /// Makes a model.
    ///
    /// # Errors
    /// When the type is unknown, the configuration cannot be used, or the name is taken.
    pub async fn new_model(&self, actor: &Actor, new: NewPart) -> Result<Model, SpaceError> {
        let kind = kind(&new.dtype)?;
        let info = kind.info();
        secrets::refuse_masks(&info, &new.configuration)?;
        let model = kind.open(&new.configuration)?;
        let id = ModelId::new();
        let (configuration, secrets) = parts::sealed(self, id, &info, new.configuration);
        let now = self.clock.now();
        let row = ModelRow {
            id,
            tenant: actor.tenant,
            name: new.name,
            dtype: new.dtype,
            configuration,
            secrets,
            summary: new.summary,
            tags: new.tags,
            created_at: now,
            updated_at: now,
        };
        parts::insert(self, actor, &row).await?;
        self.open_models().insert(id, model);
        Ok(parts::to_wire(row, Vec::new()))
    }

    /// The model called `name` of this type; it is made unless it exists.
    ///
    /// # Errors
    /// As [`Space::new_model`], or when the name belongs to a model of another type or configuration.
    pub async fn add_model(
        &self,
        actor: &Actor,
        name: &str,
        dtype: &str,
        configuration: Map<String, Value>,
    ) -> Result<Model, SpaceError> {
        let Some(existing) = self.find_model(actor.tenant, name).await? else {
            return self.new_model(actor, NewPart::new(name, dtype, configuration)).await;
        };
        let row = parts::row(self, actor.tenant, existing.id).await?;
        let known = row.map(|row| parts::opened(self, &row)).transpose()?.unwrap_or_default();
        let same = configuration.iter().all(|(key, value)| known.get(key) == Some(value));
        if existing.dtype == dtype && same {
            Ok(existing)
        } else {
            Err(SpaceError::Conflict(format!("the model {name} exists and is set up differently")))
        }
    }

    /// Changes a model. Questions that are being answered go on with what it was.
    pub(crate) async fn edit_model(
        &self,
        actor: &Actor,
        name: &str,
        patch: PartPatch,
    ) -> Result<Model, SpaceError> {
        let found = self.find_model(actor.tenant, name).await?;
        let found = found.ok_or(SpaceError::NotFound("model"))?;
        let row = parts::row(self, actor.tenant, found.id).await?;
        let row = row.ok_or(SpaceError::NotFound("model"))?;
        let (mut row, fields) = parts::edited(row, &patch, self.clock.now());
        let mut opened = None;
        if let Some(patch) = patch.configuration {
            let kind = kind(&row.dtype)?;
            let info = kind.info();
            let known = parts::opened(self, &row)?;
            let whole = secrets::merged(&info, &known, patch)?;
            opened = Some(kind.open(&whole)?);
            (row.configuration, row.secrets) = parts::sealed(self, row.id, &info, whole);
        }
        parts::update(self, actor, &row, fields).await?;
        if let Some(model) = opened {
            self.open_models().insert(row.id, model);
        }
        Ok(parts::to_wire(row, found.connected_endpoints))
    }

    /// The tenant's models, oldest first.
    pub(crate) async fn models(&self, tenant: TenantId) -> Result<Vec<Model>, SpaceError> {
        parts::list(self, tenant, |used| used.model).await
    }

    /// The tenant's model called `name`.
    pub(crate) async fn find_model(
        &self,
        tenant: TenantId,
        name: &str,
    ) -> Result<Option<Model>, SpaceError> {
        Ok(self.models(tenant).await?.into_iter().find(|model| model.name == name))
    }

    /// Removes a model. One that endpoints use stays.
    pub(crate) async fn remove_model(&self, actor: &Actor, name: &str) -> Result<(), SpaceError> {
        let model = self.find_model(actor.tenant, name).await?;
        let model = model.ok_or(SpaceError::NotFound("model"))?;
        parts::delete(self, actor, &model).await?;
        self.open_models().remove(&model.id);
        Ok(())
    }

    /// Opens what the row describes.
    pub(crate) fn open_model(&self, row: &ModelRow) -> Result<(), SpaceError> {
        let model = kind(&row.dtype)?.open(&parts::opened(self, row)?)?;
        self.open_models().insert(row.id, model);
        Ok(())
    }

    /// The model, when it is open.
    pub(crate) fn model(&self, id: ModelId) -> Option<Arc<dyn models::Model>> {
        self.open_models().get(&id).cloned()
    }
}

fn kind(dtype: &str) -> Result<&'static dyn ModelType, SpaceError> {
    models::find(dtype)
        .ok_or_else(|| SpaceError::refused(format!("there is no model type {dtype}")))
}

//! Models that answer.

use serde_json::{Map, Value};
use syfthub_client::space::Space;
use syfthub_client::space::parts::{NewPart, PartPatch, Users};

use crate::operation::operations;

operations! {
    /// Models that answer.
    OPERATIONS on Space;

    /// The types of model that the space knows.
    call "models.types" ["GET /api/v1/models/types"], () |space| {
        Ok(space.models().types().await?)
    }

    /// The type of this name.
    call "models.type" ["GET /api/v1/models/types/{name}"], (dtype: String) |space| {
        Ok(space.models().kind(&dtype).await?)
    }

    /// The JSON Schema of a type's configuration.
    call "models.schema" ["GET /api/v1/models/types/{name}/schema"], (dtype: String) |space| {
        Ok(space.models().schema(&dtype).await?)
    }

    /// What the server offers that a configuration of a type names, so that one of its models can be chosen.
    call "models.available" ["POST /api/v1/models/types/{name}/actions/{action}"],
    (dtype: String, configuration: Map<String, Value>) |space| {
        Ok(space.models().available(&dtype, &configuration).await?)
    }

    /// All models, oldest first.
    call "models.list" ["GET /api/v1/models"], () |space| {
        Ok(space.models().list().await?)
    }

    /// The model of this name.
    call "models.get" ["GET /api/v1/models/{name}"], (model: String) |space| {
        Ok(space.models().get(&model).await?)
    }

    /// Makes a model.
    call "models.create" ["POST /api/v1/models"], (body: NewPart) |space| {
        Ok(space.models().add(&body).await?)
    }

    /// Changes a model: its name and texts, and its configuration property by property.
    call "models.update" ["PATCH /api/v1/models/{name}"], (model: String, body: PartPatch) |space| {
        Ok(space.models().edit(&model, &body).await?)
    }

    /// Removes a model, and with `force` the endpoints that use it.
    call "models.delete" ["DELETE /api/v1/models/{name}"], (model: String, force: Option<bool>) |space| {
        let users = if force == Some(true) { Users::Remove } else { Users::Keep };
        Ok(space.models().remove(&model, users).await?)
    }

    /// Whether a model works.
    call "models.health" ["GET /api/v1/models/{name}/health"], (model: String) |space| {
        Ok(space.models().health(&model).await?)
    }
}

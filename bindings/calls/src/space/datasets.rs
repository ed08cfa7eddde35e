//! Documents that can be searched.

use syfthub_client::space::Space;
use syfthub_client::space::parts::{NewPart, PartPatch, Users};

use crate::operation::operations;

operations! {
    /// Documents that can be searched.
    OPERATIONS on Space;

    /// The types of dataset that the space knows.
    call "datasets.types" ["GET /api/v1/datasets/types"], () |space| {
        Ok(space.datasets().types().await?)
    }

    /// The type of this name.
    call "datasets.type" ["GET /api/v1/datasets/types/{name}"], (dtype: String) |space| {
        Ok(space.datasets().kind(&dtype).await?)
    }

    /// The JSON Schema of a type's configuration.
    call "datasets.schema" ["GET /api/v1/datasets/types/{name}/schema"], (dtype: String) |space| {
        Ok(space.datasets().schema(&dtype).await?)
    }

    /// All datasets, oldest first.
    call "datasets.list" ["GET /api/v1/datasets"], () |space| {
        Ok(space.datasets().list().await?)
    }

    /// The dataset of this name.
    call "datasets.get" ["GET /api/v1/datasets/{name}"], (dataset: String) |space| {
        Ok(space.datasets().get(&dataset).await?)
    }

    /// Makes a dataset.
    call "datasets.create" ["POST /api/v1/datasets"], (body: NewPart) |space| {
        Ok(space.datasets().add(&body).await?)
    }

    /// Changes a dataset: its name and texts, and its configuration property by property.
    call "datasets.update" ["PATCH /api/v1/datasets/{name}"], (dataset: String, body: PartPatch) |space| {
        Ok(space.datasets().edit(&dataset, &body).await?)
    }

    /// Removes a dataset, and with `force` the endpoints that use it.
    call "datasets.delete" ["DELETE /api/v1/datasets/{name}"], (dataset: String, force: Option<bool>) |space| {
        let users = if force == Some(true) { Users::Remove } else { Users::Keep };
        Ok(space.datasets().remove(&dataset, users).await?)
    }

    /// Whether a dataset works.
    call "datasets.health" ["GET /api/v1/datasets/{name}/health"], (dataset: String) |space| {
        Ok(space.datasets().health(&dataset).await?)
    }
}

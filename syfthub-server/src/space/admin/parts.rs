//! Datasets and models: types, making, editing, listing, removing (contract space 1.1, 1.2).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Message, removed};
use crate::http::{ApiError, Json, Path, Query};
use crate::space::access::Actor;
use crate::space::catalog::{Dataset, Model, NewPart, PartPatch};
use crate::space::datasets::DatasetTypeInfo;
use crate::space::error::SpaceError;
use crate::space::kind::TypeInfo;
use crate::space::node::Space;
use crate::space::{datasets as dataset_registry, models as model_registry};

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new()
        .routes(routes!(dataset_types))
        .routes(routes!(dataset_type))
        .routes(routes!(dataset_schema))
        .routes(routes!(datasets, add_dataset))
        .routes(routes!(dataset, edit_dataset, remove_dataset))
        .routes(routes!(model_types))
        .routes(routes!(model_type))
        .routes(routes!(model_schema))
        .routes(routes!(models, add_model))
        .routes(routes!(model, edit_model, remove_model))
}

/// A name in the path.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
}

impl Input for Named {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("name").map(|name| Self { name })
    }
}

/// How thoroughly to remove something.
#[derive(Debug)]
struct Removal {
    /// Whether the endpoints that use it go too.
    force: bool,
}

impl Input for Removal {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.or("force", false).map(|force| Self { force })
    }
}

/// Lists the types of dataset there are, each with the JSON Schema of its configuration.
#[utoipa::path(get, path = "/datasets/types", tag = "datasets", security(("bearer" = [])), responses(
    (status = 200, body = Vec<DatasetTypeInfo>),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
))]
async fn dataset_types(_: Actor) -> Json<Vec<DatasetTypeInfo>> {
    Json(dataset_registry::TYPES.iter().map(|kind| kind.described()).collect())
}

/// Shows a type of dataset.
#[utoipa::path(get, path = "/datasets/types/{name}", tag = "datasets", security(("bearer" = [])),
    params(("name" = String, Path, description = "The type's name")),
    responses(
        (status = 200, body = DatasetTypeInfo),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such type"),
))]
async fn dataset_type(
    _: Actor,
    Path(Named { name }): Path<Named>,
) -> Result<Json<DatasetTypeInfo>, ApiError> {
    let kind = dataset_registry::find(&name).ok_or(SpaceError::NotFound("dataset type"))?;
    Ok(Json(kind.described()))
}

/// Shows the JSON Schema of a type's configuration, for forms.
#[utoipa::path(get, path = "/datasets/types/{name}/schema", tag = "datasets", security(("bearer" = [])),
    params(("name" = String, Path, description = "The type's name")),
    responses(
        (status = 200, body = Value),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such type"),
))]
async fn dataset_schema(actor: Actor, path: Path<Named>) -> Result<Json<Value>, ApiError> {
    dataset_type(actor, path).await.map(|Json(described)| Json(described.info.config_schema))
}

/// Lists the datasets. Secrets in their configurations are masked.
#[utoipa::path(get, path = "/datasets", tag = "datasets", security(("bearer" = [])), responses(
    (status = 200, body = Vec<Dataset>),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
))]
async fn datasets(
    State(space): State<Space>,
    actor: Actor,
) -> Result<Json<Vec<Dataset>>, ApiError> {
    Ok(Json(space.datasets(actor.tenant).await?))
}

/// Makes a dataset.
#[utoipa::path(post, path = "/datasets", tag = "datasets", security(("bearer" = [])),
    request_body = NewPart,
    responses(
        (status = 201, body = Dataset),
        (status = 400, description = "There is no such type, or the configuration cannot be used"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 409, description = "The name is taken"),
        (status = 422, description = "A field does not fit"),
))]
async fn add_dataset(
    State(space): State<Space>,
    actor: Actor,
    Json(new): Json<NewPart>,
) -> Result<Response, ApiError> {
    let made = space.add_dataset(&actor, new).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Shows a dataset.
#[utoipa::path(get, path = "/datasets/{name}", tag = "datasets", security(("bearer" = [])),
    params(("name" = String, Path, description = "The dataset's name")),
    responses(
        (status = 200, body = Dataset),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset"),
))]
async fn dataset(
    State(space): State<Space>,
    actor: Actor,
    Path(Named { name }): Path<Named>,
) -> Result<Json<Dataset>, ApiError> {
    let found = space.find_dataset(actor.tenant, &name).await?;
    Ok(Json(found.ok_or(SpaceError::NotFound("dataset"))?))
}

/// Changes a dataset: its name and texts, and its configuration property by property.
#[utoipa::path(patch, path = "/datasets/{name}", tag = "datasets", security(("bearer" = [])),
    params(("name" = String, Path, description = "The dataset's name")),
    request_body = PartPatch,
    responses(
        (status = 200, body = Dataset),
        (status = 400, description = "The configuration cannot be used"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset"),
        (status = 409, description = "The name is taken"),
        (status = 422, description = "A field does not fit, or nothing is to be changed"),
))]
async fn edit_dataset(
    State(space): State<Space>,
    actor: Actor,
    Path(Named { name }): Path<Named>,
    Json(patch): Json<PartPatch>,
) -> Result<Json<Dataset>, ApiError> {
    Ok(Json(space.edit_dataset(&actor, &name, patch).await?))
}

/// Removes a dataset.
#[utoipa::path(delete, path = "/datasets/{name}", tag = "datasets", security(("bearer" = [])),
    params(
        ("name" = String, Path, description = "The dataset's name"),
        ("force" = Option<bool>, Query, description = "Remove the endpoints that use it too"),
    ),
    responses(
        (status = 200, body = Message),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset"),
        (status = 409, description = "Endpoints use it, or a hub lists one of them"),
        (status = 422, description = "A parameter does not fit"),
))]
async fn remove_dataset(
    State(space): State<Space>,
    actor: Actor,
    Path(Named { name }): Path<Named>,
    Query(Removal { force }): Query<Removal>,
) -> Result<Json<Message>, ApiError> {
    if force {
        let found = space.find_dataset(actor.tenant, &name).await?;
        let found = found.ok_or(SpaceError::NotFound("dataset"))?;
        space.remove_endpoints(&actor, &found.connected_endpoints).await?;
    }
    space.remove_dataset(&actor, &name).await?;
    Ok(removed("Dataset"))
}

/// Lists the types of model there are, each with the JSON Schema of its configuration.
#[utoipa::path(get, path = "/models/types", tag = "models", security(("bearer" = [])), responses(
    (status = 200, body = Vec<TypeInfo>),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
))]
async fn model_types(_: Actor) -> Json<Vec<TypeInfo>> {
    Json(model_registry::TYPES.iter().map(|kind| kind.info()).collect())
}

/// Shows a type of model.
#[utoipa::path(get, path = "/models/types/{name}", tag = "models", security(("bearer" = [])),
    params(("name" = String, Path, description = "The type's name")),
    responses(
        (status = 200, body = TypeInfo),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such type"),
))]
async fn model_type(
    _: Actor,
    Path(Named { name }): Path<Named>,
) -> Result<Json<TypeInfo>, ApiError> {
    let kind = model_registry::find(&name).ok_or(SpaceError::NotFound("model type"))?;
    Ok(Json(kind.info()))
}

/// Shows the JSON Schema of a type's configuration, for forms.
#[utoipa::path(get, path = "/models/types/{name}/schema", tag = "models", security(("bearer" = [])),
    params(("name" = String, Path, description = "The type's name")),
    responses(
        (status = 200, body = Value),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such type"),
))]
async fn model_schema(actor: Actor, path: Path<Named>) -> Result<Json<Value>, ApiError> {
    model_type(actor, path).await.map(|Json(info)| Json(info.config_schema))
}

/// Lists the models. Secrets in their configurations are masked.
#[utoipa::path(get, path = "/models", tag = "models", security(("bearer" = [])), responses(
    (status = 200, body = Vec<Model>),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
))]
async fn models(State(space): State<Space>, actor: Actor) -> Result<Json<Vec<Model>>, ApiError> {
    Ok(Json(space.models(actor.tenant).await?))
}

/// Makes a model.
#[utoipa::path(post, path = "/models", tag = "models", security(("bearer" = [])),
    request_body = NewPart,
    responses(
        (status = 201, body = Model),
        (status = 400, description = "There is no such type, or the configuration cannot be used"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 409, description = "The name is taken"),
        (status = 422, description = "A field does not fit"),
))]
async fn add_model(
    State(space): State<Space>,
    actor: Actor,
    Json(new): Json<NewPart>,
) -> Result<Response, ApiError> {
    let made = space.new_model(&actor, new).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Shows a model.
#[utoipa::path(get, path = "/models/{name}", tag = "models", security(("bearer" = [])),
    params(("name" = String, Path, description = "The model's name")),
    responses(
        (status = 200, body = Model),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such model"),
))]
async fn model(
    State(space): State<Space>,
    actor: Actor,
    Path(Named { name }): Path<Named>,
) -> Result<Json<Model>, ApiError> {
    let found = space.find_model(actor.tenant, &name).await?;
    Ok(Json(found.ok_or(SpaceError::NotFound("model"))?))
}

/// Changes a model: its name and texts, and its configuration property by property.
#[utoipa::path(patch, path = "/models/{name}", tag = "models", security(("bearer" = [])),
    params(("name" = String, Path, description = "The model's name")),
    request_body = PartPatch,
    responses(
        (status = 200, body = Model),
        (status = 400, description = "The configuration cannot be used"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such model"),
        (status = 409, description = "The name is taken"),
        (status = 422, description = "A field does not fit, or nothing is to be changed"),
))]
async fn edit_model(
    State(space): State<Space>,
    actor: Actor,
    Path(Named { name }): Path<Named>,
    Json(patch): Json<PartPatch>,
) -> Result<Json<Model>, ApiError> {
    Ok(Json(space.edit_model(&actor, &name, patch).await?))
}

/// Removes a model.
#[utoipa::path(delete, path = "/models/{name}", tag = "models", security(("bearer" = [])),
    params(
        ("name" = String, Path, description = "The model's name"),
        ("force" = Option<bool>, Query, description = "Remove the endpoints that use it too"),
    ),
    responses(
        (status = 200, body = Message),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such model"),
        (status = 409, description = "Endpoints use it, or a hub lists one of them"),
        (status = 422, description = "A parameter does not fit"),
))]
async fn remove_model(
    State(space): State<Space>,
    actor: Actor,
    Path(Named { name }): Path<Named>,
    Query(Removal { force }): Query<Removal>,
) -> Result<Json<Message>, ApiError> {
    if force {
        let found = space.find_model(actor.tenant, &name).await?;
        let found = found.ok_or(SpaceError::NotFound("model"))?;
        space.remove_endpoints(&actor, &found.connected_endpoints).await?;
    }
    space.remove_model(&actor, &name).await?;
    Ok(removed("Model"))
}

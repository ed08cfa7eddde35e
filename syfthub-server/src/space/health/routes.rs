//! How datasets and models are (contract space 1.1, 1.2): in a word for everybody, with the reason for the owner.

use axum::extract::State;
use http::HeaderMap;
use serde::Serialize;
use syfthub_core::Timestamp;
use syfthub_core::input::{Fields, Input, Place};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::db::StoreError;
use crate::http::{ApiError, Json, Path};
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::health::Checked;
use crate::space::node::Space;
use crate::space::store;

/// The routes for owners.
pub(crate) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new().routes(routes!(dataset)).routes(routes!(model))
}

/// The routes for everybody.
pub(crate) fn public_routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new().routes(routes!(public_dataset)).routes(routes!(public_model))
}

/// A dataset's or model's name in the path.
#[derive(Debug)]
struct Named {
    name: String,
}

impl Input for Named {
    fn read(value: &serde_json::Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("name").map(|name| Self { name })
    }
}

/// How a dataset is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct DatasetHealth {
    /// `healthy` or `unhealthy`.
    dataset_type_status: &'static str,
    /// The same in a sentence; for the owner, with the reason.
    message: String,
    /// When it was found out; for the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    checked_at: Option<Timestamp>,
}

/// How a model is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ModelHealth {
    /// `healthy` or `unhealthy`.
    status: &'static str,
    /// The same in a sentence; for the owner, with the reason.
    message: String,
    /// When it was found out; for the owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    checked_at: Option<Timestamp>,
}

/// What strangers hear of something that is well; of all else they hear [`UNWELL`], whether or not it exists.
const WELL: &str = "healthy";
const UNWELL: &str = "unhealthy";

/// How a dataset is, with the reason when it is not well.
#[utoipa::path(get, path = "/datasets/{name}/health", tag = "datasets", security(("bearer" = [])),
    params(("name" = String, Path)),
    responses(
        (status = 200, body = DatasetHealth),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset"),
))]
async fn dataset(
    State(space): State<Space>,
    actor: Actor,
    Path(Named { name }): Path<Named>,
) -> Result<Json<DatasetHealth>, ApiError> {
    let dataset =
        space.find_dataset(actor.tenant, &name).await?.ok_or(SpaceError::NotFound("dataset"))?;
    let checked = space.dataset_health(dataset.id).await;
    let (message, checked_at) = told(&checked);
    Ok(Json(DatasetHealth { dataset_type_status: checked.word(), message, checked_at }))
}

/// How a model is, with the reason when it is not well.
#[utoipa::path(get, path = "/models/{name}/health", tag = "models", security(("bearer" = [])),
    params(("name" = String, Path)),
    responses(
        (status = 200, body = ModelHealth),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such model"),
))]
async fn model(
    State(space): State<Space>,
    actor: Actor,
    Path(Named { name }): Path<Named>,
) -> Result<Json<ModelHealth>, ApiError> {
    let model =
        space.find_model(actor.tenant, &name).await?.ok_or(SpaceError::NotFound("model"))?;
    let checked = space.model_health(model.id).await;
    let (message, checked_at) = told(&checked);
    Ok(Json(ModelHealth { status: checked.word(), message, checked_at }))
}

fn told(checked: &Checked) -> (String, Option<Timestamp>) {
    let message = checked.reason.clone().unwrap_or_else(|| WELL.to_owned());
    (message, Some(checked.at))
}

/// Whether a dataset that callers may search is well. One that they may not, and one that there is not, are not told apart
/// from one that is not well.
#[utoipa::path(get, path = "/datasets/{name}/health", tag = "health", params(("name" = String, Path)),
    responses(
        (status = 200, body = DatasetHealth),
        (status = 400, description = "No tenant is named"),
        (status = 403, description = "The tenant is switched off"),
        (status = 404, description = "There is no such tenant"),
))]
async fn public_dataset(
    State(space): State<Space>,
    headers: HeaderMap,
    Path(Named { name }): Path<Named>,
) -> Result<Json<DatasetHealth>, ApiError> {
    let tenant = space.tenants.named_in(&headers)?;
    let found = space.db.read::<_, StoreError, _>(move |tx| {
        Box::pin(async move { store::health::public_dataset(tx, tenant, &name).await })
    });
    let word = match found.await? {
        Some(id) => space.dataset_health(id).await.word(),
        None => UNWELL,
    };
    Ok(Json(DatasetHealth {
        dataset_type_status: word,
        message: word.to_owned(),
        checked_at: None,
    }))
}

/// Whether a model that answers callers is well, in the same way.
#[utoipa::path(get, path = "/models/{name}/health", tag = "health", params(("name" = String, Path)),
    responses(
        (status = 200, body = ModelHealth),
        (status = 400, description = "No tenant is named"),
        (status = 403, description = "The tenant is switched off"),
        (status = 404, description = "There is no such tenant"),
))]
async fn public_model(
    State(space): State<Space>,
    headers: HeaderMap,
    Path(Named { name }): Path<Named>,
) -> Result<Json<ModelHealth>, ApiError> {
    let tenant = space.tenants.named_in(&headers)?;
    let found = space.db.read::<_, StoreError, _>(move |tx| {
        Box::pin(async move { store::health::public_model(tx, tenant, &name).await })
    });
    let word = match found.await? {
        Some(id) => space.model_health(id).await.word(),
        None => UNWELL,
    };
    Ok(Json(ModelHealth { status: word, message: word.to_owned(), checked_at: None }))
}

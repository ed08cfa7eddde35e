//! Datasets and models: types, making, listing, removing (contract space 1.1, 1.2).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};

use super::removed;
use crate::http::{ApiError, Json, Path};
use crate::space::catalog::{Dataset, Model, NewPart};
use crate::space::datasets::DatasetTypeInfo;
use crate::space::error::SpaceError;
use crate::space::kind::TypeInfo;
use crate::space::node::Space;
use crate::space::{datasets as dataset_registry, models as model_registry};

/// A name in the path.
#[derive(Debug)]
pub(super) struct Named {
    name: String,
}

impl Input for Named {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("name").map(|name| Self { name })
    }
}

pub(super) async fn dataset_types() -> Json<Vec<DatasetTypeInfo>> {
    Json(dataset_registry::TYPES.iter().map(|kind| kind.described()).collect())
}

pub(super) async fn dataset_type(
    Path(Named { name }): Path<Named>,
) -> Result<Json<DatasetTypeInfo>, ApiError> {
    let kind = dataset_registry::find(&name).ok_or(SpaceError::NotFound("dataset type"))?;
    Ok(Json(kind.described()))
}

pub(super) async fn dataset_schema(path: Path<Named>) -> Result<Json<Value>, ApiError> {
    dataset_type(path).await.map(|Json(described)| Json(described.info.config_schema))
}

pub(super) async fn datasets(State(space): State<Space>) -> Result<Json<Vec<Dataset>>, ApiError> {
    Ok(Json(space.datasets().await?))
}

pub(super) async fn add_dataset(
    State(space): State<Space>,
    Json(new): Json<NewPart>,
) -> Result<Response, ApiError> {
    Ok((StatusCode::CREATED, Json(space.add_dataset(new).await?)).into_response())
}

pub(super) async fn dataset(
    State(space): State<Space>,
    Path(Named { name }): Path<Named>,
) -> Result<Json<Dataset>, ApiError> {
    Ok(Json(space.find_dataset(&name).await?.ok_or(SpaceError::NotFound("dataset"))?))
}

pub(super) async fn remove_dataset(
    State(space): State<Space>,
    Path(Named { name }): Path<Named>,
) -> Result<Json<Value>, ApiError> {
    space.remove_dataset(&name).await?;
    Ok(removed("Dataset"))
}

pub(super) async fn model_types() -> Json<Vec<TypeInfo>> {
    Json(model_registry::TYPES.iter().map(|kind| kind.info()).collect())
}

pub(super) async fn model_type(
    Path(Named { name }): Path<Named>,
) -> Result<Json<TypeInfo>, ApiError> {
    let kind = model_registry::find(&name).ok_or(SpaceError::NotFound("model type"))?;
    Ok(Json(kind.info()))
}

pub(super) async fn model_schema(path: Path<Named>) -> Result<Json<Value>, ApiError> {
    model_type(path).await.map(|Json(info)| Json(info.config_schema))
}

pub(super) async fn models(State(space): State<Space>) -> Result<Json<Vec<Model>>, ApiError> {
    Ok(Json(space.models().await?))
}

pub(super) async fn add_model(
    State(space): State<Space>,
    Json(new): Json<NewPart>,
) -> Result<Response, ApiError> {
    Ok((StatusCode::CREATED, Json(space.new_model(new).await?)).into_response())
}

pub(super) async fn model(
    State(space): State<Space>,
    Path(Named { name }): Path<Named>,
) -> Result<Json<Model>, ApiError> {
    Ok(Json(space.find_model(&name).await?.ok_or(SpaceError::NotFound("model"))?))
}

pub(super) async fn remove_model(
    State(space): State<Space>,
    Path(Named { name }): Path<Named>,
) -> Result<Json<Value>, ApiError> {
    space.remove_model(&name).await?;
    Ok(removed("Model"))
}

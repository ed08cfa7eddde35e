//! The servers of stores that the space runs itself, by the type of dataset (contract space 1.1, 5).

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use syfthub_core::Timestamp;
use syfthub_core::input::{Fields, Input, Place};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::{Builder, Uuid};

use crate::http::{ApiError, Json, Path};
use crate::space::access::{Actor, Node};
use crate::space::datasets::{self, DatasetType};
use crate::space::error::SpaceError;
use crate::space::node::Space;
use crate::space::provision::{ProvisionError, Pulse, Slot, Status, attached};

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(remove))
        .routes(routes!(status))
        .routes(routes!(start))
        .routes(routes!(stop))
}

/// A type of dataset in the path.
#[derive(Debug)]
struct Typed {
    dtype: String,
}

impl Input for Typed {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("dtype").map(|dtype| Self { dtype })
    }
}

/// How a store shall be started.
#[derive(Debug, utoipa::ToSchema)]
struct Wish {
    /// Such as `httpPort`, which is taken when it is free.
    #[schema(value_type = Object)]
    wish: Map<String, Value>,
}

impl Input for Wish {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Map::read(value, place).map(|wish| Self { wish })
    }
}

/// A store and what it does (contract space 1.7).
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ProvisionerInfo {
    /// Stays the same for a type.
    #[schema(value_type = String)]
    id: Uuid,
    /// The type of dataset.
    dtype: &'static str,
    /// What the space knows of it.
    status: Status,
    /// What was found now.
    actual_status: Option<Status>,
    /// How many datasets are kept in it.
    dataset_count: usize,
    /// What was started, and where.
    #[schema(value_type = Object)]
    state: Map<String, Value>,
    /// When it began to answer.
    #[schema(value_type = Option<String>)]
    started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>)]
    stopped_at: Option<Timestamp>,
    /// Why it does not run.
    error: Option<String>,
}

/// What became of a wish.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Done {
    /// For people.
    message: String,
    /// `running`, `stopped`, `not_found` or `deleted`.
    status: &'static str,
}

impl Done {
    fn new(message: impl Into<String>, status: &'static str) -> Json<Self> {
        Json(Self { message: message.into(), status })
    }
}

impl From<ProvisionError> for SpaceError {
    fn from(error: ProvisionError) -> Self {
        match error {
            ProvisionError::Immovable(_) => Self::Conflict(error.to_string()),
            ProvisionError::Unusable(reason) => Self::Refused(reason),
            ProvisionError::Failed(_) | ProvisionError::Closing => {
                Self::broken("the store cannot be provisioned", error)
            }
        }
    }
}

fn slot<'a>(space: &'a Space, dtype: &str) -> Result<&'a Arc<Slot>, SpaceError> {
    let missing = || SpaceError::refused(format!("no store is provisioned for the type {dtype}"));
    space.provisioners.get(dtype).ok_or_else(missing)
}

/// Every store that is kept here.
#[utoipa::path(get, path = "/datasets/provisioners", tag = "provisioners", security(("bearer" = [])),
    responses((status = 200, body = Vec<ProvisionerInfo>), (status = 401, description = "Neither the admin key nor a session"), (status = 403, description = "An account of another tenant")))]
async fn list(
    State(space): State<Space>,
    _: Actor,
) -> Result<Json<Vec<ProvisionerInfo>>, ApiError> {
    let mut all = Vec::new();
    for kind in datasets::TYPES {
        all.extend(info(&space, *kind).await?);
    }
    Ok(Json(all))
}

/// The store of a type, with what it does in truth.
#[utoipa::path(get, path = "/datasets/provisioners/{dtype}/status", tag = "provisioners", security(("bearer" = [])),
    params(("dtype" = String, Path)), responses((status = 200, body = ProvisionerInfo),
        (status = 401, description = "Neither the admin key nor a session"), (status = 403, description = "An account of another tenant"), (status = 404, description = "No store is kept here for this type")))]
async fn status(
    State(space): State<Space>,
    _: Actor,
    Path(Typed { dtype }): Path<Typed>,
) -> Result<Json<ProvisionerInfo>, ApiError> {
    let found = match datasets::find(&dtype) {
        Some(kind) => info(&space, kind).await?,
        None => None,
    };
    Ok(Json(found.ok_or(SpaceError::NotFound("provisioner"))?))
}

/// Starts the store of a type and waits until it answers.
#[utoipa::path(post, path = "/datasets/provisioners/{dtype}/start", tag = "provisioners", security(("bearer" = [])),
    params(("dtype" = String, Path)), request_body(content = Wish, description = "Optional"),
    responses((status = 200, body = Done), (status = 400, description = "Nothing can be started for this type here"),
        (status = 401, description = "Neither the admin key nor a session"), (status = 403, description = "An account of another tenant"), (status = 409, description = "It runs already, or is busy"),
        (status = 500, description = "It does not start")))]
async fn start(
    State(space): State<Space>,
    Node(actor): Node,
    Path(Typed { dtype }): Path<Typed>,
    body: axum::body::Bytes,
) -> Result<Json<Done>, ApiError> {
    let wish = if body.is_empty() { Ok(json!({})) } else { serde_json::from_slice(&body) };
    let wish: Value = wish.map_err(|_| SpaceError::refused("the body is not JSON"))?;
    let Wish { wish } = syfthub_core::input::parse(&wish, "body").map_err(ApiError::Invalid)?;
    let started = slot(&space, &dtype)?.start(wish, Some(&actor)).await;
    started.map_err(|error| failure(&error))?;
    Ok(Done::new(format!("{dtype} runs"), Status::Running.as_str()))
}

/// Stops the store of a type. It does not come back by itself.
#[utoipa::path(post, path = "/datasets/provisioners/{dtype}/stop", tag = "provisioners", security(("bearer" = [])),
    params(("dtype" = String, Path)), responses((status = 200, body = Done),
        (status = 400, description = "Nothing is provisioned for this type"), (status = 401, description = "Neither the admin key nor a session"), (status = 403, description = "An account of another tenant"),
        (status = 409, description = "It is busy"), (status = 500, description = "It does not end")))]
async fn stop(
    State(space): State<Space>,
    Node(actor): Node,
    Path(Typed { dtype }): Path<Typed>,
) -> Result<Json<Done>, ApiError> {
    let slot = slot(&space, &dtype)?;
    if slot.truth().status == Status::Stopped {
        return Ok(Done::new(format!("{dtype} does not run"), "not_found"));
    }
    slot.stop(Some(&actor)).await.map_err(|error| failure(&error))?;
    Ok(Done::new(format!("{dtype} has ended"), Status::Stopped.as_str()))
}

/// Stops the store of a type and removes its data. One that datasets are kept in stays.
#[utoipa::path(delete, path = "/datasets/provisioners/{dtype}", tag = "provisioners", security(("bearer" = [])),
    params(("dtype" = String, Path)), responses((status = 200, body = Done),
        (status = 400, description = "Nothing is provisioned for this type"), (status = 401, description = "Neither the admin key nor a session"), (status = 403, description = "An account of another tenant"),
        (status = 409, description = "Datasets are kept in it, or it is busy"), (status = 500, description = "It does not end")))]
async fn remove(
    State(space): State<Space>,
    Node(actor): Node,
    Path(Typed { dtype }): Path<Typed>,
) -> Result<Json<Done>, ApiError> {
    let slot = slot(&space, &dtype)?;
    let attached = slot.datasets().await?;
    if attached > 0 {
        let reason = format!("{attached} datasets are kept in it; remove them first");
        return Err(SpaceError::Conflict(reason).into());
    }
    slot.forget(&actor).await.map_err(|error| failure(&error))?;
    Ok(Done::new(format!("{dtype} was removed with its data"), "deleted"))
}

/// The owner learns why a store does not start or end, which no log need be read for.
fn failure(error: &ProvisionError) -> ApiError {
    match error {
        ProvisionError::Failed(reason) => {
            ApiError::plain(http::StatusCode::INTERNAL_SERVER_ERROR, reason.clone())
        }
        other => SpaceError::from(other.clone()).into(),
    }
}

/// What there is to tell of a type, when its datasets are kept here.
async fn info(
    space: &Space,
    kind: &dyn DatasetType,
) -> Result<Option<ProvisionerInfo>, SpaceError> {
    let dtype = kind.info().name;
    if let Some(slot) = space.provisioners.get(dtype) {
        let (truth, pulse) = (slot.truth(), slot.pulse().await);
        let actual = match pulse {
            Pulse::Running => Status::Running,
            Pulse::Silent => Status::Error,
            Pulse::Gone => Status::Stopped,
        };
        return Ok(Some(ProvisionerInfo {
            id: id(dtype),
            dtype,
            status: truth.status,
            actual_status: Some(actual),
            dataset_count: slot.datasets().await?,
            state: truth.state,
            started_at: truth.started_at,
            stopped_at: truth.stopped_at,
            error: truth.error,
        }));
    }
    if !kind.is_embedded() {
        return Ok(None);
    }
    let state = json!({"mode": "embedded", "path": space.state.indexes()});
    Ok(Some(ProvisionerInfo {
        id: id(dtype),
        dtype,
        status: Status::Running,
        actual_status: Some(Status::Running),
        dataset_count: attached(&space.db, dtype).await?.len(),
        state: state.as_object().cloned().unwrap_or_default(),
        started_at: None,
        stopped_at: None,
        error: None,
    }))
}

/// There is one store for each type, so its id is made of the type's name.
fn id(dtype: &str) -> Uuid {
    let digest = Sha256::digest(format!("provisioner:{dtype}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

//! How far ingestion is, file by file (contract space 1.5).

use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};

use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{ApiError, Json, Path, Query};
use crate::space::access::Actor;
use crate::space::datasets::Dataset;
use crate::space::error::SpaceError;
use crate::space::ids::{DatasetId, JobId};
use crate::space::ingest::Ingestion;
use crate::space::ingest::store::{self, Counts, Job};
use crate::space::node::Space;

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .routes(routes!(jobs))
        .routes(routes!(retry))
        .routes(routes!(start))
        .routes(routes!(stop))
        .routes(routes!(cancel))
}

const STATES: [&str; 5] = ["pending", "in_progress", "completed", "failed", "cancelled"];

/// A dataset's id in the path.
#[derive(Debug)]
pub(super) struct Id {
    pub(super) id: DatasetId,
}

impl Input for Id {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("id").map(|id| Self { id })
    }
}

/// A job of a dataset in the path.
#[derive(Debug)]
struct JobPath {
    id: DatasetId,
    job: JobId,
}

impl Input for JobPath {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let (id, job) = (fields.required("id"), fields.required("job"));
        Some(Self { id: id?, job: job? })
    }
}

/// Which jobs to list.
#[derive(Debug)]
struct Filter {
    status: Option<String>,
    limit: i64,
    offset: i64,
}

impl Input for Filter {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let status: Option<String> = fields.optional("status");
        if status.as_deref().is_some_and(|status| !STATES.contains(&status)) {
            fields.refuse::<()>("status", Invalid::not_one_of(&STATES));
        }
        let limit = fields.number("limit", 1, 1000, 100);
        let offset = fields.number("offset", 0, i64::from(i32::MAX), 0);
        Some(Self { status, limit: limit?, offset: offset? })
    }
}

/// The state of a dataset's ingestion.
#[derive(Debug, Serialize, ToSchema)]
struct Status {
    dataset_id: DatasetId,
    dataset_name: String,
    is_watching: bool,
    #[serde(flatten)]
    counts: Counts,
}

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
struct Jobs {
    #[serde(rename = "jobs")]
    page: Vec<Job>,
    total: i64,
    limit: i64,
    offset: i64,
}

/// Counts a dataset's files by how far each is.
#[utoipa::path(get, path = "/ingestion/datasets/{id}/status", tag = "ingestion", security(("bearer" = [])),
    params(("id" = DatasetId, Path, description = "The dataset")),
    responses(
        (status = 200, body = Status),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset"),
))]
async fn status(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Status>, ApiError> {
    let dataset = space.own_dataset(actor.tenant, id).await?;
    let all = space.datasets(actor.tenant).await?;
    let name = all.into_iter().find(|dataset| dataset.id == id).map(|dataset| dataset.name);
    let ingestion = dataset.ingestion();
    Ok(Json(Status {
        dataset_id: id,
        dataset_name: name.ok_or(SpaceError::NotFound("dataset"))?,
        is_watching: ingestion.is_some_and(Ingestion::is_watching),
        counts: store::counts(&space.db, id).await?,
    }))
}

/// Lists a dataset's files, newest first.
#[utoipa::path(get, path = "/ingestion/datasets/{id}/jobs", tag = "ingestion", security(("bearer" = [])),
    params(
        ("id" = DatasetId, Path, description = "The dataset"),
        ("status" = Option<String>, Query, description = "Only files that are this far: pending, in_progress, completed, failed or cancelled"),
        ("limit" = Option<i64>, Query, description = "1 to 1000, 100 unless given"),
        ("offset" = Option<i64>, Query, description = "How many to leave out"),
    ),
    responses(
        (status = 200, body = Jobs),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset"),
        (status = 422, description = "A parameter does not fit"),
))]
async fn jobs(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
    Query(filter): Query<Filter>,
) -> Result<Json<Jobs>, ApiError> {
    space.own_dataset(actor.tenant, id).await?;
    let counts = store::counts(&space.db, id).await?;
    let Filter { status, limit, offset } = filter;
    let total = status.as_deref().map_or(counts.total_jobs, |status| counts.of(status));
    let page = store::list(&space.db, id, status, limit, offset).await?;
    Ok(Json(Jobs { page, total, limit, offset }))
}

/// Reads the files again that failed.
#[utoipa::path(post, path = "/ingestion/datasets/{id}/retry", tag = "ingestion", security(("bearer" = [])),
    params(("id" = DatasetId, Path, description = "The dataset")),
    responses(
        (status = 200, body = Value),
        (status = 400, description = "The dataset reads no files"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset"),
))]
async fn retry(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Value>, ApiError> {
    let dataset = space.own_dataset(actor.tenant, id).await?;
    let reset = ingestion(&*dataset)?.retry(&actor).await?;
    Ok(Json(json!({"message": format!("{reset} files will be read again"), "jobs_reset": reset})))
}

/// Watches the files again after a stop, and reads what has changed.
#[utoipa::path(post, path = "/ingestion/datasets/{id}/start", tag = "ingestion", security(("bearer" = [])),
    params(("id" = DatasetId, Path, description = "The dataset")),
    responses(
        (status = 200, body = Value),
        (status = 400, description = "The dataset reads no files"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset"),
))]
async fn start(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Value>, ApiError> {
    let dataset = space.own_dataset(actor.tenant, id).await?;
    let ingestion = ingestion(&*dataset)?;
    let created = ingestion.start(&actor).await.map_err(SpaceError::from)?;
    let message = format!("{created} files will be read");
    Ok(Json(json!({
        "message": message, "jobs_created": created, "is_watching": ingestion.is_watching(),
    })))
}

/// Stops watching the files, and takes those that wait off the queue.
#[utoipa::path(post, path = "/ingestion/datasets/{id}/stop", tag = "ingestion", security(("bearer" = [])),
    params(("id" = DatasetId, Path, description = "The dataset")),
    responses(
        (status = 200, body = Value),
        (status = 400, description = "The dataset reads no files"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset"),
))]
async fn stop(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Value>, ApiError> {
    let dataset = space.own_dataset(actor.tenant, id).await?;
    let cancelled = ingestion(&*dataset)?.stop(&actor).await.map_err(SpaceError::from)?;
    let message = format!("{cancelled} files were taken off the queue");
    Ok(Json(json!({"message": message, "jobs_cancelled": cancelled})))
}

/// Takes one file off the queue.
#[utoipa::path(post, path = "/ingestion/datasets/{id}/jobs/{job}/cancel", tag = "ingestion", security(("bearer" = [])),
    params(
        ("id" = DatasetId, Path, description = "The dataset"),
        ("job" = JobId, Path, description = "The file's job"),
    ),
    responses(
        (status = 200, body = Value),
        (status = 400, description = "The dataset reads no files"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset"),
))]
async fn cancel(
    State(space): State<Space>,
    actor: Actor,
    Path(JobPath { id, job }): Path<JobPath>,
) -> Result<Json<Value>, ApiError> {
    let dataset = space.own_dataset(actor.tenant, id).await?;
    if store::count_of(&space.db, id, job).await? == 0 {
        return Err(SpaceError::NotFound("job").into());
    }
    let cancelled = u8::from(ingestion(&*dataset)?.cancel(job, &actor).await?);
    let message = if cancelled == 1 { "The file is not read" } else { "The file did not wait" };
    Ok(Json(json!({"message": message, "jobs_cancelled": cancelled})))
}

fn ingestion(dataset: &dyn Dataset) -> Result<&Ingestion, ApiError> {
    dataset.ingestion().ok_or_else(|| ApiError::bad_request("This dataset reads no files"))
}

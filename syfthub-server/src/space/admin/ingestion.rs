//! How far ingestion is, file by file (contract space 1.5).

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};

use crate::http::{ApiError, Json, Path, Query};
use crate::space::datasets::Dataset;
use crate::space::error::SpaceError;
use crate::space::ids::{DatasetId, JobId};
use crate::space::ingest::Ingestion;
use crate::space::ingest::store::{self, Counts, Job};
use crate::space::node::Space;

const STATES: [&str; 5] = ["pending", "in_progress", "completed", "failed", "cancelled"];

/// A dataset's id in the path.
#[derive(Debug)]
pub(super) struct Id {
    id: DatasetId,
}

impl Input for Id {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("id").map(|id| Self { id })
    }
}

/// A job of a dataset in the path.
#[derive(Debug)]
pub(super) struct JobPath {
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
pub(super) struct Filter {
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
#[derive(Debug, Serialize)]
pub(super) struct Status {
    dataset_id: DatasetId,
    dataset_name: String,
    is_watching: bool,
    #[serde(flatten)]
    counts: Counts,
}

/// A page of jobs.
#[derive(Debug, Serialize)]
pub(super) struct Jobs {
    #[serde(rename = "jobs")]
    page: Vec<Job>,
    total: i64,
    limit: i64,
    offset: i64,
}

pub(super) async fn status(
    State(space): State<Space>,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Status>, ApiError> {
    let dataset = open(&space, id)?;
    let all = space.datasets().await?;
    let name = all.into_iter().find(|dataset| dataset.id == id).map(|dataset| dataset.name);
    let ingestion = dataset.ingestion();
    Ok(Json(Status {
        dataset_id: id,
        dataset_name: name.ok_or(SpaceError::NotFound("dataset"))?,
        is_watching: ingestion.is_some_and(Ingestion::is_watching),
        counts: store::counts(&space.db, id).await?,
    }))
}

pub(super) async fn jobs(
    State(space): State<Space>,
    Path(Id { id }): Path<Id>,
    Query(filter): Query<Filter>,
) -> Result<Json<Jobs>, ApiError> {
    open(&space, id)?;
    let counts = store::counts(&space.db, id).await?;
    let Filter { status, limit, offset } = filter;
    let total = status.as_deref().map_or(counts.total_jobs, |status| counts.of(status));
    let page = store::list(&space.db, id, status, limit, offset).await?;
    Ok(Json(Jobs { page, total, limit, offset }))
}

pub(super) async fn retry(
    State(space): State<Space>,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Value>, ApiError> {
    let dataset = open(&space, id)?;
    let reset = ingestion(&*dataset)?.retry().await?;
    Ok(Json(json!({"message": format!("{reset} files will be read again"), "jobs_reset": reset})))
}

pub(super) async fn start(
    State(space): State<Space>,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Value>, ApiError> {
    let dataset = open(&space, id)?;
    let ingestion = ingestion(&*dataset)?;
    let created = ingestion.start().await.map_err(SpaceError::from)?;
    let message = format!("{created} files will be read");
    Ok(Json(json!({
        "message": message, "jobs_created": created, "is_watching": ingestion.is_watching(),
    })))
}

pub(super) async fn stop(
    State(space): State<Space>,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Value>, ApiError> {
    let dataset = open(&space, id)?;
    let cancelled = ingestion(&*dataset)?.stop().await.map_err(SpaceError::from)?;
    let message = format!("{cancelled} files were taken off the queue");
    Ok(Json(json!({"message": message, "jobs_cancelled": cancelled})))
}

pub(super) async fn cancel(
    State(space): State<Space>,
    Path(JobPath { id, job }): Path<JobPath>,
) -> Result<Json<Value>, ApiError> {
    let dataset = open(&space, id)?;
    if store::count_of(&space.db, id, job).await? == 0 {
        return Err(SpaceError::NotFound("job").into());
    }
    let cancelled = u8::from(ingestion(&*dataset)?.cancel(job).await?);
    let message = if cancelled == 1 { "The file is not read" } else { "The file did not wait" };
    Ok(Json(json!({"message": message, "jobs_cancelled": cancelled})))
}

fn ingestion(dataset: &dyn Dataset) -> Result<&Ingestion, ApiError> {
    dataset.ingestion().ok_or_else(|| ApiError::bad_request("This dataset reads no files"))
}

fn open(space: &Space, id: DatasetId) -> Result<Arc<dyn Dataset>, ApiError> {
    space.dataset(id).ok_or_else(|| SpaceError::NotFound("dataset").into())
}

//! How far ingestion is, as it changes, and what it would read.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use futures_util::Stream;
use serde::Serialize;
use serde_json::{Map, Value};
use syfthub_core::input::{Fields, Input, Place};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ingestion::Id;
use crate::http::sse::{self, Event};
use crate::http::{ApiError, Json, Path};
use crate::space::access::Actor;
use crate::space::ids::{DatasetId, TenantId};
use crate::space::ingest::{DatasetProgress, Preview};
use crate::space::node::Space;

/// The least time between two events: people read no faster, and thousands of files may end in a second.
const PACE: Duration = Duration::from_millis(200);

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new()
        .routes(routes!(follow_all))
        .routes(routes!(follow_one))
        .routes(routes!(preview))
}

/// One event of the stream, called `progress`.
#[derive(Debug, Serialize, ToSchema)]
struct Told {
    dataset_id: DatasetId,
    /// Files that are indexed or failed, of those that are known, 0 to 100.
    percent: f64,
    #[serde(flatten)]
    progress: DatasetProgress,
}

/// Streams how far each dataset is: an event `progress` for each at once, and for each that has moved, at most five times
/// a second.
#[utoipa::path(get, path = "/ingestion/events", tag = "ingestion", security(("bearer" = [])),
    responses(
        (status = 200, description = "Server-sent events", content_type = "text/event-stream", body = Told),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
))]
async fn follow_all(State(space): State<Space>, actor: Actor) -> Response {
    sse::answer(events(space, actor.tenant, None))
}

/// Streams how far one dataset is, as `/ingestion/events` does.
#[utoipa::path(get, path = "/ingestion/datasets/{id}/events", tag = "ingestion", security(("bearer" = [])),
    params(("id" = DatasetId, Path, description = "The dataset")),
    responses(
        (status = 200, description = "Server-sent events", content_type = "text/event-stream", body = Told),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset"),
))]
async fn follow_one(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
) -> Result<Response, ApiError> {
    space.own_dataset(actor.tenant, id).await?;
    Ok(sse::answer(events(space, actor.tenant, Some(id))))
}

/// Follows the datasets of a tenant, or one of them, until the space shuts down.
fn events(
    space: Space,
    tenant: TenantId,
    only: Option<DatasetId>,
) -> impl Stream<Item = Event> + Send {
    async_stream::stream! {
        let mut board = space.progress();
        let mut owned = HashMap::new();
        let mut told = HashMap::new();
        loop {
            let now = board.borrow_and_update().datasets.clone();
            for (id, progress) in now {
                if only.is_some_and(|only| only != id) || told.get(&id) == Some(&progress) {
                    continue;
                }
                let is_own = match owned.get(&id) {
                    Some(is_own) => *is_own,
                    None => *owned.entry(id).or_insert(space.own_dataset(tenant, id).await.is_ok()),
                };
                if is_own {
                    told.insert(id, progress.clone());
                    yield sse::event("progress", &Told { dataset_id: id, percent: progress.percent(), progress });
                }
            }
            tokio::select! {
                () = space.around.shutdown.cancelled() => break,
                changed = board.changed() => if changed.is_err() { break },
            }
            tokio::time::sleep(PACE).await;
        }
    }
}

/// A dataset that might be made.
#[derive(Debug, ToSchema)]
struct Planned {
    /// The type; `local_file` unless given.
    #[schema(default = "local_file")]
    dtype: String,
    /// Its configuration, as for a new dataset.
    #[schema(value_type = Object)]
    configuration: Map<String, Value>,
}

impl Input for Planned {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let dtype = fields.text_or("dtype", 1, 100, "local_file");
        let configuration = fields.required("configuration");
        Some(Self { dtype: dtype?, configuration: configuration? })
    }
}

/// Shows which files a dataset would share, before it is made. Nothing is read but the folders.
#[utoipa::path(post, path = "/ingestion/preview", tag = "ingestion", security(("bearer" = [])), request_body = Planned,
    responses(
        (status = 200, body = Preview),
        (status = 400, description = "The type is unknown or reads no files, or the configuration cannot be used"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 422, description = "A field does not fit"),
))]
async fn preview(
    State(space): State<Space>,
    actor: Actor,
    Json(Planned { dtype, configuration }): Json<Planned>,
) -> Result<Json<Preview>, ApiError> {
    Ok(Json(space.preview_dataset(actor.tenant, &dtype, configuration).await?))
}

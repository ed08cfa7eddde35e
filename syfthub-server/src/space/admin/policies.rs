//! Policies: types, making, listing, changing, removing, trying out, and what they decided (contract space 1.4, 9.2).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::{Invalid, Timestamp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Message, removed};
use crate::http::{ApiError, Json, Path, Query};
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::ids::PolicyId;
use crate::space::kind::TypeInfo;
use crate::space::node::Space;
use crate::space::policies::{
    self as registry, Filter, Forecast, NewPolicy, Outcome, Policy, PolicyItem, PolicyPatch,
    Recorded,
};

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new()
        .routes(routes!(types))
        .routes(routes!(one_type))
        .routes(routes!(schema))
        .routes(routes!(check))
        .routes(routes!(list, make))
        .routes(routes!(show, change, remove))
        .routes(routes!(decisions))
}

/// A type's name in the path.
#[derive(Debug)]
struct Named {
    name: String,
}

impl Input for Named {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("name").map(|name| Self { name })
    }
}

/// A policy's id in the path.
#[derive(Debug)]
struct Id {
    id: PolicyId,
}

impl Input for Id {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("id").map(|id| Self { id })
    }
}

/// Lists the types of policies.
#[utoipa::path(get, path = "/policies/types", tag = "policies", security(("bearer" = [])), responses(
    (status = 200, body = Vec<TypeInfo>),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
))]
async fn types(_: Actor) -> Json<Vec<TypeInfo>> {
    Json(registry::TYPES.iter().map(|kind| kind.info()).collect())
}

/// Shows a type of policy.
#[utoipa::path(get, path = "/policies/types/{name}", tag = "policies", security(("bearer" = [])),
    params(("name" = String, Path, description = "The type's name")),
    responses(
        (status = 200, body = TypeInfo),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such type"),
))]
async fn one_type(_: Actor, Path(Named { name }): Path<Named>) -> Result<Json<TypeInfo>, ApiError> {
    let kind = registry::find(&name).ok_or(SpaceError::NotFound("policy type"))?;
    Ok(Json(kind.info()))
}

/// Shows the JSON Schema of a type's configuration.
#[utoipa::path(get, path = "/policies/types/{name}/schema", tag = "policies", security(("bearer" = [])),
    params(("name" = String, Path, description = "The type's name")),
    responses(
        (status = 200, body = Value),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such type"),
))]
async fn schema(actor: Actor, path: Path<Named>) -> Result<Json<Value>, ApiError> {
    one_type(actor, path).await.map(|Json(info)| Json(info.config_schema))
}

/// Lists the policies, oldest first.
#[utoipa::path(get, path = "/policies", tag = "policies", security(("bearer" = [])), responses(
    (status = 200, body = Vec<PolicyItem>),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
))]
async fn list(State(space): State<Space>, actor: Actor) -> Result<Json<Vec<PolicyItem>>, ApiError> {
    Ok(Json(space.policies(actor.tenant).await?))
}

/// Guards an endpoint with one more policy.
#[utoipa::path(post, path = "/policies", tag = "policies", security(("bearer" = [])),
    request_body = NewPolicy,
    responses(
        (status = 201, body = Policy),
        (status = 400, description = "No such type, or a configuration that it refuses"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint"),
        (status = 409, description = "The endpoint has a policy of this name"),
        (status = 422, description = "A field does not fit"),
))]
async fn make(
    State(space): State<Space>,
    actor: Actor,
    Json(new): Json<NewPolicy>,
) -> Result<Response, ApiError> {
    let policy = space.new_policy(&actor, new).await?;
    Ok((StatusCode::CREATED, Json(policy)).into_response())
}

/// Shows a policy, with what is probably a mistake in it.
#[utoipa::path(get, path = "/policies/{id}", tag = "policies", security(("bearer" = [])),
    params(("id" = PolicyId, Path, description = "The policy")),
    responses(
        (status = 200, body = Policy),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such policy"),
        (status = 422, description = "The id is no UUID"),
))]
async fn show(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Policy>, ApiError> {
    let found = space.find_policy(actor.tenant, id).await?;
    Ok(Json(found.ok_or(SpaceError::NotFound("policy"))?))
}

/// Changes a policy's name, or some of its settings.
#[utoipa::path(patch, path = "/policies/{id}", tag = "policies", security(("bearer" = [])),
    params(("id" = PolicyId, Path, description = "The policy")),
    request_body = PolicyPatch,
    responses(
        (status = 200, body = Policy),
        (status = 400, description = "A configuration that the type refuses"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such policy"),
        (status = 409, description = "The endpoint has another policy of this name"),
        (status = 422, description = "A field does not fit, or nothing is to be changed"),
))]
async fn change(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
    Json(patch): Json<PolicyPatch>,
) -> Result<Json<Policy>, ApiError> {
    Ok(Json(space.change_policy(&actor, id, patch).await?))
}

/// Removes a policy.
#[utoipa::path(delete, path = "/policies/{id}", tag = "policies", security(("bearer" = [])),
    params(("id" = PolicyId, Path, description = "The policy")),
    responses(
        (status = 200, body = Message),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such policy"),
        (status = 422, description = "The id is no UUID"),
))]
async fn remove(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Message>, ApiError> {
    space.remove_policy(&actor, id).await?;
    Ok(removed("Policy"))
}

/// Whose question to try out.
#[derive(Debug)]
struct Trial {
    endpoint: String,
    email: String,
}

impl Input for Trial {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let endpoint = fields.text("endpoint", 1, 100);
        let email = fields.text("email", 1, 254);
        Some(Self { endpoint: endpoint?, email: email? })
    }
}

/// Says what the policies of an endpoint would do with somebody's question. Nothing is counted or charged.
#[utoipa::path(get, path = "/policies/check", tag = "policies", security(("bearer" = [])),
    params(
        ("endpoint" = String, Query, description = "The endpoint's address"),
        ("email" = String, Query, description = "Who would ask"),
    ),
    responses(
        (status = 200, body = Forecast),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint"),
        (status = 422, description = "A parameter does not fit"),
))]
async fn check(
    State(space): State<Space>,
    actor: Actor,
    Query(Trial { endpoint, email }): Query<Trial>,
) -> Result<Json<Forecast>, ApiError> {
    Ok(Json(space.forecast(actor.tenant, &endpoint, email.trim()).await?))
}

/// Which decisions to list, and how.
#[derive(Debug)]
struct Wanted {
    filter: Filter,
    as_csv: bool,
}

const FORMATS: [&str; 2] = ["json", "csv"];

impl Input for Wanted {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let outcome = fields.optional::<String>("outcome");
        let known = outcome.as_deref().and_then(Outcome::parse);
        if outcome.is_some() && known.is_none() {
            let words: Vec<&str> = Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
            fields.refuse::<()>("outcome", Invalid::not_one_of(&words));
        }
        let format = fields.text_or("format", 0, 10, FORMATS[0]);
        if format.as_deref().is_some_and(|format| !FORMATS.contains(&format)) {
            fields.refuse::<()>("format", Invalid::not_one_of(&FORMATS));
        }
        let limit = fields.number("limit", 1, 10_000, 100);
        let filter = Filter {
            endpoint_slug: fields.optional("endpoint"),
            outcome: known,
            who: fields.optional("who"),
            policy: fields.optional("policy_id"),
            since: fields.optional::<Timestamp>("since"),
            until: fields.optional::<Timestamp>("until"),
            before: fields.optional("before"),
            limit: limit?,
        };
        Some(Self { filter, as_csv: format.as_deref() == Some("csv") })
    }
}

/// Lists what became of questions, latest first: who asked what, which policy decided, what it cost and how long it took.
#[utoipa::path(get, path = "/decisions", tag = "policies", security(("bearer" = [])),
    params(
        ("endpoint" = Option<String>, Query, description = "Only of the endpoint at this address"),
        ("outcome" = Option<Outcome>, Query, description = "Only these"),
        ("who" = Option<String>, Query, description = "Part of an e-mail address, or a whole subject or correlation id"),
        ("policy_id" = Option<PolicyId>, Query, description = "Only what this policy decided"),
        ("since" = Option<String>, Query, description = "Not before this moment (RFC 3339)"),
        ("until" = Option<String>, Query, description = "Before this moment (RFC 3339)"),
        ("before" = Option<i64>, Query, description = "Only decisions with a smaller id: the last one of the page before"),
        ("limit" = Option<i64>, Query, description = "1 to 10000, 100 unless given"),
        ("format" = Option<String>, Query, description = "`json`, or `csv` for a spreadsheet"),
    ),
    responses(
        (status = 200, content((Vec<Recorded> = "application/json"), (String = "text/csv"))),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 422, description = "A parameter does not fit"),
))]
async fn decisions(
    State(space): State<Space>,
    actor: Actor,
    Query(Wanted { filter, as_csv }): Query<Wanted>,
) -> Result<Response, ApiError> {
    let found = space.decisions(actor.tenant, filter).await?;
    if !as_csv {
        return Ok(Json(found).into_response());
    }
    let text = registry::to_csv(&found).map_err(ApiError::internal)?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let name = HeaderValue::from_static("attachment; filename=\"decisions.csv\"");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], text).into_response())
}

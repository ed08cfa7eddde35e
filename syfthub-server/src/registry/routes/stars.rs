//! Stars, by an endpoint's number and by its address (contract hub 3.3, 7.6).

use axum::extract::State;
use http::StatusCode;
use syfthub_core::wire::discovery::Starred;

use super::content::At;
use super::endpoints::ById;
use crate::http::{ApiError, Json, Path};
use crate::hub::Hub;
use crate::identity::{Caller, Origin, Signed};
use crate::registry::stars::{self, Target};

impl From<ById> for Target {
    fn from(ById(id): ById) -> Self {
        Self::Number(id)
    }
}

impl From<At> for Target {
    fn from(At { owner, slug }: At) -> Self {
        Self::At { owner, slug }
    }
}

/// Star an endpoint. `starred` is false when the caller had done so before.
#[utoipa::path(post, path = "/api/v1/endpoints/{endpoint_id}/star", tag = "stars", security(("bearer" = [])),
    params(("endpoint_id" = i64, Path)),
    responses(
        (status = 201, body = Starred),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "There is none, or the caller may not see it"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn star(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(target): Path<ById>,
) -> Result<(StatusCode, Json<Starred>), ApiError> {
    let starred = stars::star(&hub, caller, target.into(), origin).await?;
    Ok((StatusCode::CREATED, Json(Starred { starred })))
}

/// Take a star back. Nothing happens when there is none.
#[utoipa::path(delete, path = "/api/v1/endpoints/{endpoint_id}/star", tag = "stars", security(("bearer" = [])),
    params(("endpoint_id" = i64, Path)),
    responses(
        (status = 204),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn unstar(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(target): Path<ById>,
) -> Result<StatusCode, ApiError> {
    stars::unstar(&hub, caller, target.into(), origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Star an endpoint, as the oldest clients ask for it.
#[utoipa::path(patch, path = "/api/v1/endpoints/{endpoint_id}/star", tag = "stars", security(("bearer" = [])),
    params(("endpoint_id" = i64, Path)),
    responses(
        (status = 200, body = Starred),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "There is none, or the caller may not see it"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn star_by_patch(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(target): Path<ById>,
) -> Result<Json<Starred>, ApiError> {
    Ok(Json(Starred { starred: stars::star(&hub, caller, target.into(), origin).await? }))
}

/// Take a star back, as the oldest clients ask for it.
#[utoipa::path(patch, path = "/api/v1/endpoints/{endpoint_id}/unstar", tag = "stars", security(("bearer" = [])),
    params(("endpoint_id" = i64, Path)),
    responses(
        (status = 204),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn unstar_by_patch(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(target): Path<ById>,
) -> Result<StatusCode, ApiError> {
    stars::unstar(&hub, caller, target.into(), origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the caller starred the endpoint; false also when there is none.
#[utoipa::path(get, path = "/api/v1/endpoints/{endpoint_id}/starred", tag = "stars", security(("bearer" = [])),
    params(("endpoint_id" = i64, Path)),
    responses(
        (status = 200, body = Starred),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn is_starred(
    State(hub): State<Hub>,
    signed: Signed,
    Path(target): Path<ById>,
) -> Result<Json<Starred>, ApiError> {
    Ok(Json(Starred { starred: stars::is_starred(&hub, signed, target.into()).await? }))
}

/// Star the endpoint at an address. `starred` is false when the caller had done so before.
#[utoipa::path(post, path = "/api/v1/endpoints/by-path/{owner}/{slug}/star", tag = "stars",
    security(("bearer" = [])),
    params(
        ("owner" = String, Path, description = "An owner's name in any case"),
        ("slug" = String, Path, description = "A slug in any case"),
    ),
    responses(
        (status = 201, body = Starred),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "There is none, or the caller may not see it"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn star_at(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(target): Path<At>,
) -> Result<(StatusCode, Json<Starred>), ApiError> {
    let starred = stars::star(&hub, caller, target.into(), origin).await?;
    Ok((StatusCode::CREATED, Json(Starred { starred })))
}

/// Take the star of the endpoint at an address back. Nothing happens when there is none.
#[utoipa::path(delete, path = "/api/v1/endpoints/by-path/{owner}/{slug}/star", tag = "stars",
    security(("bearer" = [])),
    params(
        ("owner" = String, Path, description = "An owner's name in any case"),
        ("slug" = String, Path, description = "A slug in any case"),
    ),
    responses(
        (status = 204),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn unstar_at(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(target): Path<At>,
) -> Result<StatusCode, ApiError> {
    stars::unstar(&hub, caller, target.into(), origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the caller starred the endpoint at an address; false also when there is none.
#[utoipa::path(get, path = "/api/v1/endpoints/by-path/{owner}/{slug}/starred", tag = "stars",
    security(("bearer" = [])),
    params(
        ("owner" = String, Path, description = "An owner's name in any case"),
        ("slug" = String, Path, description = "A slug in any case"),
    ),
    responses(
        (status = 200, body = Starred),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn is_starred_at(
    State(hub): State<Hub>,
    signed: Signed,
    Path(target): Path<At>,
) -> Result<Json<Starred>, ApiError> {
    Ok(Json(Starred { starred: stars::is_starred(&hub, signed, target.into()).await? }))
}

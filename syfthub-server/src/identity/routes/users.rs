//! `/api/v1/users` (contract hub 3.2).

use axum::extract::State;
use http::StatusCode;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place, parse};
use syfthub_core::model::{HubAction, HubFacts, Role, UserAction, authorize};
use syfthub_core::wire::user::{
    AccountPatch, EmailAvailability, ProfilePatch, PublicProfile, User, UsernameAvailability,
};
use syfthub_core::{Email, UserId, Username};

use crate::db::StoreError;
use crate::http::{ApiError, Json, Path, Query};
use crate::hub::Hub;
use crate::identity::caller::{Administrator, Caller};
use crate::identity::origin::Origin;
use crate::identity::refusal::Refusal;
use crate::identity::routes::admin::UserQuery;
use crate::identity::store::users;
use crate::identity::{FullCaller, administration, profiles};

/// The signed-in user.
#[utoipa::path(get, path = "/api/v1/users/me", tag = "users", security(("bearer" = [])), responses(
    (status = 200, body = User),
    (status = 401, description = "Not signed in"),
))]
pub(super) async fn me(caller: Caller) -> Json<User> {
    Json(caller.user)
}

/// Change the profile. What is absent stays; null clears an address.
#[utoipa::path(put, path = "/api/v1/users/me", tag = "users", security(("bearer" = [])),
    request_body = ProfilePatch,
    responses(
        (status = 200, body = User),
        (status = 400, description = "Nobody else owns an organization of the user's, or runs the hub"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The access token lacks the scope"),
        (status = 409, description = "The username or the e-mail address is taken; `detail.field` says which"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn update_me(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Json(patch): Json<ProfilePatch>,
) -> Result<Json<User>, ApiError> {
    let (id, patch) = (caller.id(), AccountPatch { profile: patch, role: None });
    Ok(Json(profiles::update(&hub, &caller, id, patch, origin).await?))
}

/// The number in the path.
pub(super) struct ById(UserId);

impl Input for ById {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(Fields::of(value, place)?.required("user_id")?))
    }
}

/// All users, in the order of their numbers; for administrators.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", security(("bearer" = [])),
    params(
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
        ("search" = Option<String>, Query, description = "Part of the username, the address or the full name, in any case"),
        ("role" = Option<Role>, Query, description = "Only these"),
        ("is_active" = Option<bool>, Query, description = "Only accounts that are switched on, or off"),
    ),
    responses(
        (status = 200, body = Vec<User>),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Not an administrator"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn list(
    State(hub): State<Hub>,
    _: Administrator,
    Query(UserQuery { filter, page }): Query<UserQuery>,
) -> Result<Json<Vec<User>>, ApiError> {
    Ok(Json(administration::list(&hub, filter, page).await?))
}

/// A user, for themselves and for administrators.
#[utoipa::path(get, path = "/api/v1/users/{user_id}", tag = "users", security(("bearer" = [])),
    params(("user_id" = i64, Path)),
    responses(
        (status = 200, body = User),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "It is another user's account, or nobody's"),
        (status = 404, description = "There is none"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn show(
    State(hub): State<Hub>,
    caller: Caller,
    Path(ById(id)): Path<ById>,
) -> Result<Json<User>, ApiError> {
    profiles::check_right(&caller, UserAction::Read, id)?;
    Ok(Json(administration::find(&hub, id).await?))
}

/// Change a user's profile; administrators also change the role.
#[utoipa::path(put, path = "/api/v1/users/{user_id}", tag = "users", security(("bearer" = [])),
    params(("user_id" = i64, Path)),
    request_body = AccountPatch,
    responses(
        (status = 200, body = User),
        (status = 400, description = "Nobody else owns an organization of the user's, or runs the hub"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "It is another user's account, or the access token lacks the scope"),
        (status = 404, description = "There is none"),
        (status = 409, description = "The username or the e-mail address is taken; `detail.field` says which"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn update(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
    Json(body): Json<Value>,
) -> Result<Json<User>, ApiError> {
    profiles::check_right(&caller, UserAction::Write, id)?;
    // Others' `role` is a field like any unknown one: not even looked at.
    let patch = if authorize(caller.principal(), HubAction::Administer, HubFacts).is_granted() {
        parse(&body, "body").map_err(ApiError::Invalid)?
    } else {
        AccountPatch { profile: parse(&body, "body").map_err(ApiError::Invalid)?, role: None }
    };
    Ok(Json(profiles::update(&hub, &caller, id, patch, origin).await?))
}

/// Delete an account with everything that is only the user's. Its names stay taken.
#[utoipa::path(delete, path = "/api/v1/users/{user_id}", tag = "users", security(("bearer" = [])),
    params(("user_id" = i64, Path)),
    responses(
        (status = 204),
        (status = 400, description = "Nobody else owns an organization of the user's, or runs the hub"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "It is another user's account, or the access token lacks the scope"),
        (status = 404, description = "There is none"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn delete(
    State(hub): State<Hub>,
    FullCaller(caller): FullCaller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
) -> Result<StatusCode, ApiError> {
    profiles::check_right(&caller, UserAction::Delete, id)?;
    administration::delete(&hub, caller.id(), id, origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Switch an account on; for administrators.
#[utoipa::path(patch, path = "/api/v1/users/{user_id}/activate", tag = "users", security(("bearer" = [])),
    params(("user_id" = i64, Path)),
    responses(
        (status = 200, body = User),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Not an administrator, or the access token lacks the scope"),
        (status = 404, description = "There is none"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn activate(
    State(hub): State<Hub>,
    FullCaller(caller): FullCaller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
) -> Result<Json<User>, ApiError> {
    profiles::check_right(&caller, UserAction::Switch, id)?;
    Ok(Json(profiles::switch(&hub, &caller, id, true, origin).await?))
}

/// Switch an account off, which ends its sessions; for administrators.
#[utoipa::path(patch, path = "/api/v1/users/{user_id}/deactivate", tag = "users", security(("bearer" = [])),
    params(("user_id" = i64, Path)),
    responses(
        (status = 200, body = User),
        (status = 400, description = "It is the caller's own, or nobody else owns an organization of the user's or runs the hub"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Not an administrator, or the access token lacks the scope"),
        (status = 404, description = "There is none"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn deactivate(
    State(hub): State<Hub>,
    FullCaller(caller): FullCaller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
) -> Result<Json<User>, ApiError> {
    profiles::check_right(&caller, UserAction::Switch, id)?;
    Ok(Json(profiles::switch(&hub, &caller, id, false, origin).await?))
}

/// A user as everybody may see them.
#[utoipa::path(get, path = "/api/v1/users/public/{username}", tag = "users",
    params(("username" = String, Path, description = "In any case")),
    responses(
        (status = 200, body = PublicProfile),
        (status = 404, description = "There is no active user of this name"),
    ))]
pub(super) async fn public_profile(
    State(hub): State<Hub>,
    Path(Segment(text)): Path<Segment>,
) -> Result<Json<PublicProfile>, ApiError> {
    let username = text.to_lowercase();
    let read =
        hub.db.read(move |tx| Box::pin(async move { users::find_named(tx, &username).await }));
    let user = read.await.map_err(|error: StoreError| error)?.filter(|user| user.is_active);
    Ok(Json(user.ok_or(Refusal::UserNotFound)?.into()))
}

/// The one variable part of a path, whatever it is called.
pub(super) struct Segment(String);

impl Input for Segment {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let name = value.as_object()?.keys().next()?.clone();
        Fields::of(value, place)?.required(&name).map(Self)
    }
}

/// Whether a username is free to take.
#[utoipa::path(get, path = "/api/v1/users/check-username/{username}", tag = "users",
    params(("username" = String, Path, description = "In any case")),
    responses((status = 200, body = UsernameAvailability)))]
pub(super) async fn check_username(
    State(hub): State<Hub>,
    Path(Segment(text)): Path<Segment>,
) -> Result<Json<UsernameAvailability>, ApiError> {
    let username = text.to_lowercase();
    let Ok(name) = Username::parse(&username) else {
        return Ok(Json(UsernameAvailability { available: false, username }));
    };
    let reserved = name.is_reserved();
    let read = hub.db.read(move |tx| {
        Box::pin(async move { users::is_name_taken(tx, name.as_str(), None).await })
    });
    let taken = read.await.map_err(|error: StoreError| error)?;
    Ok(Json(UsernameAvailability { available: !taken && !reserved, username }))
}

/// Whether nobody has registered with an e-mail address.
#[utoipa::path(get, path = "/api/v1/users/check-email/{email}", tag = "users",
    params(("email" = String, Path, description = "In any case")),
    responses((status = 200, body = EmailAvailability)))]
pub(super) async fn check_email(
    State(hub): State<Hub>,
    Path(Segment(text)): Path<Segment>,
) -> Result<Json<EmailAvailability>, ApiError> {
    let email = text.to_lowercase();
    let Ok(address) = Email::parse(&email) else {
        return Ok(Json(EmailAvailability { available: false, email }));
    };
    let read = hub.db.read(move |tx| {
        Box::pin(async move { users::is_email_taken(tx, address.as_str(), None).await })
    });
    let taken = read.await.map_err(|error: StoreError| error)?;
    Ok(Json(EmailAvailability { available: !taken, email }))
}

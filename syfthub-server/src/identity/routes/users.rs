//! `/api/v1/users` (contract hub 3.2).

use axum::extract::State;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::user::{EmailAvailability, ProfilePatch, User, UsernameAvailability};
use syfthub_core::{Email, Username};

use crate::db::StoreError;
use crate::http::{ApiError, Json, Path};
use crate::hub::Hub;
use crate::identity::accounts;
use crate::identity::caller::Caller;
use crate::identity::origin::Origin;
use crate::identity::store::users;

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
        (status = 401, description = "Not signed in"),
        (status = 409, description = "The username or the e-mail address is taken; `detail.field` says which"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn update_me(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Json(patch): Json<ProfilePatch>,
) -> Result<Json<User>, ApiError> {
    Ok(Json(accounts::update_profile(&hub, &caller, patch, origin).await?))
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

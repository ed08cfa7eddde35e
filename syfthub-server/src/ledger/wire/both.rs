//! What the two dialects share: delegation tokens, and the one path that both use for lists (contract accounting 4.7).

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde_json::{Value, json};
use syfthub_core::Email;
use syfthub_core::input::{Fields, Input, Place};

use super::bodies::{Case, Recipient, TokenBody, TransactionBody};
use super::caller::Holder;
use crate::http::{ApiError, Json, Page, Query};
use crate::ledger::Ledger;

/// Make a token with which the recipient may charge the holder, up to the ledger's cap and within its life.
#[utoipa::path(post, path = "/token/create", tag = "ledger", security(("basic" = [])), request_body = Recipient, responses(
    (status = 200, body = TokenBody),
    (status = 401, description = "The credentials open no account"),
    (status = 404, description = "The recipient has no account, or this hub keeps no ledger"),
    (status = 422, description = "A field breaks its rule"),
    (status = 429, description = "Too many have failed"),
    (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn token(
    State(ledger): State<Ledger>,
    holder: Holder,
    Json(Recipient { email }): Json<Recipient>,
) -> Result<Json<TokenBody>, ApiError> {
    let (_, token) = ledger.token(&holder.party, &email).await?;
    Ok(Json(TokenBody { token: token.expose().to_owned() }))
}

/// The query of a list: with either field it is dialect B, without them dialect A.
pub(super) enum Listed {
    Page(Page),
    All,
}

impl Input for Listed {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        if fields.raw("skip").is_none() && fields.raw("limit").is_none() {
            return Some(Self::All);
        }
        Page::with_default(&mut fields, 20).map(Self::Page)
    }
}

/// The holder's transactions, newest first. With `skip` or `limit` it is a bare list in lower case (dialect B); without them
/// `{"transactions": […]}` in upper case (dialect A), as many as the ledger is set to tell.
#[utoipa::path(get, path = "/transactions", tag = "ledger", security(("basic" = [])),
    params(
        ("skip" = Option<i64>, Query, minimum = 0, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "How many to answer, 20 unless given"),
    ),
    responses(
        (status = 200, body = Vec<TransactionBody>),
        (status = 401, description = "The credentials open no account"),
        (status = 404, description = "This hub keeps no ledger"),
        (status = 422, description = "A parameter breaks its rule"),
        (status = 429, description = "Too many have failed"),
        (status = 503, description = "Too many passwords are being checked"),
))]
pub(super) async fn transactions(
    State(ledger): State<Ledger>,
    holder: Holder,
    Query(listed): Query<Listed>,
) -> Result<Response, ApiError> {
    let (case, Page { skip, limit }) = match listed {
        Listed::Page(page) => (Case::Lower, page),
        Listed::All => {
            let limit = i64::from(ledger.settings().ledger_list_max);
            (Case::Upper, Page { skip: 0, limit })
        }
    };
    let history = ledger.history(&holder.party, skip, limit).await?;
    let list: Vec<_> =
        history.into_iter().map(|transfer| TransactionBody::of(transfer, case)).collect();
    Ok(match case {
        Case::Lower => Json(list).into_response(),
        Case::Upper => Json(json!({ "transactions": list })).into_response(),
    })
}

/// An address that the body has to have.
pub(super) fn named(email: Option<Email>, field: &str) -> Result<Email, ApiError> {
    let missing = || {
        let detail = format!("body.{field}: Field required");
        ApiError::plain(StatusCode::UNPROCESSABLE_ENTITY, detail)
    };
    email.ok_or_else(missing)
}

/// An address that has to be the holder's own, and is not.
pub(super) fn somebody_else(field: &str) -> ApiError {
    ApiError::coded(
        StatusCode::FORBIDDEN,
        "NOT_YOURS",
        format!("{field} must be the address that you signed in with"),
    )
}

//! `/api/v1/accounting`, `/api/v1/users/me/accounting` and `/api/v1/organizations/{organization_id}/accounting` (contract
//! hub 3.2 and 3.6).

mod account;
mod books;
mod grants;
mod transactions;

use serde_json::Value;
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::Page;
use crate::hub::Hub;

/// The routes of this folder.
pub(crate) fn routes() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(account::credentials))
        .routes(routes!(account::of_organization))
        .routes(routes!(account::account))
        .routes(routes!(transactions::list, transactions::create))
        .routes(routes!(transactions::find))
        .routes(routes!(transactions::confirm))
        .routes(routes!(transactions::cancel))
        .routes(routes!(transactions::tokens))
        .routes(routes!(grants::list, grants::create))
        .routes(routes!(grants::revoke))
        .routes(routes!(books::entries))
        .routes(routes!(books::deposit))
        .routes(routes!(books::trial_balance))
}

/// The query of a list: 20 of them unless asked otherwise.
struct Listed(Page);

impl Input for Listed {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let skip = fields.number("skip", 0, i64::from(i32::MAX), 0);
        let limit = fields.number("limit", 1, 100, 20);
        Some(Self(Page { skip: skip?, limit: limit? }))
    }
}

/// The id of a transaction or a grant: what fits into a path and stays one segment of it.
struct ById(String);

impl Input for ById {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let id = fields.text("id", 1, 128)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if id.chars().all(plain) {
            return Some(Self(id));
        }
        fields.refuse("id", Invalid::pattern("^[A-Za-z0-9_-]+$"))
    }
}

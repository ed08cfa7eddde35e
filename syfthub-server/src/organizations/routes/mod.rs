//! The routes of organizations.

mod members;
mod organizations;

use serde_json::Value;
use syfthub_core::OrganizationId;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::model::OrgRole;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::Page;
use crate::hub::Hub;

/// Everything under `/api/v1/organizations`.
pub(crate) fn routes() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(organizations::list, organizations::create))
        .routes(routes!(organizations::show, organizations::update, organizations::delete))
        .routes(routes!(organizations::switch))
        .routes(routes!(members::list, members::add))
        .routes(routes!(members::change, members::remove))
        .routes(routes!(members::switch))
}

/// The number in the path.
struct ById(OrganizationId);

impl Input for ById {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(Fields::of(value, place)?.required("organization_id")?))
    }
}

/// The query of a list.
struct ListQuery {
    role: Option<OrgRole>,
    page: Page,
}

impl Input for ListQuery {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let page = Page::of(&mut fields);
        Some(Self { role: fields.optional("role"), page: page? })
    }
}

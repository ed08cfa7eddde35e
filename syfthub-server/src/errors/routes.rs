//! `/api/v1/errors` and `/api/v1/admin/errors` (contract hub 3.7 and 8.3).

use axum::extract::{Request, State};
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::error_report::{
    ErrorPage, ErrorReport, Level, ReportReceived, ServiceErrorReport,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::report::Report;
use super::store::{self, Filter};
use crate::db::StoreError;
use crate::http::{ApiError, ClientAddress, CorrelationId, Json, Page, Query};
use crate::hub::Hub;
use crate::identity::{Administrator, MaybeCaller, Presented, Reading};
use crate::shared::Rule;

/// The routes of this folder.
pub(crate) fn routes() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(report))
        .routes(routes!(service_report))
        .routes(routes!(list))
}

/// Report an error that a user's program noticed. It is stored a moment later.
#[utoipa::path(post, path = "/api/v1/errors/report", tag = "errors", security((), ("bearer" = [])),
    request_body = ErrorReport,
    responses(
        (status = 202, body = ReportReceived),
        (status = 413, description = "The report is too large"),
        (status = 415, description = "The body is not JSON"),
        (status = 422, description = "A field breaks its rule"),
        (status = 429, description = "Too many reports from this address"),
        (status = 503, description = "Too many reports wait already"),
))]
async fn report(
    State(hub): State<Hub>,
    client: ClientAddress,
    Reading(presented): Reading<Presented>,
    correlation_id: CorrelationId,
    request: Request,
) -> Result<(StatusCode, Json<ReportReceived>), ApiError> {
    hub.limits.check(Rule::Report, client.network()).await?;
    let limit = hub.errors.settings.error_report_max_bytes;
    let Json(report): Json<ErrorReport> = Json::read_within(request, limit).await?;
    let find = hub.db.read(move |tx| Box::pin(async move { presented.find_caller(tx).await }));
    let user = match find.await.map_err(|error: StoreError| error)? {
        MaybeCaller::Known(caller) => Some(caller.id()),
        MaybeCaller::Anonymous | MaybeCaller::Rejected => None,
    };
    keep(&hub, Report::of_program(report, &correlation_id, user, hub.clock.now()))
}

/// Report an error of a service, with the operator's internal token. Without one in the settings there is no such route.
#[utoipa::path(post, path = "/api/v1/errors/service-report", tag = "errors", security(("bearer" = [])),
    request_body = ServiceErrorReport,
    responses(
        (status = 202, body = ReportReceived),
        (status = 401, description = "Not the internal token"),
        (status = 404, description = "The hub has no internal token"),
        (status = 413, description = "The report is too large"),
        (status = 415, description = "The body is not JSON"),
        (status = 422, description = "A field breaks its rule"),
        (status = 503, description = "Too many reports wait already"),
))]
async fn service_report(
    State(hub): State<Hub>,
    correlation_id: CorrelationId,
    request: Request,
) -> Result<(StatusCode, Json<ReportReceived>), ApiError> {
    let settings = &hub.errors.settings;
    let Some(internal) = &settings.internal_token else {
        return Err(ApiError::not_found("Not Found"));
    };
    if !internal.secret().matches(presented(request.headers())) {
        return Err(ApiError::unauthenticated());
    }
    let Json(report): Json<ServiceErrorReport> =
        Json::read_within(request, settings.error_report_max_bytes).await?;
    keep(&hub, Report::of_service(report, &correlation_id, hub.clock.now()))
}

fn presented(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = value.and_then(|value| value.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" }
}

fn keep(hub: &Hub, report: Report) -> Result<(StatusCode, Json<ReportReceived>), ApiError> {
    let answer = ReportReceived { received: true, correlation_id: report.correlation_id.clone() };
    if hub.errors.queue.put(report) {
        return Ok((StatusCode::ACCEPTED, Json(answer)));
    }
    let message = "Too many reports wait already";
    let soon = std::time::Duration::from_secs(10);
    Err(ApiError::later(StatusCode::SERVICE_UNAVAILABLE, message, soon))
}

/// The query of a list of reports.
struct Listed {
    filter: Filter,
    page: Page,
}

impl Input for Listed {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let page = Page::of(&mut fields);
        let filter = Filter {
            service: fields.optional_text("service", 100),
            level: fields.optional("level"),
            event: fields.optional_text("event", 100),
            correlation_id: fields.optional_text("correlation_id", 64),
            since: fields.optional("since"),
            until: fields.optional("until"),
        };
        Some(Self { filter, page: page? })
    }
}

/// A page of reports, newest first, and how many there are on all pages.
#[utoipa::path(get, path = "/api/v1/admin/errors", tag = "administration", security(("bearer" = [])),
    params(
        ("skip" = Option<i64>, Query, minimum = 0, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "How many at most, 10 unless given"),
        ("service" = Option<String>, Query, description = "Only those of this service, such as `hub` or `frontend`"),
        ("level" = Option<Level>, Query, description = "Only those of this level"),
        ("event" = Option<String>, Query, description = "Only those of this kind"),
        ("correlation_id" = Option<String>, Query, description = "Only those of this request"),
        ("since" = Option<String>, Query, format = DateTime, description = "Only those from then on, RFC 3339"),
        ("until" = Option<String>, Query, format = DateTime, description = "Only those before, RFC 3339"),
    ),
    responses(
        (status = 200, body = ErrorPage),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Not an administrator"),
        (status = 422, description = "A parameter breaks its rule"),
))]
async fn list(
    State(hub): State<Hub>,
    _: Administrator,
    Query(Listed { filter, page }): Query<Listed>,
) -> Result<Json<ErrorPage>, ApiError> {
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let total = store::count(tx, &filter).await?;
            Ok((store::list(tx, &filter, page).await?, total))
        })
    });
    let (errors, total) = read.await.map_err(|error: StoreError| error)?;
    Ok(Json(ErrorPage { errors, total, skip: page.skip, limit: page.limit }))
}

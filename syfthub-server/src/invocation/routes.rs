//! `POST /{owner}/{slug}`.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderName};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::call::{self, Request};
use crate::http::{ApiError, ClientAddress, CorrelationId, Path};
use crate::hub::Hub;
use crate::identity::{Presented, Reading};
use crate::registry::At;

/// The space's tenant, passed on as the caller names it.
pub(super) const TENANT: HeaderName = HeaderName::from_static("x-tenant-name");

/// The one route of invocation.
pub(crate) fn routes() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(invoke))
}

/// Call an endpoint. The body goes to the endpoint as it is, with a token that says who asks; the answer comes back as
/// it is, also when it is a stream of events.
#[utoipa::path(post, path = "/{owner}/{slug}", tag = "content", security((), ("bearer" = [])),
    params(
        ("owner" = String, Path, description = "A username or an organization's slug, in any case"),
        ("slug" = String, Path, description = "A slug in any case"),
        ("X-Tenant-Name" = Option<String>, Header, description = "Passed on"),
    ),
    request_body(content = Object, description = "What the endpoint expects: JSON of any kind"),
    responses(
        (status = 200, description = "What the endpoint answered; text that is no JSON as `raw_response`", body = Object,
            headers(("X-Proxy-Latency-Ms" = u64, description = "How long the endpoint took"))),
        (status = 400, description = "The body is no JSON, or the endpoint has no address that can be called"),
        (status = 401, description = "The token does not count, and a better one might help"),
        (status = 403, description = "The endpoint refused, or its address is not public"),
        (status = 404, description = "There is none that is active, or the caller may not see it"),
        (status = 408, description = "The body did not arrive in time"),
        (status = 413, description = "The body is too large"),
        (status = 429, description = "Too many invocations; `Retry-After` says when to try again"),
        (status = 502, description = "The endpoint could not be reached, or wants other credentials"),
        (status = 504, description = "The endpoint took too long"),
        (status = "default", description = "The status that the endpoint refused with, and in `detail` why"),
))]
async fn invoke(
    State(hub): State<Hub>,
    Reading(presented): Reading<Presented>,
    client: ClientAddress,
    correlation: CorrelationId,
    Path(At { owner, slug }): Path<At>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let tenant = headers.get(TENANT).cloned();
    let request = Request { presented, client, correlation, tenant, body };
    Ok(call::invoke(&hub, &owner, &slug, request).await)
}

//! The one layer around every route: correlation id, span, limits, CORS, panics, headers, metrics.
//!
//! It is one layer by hand and not a stack of them, because each boxed layer costs every request an allocation and a
//! dispatch, and because their order matters: an answer to a refused body needs its id and its headers too.

use std::any::Any;
use std::convert::Infallible;
use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use futures_util::future::{self, BoxFuture, Either};
use http::header::{self, HeaderName};
use http::{HeaderValue, Method, StatusCode};
use tower::{Layer, Service};
use tracing::Instrument as _;
use url::Url;

use super::client::{self, Proxies};
use super::correlation::{self, CorrelationId};
use super::error::{ApiError, Failure, internal, respond};
use super::metrics::Requests;
use super::{CorsOrigins, body, cors};
use crate::config::HttpSettings;

/// Answers everything the routes of `role` do not, and puts the layer around all of it. Clients reach it at `public_url`.
pub(crate) fn edge(
    router: Router,
    role: &'static str,
    settings: &HttpSettings,
    public_url: Option<&Url>,
) -> Router {
    watched_edge(router, role, settings, public_url, None)
}

/// A request that was not answered as it should have been: the server itself failed.
pub(crate) struct FailedRequest<'a> {
    /// The request's id.
    pub(crate) correlation_id: &'a CorrelationId,
    /// Its method.
    pub(crate) method: &'a Method,
    /// The route that it was for.
    pub(crate) route: Option<&'a str>,
    /// What was answered.
    pub(crate) status: StatusCode,
    /// What lies behind.
    pub(crate) cause: &'a (dyn Error + Send + Sync + 'static),
}

/// Learns of requests that failed. It must not take long: the answer waits for it.
pub(crate) trait Witness: Send + Sync {
    /// This one did.
    fn failed(&self, request: &FailedRequest<'_>);
}

/// [`edge()`], with somebody who learns of failures.
pub(crate) fn watched_edge(
    router: Router,
    role: &'static str,
    settings: &HttpSettings,
    public_url: Option<&Url>,
    witness: Option<Arc<dyn Witness>>,
) -> Router {
    let edge = Edge {
        witness,
        is_https: public_url.is_some_and(|url| url.scheme() == "https"),
        requests: Requests::of(role),
        cors: settings.cors_origins.clone(),
        proxies: Proxies::new(&settings.trusted_proxies, settings.forwarded_header),
        body_limit: settings.max_body_bytes,
        body_time: settings.body_timeout,
    };
    router
        .fallback(|| async { ApiError::not_found("Not Found") })
        .method_not_allowed_fallback(|| async {
            ApiError::plain(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        })
        .layer(EdgeLayer(Arc::new(edge)))
}

/// Headers that an answer gets unless its handler decided otherwise.
const DEFAULTS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// Tells browsers to come over TLS alone for a year (RFC 6797), where that is how they reached us.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

struct Edge {
    witness: Option<Arc<dyn Witness>>,
    is_https: bool,
    requests: Requests,
    cors: CorsOrigins,
    proxies: Proxies,
    body_limit: usize,
    body_time: Duration,
}

#[derive(Clone)]
struct EdgeLayer(Arc<Edge>);

impl<S> Layer<S> for EdgeLayer {
    type Service = EdgeService<S>;

    fn layer(&self, inner: S) -> EdgeService<S> {
        EdgeService { inner, edge: Arc::clone(&self.0) }
    }
}

#[derive(Clone)]
struct EdgeService<S> {
    inner: S,
    edge: Arc<Edge>,
}

impl<S> Service<Request> for EdgeService<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let started = Instant::now();
        let edge = Arc::clone(&self.edge);
        let correlation = CorrelationId::of(request.headers());
        let origin = edge.cors.allowed(request.headers());
        let method = request.method().clone();
        let route = request.extensions().get::<MatchedPath>().cloned();
        request.extensions_mut().insert(correlation.clone());
        let client = edge.proxies.client(client::peer(request.extensions()), request.headers());
        request.extensions_mut().insert(client);
        let span = tracing::info_span!(
            "request",
            correlation_id = correlation.as_str(),
            method = method.as_str(),
            route = route.as_ref().map(MatchedPath::as_str),
            %client,
        );
        body::guard(&mut request, edge.body_limit, edge.body_time);
        let handling = match edge.answer_early(&request) {
            Some(answer) => Either::Left(future::ready(Ok(answer))),
            None => Either::Right(span.in_scope(|| self.inner.call(request))),
        };
        let work = async move {
            let mut response = caught(handling).await;
            let route = route.as_ref().map(MatchedPath::as_str);
            if let Some(Failure(cause)) = response.extensions_mut().remove() {
                let status = response.status();
                let failed = FailedRequest {
                    correlation_id: &correlation,
                    method: &method,
                    route,
                    status,
                    cause: &*cause,
                };
                edge.note_failure(&failed);
                if status == StatusCode::INTERNAL_SERVER_ERROR {
                    response = respond(status, &internal(Some(correlation.as_str())));
                }
            }
            finish(&mut response, &correlation, origin);
            if edge.is_https {
                response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, ONLY_TLS);
            }
            let elapsed = started.elapsed();
            tracing::debug!(status = response.status().as_u16(), ?elapsed, "answered");
            edge.requests.record(route, &method, response.status(), elapsed);
            Ok(response)
        };
        Box::pin(work.instrument(span))
    }
}

/// The answer of the handler, or the one for its panic.
async fn caught(handling: impl Future<Output = Result<Response, Infallible>>) -> Response {
    match AssertUnwindSafe(handling).catch_unwind().await {
        Ok(Ok(response)) => response,
        Err(panic) => ApiError::internal(format!("the handler panicked: {}", panic_text(&*panic)))
            .into_response(),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&'static str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

impl Edge {
    fn note_failure(&self, request: &FailedRequest<'_>) {
        tracing::error!(error = request.cause as &dyn Error, "the request failed");
        if let Some(witness) = &self.witness {
            witness.failed(request);
        }
    }

    /// An answer that needs no handler: to a browser's preflight, or to a body that is announced as too large.
    fn answer_early(&self, request: &Request) -> Option<Response> {
        if cors::is_preflight(request) {
            return Some(cors::preflight(request.headers()));
        }
        let announced = body::check_announced(request.headers(), self.body_limit);
        announced.err().map(|refused| ApiError::from(refused).into_response())
    }
}

/// Adds what every answer carries.
fn finish(response: &mut Response, correlation: &CorrelationId, origin: Option<HeaderValue>) {
    let headers = response.headers_mut();
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(value);
    }
    headers.insert(correlation::HEADER, correlation.header());
    if let Some(origin) = origin {
        cors::mark(headers, origin);
    }
}

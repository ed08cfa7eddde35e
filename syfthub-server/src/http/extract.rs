//! Reading requests. What is wrong with one is always an [`ApiError`], with all refusals at once (contract hub 1.4).

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Issue, Part, Place, parse};
use url::form_urlencoded;

use super::{ApiError, body};

/// A JSON body, in either direction.
#[derive(Debug, Clone)]
pub(crate) struct Json<T>(pub(crate) T);

/// A form body (`application/x-www-form-urlencoded`); of a field that is repeated, the last one counts.
#[derive(Debug, Clone)]
pub(crate) struct Form<T>(pub(crate) T);

/// The query string; of a field that is repeated, the last one counts.
#[derive(Debug, Clone)]
pub(crate) struct Query<T>(pub(crate) T);

/// The variable parts of the path, by the names they have in the route.
#[derive(Debug, Clone)]
pub(crate) struct Path<T>(pub(crate) T);

/// `skip` and `limit` of a list (contract hub 1.5): 0 and 10 unless given, `limit` from 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// How many to leave out.
    pub(crate) skip: i64,
    /// How many to answer at most.
    pub(crate) limit: i64,
}

impl Page {
    /// Reads the two fields beside others of the same query.
    pub(crate) fn of(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        Self::with_default(fields, 10)
    }

    /// Reads the two fields where `limit` is another one unless given.
    pub(crate) fn with_default(fields: &mut Fields<'_, '_, '_>, usual: i64) -> Option<Self> {
        let skip = fields.number("skip", 0, i64::from(i32::MAX), 0);
        let limit = fields.number("limit", 1, 100, usual);
        Some(Self { skip: skip?, limit: limit? })
    }
}

impl Input for Page {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Self::of(&mut Fields::of(value, place)?)
    }
}

impl<T: Input, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Self::read_within(request, usize::MAX).await
    }
}

impl<T: Input> Json<T> {
    /// Reads a body that has at most `limit` bytes, and no more than any body may have.
    pub(crate) async fn read_within(request: Request, limit: usize) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            let expected = "Content-Type must be application/json";
            return Err(ApiError::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, expected));
        }
        let bytes = body::read_within(request.into_body(), limit).await?;
        let value = if bytes.is_empty() { Value::Null } else { decode(&bytes)? };
        if value.is_null() {
            return Err(ApiError::Invalid(vec![issue(
                "missing",
                "Field required",
                &[],
                Value::Null,
            )]));
        }
        parse(&value, "body").map(Self).map_err(ApiError::Invalid)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => {
                let json = HeaderValue::from_static("application/json");
                ([(header::CONTENT_TYPE, json)], Body::from(bytes)).into_response()
            }
            Err(error) => ApiError::internal(error).into_response(),
        }
    }
}

impl<T: Input, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = ApiError;

    /// A body of another type counts as an empty form, so that the fields it lacks are named.
    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let is_form = media_type(request.headers()) == Some("application/x-www-form-urlencoded");
        let bytes =
            if is_form { body::read(request.into_body()).await? } else { bytes::Bytes::new() };
        read_pairs(form_urlencoded::parse(&bytes), "body").map(Self)
    }
}

impl<T: Input, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let text = parts.uri.query().unwrap_or_default();
        read_pairs(form_urlencoded::parse(text.as_bytes()), "query").map(Self)
    }
}

impl<T: Input, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // A path that is not UTF-8 names nothing we have.
        let raw = RawPathParams::from_request_parts(parts, state).await;
        let raw = raw.map_err(|_| ApiError::not_found("Not Found"))?;
        read_pairs(raw.iter(), "path").map(Self)
    }
}

fn read_pairs<T: Input>(
    pairs: impl Iterator<Item = (impl Into<String>, impl Into<String>)>,
    root: &'static str,
) -> Result<T, ApiError> {
    let object: Map<String, Value> =
        pairs.map(|(name, value)| (name.into(), Value::String(value.into()))).collect();
    parse(&Value::Object(object), root).map_err(|mut issues| {
        // Where the parent is no JSON object, `input` of a missing field is null (contract hub 1.4).
        for issue in issues.iter_mut().filter(|issue| issue.kind == "missing") {
            issue.input = Value::Null;
        }
        ApiError::Invalid(issues)
    })
}

/// Reads JSON; text that is none is refused with the byte where that shows.
fn decode(bytes: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let before: usize = bytes
            .split_inclusive(|b| *b == b'\n')
            .take(error.line().saturating_sub(1))
            .map(<[u8]>::len)
            .sum();
        let offset = before + error.column().saturating_sub(1);
        let place = [Part::Index(offset.min(bytes.len()))];
        ApiError::Invalid(vec![issue("json_invalid", "JSON decode error", &place, json!({}))])
    })
}

fn issue(kind: &'static str, message: &'static str, inside: &[Part], input: Value) -> Issue {
    let msg = Invalid::new(kind, message).message.into_owned();
    let loc =
        std::iter::once(Part::Field("body".to_owned())).chain(inside.iter().cloned()).collect();
    Issue { kind, loc, msg, input }
}

/// A body without a type counts as JSON (contract hub 1.1).
fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_none_or(|media| {
        media == "application/json"
            || (media.starts_with("application/") && media.ends_with("+json"))
    })
}

fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?;
    // A value that is not ASCII is of no type we know.
    let text = value.to_str().unwrap_or("?");
    text.split(';').next().map(str::trim).filter(|media| !media.is_empty())
}

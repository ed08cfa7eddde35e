//! Reports of what went wrong, in the hub and around it (contract hub 3.7 and 8.3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::input::{Fields, Input, Place};
use crate::invalid::Invalid;

/// Body of `POST /api/v1/errors/report`: what a user's program noticed. Long texts are cut and secrets blanked before
/// anything is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorReport {
    /// What happened, in a sentence.
    pub message: String,
    /// The error itself.
    pub error: ReportedError,
    /// What kind of event it is, 1 to 100 characters; `frontend.error.unhandled` unless given.
    #[serde(default = "unhandled")]
    pub event: String,
    /// The request that the error belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// When the program noticed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub timestamp: Option<Timestamp>,
    /// Where it happened: `url`, `user_agent`, `app_state`, and what else is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub context: Option<Map<String, Value>>,
}

fn unhandled() -> String {
    "frontend.error.unhandled".to_owned()
}

impl ErrorReport {
    /// A report of an error of the type `kind`, such as `TypeError`, and what happened in a sentence.
    pub fn new(message: impl Into<String>, kind: impl Into<String>) -> Self {
        let kind = kind.into();
        let error = ReportedError { kind, message: None, stack_trace: None, component_stack: None };
        Self {
            message: message.into(),
            error,
            event: unhandled(),
            correlation_id: None,
            timestamp: None,
            context: None,
        }
    }
}

/// The error inside an [`ErrorReport`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportedError {
    /// Its type, such as `TypeError`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its own message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where it was raised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack_trace: Option<String>,
    /// The components it was raised in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_stack: Option<String>,
}

/// Largest text of a report that is read at all; a body is smaller.
const ANY: usize = 1_000_000;

impl Input for ErrorReport {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let message = fields.required("message");
        let error = fields.required("error");
        let event = fields.text_or("event", 1, 100, &unhandled());
        let correlation_id = fields.optional("correlation_id");
        let timestamp = fields.optional("timestamp");
        let context = fields.optional("context");
        Some(Self {
            message: message?,
            error: error?,
            event: event?,
            correlation_id,
            timestamp,
            context,
        })
    }
}

impl Input for ReportedError {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let kind = fields.text("type", 1, 200);
        let message = fields.optional_text("message", ANY);
        let stack_trace = fields.optional_text("stack_trace", ANY);
        let component_stack = fields.optional_text("component_stack", ANY);
        Some(Self { kind: kind?, message, stack_trace, component_stack })
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Of interest to those who look for something.
    Debug,
    /// As it should be.
    Info,
    /// Not as it should be, and yet it went on.
    Warning,
    /// A request or a task failed.
    Error,
    /// More than that failed.
    Critical,
}

impl Level {
    const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The level as the wire has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }

    /// Reads a level.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|level| level.as_str() == text);
        found.ok_or_else(|| Invalid::not_one_of(&Self::ALL.map(Self::as_str)))
    }
}

impl Input for Level {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let text = String::read(value, place)?;
        Self::parse(&text).map_or_else(|refusal| place.refuse(refusal, value), Some)
    }
}

/// Body of `POST /api/v1/errors/service-report`: what a service of the same operator noticed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceErrorReport {
    /// The service, such as `aggregator`; 1 to 100 characters.
    pub service: String,
    /// What kind of event it is, 1 to 100 characters.
    pub event: String,
    /// What happened, in a sentence.
    pub message: String,
    /// How bad it is; `error` unless given.
    #[serde(default = "failure")]
    pub level: Level,
    /// The request that the error belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The path that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The method it was asked with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The error's type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// The error's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Where it was raised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack_trace: Option<String>,
    /// What else is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Value>,
    /// What was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_data: Option<Value>,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_data: Option<Value>,
}

fn failure() -> Level {
    Level::Error
}

impl ServiceErrorReport {
    /// A report of a failure of `service`.
    pub fn new(
        service: impl Into<String>,
        event: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            service: service.into(),
            event: event.into(),
            message: message.into(),
            level: failure(),
            correlation_id: None,
            endpoint: None,
            method: None,
            error_type: None,
            error_code: None,
            stack_trace: None,
            context: None,
            request_data: None,
            response_data: None,
        }
    }
}

impl Input for ServiceErrorReport {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let service = fields.text("service", 1, 100);
        let event = fields.text("event", 1, 100);
        let message = fields.required("message");
        let level = fields.or("level", failure());
        Some(Self {
            correlation_id: fields.optional("correlation_id"),
            endpoint: fields.optional_text("endpoint", ANY),
            method: fields.optional_text("method", 20),
            error_type: fields.optional_text("error_type", 200),
            error_code: fields.optional_text("error_code", 200),
            stack_trace: fields.optional_text("stack_trace", ANY),
            context: fields.optional("context"),
            request_data: fields.optional("request_data"),
            response_data: fields.optional("response_data"),
            service: service?,
            event: event?,
            message: message?,
            level: level?,
        })
    }
}

/// Answer to a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportReceived {
    /// Always true.
    pub received: bool,
    /// The id the report is kept under: its own when that is a good one, else the request's.
    pub correlation_id: String,
}

/// A report as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorRecord {
    /// The report's number.
    pub id: i64,
    /// When it arrived.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The request it belongs to.
    pub correlation_id: String,
    /// `hub` for the hub's own failures, `frontend` for what users' programs report, else the service that reported.
    pub service: String,
    /// How bad it is.
    pub level: Level,
    /// What kind of event it is.
    pub event: String,
    /// What happened.
    pub message: String,
    /// The method of the request that failed.
    pub method: Option<String>,
    /// Its route or path.
    pub path: Option<String>,
    /// The status that was answered.
    pub status: Option<i64>,
    /// The error's type.
    pub error_type: Option<String>,
    /// The error's code.
    pub error_code: Option<String>,
    /// Where it was raised.
    pub stack_trace: Option<String>,
    /// What else is known, without secrets.
    pub context: Value,
    /// Who reported it, if that is known.
    pub user_id: Option<i64>,
}

/// Answer of `GET /api/v1/admin/errors`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorPage {
    /// A page of those that match, newest first.
    pub errors: Vec<ErrorRecord>,
    /// How many match on all pages.
    pub total: i64,
    /// How many were left out before this page.
    pub skip: i64,
    /// How many a page has at most.
    pub limit: i64,
}

//! A report as it is kept, and what becomes of what was sent.

use serde_json::{Map, Value, json};
use syfthub_core::wire::error_report::{ErrorReport, Level, ServiceErrorReport};
use syfthub_core::{Timestamp, UserId};

use super::redact;
use crate::http::{CorrelationId, FailedRequest};

const LONGEST_MESSAGE: usize = 2000;
const LONGEST_STACK: usize = 16_000;
const LONGEST_PATH: usize = 500;
/// Largest context, as JSON in bytes.
const LARGEST_CONTEXT: usize = 32_000;

/// What is kept of something that went wrong; fit to be kept.
#[derive(Debug, Clone)]
pub(super) struct Report {
    pub(super) at: Timestamp,
    pub(super) correlation_id: String,
    pub(super) service: String,
    pub(super) level: Level,
    pub(super) event: String,
    pub(super) message: String,
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
    pub(super) status: Option<i64>,
    pub(super) error_type: Option<String>,
    pub(super) error_code: Option<String>,
    pub(super) stack_trace: Option<String>,
    pub(super) context: Value,
    pub(super) user: Option<UserId>,
}

impl Report {
    /// A request that the hub failed to answer. The causes, outermost first, are its message.
    pub(super) fn of_failure(request: &FailedRequest<'_>, at: Timestamp) -> Self {
        let mut causes = vec![request.cause.to_string()];
        let mut inner = request.cause.source();
        while let Some(cause) = inner {
            causes.push(cause.to_string());
            inner = cause.source();
        }
        Self {
            at,
            correlation_id: request.correlation_id.as_str().to_owned(),
            service: "hub".to_owned(),
            level: Level::Error,
            event: "hub.request.failed".to_owned(),
            message: redact::text(&causes.join(": "), LONGEST_MESSAGE),
            method: Some(request.method.to_string()),
            path: request.route.map(str::to_owned),
            status: Some(i64::from(request.status.as_u16())),
            error_type: None,
            error_code: None,
            stack_trace: None,
            context: json!({}),
            user: None,
        }
    }

    /// What a user's program noticed.
    pub(super) fn of_program(
        report: ErrorReport,
        request: &CorrelationId,
        user: Option<UserId>,
        at: Timestamp,
    ) -> Self {
        let ErrorReport { message, error, event, correlation_id, timestamp, context } = report;
        let mut context = context.unwrap_or_default();
        let details =
            [("error_message", error.message), ("component_stack", error.component_stack)];
        for (name, text) in details {
            if let Some(text) = text {
                context.insert(name.to_owned(), text.into());
            }
        }
        if let Some(timestamp) = timestamp {
            context.insert("noticed_at".to_owned(), timestamp.to_string().into());
        }
        Self {
            at,
            correlation_id: good_id(correlation_id, request),
            service: "frontend".to_owned(),
            level: Level::Error,
            event: redact::text(&event, 100),
            message: redact::text(&message, LONGEST_MESSAGE),
            method: None,
            path: None,
            status: None,
            error_type: Some(redact::text(&error.kind, 200)),
            error_code: None,
            stack_trace: error.stack_trace.map(|stack| redact::text(&stack, LONGEST_STACK)),
            context: kept(&Value::Object(context)),
            user,
        }
    }

    /// What a service noticed.
    pub(super) fn of_service(
        report: ServiceErrorReport,
        request: &CorrelationId,
        at: Timestamp,
    ) -> Self {
        let short = |text: Option<String>| text.map(|text| redact::text(&text, 200));
        let parts = [
            ("context", report.context),
            ("request", report.request_data),
            ("response", report.response_data),
        ];
        let parts = parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?)));
        let context: Map<String, Value> = parts.collect();
        let path = report.endpoint.as_deref().map(redact::without_query);
        Self {
            at,
            correlation_id: good_id(report.correlation_id, request),
            service: redact::text(&report.service, 100),
            level: report.level,
            event: redact::text(&report.event, 100),
            message: redact::text(&report.message, LONGEST_MESSAGE),
            method: short(report.method),
            path: path.map(|path| redact::text(path, LONGEST_PATH)),
            status: None,
            error_type: short(report.error_type),
            error_code: short(report.error_code),
            stack_trace: report.stack_trace.map(|stack| redact::text(&stack, LONGEST_STACK)),
            context: kept(&Value::Object(context)),
            user: None,
        }
    }
}

/// The id that was sent when it is a good one, else the request's own.
fn good_id(sent: Option<String>, request: &CorrelationId) -> String {
    let sent = sent.filter(|id| CorrelationId::is_good(id));
    sent.unwrap_or_else(|| request.as_str().to_owned())
}

fn kept(context: &Value) -> Value {
    let context = redact::value(context);
    if context.to_string().len() <= LARGEST_CONTEXT {
        context
    } else {
        json!({ "omitted": "too large" })
    }
}

//! Signs of life: heartbeats, reports about single endpoints, and how available an endpoint was (contract hub 7.3, 7.4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::input::{Fields, Input, Place};
use crate::invalid::Invalid;
use crate::model::HealthStatus;

/// Most endpoints of one report.
const MAX_REPORTED: usize = 300;

/// Longest time to live that is accepted, in seconds; longer than the hub's cap is cut to it.
const MAX_TTL: i64 = 3600;

/// Body of `POST /api/v1/users/me/heartbeat`: the owner's space is alive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heartbeat {
    /// Where the space is reached, `http(s)://host[:port]`, or `tunneling:<name>`; at most 500 characters.
    pub url: String,
    /// For how many seconds this holds, 1 to 3600; the hub cuts it to its cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<i64>,
}

impl Input for Heartbeat {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let url = fields.text("url", 1, 500);
        let ttl_seconds = read_ttl(&mut fields);
        Some(Self { url: url?, ttl_seconds })
    }
}

fn read_ttl(fields: &mut Fields<'_, '_, '_>) -> Option<i64> {
    match fields.raw("ttl_seconds") {
        None | Some(Value::Null) => None,
        Some(_) => fields.number("ttl_seconds", 1, MAX_TTL, MAX_TTL),
    }
}

/// What the hub makes of a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeartbeatReceipt {
    /// `ok`.
    pub status: String,
    /// By the hub's clock. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub received_at: Timestamp,
    /// Until when the owner counts as alive. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// The owner's domain now.
    pub domain: String,
    /// The time to live that was granted, in seconds.
    pub ttl_seconds: i64,
}

/// How one endpoint is, as its space says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointReport {
    /// 3 to 63 characters, in any case.
    pub slug: String,
    /// Whether it answers.
    pub status: HealthStatus,
    /// By the space's clock; the hub goes by its own. RFC 3339.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub checked_at: Timestamp,
}

impl Input for EndpointReport {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let slug = fields.text("slug", 3, 63);
        let status = fields.required("status");
        let checked_at = fields.required("checked_at");
        Some(Self { slug: slug?, status: status?, checked_at: checked_at? })
    }
}

/// Body of `POST /api/v1/endpoints/health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthReport {
    /// 1 to 300.
    pub endpoints: Vec<EndpointReport>,
    /// For how many seconds this holds, 1 to 3600; the hub cuts it to its cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<i64>,
    /// Where the space is reached, as in a heartbeat.
    pub url: String,
}

impl Input for HealthReport {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let endpoints: Option<Vec<EndpointReport>> =
            fields.required_list("endpoints", MAX_REPORTED);
        if endpoints.as_ref().is_some_and(Vec::is_empty) {
            let message = "List should have at least 1 item after validation, not 0";
            fields.refuse::<()>("endpoints", Invalid::new("too_short", message));
        }
        let ttl_seconds = read_ttl(&mut fields);
        let url = fields.text("url", 1, 500);
        Some(Self { endpoints: endpoints?, ttl_seconds, url: url? })
    }
}

/// What the hub makes of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthReceipt {
    /// Items about an endpoint of the caller.
    pub updated: i64,
    /// Items about none.
    pub ignored: i64,
}

/// How available an endpoint was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Uptime {
    /// Owner and slug.
    pub path: String,
    /// How far back it goes.
    pub window_hours: i64,
    /// Length of a bucket.
    pub bucket_seconds: i64,
    /// The healthy part of the time in which it was known how the endpoint is, 0 to 1; null when it never was.
    pub uptime: Option<f64>,
    /// The window in pieces, the oldest first.
    pub buckets: Vec<UptimeBucket>,
}

/// A piece of the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UptimeBucket {
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub start: Timestamp,
    /// As in the whole.
    pub uptime: Option<f64>,
    /// Seconds in which it answered.
    pub healthy_seconds: f64,
    /// Seconds in which it did not.
    pub unhealthy_seconds: f64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::input::parse;

    #[test]
    fn a_time_to_live_may_be_absent_and_is_bounded() {
        let read = |ttl: Value| {
            parse::<Heartbeat>(&json!({"url": "https://a.org", "ttl_seconds": ttl}), "body")
        };
        assert_eq!(read(Value::Null).unwrap().ttl_seconds, None);
        assert_eq!(read(json!("2070")).unwrap().ttl_seconds, Some(2070));
        for (ttl, kind) in [
            (json!(0), "greater_than_equal"),
            (json!(3601), "less_than_equal"),
            (json!("soon"), "int_parsing"),
        ] {
            assert_eq!(read(ttl).unwrap_err()[0].kind, kind);
        }
    }

    #[test]
    fn a_report_names_one_endpoint_at_least_and_300_at_most() {
        let item =
            json!({"slug": "notes", "status": "healthy", "checked_at": "2026-11-20T12:00:00Z"});
        let read = |count: usize| {
            let body = json!({"endpoints": vec![item.clone(); count], "url": "https://a.org"});
            parse::<HealthReport>(&body, "body").map_err(|issues| issues[0].kind)
        };
        assert_eq!(read(0), Err("too_short"));
        assert_eq!(read(300).unwrap().endpoints.len(), 300);
        assert_eq!(read(301), Err("too_long"));
        let issues = parse::<HealthReport>(&json!({}), "body").unwrap_err();
        let places: Vec<String> =
            issues.iter().map(|issue| serde_json::to_string(&issue.loc).unwrap()).collect();
        assert_eq!(places, [r#"["body","endpoints"]"#, r#"["body","url"]"#]);
    }
}

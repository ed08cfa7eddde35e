//! The whole hub, for its administrators, and what went wrong.

use syfthub_client::admin::{AccountFilter, ReportFilter};
use syfthub_client::wire::error_report::{ErrorReport, Level, ServiceErrorReport};
use syfthub_client::{Client, Role, Secret, Timestamp};

use super::pages::LARGEST;
use crate::operation::operations;

operations! {
    /// The whole hub, for its administrators, and what went wrong.
    OPERATIONS on Client;

    /// How much the hub holds.
    call "admin.overview" ["GET /api/v1/admin/overview"], () |hub| {
        Ok(hub.admin().overview().await?)
    }

    /// A page of users, and how many there are on all pages.
    call "admin.users" ["GET /api/v1/admin/users"],
    (search: Option<String>, role: Option<Role>, is_active: Option<bool>, skip: Option<u64>, limit: Option<u32>) |hub| {
        let filter = AccountFilter { search, role, is_active };
        Ok(hub.admin().users(&filter, skip.unwrap_or(0), limit.unwrap_or(LARGEST)).await?)
    }

    /// All users that match, as a table in CSV.
    call "admin.export_users" ["GET /api/v1/admin/users/export"],
    (search: Option<String>, role: Option<Role>, is_active: Option<bool>) |hub| {
        Ok(hub.admin().export_users(&AccountFilter { search, role, is_active }).await?)
    }

    /// A page of reports of errors, newest first, and how many there are on all pages.
    call "admin.errors" ["GET /api/v1/admin/errors"],
    (
        service: Option<String>, level: Option<Level>, event: Option<String>, correlation_id: Option<String>,
        since: Option<Timestamp>, until: Option<Timestamp>, skip: Option<u64>, limit: Option<u32>,
    ) |hub| {
        let filter = ReportFilter { service, level, event, correlation_id, since, until };
        Ok(hub.admin().errors(&filter, skip.unwrap_or(0), limit.unwrap_or(LARGEST)).await?)
    }

    /// Tells the hub of an error that a user's program noticed.
    call "errors.report" ["POST /api/v1/errors/report"], (body: ErrorReport) |hub| {
        Ok(hub.reports().send(&body).await?)
    }

    /// Tells the hub of an error of a service of the same operator.
    call "errors.report_as_service" ["POST /api/v1/errors/service-report"], (internal_token: Secret, body: ServiceErrorReport) |hub| {
        Ok(hub.reports().send_as_service(&internal_token, &body).await?)
    }
}

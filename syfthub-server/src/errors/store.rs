//! All SQL of error reports.

use syfthub_core::Timestamp;
use syfthub_core::wire::error_report::{ErrorRecord, Level};

use super::report::Report;
use crate::db::{Row, StoreError, Tx, params};
use crate::http::Page;

const INSERT: &str = "INSERT INTO error_reports (at, correlation_id, service, level, event, message, method, path, status, \
     error_type, error_code, stack_trace, context, user_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

/// Keeps a report.
pub(super) async fn insert(tx: &mut Tx, report: &Report) -> Result<(), StoreError> {
    let values = params![
        report.at,
        report.correlation_id,
        report.service,
        report.level.as_str(),
        report.event,
        report.message,
        report.method,
        report.path,
        report.status,
        report.error_type,
        report.error_code,
        report.stack_trace,
        report.context.to_string(),
        report.user
    ];
    tx.execute(INSERT, values).await.map(drop)
}

/// Which reports to list; what is absent does not matter.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) service: Option<String>,
    pub(super) level: Option<Level>,
    pub(super) event: Option<String>,
    pub(super) correlation_id: Option<String>,
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

macro_rules! matching {
    () => {
        " FROM error_reports WHERE (CAST($1 AS TEXT) IS NULL OR service = $1) AND (CAST($2 AS TEXT) IS NULL OR level = $2) \
         AND (CAST($3 AS TEXT) IS NULL OR event = $3) AND (CAST($4 AS TEXT) IS NULL OR correlation_id = $4) \
         AND (CAST($5 AS BIGINT) IS NULL OR at >= $5) AND (CAST($6 AS BIGINT) IS NULL OR at < $6)"
    };
}

const LIST: &str = concat!(
    "SELECT id, at, correlation_id, service, level, event, message, method, path, status, error_type, error_code, \
     stack_trace, context, user_id",
    matching!(),
    " ORDER BY id DESC LIMIT $7 OFFSET $8"
);

/// A page of the reports that match, newest first.
pub(super) async fn list(
    tx: &mut Tx,
    filter: &Filter,
    page: Page,
) -> Result<Vec<ErrorRecord>, StoreError> {
    let values = params![
        filter.service,
        filter.level.map(Level::as_str),
        filter.event,
        filter.correlation_id,
        filter.since,
        filter.until,
        page.limit,
        page.skip
    ];
    tx.query(LIST, values).await?.iter().map(from_row).collect()
}

const COUNT: &str = concat!("SELECT COUNT(*)", matching!());

/// How many reports match.
pub(super) async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64, StoreError> {
    let values = params![
        filter.service,
        filter.level.map(Level::as_str),
        filter.event,
        filter.correlation_id,
        filter.since,
        filter.until
    ];
    tx.query_opt(COUNT, values).await?.map_or(Ok(0), |row| row.get(0))
}

fn from_row(row: &Row) -> Result<ErrorRecord, StoreError> {
    let (level, context): (String, String) = (row.get(4)?, row.get(13)?);
    let strange = |index, expected| StoreError::Column { index, expected, found: "text" };
    Ok(ErrorRecord {
        id: row.get(0)?,
        at: row.get(1)?,
        correlation_id: row.get(2)?,
        service: row.get(3)?,
        level: Level::parse(&level).map_err(|_| strange(4, "a level"))?,
        event: row.get(5)?,
        message: row.get(6)?,
        method: row.get(7)?,
        path: row.get(8)?,
        status: row.get(9)?,
        error_type: row.get(10)?,
        error_code: row.get(11)?,
        stack_trace: row.get(12)?,
        context: serde_json::from_str(&context).map_err(|_| strange(13, "JSON"))?,
        user_id: row.get(14)?,
    })
}

const DELETE_OLD: &str = "DELETE FROM error_reports WHERE id IN (SELECT id FROM error_reports \
     WHERE at < $1 OR id <= (SELECT MAX(id) FROM error_reports) - $2 ORDER BY id LIMIT $3)";

/// Removes up to `batch` reports that are from before `moment`, or not among the newest `kept`; tells how many.
pub(super) async fn delete_old(
    tx: &mut Tx,
    moment: Timestamp,
    kept: i64,
    batch: i64,
) -> Result<u64, StoreError> {
    tx.execute(DELETE_OLD, params![moment, kept, batch]).await
}

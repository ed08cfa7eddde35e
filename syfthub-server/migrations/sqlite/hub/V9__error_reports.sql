-- What went wrong, in the hub and around it. Secrets are blanked before they get here; old rows are removed by a job.
-- `user_id` is a note and no reference: a report outlives its reporter.
CREATE TABLE error_reports (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    at             BIGINT NOT NULL,
    correlation_id TEXT   NOT NULL,
    service        TEXT   NOT NULL,
    level          TEXT   NOT NULL,
    event          TEXT   NOT NULL,
    message        TEXT   NOT NULL,
    method         TEXT,
    path           TEXT,
    status         BIGINT,
    error_type     TEXT,
    error_code     TEXT,
    stack_trace    TEXT,
    context        TEXT   NOT NULL,
    user_id        BIGINT
);
CREATE INDEX error_reports_at ON error_reports (at);
CREATE INDEX error_reports_correlation ON error_reports (correlation_id);

//! Reports of what went wrong.

use std::time::Duration;

use super::{SecretKey, values};

/// Reports of errors, the hub's own and those of others.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Error reports")]
pub struct ErrorSettings {
    /// Secret with which services of the same operator report errors: at least 32 random bytes; without it none can
    #[arg(
        long,
        env = "SYFTHUB_INTERNAL_TOKEN",
        value_name = "SYFTHUB_INTERNAL_TOKEN",
        hide_env_values = true,
        value_parser = SecretKey::parse
    )]
    pub internal_token: Option<SecretKey>,

    /// Largest report in bytes
    #[arg(long, env = "SYFTHUB_ERROR_REPORT_MAX_BYTES", value_name = "SYFTHUB_ERROR_REPORT_MAX_BYTES", default_value = "65536", value_parser = values::count)]
    pub error_report_max_bytes: usize,

    /// Reports that may wait to be stored; further ones are dropped
    #[arg(long, env = "SYFTHUB_ERROR_REPORT_QUEUE", value_name = "SYFTHUB_ERROR_REPORT_QUEUE", default_value = "1000", value_parser = values::count)]
    pub error_report_queue: usize,

    /// Days that reports are kept
    #[arg(
        id = "error_retention_days",
        long = "error-retention-days",
        env = "SYFTHUB_ERROR_RETENTION_DAYS",
        value_name = "SYFTHUB_ERROR_RETENTION_DAYS",
        default_value = "30",
        value_parser = values::days
    )]
    pub error_retention: Duration,

    /// Reports that are kept at most; the oldest go first
    #[arg(long, env = "SYFTHUB_ERROR_REPORTS_KEPT", value_name = "SYFTHUB_ERROR_REPORTS_KEPT", default_value = "100000", value_parser = values::count)]
    pub error_reports_kept: usize,
}

impl Default for ErrorSettings {
    fn default() -> Self {
        values::defaults()
    }
}

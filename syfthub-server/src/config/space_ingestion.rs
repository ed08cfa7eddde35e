//! How a space reads files.

use std::time::Duration;

use super::values;

/// How a space reads files.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Ingestion")]
pub struct IngestionSettings {
    /// Files parsed at the same time
    #[arg(long, env = "SPACE_PARSERS", value_name = "SPACE_PARSERS", default_value = "2", value_parser = values::count)]
    pub parsers: usize,

    /// Seconds after which a file's parser is given up
    #[arg(long, env = "SPACE_PARSE_TIMEOUT", value_name = "SPACE_PARSE_TIMEOUT", default_value = "60", value_parser = values::seconds)]
    pub parse_timeout: Duration,

    /// Largest file in bytes; larger ones fail
    #[arg(long, env = "SPACE_MAX_FILE_BYTES", value_name = "SPACE_MAX_FILE_BYTES", default_value = "67108864", value_parser = values::count)]
    pub max_file_bytes: usize,

    /// Seconds that a changed file has to be left alone before it is read
    #[arg(long, env = "SPACE_WATCH_DELAY", value_name = "SPACE_WATCH_DELAY", default_value = "0.5", value_parser = values::seconds)]
    pub watch_delay: Duration,

    /// Tries of a file whose failure may pass by itself, such as one that another program holds
    #[arg(long, env = "SPACE_INGEST_ATTEMPTS", value_name = "SPACE_INGEST_ATTEMPTS", default_value = "6", value_parser = values::few)]
    pub attempts: u32,

    /// Seconds before the second try; each further one waits twice as long, up to five minutes
    #[arg(long, env = "SPACE_INGEST_RETRY_AFTER", value_name = "SPACE_INGEST_RETRY_AFTER", default_value = "2", value_parser = values::seconds)]
    pub retry_after: Duration,
}

//! Pages for people.

use std::time::Duration;

use super::values;

/// What rendering pages may take.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Pages")]
pub struct PageSettings {
    /// Seconds that a README may take to become HTML; after that its text is shown as it was written
    #[arg(
        long,
        env = "SYFTHUB_README_TIMEOUT",
        value_name = "SYFTHUB_README_TIMEOUT",
        default_value = "2",
        value_parser = values::seconds
    )]
    pub readme_timeout: Duration,

    /// Bytes of rendered READMEs kept in memory
    #[arg(
        long,
        env = "SYFTHUB_README_CACHE_BYTES",
        value_name = "SYFTHUB_README_CACHE_BYTES",
        default_value = "8388608",
        value_parser = values::count
    )]
    pub readme_cache_bytes: usize,
}

//! What is logged, and how.

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;

/// What goes to standard error.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Logging")]
pub struct LogSettings {
    /// Least important messages to log: error, warn, info, debug, trace or off
    #[arg(
        long,
        global = true,
        env = "LOG_LEVEL",
        value_name = "LOG_LEVEL",
        default_value = "info",
        value_parser = level
    )]
    pub log_level: LevelFilter,

    /// How a message looks
    #[arg(
        long,
        global = true,
        env = "LOG_FORMAT",
        value_name = "LOG_FORMAT",
        default_value = "text",
        ignore_case = true
    )]
    pub log_format: LogFormat,
}

/// How a log message looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line for people
    #[value(alias = "console")]
    Text,
    /// A JSON object on one line
    Json,
}

fn level(text: &str) -> Result<LevelFilter, String> {
    let name = if text.eq_ignore_ascii_case("warning") { "warn" } else { text };
    name.parse().map_err(|_| "expected error, warn, info, debug, trace or off".to_owned())
}

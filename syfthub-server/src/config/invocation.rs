//! Calls of endpoints through the hub.

use std::time::Duration;

use super::values;

/// How long an endpoint may take, and how much it may answer.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Invocation")]
pub struct InvocationSettings {
    /// Seconds that an endpoint called through the hub may take to answer
    #[arg(
        long,
        env = "SYFTHUB_INVOCATION_TIMEOUT",
        value_name = "SYFTHUB_INVOCATION_TIMEOUT",
        default_value = "120",
        value_parser = values::seconds
    )]
    pub invocation_timeout: Duration,

    /// Seconds that a data source called through the hub may take to answer
    #[arg(
        long,
        env = "SYFTHUB_INVOCATION_RETRIEVAL_TIMEOUT",
        value_name = "SYFTHUB_INVOCATION_RETRIEVAL_TIMEOUT",
        default_value = "30",
        value_parser = values::seconds
    )]
    pub invocation_retrieval_timeout: Duration,

    /// Seconds that a streamed answer may be silent
    #[arg(
        long,
        env = "SYFTHUB_INVOCATION_STREAM_SILENCE",
        value_name = "SYFTHUB_INVOCATION_STREAM_SILENCE",
        default_value = "60",
        value_parser = values::seconds
    )]
    pub invocation_stream_silence: Duration,

    /// Seconds that a streamed answer may take as a whole
    #[arg(
        long,
        env = "SYFTHUB_INVOCATION_STREAM_TIMEOUT",
        value_name = "SYFTHUB_INVOCATION_STREAM_TIMEOUT",
        default_value = "900",
        value_parser = values::seconds
    )]
    pub invocation_stream_timeout: Duration,

    /// Most bytes of an answer, streamed or not
    #[arg(
        long,
        env = "SYFTHUB_INVOCATION_MAX_RESPONSE_BYTES",
        value_name = "SYFTHUB_INVOCATION_MAX_RESPONSE_BYTES",
        default_value = "16777216",
        value_parser = values::count
    )]
    pub invocation_max_response_bytes: usize,
}

impl Default for InvocationSettings {
    fn default() -> Self {
        values::defaults()
    }
}

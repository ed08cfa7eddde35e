//! Chat over several spaces (contract aggregator 1.19).

use std::time::Duration;

use super::{AggregatorLimitSettings, AggregatorSessionSettings, values};

/// Limits and time-outs of the aggregator.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Aggregator")]
pub struct AggregatorSettings {
    /// Seconds that each source may take to answer
    #[arg(
        id = "aggregator_retrieval_timeout",
        long = "aggregator-retrieval-timeout",
        env = "AGGREGATOR_RETRIEVAL_TIMEOUT",
        value_name = "AGGREGATOR_RETRIEVAL_TIMEOUT",
        default_value = "30",
        value_parser = values::seconds
    )]
    pub retrieval_timeout: Duration,

    /// Seconds that the model may take
    #[arg(
        id = "aggregator_generation_timeout",
        long = "aggregator-generation-timeout",
        env = "AGGREGATOR_GENERATION_TIMEOUT",
        value_name = "AGGREGATOR_GENERATION_TIMEOUT",
        default_value = "120",
        value_parser = values::seconds
    )]
    pub generation_timeout: Duration,

    /// Seconds that a whole request may take
    #[arg(
        id = "aggregator_total_timeout",
        long = "aggregator-total-timeout",
        env = "AGGREGATOR_TOTAL_TIMEOUT",
        value_name = "AGGREGATOR_TOTAL_TIMEOUT",
        default_value = "180",
        value_parser = values::seconds
    )]
    pub total_timeout: Duration,

    /// Documents asked of each source unless the request says
    #[arg(
        id = "aggregator_default_top_k",
        long = "aggregator-default-top-k",
        env = "AGGREGATOR_DEFAULT_TOP_K",
        value_name = "AGGREGATOR_DEFAULT_TOP_K",
        default_value = "5",
        value_parser = values::count
    )]
    pub default_top_k: usize,

    /// Most documents a request may ask of each source
    #[arg(
        id = "aggregator_max_top_k",
        long = "aggregator-max-top-k",
        env = "AGGREGATOR_MAX_TOP_K",
        value_name = "AGGREGATOR_MAX_TOP_K",
        default_value = "20",
        value_parser = values::count
    )]
    pub max_top_k: usize,

    /// Most sources in a request
    #[arg(
        id = "aggregator_max_data_sources",
        long = "aggregator-max-data-sources",
        env = "AGGREGATOR_MAX_DATA_SOURCES",
        value_name = "AGGREGATOR_MAX_DATA_SOURCES",
        default_value = "10",
        value_parser = values::count
    )]
    pub max_data_sources: usize,

    /// Most characters of a question, and of the turns before it together
    #[arg(
        id = "aggregator_max_prompt_chars",
        long = "aggregator-max-prompt-chars",
        env = "AGGREGATOR_MAX_PROMPT_CHARS",
        value_name = "AGGREGATOR_MAX_PROMPT_CHARS",
        default_value = "100000",
        value_parser = values::count
    )]
    pub max_prompt_chars: usize,

    /// Most bytes that are read of one endpoint's answer
    #[arg(
        id = "aggregator_max_response_bytes",
        long = "aggregator-max-response-bytes",
        env = "AGGREGATOR_MAX_RESPONSE_BYTES",
        value_name = "AGGREGATOR_MAX_RESPONSE_BYTES",
        default_value = "8388608",
        value_parser = values::count
    )]
    pub max_response_bytes: usize,

    /// Most bytes of endpoints' answers that are held at a time, for all questions together
    #[arg(
        id = "aggregator_max_held_bytes",
        long = "aggregator-max-held-bytes",
        env = "AGGREGATOR_MAX_HELD_BYTES",
        value_name = "AGGREGATOR_MAX_HELD_BYTES",
        default_value = "134217728",
        value_parser = values::count
    )]
    pub max_held_bytes: usize,

    /// Whether the model's tokens are passed on as they come
    #[arg(
        id = "aggregator_model_streaming_enabled",
        long = "aggregator-model-streaming-enabled",
        env = "AGGREGATOR_MODEL_STREAMING_ENABLED",
        value_name = "AGGREGATOR_MODEL_STREAMING_ENABLED",
        default_value = "true",
        action = clap::ArgAction::Set,
        value_parser = values::truth
    )]
    pub model_streaming: bool,

    /// Seconds of silence after which a comment keeps a stream open through proxies
    #[arg(
        id = "aggregator_keepalive_interval",
        long = "aggregator-keepalive-interval",
        env = "AGGREGATOR_KEEPALIVE_INTERVAL",
        value_name = "AGGREGATOR_KEEPALIVE_INTERVAL",
        default_value = "15",
        value_parser = values::seconds
    )]
    pub keepalive_interval: Duration,

    /// Whether tokens go only to addresses that the hub publishes for their owner
    #[arg(
        id = "aggregator_strict_owner_url",
        long = "aggregator-strict-owner-url",
        env = "AGGREGATOR_STRICT_OWNER_URL",
        value_name = "AGGREGATOR_STRICT_OWNER_URL",
        default_value = "false",
        action = clap::ArgAction::Set,
        value_parser = values::truth
    )]
    pub strict_owner_url: bool,

    /// Who may ask, and how much at once.
    #[command(flatten)]
    pub limits: AggregatorLimitSettings,

    /// Sessions and links.
    #[command(flatten)]
    pub sessions: AggregatorSessionSettings,
}

impl Default for AggregatorSettings {
    fn default() -> Self {
        values::defaults()
    }
}

//! Who may ask the aggregator, and how much at once (contract aggregator 1.21).

use super::values;

/// Limits of the aggregator's callers. Each instance counts by itself.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Callers of the aggregator")]
pub struct AggregatorLimitSettings {
    /// Whether questions without a hub token are answered; published clients send none
    #[arg(
        id = "aggregator_anonymous",
        long = "aggregator-anonymous",
        env = "AGGREGATOR_ANONYMOUS",
        value_name = "AGGREGATOR_ANONYMOUS",
        default_value = "true",
        action = clap::ArgAction::Set,
        value_parser = values::truth
    )]
    pub anonymous: bool,

    /// Largest question in bytes; never more than any body may have
    #[arg(
        id = "aggregator_max_body_bytes",
        long = "aggregator-max-body-bytes",
        env = "AGGREGATOR_MAX_BODY_BYTES",
        value_name = "AGGREGATOR_MAX_BODY_BYTES",
        default_value = "2097152",
        value_parser = values::count
    )]
    pub max_body_bytes: usize,

    /// Answers made at a time, streamed or whole
    #[arg(
        id = "aggregator_max_answers",
        long = "aggregator-max-answers",
        env = "AGGREGATOR_MAX_ANSWERS",
        value_name = "AGGREGATOR_MAX_ANSWERS",
        default_value = "2048",
        value_parser = values::count
    )]
    pub max_answers: usize,

    /// Answers made at a time for one user, or for one address when nobody is signed in
    #[arg(
        id = "aggregator_max_answers_per_caller",
        long = "aggregator-max-answers-per-caller",
        env = "AGGREGATOR_MAX_ANSWERS_PER_CALLER",
        value_name = "AGGREGATOR_MAX_ANSWERS_PER_CALLER",
        default_value = "64",
        value_parser = values::count
    )]
    pub max_answers_per_caller: usize,
}

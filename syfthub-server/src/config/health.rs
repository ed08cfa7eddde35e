//! Heartbeats and health probes (contract hub 15).

use std::time::Duration;

use super::values;

/// How the hub finds out which endpoints answer.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Health")]
pub struct HealthSettings {
    /// Whether the hub probes spaces that send no sign of life by themselves
    #[arg(
        id = "health_check_enabled",
        long = "health-check-enabled",
        env = "HEALTH_CHECK_ENABLED",
        value_name = "HEALTH_CHECK_ENABLED",
        default_value = "true",
        action = clap::ArgAction::Set,
        value_parser = values::truth
    )]
    pub probe: bool,

    /// Seconds between two probes of a space
    #[arg(
        id = "health_check_interval",
        long = "health-check-interval",
        env = "HEALTH_CHECK_INTERVAL",
        value_name = "HEALTH_CHECK_INTERVAL",
        default_value = "30",
        value_parser = values::seconds
    )]
    pub interval: Duration,

    /// Seconds that a space may take to answer a probe
    #[arg(
        id = "health_check_timeout",
        long = "health-check-timeout",
        env = "HEALTH_CHECK_TIMEOUT",
        value_name = "HEALTH_CHECK_TIMEOUT",
        default_value = "5",
        value_parser = values::seconds
    )]
    pub timeout: Duration,

    /// Spaces probed at the same time
    #[arg(
        id = "health_check_max_concurrent",
        long = "health-check-max-concurrent",
        env = "HEALTH_CHECK_MAX_CONCURRENT",
        value_name = "HEALTH_CHECK_MAX_CONCURRENT",
        default_value = "20",
        value_parser = values::count
    )]
    pub max_concurrent: usize,

    /// Failures in a row after which an endpoint is taken off the lists
    #[arg(
        id = "health_check_failures",
        long = "health-check-failures",
        env = "HEALTH_CHECK_FAILURES",
        value_name = "HEALTH_CHECK_FAILURES",
        default_value = "3",
        value_parser = values::count
    )]
    pub failures: usize,

    /// Seconds that a heartbeat or a report holds when it does not say
    #[arg(
        id = "heartbeat_ttl",
        long = "heartbeat-ttl",
        env = "SYFTHUB_HEARTBEAT_TTL",
        value_name = "SYFTHUB_HEARTBEAT_TTL",
        default_value = "300",
        value_parser = values::seconds
    )]
    pub ttl: Duration,

    /// Seconds that a heartbeat or a report holds at most; longer ones are cut
    #[arg(
        id = "heartbeat_max_ttl",
        long = "heartbeat-max-ttl",
        env = "SYFTHUB_HEARTBEAT_MAX_TTL",
        value_name = "SYFTHUB_HEARTBEAT_MAX_TTL",
        default_value = "1800",
        value_parser = values::seconds
    )]
    pub max_ttl: Duration,
}

impl Default for HealthSettings {
    fn default() -> Self {
        values::defaults()
    }
}

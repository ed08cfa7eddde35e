//! What several instances of a hub share.

use std::time::Duration;

use super::values;
use crate::shared::RedisUrl;

/// Where the instances of one hub meet, besides their database.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Several instances")]
pub struct SharedSettings {
    /// Redis that all instances of this hub use, required as soon as there are two: `redis://[USER:PASSWORD@]HOST:PORT/DB`,
    /// `rediss://` for TLS, or `redis+unix:///PATH`
    #[arg(long, env = "REDIS_URL", value_name = "REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<RedisUrl>,

    /// What the names of this hub's keys in Redis begin with, so that several hubs can use one Redis
    #[arg(
        long,
        env = "SYFTHUB_REDIS_PREFIX",
        value_name = "SYFTHUB_REDIS_PREFIX",
        default_value = "syfthub",
        value_parser = prefix
    )]
    pub redis_prefix: String,

    /// Seconds that a request waits for Redis before it goes on without
    #[arg(long, env = "SYFTHUB_REDIS_TIMEOUT", value_name = "SYFTHUB_REDIS_TIMEOUT", default_value = "0.25", value_parser = values::seconds)]
    pub redis_timeout: Duration,
}

impl Default for SharedSettings {
    fn default() -> Self {
        values::defaults()
    }
}

fn prefix(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("expected 1 to 64 letters, digits, or any of - _ . :".to_owned())
    }
}

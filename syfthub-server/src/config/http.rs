//! Connections, limits, time-outs and CORS; the same for every listener.

use std::time::Duration;

use super::values;
use crate::http::{CorsOrigins, ForwardedHeader, TrustedProxy};

/// What a listener allows its clients.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "HTTP")]
pub struct HttpSettings {
    /// Origins whose pages may call: a comma-separated list, or `*` for any without credentials
    #[arg(
        long,
        env = "CORS_ORIGINS",
        value_name = "CORS_ORIGINS",
        default_value = "",
        hide_default_value = true
    )]
    pub cors_origins: CorsOrigins,

    /// Largest request body in bytes
    #[arg(long, env = "SYFTHUB_MAX_BODY_BYTES", value_name = "SYFTHUB_MAX_BODY_BYTES", default_value = "2097152", value_parser = values::count)]
    pub max_body_bytes: usize,

    /// Seconds within which a request's header must be complete; also how long a connection may idle
    #[arg(long, env = "SYFTHUB_HEADER_TIMEOUT", value_name = "SYFTHUB_HEADER_TIMEOUT", default_value = "30", value_parser = values::seconds)]
    pub header_timeout: Duration,

    /// Seconds within which a request's body must be complete
    #[arg(long, env = "SYFTHUB_BODY_TIMEOUT", value_name = "SYFTHUB_BODY_TIMEOUT", default_value = "30", value_parser = values::seconds)]
    pub body_timeout: Duration,

    /// Seconds within which a client must take some of the answer that waits for it; then its connection is cut
    #[arg(long, env = "SYFTHUB_WRITE_TIMEOUT", value_name = "SYFTHUB_WRITE_TIMEOUT", default_value = "30", value_parser = values::seconds)]
    pub write_timeout: Duration,

    /// Addresses and networks of proxies whose word about the client's address counts, comma-separated
    #[arg(
        long,
        env = "SYFTHUB_TRUSTED_PROXIES",
        value_name = "SYFTHUB_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<TrustedProxy>,

    /// Header in which those proxies give it
    #[arg(
        long,
        env = "SYFTHUB_FORWARDED_HEADER",
        value_name = "SYFTHUB_FORWARDED_HEADER",
        default_value = "x-forwarded-for"
    )]
    pub forwarded_header: ForwardedHeader,

    /// Seconds that running requests may take to finish at shutdown
    #[arg(long, env = "SYFTHUB_SHUTDOWN_GRACE", value_name = "SYFTHUB_SHUTDOWN_GRACE", default_value = "10", value_parser = values::seconds)]
    pub shutdown_grace: Duration,

    /// Connections open at a time; further ones wait
    #[arg(long, env = "SYFTHUB_MAX_CONNECTIONS", value_name = "SYFTHUB_MAX_CONNECTIONS", default_value = "4096", value_parser = values::count)]
    pub max_connections: usize,
}

impl Default for HttpSettings {
    fn default() -> Self {
        values::defaults()
    }
}

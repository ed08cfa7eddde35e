//! Tunnels: spaces that no caller can connect to, reached at the hub's own origin.

use std::time::Duration;

use url::Url;

use super::values;

/// How many tunnels there may be, and what may go through one.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Tunnels")]
pub struct TunnelSettings {
    /// Tunnels open at a time; none when 0
    #[arg(long, env = "SYFTHUB_TUNNELS", value_name = "SYFTHUB_TUNNELS", default_value = "1000")]
    pub tunnels: usize,

    /// Requests that one tunnel carries at a time; further ones are refused for a moment
    #[arg(
        long,
        env = "SYFTHUB_TUNNEL_STREAMS",
        value_name = "SYFTHUB_TUNNEL_STREAMS",
        default_value = "512",
        value_parser = values::count
    )]
    pub tunnel_streams: usize,

    /// Bytes that one tunnel carries within a minute, both ways; more of them wait
    #[arg(
        long,
        env = "SYFTHUB_TUNNEL_BYTES",
        value_name = "SYFTHUB_TUNNEL_BYTES",
        default_value = "536870912",
        value_parser = values::count
    )]
    pub tunnel_bytes: usize,

    /// Seconds after which an idle tunnel is asked whether anyone is there
    #[arg(long, env = "SYFTHUB_TUNNEL_PING", value_name = "SYFTHUB_TUNNEL_PING", default_value = "20", value_parser = values::seconds)]
    pub tunnel_ping: Duration,

    /// Seconds that the other end may take to answer that
    #[arg(long, env = "SYFTHUB_TUNNEL_PATIENCE", value_name = "SYFTHUB_TUNNEL_PATIENCE", default_value = "10", value_parser = values::seconds)]
    pub tunnel_patience: Duration,

    /// Seconds that a space may take to begin its answer
    #[arg(
        long,
        env = "SYFTHUB_TUNNEL_ANSWER_TIMEOUT",
        value_name = "SYFTHUB_TUNNEL_ANSWER_TIMEOUT",
        default_value = "120",
        value_parser = values::seconds
    )]
    pub tunnel_answer_timeout: Duration,

    /// Seconds that an answer which has begun may be silent
    #[arg(long, env = "SYFTHUB_TUNNEL_SILENCE", value_name = "SYFTHUB_TUNNEL_SILENCE", default_value = "60", value_parser = values::seconds)]
    pub tunnel_silence: Duration,

    /// Seconds after which it is looked up again whether an open tunnel's owner may still have it
    #[arg(long, env = "SYFTHUB_TUNNEL_CHECK", value_name = "SYFTHUB_TUNNEL_CHECK", default_value = "10", value_parser = values::seconds)]
    pub tunnel_check: Duration,

    /// Where the other instances of this hub reach this one, required for tunnels as soon as there are two, such as
    /// `http://10.0.0.5:8080`; name the instances' addresses in `SYFTHUB_TRUSTED_PROXIES` too
    #[arg(long, env = "SYFTHUB_INSTANCE_URL", value_name = "SYFTHUB_INSTANCE_URL", value_parser = values::web_url)]
    pub instance_url: Option<Url>,
}

impl Default for TunnelSettings {
    fn default() -> Self {
        values::defaults()
    }
}

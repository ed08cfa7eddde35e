//! How callers reach a space that they cannot connect to.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use super::values;

/// Whether the space has itself reached through its hubs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TunnelMode {
    /// As long as nobody has said where callers reach it otherwise.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// Tunnels from the space to its hubs.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Tunnel")]
pub struct SpaceTunnelSettings {
    /// Whether callers reach the space through its hubs: `auto` unless it has a public URL, `on`, or `off`
    #[arg(
        id = "space_tunnel",
        long = "tunnel",
        env = "SPACE_TUNNEL",
        value_name = "SPACE_TUNNEL",
        default_value = "auto"
    )]
    pub tunnel: TunnelMode,

    /// Questions that come through one tunnel at a time; further ones wait at the hub
    #[arg(
        id = "space_tunnel_streams",
        long = "tunnel-streams",
        env = "SPACE_TUNNEL_STREAMS",
        value_name = "SPACE_TUNNEL_STREAMS",
        default_value = "1024",
        value_parser = values::count
    )]
    pub tunnel_streams: usize,

    /// Seconds after which an idle tunnel is asked whether the hub is there, and that it may take to answer
    #[arg(
        id = "space_tunnel_ping",
        long = "tunnel-ping",
        env = "SPACE_TUNNEL_PING",
        value_name = "SPACE_TUNNEL_PING",
        default_value = "20",
        value_parser = values::seconds
    )]
    pub tunnel_ping: Duration,

    /// The `ngrok` agent that a tunnel by a token of theirs is opened with: a path, or a name to look for
    #[arg(
        id = "space_ngrok",
        long = "ngrok",
        env = "SPACE_NGROK",
        value_name = "SPACE_NGROK",
        default_value = "ngrok"
    )]
    pub ngrok: PathBuf,
}

impl Default for SpaceTunnelSettings {
    fn default() -> Self {
        values::defaults()
    }
}

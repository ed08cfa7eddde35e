//! The settings of a space.

use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;

use super::{
    HttpSettings, IngestionSettings, PolicySettings, ProvisionSettings, QuerySettings,
    SpaceAccessSettings, SpaceHealthSettings, SpaceOutboundSettings, SpaceTunnelSettings,
    TelemetrySettings, values,
};

/// The settings of a space.
#[derive(Debug, Clone, clap::Args)]
pub struct SpaceConfig {
    /// Address that answers questions; port 0 picks a free one
    #[arg(
        id = "space_listen",
        long = "listen",
        env = "SPACE_LISTEN",
        value_name = "SPACE_LISTEN",
        default_value = "127.0.0.1:8081",
        value_parser = values::address
    )]
    pub listen: SocketAddr,

    /// Address of the admin API; only this machine's own (loopback)
    #[arg(
        id = "space_admin_listen",
        long = "admin-listen",
        env = "SPACE_ADMIN_LISTEN",
        value_name = "SPACE_ADMIN_LISTEN",
        default_value = "127.0.0.1:8082",
        value_parser = loopback
    )]
    pub admin_listen: SocketAddr,

    /// Directory for everything the space keeps; made when missing
    #[arg(
        id = "space_state_dir",
        long = "state-dir",
        env = "SPACE_STATE_DIR",
        value_name = "SPACE_STATE_DIR",
        default_value = "space-state"
    )]
    pub state_dir: PathBuf,

    /// Where callers reach the space, when that differs from the address it listens on
    #[arg(
        id = "space_public_url",
        long = "public-url",
        env = "SPACE_PUBLIC_URL",
        value_name = "SPACE_PUBLIC_URL",
        value_parser = values::web_url
    )]
    pub public_url: Option<Url>,

    /// Who may administer it.
    #[command(flatten)]
    pub access: SpaceAccessSettings,
    /// The hub that is meant when none is named
    #[arg(
        id = "space_hub",
        long = "hub",
        env = "SPACE_HUB",
        value_name = "SPACE_HUB",
        value_parser = values::web_url
    )]
    pub hub: Option<Url>,

    /// How callers reach the space that cannot connect to it.
    #[command(flatten)]
    pub tunnel: SpaceTunnelSettings,
    /// How files are read.
    #[command(flatten)]
    pub ingestion: IngestionSettings,
    /// The servers of stores that it runs itself.
    #[command(flatten)]
    pub provision: ProvisionSettings,
    /// Where copied pages may be.
    #[command(flatten)]
    pub outbound: SpaceOutboundSettings,
    /// Whether its parts are well.
    #[command(flatten)]
    pub health: SpaceHealthSettings,
    /// What questions may use.
    #[command(flatten)]
    pub query: QuerySettings,
    /// How callers are known, and what is remembered of them.
    #[command(flatten)]
    pub policies: PolicySettings,
    /// Traces of answers.
    #[command(flatten)]
    pub telemetry: TelemetrySettings,
    /// Connections, limits, time-outs and CORS.
    #[command(flatten)]
    pub http: HttpSettings,
}

impl SpaceConfig {
    /// A configuration with every other setting at its default, whatever the environment says; for embedding.
    pub fn new(state_dir: impl Into<PathBuf>) -> Self {
        Self { state_dir: state_dir.into(), ..values::defaults() }
    }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address = values::address(text)?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("expected an address of this machine alone, such as 127.0.0.1:8082; use a tunnel or a proxy with its own \
             authentication to reach it from elsewhere"
            .to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_admin_api_never_listens_to_strangers() {
        assert!(loopback("127.0.0.1:0").is_ok() && loopback("[::1]:1").is_ok());
        assert!(
            loopback("0.0.0.0:8082")
                .unwrap_err()
                .starts_with("expected an address of this machine alone")
        );
        assert!(loopback("x").is_err());
    }
}

//! The settings of an aggregator without a hub (contract aggregator 1.19).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use url::Url;

use super::{AggregatorSettings, HttpSettings, OutboundSettings, TelemetrySettings, values};

/// The settings of an aggregator that runs by itself.
#[derive(Debug, Clone, clap::Args)]
pub struct AggregatorConfig {
    /// Address to listen on
    #[arg(
        id = "aggregator_host",
        long = "host",
        env = "AGGREGATOR_HOST",
        value_name = "AGGREGATOR_HOST",
        default_value = "127.0.0.1",
        value_parser = host
    )]
    pub host: IpAddr,

    /// Port to listen on; 0 picks a free one
    #[arg(
        id = "aggregator_port",
        long = "port",
        env = "AGGREGATOR_PORT",
        value_name = "AGGREGATOR_PORT",
        default_value = "8001",
        value_parser = port
    )]
    pub port: u16,

    /// The hub whose users and endpoints are known here
    #[command(flatten)]
    pub hub: AggregatorHubSettings,
    /// Chat over several spaces.
    #[command(flatten)]
    pub aggregator: AggregatorSettings,
    /// Calls that callers make the aggregator do.
    #[command(flatten)]
    pub outbound: OutboundSettings,
    /// Traces of answers.
    #[command(flatten)]
    pub telemetry: TelemetrySettings,
    /// Connections, limits, time-outs and CORS.
    #[command(flatten)]
    pub http: HttpSettings,
}

impl AggregatorConfig {
    /// A configuration with every other setting at its default, whatever the environment says; for embedding.
    pub fn new(listen: SocketAddr) -> Self {
        Self { host: listen.ip(), port: listen.port(), ..values::defaults() }
    }

    /// Where to listen.
    pub fn listen(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }
}

/// The hub that an aggregator by itself asks about callers and endpoints.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Hub")]
pub struct AggregatorHubSettings {
    /// Address of the hub that knows callers by their tokens; without one they are known by their address alone
    #[arg(
        id = "aggregator_syfthub_url",
        long = "syfthub-url",
        env = "AGGREGATOR_SYFTHUB_URL",
        value_name = "AGGREGATOR_SYFTHUB_URL",
        value_parser = values::web_url
    )]
    pub url: Option<Url>,

    /// Seconds for which what the hub said of a token or an endpoint is believed
    #[arg(
        id = "aggregator_hub_memory",
        long = "aggregator-hub-memory",
        env = "AGGREGATOR_HUB_MEMORY",
        value_name = "AGGREGATOR_HUB_MEMORY",
        default_value = "30",
        value_parser = values::seconds
    )]
    pub memory: Duration,

    /// Seconds that the hub may take to answer
    #[arg(
        id = "aggregator_hub_timeout",
        long = "aggregator-hub-timeout",
        env = "AGGREGATOR_HUB_TIMEOUT",
        value_name = "AGGREGATOR_HUB_TIMEOUT",
        default_value = "3",
        value_parser = values::seconds
    )]
    pub timeout: Duration,
}

fn host(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| "expected an IP address, such as 127.0.0.1 or 0.0.0.0".to_owned())
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "expected a port from 0 to 65535".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_told_in_two_settings() {
        let config = AggregatorConfig::new("[::1]:7".parse().unwrap());
        assert_eq!(config.listen().to_string(), "[::1]:7");
        let usual: AggregatorConfig = values::defaults();
        assert_eq!(usual.listen().to_string(), "127.0.0.1:8001");
        assert!(host("localhost").unwrap_err().starts_with("expected "));
        assert!(port("65536").unwrap_err().starts_with("expected "));
    }
}

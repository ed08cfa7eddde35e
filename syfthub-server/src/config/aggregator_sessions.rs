//! Conversations with an endpoint over a WebSocket, and links that ask (contract aggregator 1.16, 1.17).

use std::time::Duration;

use super::values;

/// How long sessions may be silent, and what links ask.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Sessions and links of the aggregator")]
pub struct AggregatorSessionSettings {
    /// Seconds within which a session must say with whom it is
    #[arg(
        id = "aggregator_agent_start_timeout",
        long = "aggregator-agent-start-timeout",
        env = "AGGREGATOR_AGENT_START_TIMEOUT",
        value_name = "AGGREGATOR_AGENT_START_TIMEOUT",
        default_value = "30",
        value_parser = values::seconds
    )]
    pub agent_start_timeout: Duration,

    /// Seconds after which a session in which nothing is said ends
    #[arg(
        id = "aggregator_agent_idle_timeout",
        long = "aggregator-agent-idle-timeout",
        env = "AGGREGATOR_AGENT_IDLE_TIMEOUT",
        value_name = "AGGREGATOR_AGENT_IDLE_TIMEOUT",
        default_value = "1800",
        value_parser = values::seconds
    )]
    pub agent_idle_timeout: Duration,

    /// Model that answers questions in links, such as `ada/oracle`; without one they find documents only
    #[arg(
        id = "aggregator_default_query_model",
        long = "aggregator-default-query-model",
        env = "AGGREGATOR_DEFAULT_QUERY_MODEL",
        value_name = "AGGREGATOR_DEFAULT_QUERY_MODEL",
        value_parser = path
    )]
    pub default_query_model: Option<String>,

    /// Data source that reads web pages for links which name some, such as `ada/url-fetcher`
    #[arg(
        id = "aggregator_url_fetcher_slug",
        long = "aggregator-url-fetcher-slug",
        env = "AGGREGATOR_URL_FETCHER_SLUG",
        value_name = "AGGREGATOR_URL_FETCHER_SLUG",
        value_parser = path
    )]
    pub url_fetcher: Option<String>,
}

fn path(text: &str) -> Result<String, String> {
    match text.split_once('/') {
        Some((owner, slug)) if !owner.is_empty() && !slug.is_empty() && !slug.contains('/') => {
            Ok(text.to_owned())
        }
        _ => Err("expected an endpoint such as ada/oracle".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_owner_and_a_slug() {
        assert!(path("ada/oracle").is_ok());
        for wrong in ["ada", "/oracle", "ada/", "a/b/c", ""] {
            assert!(path(wrong).unwrap_err().starts_with("expected "), "{wrong}");
        }
    }
}

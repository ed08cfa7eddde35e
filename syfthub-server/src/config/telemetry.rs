//! Traces of answers, under the names that OpenTelemetry gives its settings.

use std::time::Duration;

use clap::ValueEnum;
use syfthub_core::Secret;
use url::Url;

use super::values;

/// Where traces go, which answers are traced, and what may wait.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Traces")]
pub struct TelemetrySettings {
    /// Collector of traces, spoken to in OTLP over HTTP, such as `http://127.0.0.1:4318`; `/v1/traces` is added. Nothing is
    /// traced without it
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        value_name = "OTEL_EXPORTER_OTLP_ENDPOINT",
        value_parser = values::web_url
    )]
    pub otel_exporter_otlp_endpoint: Option<Url>,

    /// The same for traces alone, taken as it is; it counts when both are given
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        value_name = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        value_parser = values::web_url
    )]
    pub otel_exporter_otlp_traces_endpoint: Option<Url>,

    /// Headers for the collector, such as `api-key=0123,tenant=acme`; values may be percent-encoded
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_HEADERS",
        value_name = "OTEL_EXPORTER_OTLP_HEADERS",
        hide_env_values = true
    )]
    pub otel_exporter_otlp_headers: Option<Secret>,

    /// Milliseconds that the collector may take to accept a batch
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_TIMEOUT",
        value_name = "OTEL_EXPORTER_OTLP_TIMEOUT",
        default_value = "10000",
        value_parser = values::milliseconds
    )]
    pub otel_exporter_otlp_timeout: Duration,

    /// What this server is called in traces, unless it is by what it does: `syfthub`, `syfthub-aggregator`, `syfthub-space`
    #[arg(long, env = "OTEL_SERVICE_NAME", value_name = "OTEL_SERVICE_NAME")]
    pub otel_service_name: Option<String>,

    /// Which answers are traced
    #[arg(
        long,
        env = "OTEL_TRACES_SAMPLER",
        value_name = "OTEL_TRACES_SAMPLER",
        default_value = "parentbased_always_on"
    )]
    pub otel_traces_sampler: TraceSampler,

    /// Share of answers that samplers with a ratio trace, 0 to 1
    #[arg(
        long,
        env = "OTEL_TRACES_SAMPLER_ARG",
        value_name = "OTEL_TRACES_SAMPLER_ARG",
        default_value = "1",
        value_parser = share
    )]
    pub otel_traces_sampler_arg: f64,

    /// Milliseconds that a finished span waits for others to be sent with
    #[arg(
        long,
        env = "OTEL_BSP_SCHEDULE_DELAY",
        value_name = "OTEL_BSP_SCHEDULE_DELAY",
        default_value = "5000",
        value_parser = values::milliseconds
    )]
    pub otel_bsp_schedule_delay: Duration,

    /// Spans that may wait; an answer's spans that find no room are dropped
    #[arg(
        long,
        env = "OTEL_BSP_MAX_QUEUE_SIZE",
        value_name = "OTEL_BSP_MAX_QUEUE_SIZE",
        default_value = "2048",
        value_parser = values::count
    )]
    pub otel_bsp_max_queue_size: usize,

    /// Spans that are sent at once
    #[arg(
        long,
        env = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        value_name = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        default_value = "512",
        value_parser = values::count
    )]
    pub otel_bsp_max_export_batch_size: usize,
}

impl TelemetrySettings {
    /// Where batches of spans are posted to; nothing when no collector is set.
    pub(crate) fn traces_endpoint(&self) -> Option<Url> {
        if let Some(own) = &self.otel_exporter_otlp_traces_endpoint {
            return Some(own.clone());
        }
        let mut base = self.otel_exporter_otlp_endpoint.clone()?;
        let path = format!("{}/v1/traces", base.path().trim_end_matches('/'));
        base.set_path(&path);
        Some(base)
    }
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        values::defaults()
    }
}

/// Which answers are traced, by the names of OpenTelemetry's specification of its environment variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TraceSampler {
    /// All
    #[value(name = "always_on")]
    AlwaysOn,
    /// None
    #[value(name = "always_off")]
    AlwaysOff,
    /// A share of them
    #[value(name = "traceidratio")]
    TraceIdRatio,
    /// What the caller's trace says, else all
    #[value(name = "parentbased_always_on")]
    ParentBasedAlwaysOn,
    /// What the caller's trace says, else none
    #[value(name = "parentbased_always_off")]
    ParentBasedAlwaysOff,
    /// What the caller's trace says, else a share of them
    #[value(name = "parentbased_traceidratio")]
    ParentBasedTraceIdRatio,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "expected a number from 0 to 1, such as 0.1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(base: Option<&str>, own: Option<&str>) -> Option<String> {
        let read = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        let settings = TelemetrySettings {
            otel_exporter_otlp_endpoint: read(base),
            otel_exporter_otlp_traces_endpoint: read(own),
            ..TelemetrySettings::default()
        };
        settings.traces_endpoint().map(String::from)
    }

    #[test]
    fn the_general_endpoint_is_completed_and_the_one_for_traces_taken_as_it_is() {
        let general = Some("http://127.0.0.1:4318");
        assert_eq!(endpoint(general, None).as_deref(), Some("http://127.0.0.1:4318/v1/traces"));
        let below = Some("https://otel.acme.org/in/");
        assert_eq!(endpoint(below, None).as_deref(), Some("https://otel.acme.org/in/v1/traces"));
        let own = Some("https://otel.acme.org/spans");
        assert_eq!(endpoint(general, own).as_deref(), own);
        assert_eq!(endpoint(None, None), None);
    }

    #[test]
    fn a_share_lies_between_none_and_all() {
        assert!(share("0").is_ok() && share("0.25").is_ok() && share("1").is_ok());
        for wrong in ["-0.1", "1.01", "NaN", "half"] {
            assert!(share(wrong).unwrap_err().starts_with("expected "), "{wrong}");
        }
    }
}

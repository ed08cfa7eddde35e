//! Every setting of the servers: flag, then environment, then default. `--help` is the reference.
//!
//! The names are those of contract hub 15 and, for the aggregator, of contract aggregator 1.19. A value that does not
//! fit stops the start with the setting's name and the accepted form; so does a name in the environment that looks
//! like a misspelled one. An empty variable counts as absent.

mod accounting;
mod aggregator;
mod aggregator_limits;
mod aggregator_role;
mod aggregator_sessions;
mod bootstrap;
mod command;
mod database;
mod encryption;
mod errors;
mod health;
mod http;
mod identity;
mod invocation;
mod keys;
mod ledger;
mod limits;
mod log;
mod mail;
mod misspelled;
mod outbound;
mod pages;
mod registry;
mod shared;
mod space;
mod space_access;
mod space_health;
mod space_ingestion;
mod space_outbound;
mod space_provision;
mod space_query;
mod space_tunnel;
mod telemetry;
mod tunnel;
mod values;

pub use accounting::AccountingSettings;
pub use aggregator::AggregatorSettings;
pub use aggregator_limits::AggregatorLimitSettings;
pub use aggregator_role::{AggregatorConfig, AggregatorHubSettings};
pub use aggregator_sessions::AggregatorSessionSettings;
pub use bootstrap::BootstrapSettings;
pub(crate) use command::command;
pub use command::{Arguments, Command, UsageError, read};
pub use database::DatabaseSettings;
pub use encryption::{EncryptionKey, EncryptionSettings};
pub use errors::ErrorSettings;
pub use health::HealthSettings;
pub use http::HttpSettings;
pub use identity::{Age, IdentitySettings, KeySettings, SecretKey};
pub use invocation::InvocationSettings;
pub use keys::{KeysAction, KeysCommand};
pub use ledger::LedgerSettings;
pub use limits::LimitSettings;
pub use log::{LogFormat, LogSettings};
pub use mail::{CodeSettings, MailSettings, SmtpServer, SmtpSettings, SmtpTls};
pub(crate) use misspelled::distance;
pub use outbound::OutboundSettings;
pub use pages::PageSettings;
pub use registry::{PublicTypes, RegistrySettings};
pub use shared::SharedSettings;
pub use space::SpaceConfig;
pub use space_access::SpaceAccessSettings;
pub use space_health::SpaceHealthSettings;
pub use space_ingestion::IngestionSettings;
pub use space_outbound::SpaceOutboundSettings;
pub use space_provision::{ProvisionSettings, ProvisionerChoice};
pub use space_query::{PolicySettings, QuerySettings};
pub use space_tunnel::{SpaceTunnelSettings, TunnelMode};
pub use telemetry::{TelemetrySettings, TraceSampler};
pub use tunnel::TunnelSettings;

use std::net::SocketAddr;

use url::Url;

use crate::db::DatabaseUrl;
#[cfg(test)]
pub(crate) use values::defaults;

/// The settings of a hub with its aggregator.
#[derive(Debug, Clone, clap::Args)]
pub struct HubConfig {
    /// Address to listen on; port 0 picks a free one
    #[arg(
        long,
        env = "SYFTHUB_LISTEN",
        value_name = "SYFTHUB_LISTEN",
        default_value = "127.0.0.1:8080",
        value_parser = values::address
    )]
    pub listen: SocketAddr,

    /// Where clients reach the hub, when that differs from the address it listens on
    #[arg(long, env = "SYFTHUB_PUBLIC_URL", value_name = "SYFTHUB_PUBLIC_URL", value_parser = values::web_url)]
    pub public_url: Option<Url>,

    /// Key that signs hub tokens: at least 32 random bytes, such as `openssl rand -hex 32` prints
    #[arg(
        long,
        env = "SECRET_KEY",
        value_name = "SECRET_KEY",
        hide_env_values = true,
        value_parser = SecretKey::parse
    )]
    pub secret_key: SecretKey,

    /// Where the data lives.
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// Secrets at rest.
    #[command(flatten)]
    pub encryption: EncryptionSettings,
    /// What several instances share.
    #[command(flatten)]
    pub shared: SharedSettings,
    /// How often somebody may ask.
    #[command(flatten)]
    pub limits: LimitSettings,
    /// Sessions and passwords.
    #[command(flatten)]
    pub identity: IdentitySettings,
    /// The first administrator.
    #[command(flatten)]
    pub bootstrap: BootstrapSettings,
    /// Satellite tokens and the keys that sign them.
    #[command(flatten)]
    pub keys: KeySettings,
    /// Mail to users.
    #[command(flatten)]
    pub mail: MailSettings,
    /// Codes that are mailed.
    #[command(flatten)]
    pub codes: CodeSettings,
    /// The lists of endpoints.
    #[command(flatten)]
    pub registry: RegistrySettings,
    /// Pages for people.
    #[command(flatten)]
    pub pages: PageSettings,
    /// Accounting services.
    #[command(flatten)]
    pub accounting: AccountingSettings,
    /// The hub's own ledger.
    #[command(flatten)]
    pub ledger: LedgerSettings,
    /// Reports of errors.
    #[command(flatten)]
    pub errors: ErrorSettings,
    /// Chat over several spaces.
    #[command(flatten)]
    pub aggregator: AggregatorSettings,
    /// Heartbeats and health probes.
    #[command(flatten)]
    pub health: HealthSettings,
    /// Calls of endpoints through the hub.
    #[command(flatten)]
    pub invocation: InvocationSettings,
    /// Spaces that connect to the hub.
    #[command(flatten)]
    pub tunnels: TunnelSettings,
    /// Calls that users make the hub do.
    #[command(flatten)]
    pub outbound: OutboundSettings,
    /// Traces of answers.
    #[command(flatten)]
    pub telemetry: TelemetrySettings,
    /// Connections, limits, time-outs and CORS.
    #[command(flatten)]
    pub http: HttpSettings,
}

impl HubConfig {
    /// A configuration with every other setting at its default, whatever the environment says; for embedding.
    pub fn new(listen: SocketAddr, database: DatabaseUrl, secret_key: SecretKey) -> Self {
        Self {
            listen,
            public_url: None,
            secret_key,
            database: DatabaseSettings { url: database, ..values::defaults() },
            encryption: values::defaults(),
            shared: values::defaults(),
            limits: values::defaults(),
            identity: values::defaults(),
            bootstrap: values::defaults(),
            keys: values::defaults(),
            mail: values::defaults(),
            codes: values::defaults(),
            registry: values::defaults(),
            pages: values::defaults(),
            accounting: values::defaults(),
            ledger: values::defaults(),
            errors: values::defaults(),
            aggregator: values::defaults(),
            health: values::defaults(),
            invocation: values::defaults(),
            tunnels: values::defaults(),
            outbound: values::defaults(),
            telemetry: values::defaults(),
            http: values::defaults(),
        }
    }
}

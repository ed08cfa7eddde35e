//! Where the data lives.

use super::values;
use crate::db::{DatabaseUrl, DbOptions};

/// The database and how much of it may be used.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseSettings {
    /// SQLite file (`sqlite:PATH`) or PostgreSQL database (`postgres://USER:PASSWORD@HOST:PORT/NAME`)
    #[arg(
        id = "database_url",
        long = "database-url",
        env = "DATABASE_URL",
        value_name = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite:syfthub.db"
    )]
    pub url: DatabaseUrl,

    /// Connections to use; when absent one for each processor, 2 to 8 (SQLite), or 16 (PostgreSQL)
    #[arg(long, env = "SYFTHUB_DATABASE_CONNECTIONS", value_name = "SYFTHUB_DATABASE_CONNECTIONS", value_parser = values::count)]
    pub database_connections: Option<usize>,
}

impl DatabaseSettings {
    /// What the database may use.
    pub fn options(&self) -> DbOptions {
        DbOptions { connections: self.database_connections, ..DbOptions::default() }
    }
}

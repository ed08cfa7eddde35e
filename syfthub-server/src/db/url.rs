//! `DATABASE_URL`: which engine, and where.

use std::path::PathBuf;
use std::str::FromStr;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use url::form_urlencoded;

use super::tls::{Roots, Trust};

/// Where the data lives: `sqlite:PATH`, `sqlite::memory:` or `postgres://USER:PASSWORD@HOST:PORT/NAME`.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(Location),
    /// A PostgreSQL server and the database on it.
    Postgres(Box<PostgresUrl>),
}

/// Where a PostgreSQL database is, and how a connection to it is protected.
#[derive(Clone)]
pub struct PostgresUrl {
    pub(super) config: Config,
    /// Nothing when connections are not to be protected.
    pub(super) trust: Option<Trust>,
    pub(super) roots: Roots,
}

/// Where a SQLite database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In a file, created when missing; its folder must exist.
    File(PathBuf),
    /// In memory, gone with the last [`Db`](super::Db) that opened it.
    Memory,
}

/// The text is no database address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected `sqlite:PATH`, `sqlite::memory:` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, where \
     `?sslmode=` may be disable, prefer, require, verify-ca or verify-full and `&sslrootcert=` a file or `system`"
)]
pub struct InvalidDatabaseUrl;

impl DatabaseUrl {
    /// The address of a SQLite file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::Sqlite(Location::File(path.into()))
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    /// Reads the address. `sqlite:///./hub.db`, as other tools write it, is the relative path `./hub.db`.
    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            let path = if path.starts_with("/./") { &path[1..] } else { path };
            return match path {
                "" | "/" => Err(InvalidDatabaseUrl),
                ":memory:" | "/:memory:" => Ok(Self::Sqlite(Location::Memory)),
                path => Ok(Self::file(path)),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return text.parse().map(|url| Self::Postgres(Box::new(url)));
        }
        Err(InvalidDatabaseUrl)
    }
}

impl FromStr for PostgresUrl {
    type Err = InvalidDatabaseUrl;

    /// Reads `sslmode` and `sslrootcert` as libpq does, and leaves the rest to the driver, which knows neither in full.
    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let decoded = form_urlencoded::parse(pair.as_bytes()).next();
            match decoded.as_ref().map(|(name, value)| (&**name, &**value)) {
                Some(("sslmode", value)) => mode = Some(value.to_owned()),
                Some(("sslrootcert", "system")) => roots = Some(Roots::System),
                Some(("sslrootcert", path)) => roots = Some(Roots::File(path.into())),
                _ => rest.push(pair),
            }
        }
        let address = format!("{address}?{}", rest.join("&"));
        let mut config: Config = address.parse().map_err(|_| InvalidDatabaseUrl)?;
        let (ssl, trust) = match (mode.as_deref(), &roots) {
            (Some("disable"), _) => (SslMode::Disable, None),
            (None | Some("allow" | "prefer"), _) => (SslMode::Prefer, Some(Trust::Anyone)),
            (Some("require"), None) => (SslMode::Require, Some(Trust::Anyone)),
            // Whoever names those they trust wants nobody else.
            (Some("require"), Some(_)) | (Some("verify-ca"), _) => {
                (SslMode::Require, Some(Trust::Signed))
            }
            (Some("verify-full"), _) => (SslMode::Require, Some(Trust::SignedForHost)),
            (Some(_), _) => return Err(InvalidDatabaseUrl),
        };
        config.ssl_mode(ssl);
        Ok(Self { config, trust, roots: roots.unwrap_or(Roots::System) })
    }
}

impl From<Config> for PostgresUrl {
    /// An address whose connections are not protected.
    fn from(mut config: Config) -> Self {
        config.ssl_mode(SslMode::Disable);
        Self { config, trust: None, roots: Roots::System }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    /// Leaves the password out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(Location::File(path)) => write!(f, "sqlite:{}", path.display()),
            Self::Sqlite(Location::Memory) => f.write_str("sqlite::memory:"),
            Self::Postgres(url) => {
                let config = &url.config;
                write!(
                    f,
                    "postgres:{:?}/{}",
                    config.get_hosts(),
                    config.get_dbname().unwrap_or_default()
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<DatabaseUrl>().map_or_else(|e| e.to_string(), |url| format!("{url:?}"))
    }

    #[test]
    fn sqlite_takes_the_spellings_in_use() {
        assert_eq!(shown("sqlite:hub.db"), "sqlite:hub.db");
        assert_eq!(shown("sqlite://hub.db"), "sqlite:hub.db");
        assert_eq!(shown("sqlite:///var/lib/hub.db"), "sqlite:/var/lib/hub.db");
        assert_eq!(shown("sqlite:///./hub.db"), "sqlite:./hub.db");
        assert_eq!(shown("sqlite::memory:"), "sqlite::memory:");
    }

    #[test]
    fn an_address_of_another_kind_is_refused() {
        for text in ["", "sqlite:", "hub.db", "mysql://localhost/hub", "postgres://[::1"] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_words_of_libpq_say_how_a_connection_is_protected() {
        let read = |query: &str| {
            let url: PostgresUrl = format!("postgres://hub@db.example/hub{query}").parse().ok()?;
            Some((url.config.get_ssl_mode(), url.trust, url.roots))
        };
        let file = || Roots::File("/etc/ca.pem".into());
        let (prefer, require) = (SslMode::Prefer, SslMode::Require);
        for (query, meant) in [
            ("", (prefer, Some(Trust::Anyone), Roots::System)),
            ("?sslmode=prefer", (prefer, Some(Trust::Anyone), Roots::System)),
            ("?sslmode=disable", (SslMode::Disable, None, Roots::System)),
            ("?sslmode=require", (require, Some(Trust::Anyone), Roots::System)),
            (
                "?sslmode=require&sslrootcert=%2Fetc%2Fca.pem",
                (require, Some(Trust::Signed), file()),
            ),
            ("?sslmode=verify-ca&sslrootcert=/etc/ca.pem", (require, Some(Trust::Signed), file())),
            (
                "?sslrootcert=system&sslmode=verify-full&connect_timeout=5",
                (require, Some(Trust::SignedForHost), Roots::System),
            ),
        ] {
            assert_eq!(read(query), Some(meant), "{query}");
        }
        assert_eq!(read("?sslmode=verify"), None);
        assert_eq!(read("?ssl_mode=require"), None);
    }

    #[test]
    fn a_password_is_never_printed() {
        let url: DatabaseUrl = "postgres://hub:hunter2@db.example:5432/hub".parse().unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}

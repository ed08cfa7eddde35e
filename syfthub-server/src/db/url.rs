//! `DATABASE_URL`: which engine, and where.

use std::path::PathBuf;
use std::str::FromStr;

/// Where the data lives: `sqlite:PATH`, `sqlite::memory:` or `postgres://USER:PASSWORD@HOST:PORT/NAME`.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(Location),
    /// A PostgreSQL server and the database on it.
    Postgres(Box<tokio_postgres::Config>),
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
    "expected `sqlite:PATH`, `sqlite::memory:` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`"
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
            let config = text.parse().map_err(|_| InvalidDatabaseUrl)?;
            return Ok(Self::Postgres(Box::new(config)));
        }
        Err(InvalidDatabaseUrl)
    }
}

impl std::fmt::Debug for DatabaseUrl {
    /// Leaves the password out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(Location::File(path)) => write!(f, "sqlite:{}", path.display()),
            Self::Sqlite(Location::Memory) => f.write_str("sqlite::memory:"),
            Self::Postgres(config) => {
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
    fn a_password_is_never_printed() {
        let url: DatabaseUrl = "postgres://hub:hunter2@db.example:5432/hub".parse().unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}

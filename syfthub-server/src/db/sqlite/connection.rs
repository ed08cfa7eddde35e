//! One SQLite connection: how it is opened, and how a statement runs on it.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ffi};

use crate::db::url::Location;
use crate::db::{Row, StoreError, Value};

/// How long a connection waits for another process that holds the file's lock.
const BUSY: Duration = Duration::from_secs(5);

/// Statements kept prepared on each connection.
const PREPARED: usize = 256;

pub(in crate::db) struct SqliteTx {
    connection: Connection,
}

impl SqliteTx {
    /// Opens the connection that writes.
    pub(super) fn open_writer(location: &Location) -> Result<Self, StoreError> {
        let connection = match location {
            Location::File(path) => {
                create_private(path)?;
                Connection::open(path)
            }
            Location::Memory => Connection::open_in_memory(),
        }
        .map_err(|error| unopened(location, &error))?;
        let settings =
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
        Self::set_up(connection, settings).map_err(|error| unopened(location, &error))
    }

    /// Opens a connection that only reads; the file exists by now.
    pub(super) fn open_reader(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(path, flags)
            .and_then(|connection| Self::set_up(connection, "PRAGMA query_only = ON;"))
            .map_err(|error| unopened(&Location::File(path.to_owned()), &error))
    }

    fn set_up(connection: Connection, settings: &str) -> rusqlite::Result<Self> {
        connection.busy_timeout(BUSY)?;
        connection.execute_batch(settings)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(Self { connection })
    }

    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Runs one of the engine's own statements: BEGIN, SAVEPOINT, COMMIT and so on.
    pub(super) fn control(&self, sql: &'static str) -> Result<(), StoreError> {
        let run = || self.connection.prepare_cached(sql)?.raw_execute();
        run().map(drop).map_err(|error| translate(sql, error))
    }

    /// Whether a transaction is open; SQLite ends one by itself when the disk is full or fails.
    pub(super) fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    pub(in crate::db) fn query(
        &self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let run = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            bind(&mut statement, params)?;
            let width = statement.column_count();
            let mut rows = statement.raw_query();
            let mut answer = Vec::new();
            while let Some(row) = rows.next()? {
                let values: Result<Vec<Value>, _> =
                    (0..width).map(|index| row.get_ref(index).map(read)).collect();
                answer.push(Row::new(values?));
            }
            Ok(answer)
        };
        run().map_err(|error| translate(sql, error))
    }

    pub(in crate::db) fn execute(
        &self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<u64, StoreError> {
        let run = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            bind(&mut statement, params)?;
            statement.raw_execute()
        };
        run().map(|changed| changed as u64).map_err(|error| translate(sql, error))
    }
}

/// Makes the file with access for its owner alone, since it holds password hashes; SQLite gives its log the same.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| {
        let (file, expected) =
            (path.display(), "expected a file in a folder that exists and may be written to");
        StoreError::Unavailable(format!("{file}: {error}; {expected}"))
    })
}

/// Binds by the number in the parameter's name: to SQLite `$2` is a name like any other, numbered by first appearance.
fn bind(statement: &mut CachedStatement<'_>, params: &[Value]) -> rusqlite::Result<()> {
    for index in 1..=statement.parameter_count() {
        let named = statement
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let value = named.and_then(|number| params.get(number.checked_sub(1)?));
        let value = value.ok_or(rusqlite::Error::InvalidParameterCount(params.len(), index))?;
        statement.raw_bind_parameter(index, Bound(value))?;
    }
    Ok(())
}

struct Bound<'v>(&'v Value);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        let value = match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Value::Integer(value) => ValueRef::Integer(*value),
            Value::Real(value) => ValueRef::Real(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Blob(value) => ValueRef::Blob(value),
        };
        Ok(rusqlite::types::ToSqlOutput::Borrowed(value))
    }
}

fn read(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Integer(value),
        ValueRef::Real(value) => Value::Real(value),
        ValueRef::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
        ValueRef::Blob(value) => Value::Blob(value.to_vec()),
    }
}

fn unopened(location: &Location, error: &rusqlite::Error) -> StoreError {
    match location {
        Location::File(path) => StoreError::Unavailable(format!("{}: {error}", path.display())),
        Location::Memory => StoreError::Unavailable(error.to_string()),
    }
}

pub(super) fn translate(sql: &'static str, error: rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(failure, text) = &error else {
        return StoreError::Statement { sql, source: Box::new(error) };
    };
    let text = text.as_deref().unwrap_or_default();
    match (failure.code, failure.extended_code) {
        (ErrorCode::ConstraintViolation, ffi::SQLITE_CONSTRAINT_UNIQUE) => {
            StoreError::Conflict { constraint: constraint(text, "key") }
        }
        (
            ErrorCode::ConstraintViolation,
            ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID,
        ) => StoreError::Conflict { constraint: constraint(text, "pkey") },
        (ErrorCode::ConstraintViolation, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => {
            StoreError::Reference
        }
        (ErrorCode::ConstraintViolation, _) => StoreError::Rule(text.to_owned()),
        (ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::ApiMisuse, _) => {
            StoreError::Statement { sql, source: Box::new(error) }
        }
        _ => StoreError::Unavailable(text.to_owned()),
    }
}

/// PostgreSQL's default name for what SQLite describes as `UNIQUE constraint failed: users.name, users.realm`.
fn constraint(text: &str, suffix: &str) -> String {
    let broken = text.rsplit_once(": ").map_or(text, |(_, broken)| broken);
    if let Some(index) = broken.strip_prefix("index '") {
        return index.trim_end_matches('\'').to_owned();
    }
    let mut name = String::new();
    for (position, column) in broken.split(", ").enumerate() {
        let (table, column) = column.split_once('.').unwrap_or(("", column));
        if position == 0 {
            name.push_str(table);
        }
        if suffix != "pkey" {
            name.push('_');
            name.push_str(column);
        }
    }
    format!("{name}_{suffix}")
}

//! PostgreSQL: a pool of connections, a transaction for each call, statements prepared once per connection.

use std::error::Error;

use bytes::BytesMut;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::future::BoxFuture;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

use super::changes::Changes;
use super::url::PostgresUrl;
use super::{Claim, Company, DbOptions, Row, Schema, StoreError, Tx, Value, migrate, tls};

/// Only one server at a time migrates; the others wait. Any number does, as long as it stays.
const LOCK_MIGRATIONS: &str = "SELECT pg_advisory_lock(7311904)";
const UNLOCK_MIGRATIONS: &str = "SELECT pg_advisory_unlock(7311904)";

/// The claim on a database, exclusive or shared; held by a connection, which the server gives up soon when its other end
/// has vanished.
const CLAIM_ALONE: &str = "SELECT pg_try_advisory_lock(7311905)";
const CLAIM_TOGETHER: &str = "SELECT pg_try_advisory_lock_shared(7311905)";
const NOTICE_SILENCE: &str =
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// Connections unless the options say; while one waits for the network or the disk, others work.
const CONNECTIONS: usize = 16;

const BEGIN_WRITE: &str = "BEGIN";
/// The same unchanging view that SQLite gives its readers.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

#[derive(Clone)]
pub(super) struct Postgres {
    pool: Pool,
    changes: Changes,
}

impl Postgres {
    pub(super) async fn open(
        url: &PostgresUrl,
        schema: Schema,
        options: DbOptions,
        changes: Changes,
    ) -> Result<Self, StoreError> {
        let migrations = schema.on_postgres()?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let config = url.config.clone();
        let manager = match url.trust {
            None => Manager::from_config(config, NoTls, recycling),
            Some(trust) => {
                Manager::from_config(config, tls::connector(trust, &url.roots)?, recycling)
            }
        };
        let pool = Pool::builder(manager)
            .max_size(options.connections.unwrap_or(CONNECTIONS).max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(options.patience))
            .create_timeout(Some(options.patience))
            .recycle_timeout(Some(options.patience))
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let engine = Self { pool, changes };
        let mut connection = engine.connection().await?;
        connection
            .batch_execute(LOCK_MIGRATIONS)
            .await
            .map_err(|error| translate(LOCK_MIGRATIONS, error))?;
        let report = migrations.run_async(&mut ***connection.client()).await;
        connection
            .batch_execute(UNLOCK_MIGRATIONS)
            .await
            .map_err(|error| translate(UNLOCK_MIGRATIONS, error))?;
        report.map_err(|error| migrate::failed(&error))?;
        connection.finish();
        Ok(engine)
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>>,
        E: From<StoreError>,
    {
        let mut tx = self.begin(BEGIN_WRITE).await?;
        let mut outcome = work(&mut tx).await;
        if tx.take_failed() && outcome.is_ok() {
            outcome = Err(StoreError::Aborted.into());
        }
        let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = tx.as_postgres().end(end).await;
        tx.announce();
        let value = outcome?;
        ended?;
        Ok(value)
    }

    pub(super) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>>,
        E: From<StoreError>,
    {
        let mut tx = self.begin(BEGIN_READ).await?;
        let mut outcome = work(&mut tx).await;
        if tx.take_failed() && outcome.is_ok() {
            outcome = Err(StoreError::Aborted.into());
        }
        // The answer stands whether or not the connection survived; a broken one is not used again.
        drop(tx.as_postgres().end("ROLLBACK").await);
        outcome
    }

    /// Claims the database on a connection of its own.
    pub(super) async fn claim(&self, company: Company) -> Result<Option<Claim>, StoreError> {
        let sql = match company {
            Company::Alone => CLAIM_ALONE,
            Company::Together => CLAIM_TOGETHER,
        };
        // Whatever happens, the connection does not go back to the pool, where it would keep the lock.
        let mut connection = self.connection().await?;
        let connection = Object::take(connection.object.take().expect("it was just made"));
        let claim = async {
            connection.batch_execute(NOTICE_SILENCE).await?;
            connection.query_one(sql, &[]).await?.try_get(0)
        };
        let is_ours: bool = claim.await.map_err(|error| translate(sql, error))?;
        Ok(is_ours.then(|| Claim::by(connection)))
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }

    async fn begin(&self, sql: &'static str) -> Result<Tx, StoreError> {
        let connection = self.connection().await?;
        connection.batch_execute(sql).await.map_err(|error| translate(sql, error))?;
        Ok(Tx::postgres(connection, self.changes.clone()))
    }

    async fn connection(&self) -> Result<PostgresTx, StoreError> {
        let object =
            self.pool.get().await.map_err(|error| StoreError::Unavailable(chain(&error)))?;
        Ok(PostgresTx { object: Some(object) })
    }
}

/// A connection in use. Dropped before its end (a cancelled request, a panic) it is closed instead of going back to the
/// pool, and the server undoes its transaction.
pub(super) struct PostgresTx {
    object: Option<Object>,
}

impl PostgresTx {
    pub(super) async fn query(
        &self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let run = async {
            let statement = self.object().prepare_cached(sql).await?;
            self.object().query(&statement, &bound(params)).await
        };
        let rows = run.await.map_err(|error| translate(sql, error))?;
        rows.iter().map(|row| read(row).map_err(|error| translate(sql, error))).collect()
    }

    pub(super) async fn execute(
        &self,
        sql: &'static str,
        params: &[Value],
    ) -> Result<u64, StoreError> {
        let run = async {
            let statement = self.object().prepare_cached(sql).await?;
            self.object().execute(&statement, &bound(params)).await
        };
        run.await.map_err(|error| translate(sql, error))
    }

    async fn batch_execute(&self, sql: &'static str) -> Result<(), tokio_postgres::Error> {
        self.object().batch_execute(sql).await
    }

    /// Ends the transaction and gives the connection back to the pool.
    pub(super) async fn end(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.batch_execute(sql).await.map_err(|error| translate(sql, error))?;
        self.finish();
        Ok(())
    }

    fn finish(&mut self) {
        drop(self.object.take());
    }

    fn object(&self) -> &Object {
        self.object.as_ref().expect("the connection is there until it is finished")
    }

    fn client(&mut self) -> &mut Object {
        self.object.as_mut().expect("the connection is there until it is finished")
    }
}

impl Drop for PostgresTx {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            drop(Object::take(object));
        }
    }
}

fn bound(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn read(row: &tokio_postgres::Row) -> Result<Row, tokio_postgres::Error> {
    let values: Result<Vec<Value>, _> = (0..row.len()).map(|index| row.try_get(index)).collect();
    values.map(Row::new)
}

type Unfit = Box<dyn Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, to: &Type, out: &mut BytesMut) -> Result<IsNull, Unfit> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Bool(value) => value.to_sql_checked(to, out),
            Self::Integer(value) if *to == Type::INT4 => {
                i32::try_from(*value)?.to_sql_checked(to, out)
            }
            Self::Integer(value) if *to == Type::INT2 => {
                i16::try_from(*value)?.to_sql_checked(to, out)
            }
            Self::Integer(value) => value.to_sql_checked(to, out),
            Self::Real(value) => value.to_sql_checked(to, out),
            Self::Text(value) => value.to_sql_checked(to, out),
            Self::Blob(value) => value.to_sql_checked(to, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

impl<'r> FromSql<'r> for Value {
    fn from_sql(from: &Type, raw: &'r [u8]) -> Result<Self, Unfit> {
        Ok(match *from {
            Type::BOOL => Self::Bool(bool::from_sql(from, raw)?),
            Type::INT2 => Self::Integer(i16::from_sql(from, raw)?.into()),
            Type::INT4 => Self::Integer(i32::from_sql(from, raw)?.into()),
            Type::INT8 => Self::Integer(i64::from_sql(from, raw)?),
            Type::FLOAT4 => Self::Real(f32::from_sql(from, raw)?.into()),
            Type::FLOAT8 => Self::Real(f64::from_sql(from, raw)?),
            Type::BYTEA => Self::Blob(raw.to_vec()),
            _ if <String as FromSql<'_>>::accepts(from) => Self::Text(String::from_sql(from, raw)?),
            _ => {
                return Err(format!(
                    "columns of type {from} are not read; cast them in the statement"
                )
                .into());
            }
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Unfit> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn translate(sql: &'static str, error: tokio_postgres::Error) -> StoreError {
    let Some(refusal) = error.as_db_error() else {
        let transport =
            error.is_closed() || error.source().is_some_and(<dyn Error>::is::<std::io::Error>);
        return if transport {
            StoreError::Unavailable(chain(&error))
        } else {
            StoreError::Statement { sql, source: Box::new(error) }
        };
    };
    let code = refusal.code();
    if *code == SqlState::UNIQUE_VIOLATION {
        return StoreError::Conflict {
            constraint: refusal.constraint().unwrap_or_default().to_owned(),
        };
    }
    if *code == SqlState::FOREIGN_KEY_VIOLATION {
        return StoreError::Reference;
    }
    match &code.code()[..2] {
        "23" => StoreError::Rule(refusal.message().to_owned()),
        // Connection trouble, deadlock or serialisation, out of resources, shutting down, disk.
        "08" | "40" | "53" | "57" | "58" => StoreError::Unavailable(refusal.message().to_owned()),
        _ => StoreError::Statement { sql, source: Box::new(error) },
    }
}

/// The error with its causes; `tokio_postgres` keeps what matters in them.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

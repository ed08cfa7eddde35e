//! What every store function may rely on, on both engines.

use super::testing::both_engines;
use super::{Db, StoreError, params};

both_engines! { Hub =>
    a_failed_write_leaves_nothing,
    a_panic_undoes_its_own_transaction_only,
    after_a_failed_statement_nothing_is_kept,
    a_taken_value_is_a_conflict_with_the_same_name,
    a_missing_reference_and_a_broken_rule_are_told_apart,
    parameters_are_bound_by_their_number,
    every_kind_of_value_comes_back,
    a_read_keeps_nothing,
    many_writers_lose_no_update,
    a_refused_statement_names_itself,
    a_wrong_column_type_is_an_error,
    the_shared_dialect_works,
    a_closed_database_is_unavailable,
}

const TABLES: [&str; 4] = [
    "CREATE TABLE owners (id BIGINT PRIMARY KEY, email TEXT NOT NULL UNIQUE, balance BIGINT NOT NULL CHECK (balance >= 0))",
    "CREATE TABLE things (owner_id BIGINT NOT NULL REFERENCES owners (id), slug TEXT NOT NULL, UNIQUE (owner_id, slug))",
    "CREATE TABLE tags (name TEXT NOT NULL)",
    "CREATE UNIQUE INDEX tags_name_lower ON tags (lower(name))",
];

async fn with_tables(db: &Db) {
    for table in TABLES {
        run(db, table).await.unwrap();
    }
    run(db, "INSERT INTO owners VALUES (1, 'ada@example.org', 0)").await.unwrap();
}

async fn run(db: &Db, sql: &'static str) -> Result<u64, StoreError> {
    db.write(move |tx| Box::pin(async move { tx.execute(sql, params![]).await })).await
}

async fn number(db: &Db, sql: &'static str) -> i64 {
    let read = db.read(move |tx| {
        Box::pin(async move { tx.query_opt(sql, params![]).await?.unwrap().get::<i64>(0) })
    });
    read.await.map_err(|error: StoreError| error).unwrap()
}

async fn a_failed_write_leaves_nothing(db: Db) {
    #[derive(Debug)]
    struct Refused;
    impl From<StoreError> for Refused {
        fn from(error: StoreError) -> Self {
            panic!("{error}")
        }
    }
    with_tables(&db).await;
    let work = db.write(|tx| {
        Box::pin(async move {
            tx.execute("UPDATE owners SET balance = 7", params![]).await?;
            Err::<(), _>(Refused)
        })
    });
    assert!(work.await.is_err());
    assert_eq!(number(&db, "SELECT balance FROM owners").await, 0);
}

async fn a_panic_undoes_its_own_transaction_only(db: Db) {
    with_tables(&db).await;
    let other = db.clone();
    let panicking = tokio::spawn(async move {
        let work = other.write(|tx| {
            Box::pin(async move {
                tx.execute("UPDATE owners SET balance = 7", params![]).await?;
                let owners = tx.query("SELECT id FROM owners", params![]).await?;
                assert!(owners.is_empty(), "a mistake in a store function");
                Ok::<(), StoreError>(())
            })
        });
        work.await
    });
    assert!(panicking.await.unwrap_err().is_panic());
    run(&db, "INSERT INTO owners VALUES (2, 'bob@example.org', 5)").await.unwrap();
    assert_eq!(number(&db, "SELECT CAST(SUM(balance) AS BIGINT) FROM owners").await, 5);
}

async fn after_a_failed_statement_nothing_is_kept(db: Db) {
    with_tables(&db).await;
    let work = db.write(|tx| {
        Box::pin(async move {
            tx.execute("UPDATE owners SET balance = 7", params![]).await?;
            let taken = tx.execute("INSERT INTO owners VALUES (1, 'x', 0)", params![]).await;
            assert!(matches!(taken, Err(StoreError::Conflict { .. })));
            let late = tx.execute("UPDATE owners SET balance = 8", params![]).await;
            assert!(matches!(late, Err(StoreError::Aborted)));
            Ok(())
        })
    });
    assert!(matches!(work.await, Err(StoreError::Aborted)));
    assert_eq!(number(&db, "SELECT balance FROM owners").await, 0);
}

async fn a_taken_value_is_a_conflict_with_the_same_name(db: Db) {
    with_tables(&db).await;
    run(&db, "INSERT INTO things VALUES (1, 'weather')").await.unwrap();
    for (sql, name) in [
        ("INSERT INTO owners VALUES (1, 'other@example.org', 0)", "owners_pkey"),
        ("INSERT INTO owners VALUES (2, 'ada@example.org', 0)", "owners_email_key"),
        ("INSERT INTO tags VALUES ('Rag'), ('rag')", "tags_name_lower"),
        ("INSERT INTO things VALUES (1, 'weather')", "things_owner_id_slug_key"),
    ] {
        let error = run(&db, sql).await.unwrap_err();
        assert!(error.is_conflict(name), "{error}");
    }
}

async fn a_missing_reference_and_a_broken_rule_are_told_apart(db: Db) {
    with_tables(&db).await;
    let missing = run(&db, "INSERT INTO things VALUES (404, 'weather')").await;
    assert!(matches!(missing, Err(StoreError::Reference)));
    let negative = run(&db, "UPDATE owners SET balance = -1").await;
    assert!(matches!(negative, Err(StoreError::Rule(_))));
    let nothing = run(&db, "INSERT INTO owners VALUES (9, NULL, 0)").await;
    assert!(matches!(nothing, Err(StoreError::Rule(_))));
}

async fn parameters_are_bound_by_their_number(db: Db) {
    const SQL: &str = "SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT)";
    let row =
        db.read(|tx| Box::pin(async move { tx.query_opt(SQL, params!["one", "two"]).await })).await;
    let row = row.map_err(|error: StoreError| error).unwrap().unwrap();
    assert_eq!([0, 1, 2].map(|index| row.get::<String>(index).unwrap()), ["two", "one", "two"]);
}

async fn every_kind_of_value_comes_back(db: Db) {
    const BLOB: &str =
        "CREATE TABLE kinds (a BIGINT, b BOOLEAN, c TEXT, d BYTEA, e DOUBLE PRECISION, f TEXT)";
    const INSERT: &str =
        "INSERT INTO kinds VALUES ($1, $2, $3, $4, $5, $6) RETURNING a, b, c, d, e, f";
    run(&db, BLOB).await.unwrap();
    let work = db.write(|tx| {
        Box::pin(async move {
            let values =
                params![i64::MIN, true, "ü\u{1f980}", [0_u8, 255].as_slice(), 0.5, None::<String>];
            tx.query_opt(INSERT, values).await
        })
    });
    let row = work.await.map_err(|error: StoreError| error).unwrap().unwrap();
    assert_eq!(row.get::<i64>(0).unwrap(), i64::MIN);
    assert!(row.get::<bool>(1).unwrap());
    assert_eq!(row.get::<String>(2).unwrap(), "ü\u{1f980}");
    assert_eq!(row.get::<Vec<u8>>(3).unwrap(), [0, 255]);
    assert!((row.get::<f64>(4).unwrap() - 0.5).abs() < f64::EPSILON);
    assert_eq!(row.get::<Option<String>>(5).unwrap(), None);
}

async fn a_read_keeps_nothing(db: Db) {
    with_tables(&db).await;
    let work = db.read(|tx| {
        Box::pin(
            async move { tx.execute("UPDATE owners SET balance = 7", params![]).await.map(drop) },
        )
    });
    assert!(work.await.is_err());
    assert_eq!(number(&db, "SELECT balance FROM owners").await, 0);
}

async fn many_writers_lose_no_update(db: Db) {
    with_tables(&db).await;
    let writers = (0..40).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            run(&db, "UPDATE owners SET balance = balance + 1 WHERE id = 1").await
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        assert_eq!(writer.await.unwrap().unwrap(), 1);
    }
    assert_eq!(number(&db, "SELECT balance FROM owners").await, 40);
}

async fn a_refused_statement_names_itself(db: Db) {
    let error = run(&db, "SELECT nothing FROM nowhere").await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Statement { sql, .. } if sql.contains("nowhere")),
        "{error}"
    );
}

async fn a_wrong_column_type_is_an_error(db: Db) {
    let work = db.read(|tx| {
        Box::pin(async move {
            tx.query_opt("SELECT CAST(7 AS BIGINT)", params![]).await?.unwrap().get::<String>(0)
        })
    });
    assert!(matches!(work.await, Err(StoreError::Column { index: 0, .. })));
}

async fn the_shared_dialect_works(db: Db) {
    const UPSERT: &str = "INSERT INTO owners VALUES ($1, $2, $3) \
        ON CONFLICT (id) DO UPDATE SET balance = owners.balance + excluded.balance RETURNING balance";
    const FILTER: &str = "SELECT COUNT(*) FROM owners \
        WHERE (CAST($1 AS TEXT) IS NULL OR lower(email) LIKE lower($1)) LIMIT $2 OFFSET $3";
    with_tables(&db).await;
    let work = db.write(|tx| {
        Box::pin(async move {
            tx.query(UPSERT, params![1_i64, "ada@example.org", 2_i64]).await?;
            let row =
                tx.query_opt(UPSERT, params![1_i64, "ada@example.org", 3_i64]).await?.unwrap();
            let all = tx.query_opt(FILTER, params![None::<String>, 10_i64, 0_i64]).await?.unwrap();
            let some = tx.query_opt(FILTER, params!["ADA%", 10_i64, 0_i64]).await?.unwrap();
            let none = tx.query_opt(FILTER, params!["bob%", 10_i64, 0_i64]).await?.unwrap();
            Ok::<_, StoreError>([row.get::<i64>(0)?, all.get(0)?, some.get(0)?, none.get(0)?])
        })
    });
    assert_eq!(work.await.unwrap(), [5, 1, 1, 0]);
}

async fn a_closed_database_is_unavailable(db: Db) {
    db.ping().await.unwrap();
    db.close().await;
    assert!(matches!(db.ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(run(&db, "SELECT 1").await, Err(StoreError::Unavailable(_))));
}

/// A request whose client hangs up is dropped half way. PostgreSQL alone: SQLite's transactions never wait.
#[tokio::test]
async fn a_dropped_call_keeps_nothing_and_spoils_no_connection() {
    super::testing::on_postgres(super::Schema::Hub, a_dropped_call).await;
}

async fn a_dropped_call(db: Db) {
    with_tables(&db).await;
    for _ in 0..20 {
        let (started, start) = tokio::sync::oneshot::channel();
        let work = db.write(move |tx| {
            Box::pin(async move {
                tx.execute("UPDATE owners SET balance = balance + 1", params![]).await?;
                started.send(()).unwrap();
                std::future::pending::<Result<(), StoreError>>().await
            })
        });
        tokio::select! {
            _ = work => unreachable!("it waits for ever"),
            _ = start => (),
        }
    }
    assert_eq!(run(&db, "UPDATE owners SET balance = balance + 5").await.unwrap(), 1);
    assert_eq!(number(&db, "SELECT balance FROM owners").await, 5);
}

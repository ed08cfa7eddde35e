//! The trace of changes. An event is appended in the transaction of the change it tells of: no event, no change.

use serde_json::Value;
use syfthub_core::{Timestamp, UserId};

use crate::db::{StoreError, Tx, params};

/// One change, as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Who did it; nobody when it was the server itself or a stranger.
    pub(crate) actor: Option<UserId>,
    /// What was done, as `subject.verb`, such as `endpoint.create`.
    pub(crate) action: &'static str,
    /// What it was done to, as `kind:id`, such as `endpoint:17`.
    pub(crate) subject: String,
    /// What else matters; never a secret.
    pub(crate) detail: Value,
    /// The request that caused it.
    pub(crate) correlation_id: String,
    /// When.
    pub(crate) at: Timestamp,
}

const APPEND: &str = "INSERT INTO audit_events (at, actor, action, subject, detail, correlation_id) \
    VALUES ($1, $2, $3, $4, $5, $6)";

/// Appends an event to the change that `tx` is.
pub(crate) async fn append(tx: &mut Tx, event: &Event) -> Result<(), StoreError> {
    let Event { actor, action, subject, detail, correlation_id, at } = event;
    let values = params![at, actor, *action, subject, detail.to_string(), correlation_id];
    tx.execute(APPEND, values).await.map(drop)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::db::{Db, testing::both_engines};

    both_engines! { Hub =>
        an_event_is_kept_with_its_change,
        no_event_means_no_change,
        no_change_means_no_event,
    }

    fn event() -> Event {
        Event {
            actor: Some(UserId(7)),
            action: "thing.create",
            subject: "thing:1".to_owned(),
            detail: json!({"name": "field notes"}),
            correlation_id: "0191".to_owned(),
            at: Timestamp::from_secs(1),
        }
    }

    async fn change(db: &Db, event: Event, fails_after: bool) -> Result<(), StoreError> {
        let table = db.write(|tx| {
            Box::pin(async move { tx.execute("CREATE TABLE things (name TEXT)", params![]).await })
        });
        table.await?;
        let work = db.write(move |tx| {
            Box::pin(async move {
                tx.execute("INSERT INTO things VALUES ('field notes')", params![]).await?;
                append(tx, &event).await?;
                if fails_after { Err(StoreError::Aborted) } else { Ok(()) }
            })
        });
        work.await
    }

    async fn counts(db: &Db) -> [i64; 2] {
        let read = db.read(|tx| {
            Box::pin(async move {
                let things = tx.query_opt("SELECT COUNT(*) FROM things", params![]).await?.unwrap();
                let events =
                    tx.query_opt("SELECT COUNT(*) FROM audit_events", params![]).await?.unwrap();
                Ok::<_, StoreError>([things.get(0)?, events.get(0)?])
            })
        });
        read.await.unwrap()
    }

    async fn an_event_is_kept_with_its_change(db: Db) {
        change(&db, event(), false).await.unwrap();
        assert_eq!(counts(&db).await, [1, 1]);
    }

    async fn no_event_means_no_change(db: Db) {
        let unfit = db.write(|tx| {
            Box::pin(async move { tx.execute("DROP TABLE audit_events", params![]).await })
        });
        unfit.await.map_err(|error: StoreError| error).unwrap();
        let refused = change(&db, event(), false).await;
        assert!(matches!(refused, Err(StoreError::Statement { .. })));
        let read = db.read(|tx| {
            Box::pin(async move {
                tx.query_opt("SELECT COUNT(*) FROM things", params![]).await?.unwrap().get::<i64>(0)
            })
        });
        assert_eq!(read.await.map_err(|error: StoreError| error).unwrap(), 0);
    }

    async fn no_change_means_no_event(db: Db) {
        assert!(change(&db, event(), true).await.is_err());
        assert_eq!(counts(&db).await, [0, 0]);
    }
}

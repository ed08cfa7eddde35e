//! What administrators do: finding users, exporting them, deleting accounts, and seeing how much there is.

use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use serde_json::json;
use syfthub_core::UserId;
use syfthub_core::wire::admin::{Overview, UserPage};
use syfthub_core::wire::user::User;

use super::export;
use super::origin::Origin;
use super::refusal::Refusal;
use super::standing;
use super::store::overview;
use super::store::search::{self, Filter};
use super::store::users;
use crate::accounting;
use crate::db::StoreError;
use crate::http::Page;
use crate::hub::Hub;
use crate::registry;

/// What counts as a short while ago.
const RECENTLY: Duration = Duration::from_hours(30 * 24);

/// Users per read of an export: enough to be quick, few enough that neither memory nor a reader is held for long.
const BATCH: i64 = 500;

/// A page of the users that `filter` lets through, in the order of their numbers.
pub(crate) async fn list(hub: &Hub, filter: Filter, page: Page) -> Result<Vec<User>, Refusal> {
    let read =
        hub.db.read(move |tx| Box::pin(async move { search::list(tx, &filter, page).await }));
    read.await.map_err(Refusal::Store)
}

/// The same page, with how many there are on all pages.
pub(crate) async fn page(hub: &Hub, filter: Filter, page: Page) -> Result<UserPage, Refusal> {
    let Page { skip, limit } = page;
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let users = search::list(tx, &filter, page).await?;
            let total = search::count(tx, &filter).await?;
            Ok(UserPage { users, total, skip, limit })
        })
    });
    read.await
}

/// The user with this number.
pub(crate) async fn find(hub: &Hub, id: UserId) -> Result<User, Refusal> {
    let read = hub.db.read(move |tx| Box::pin(async move { users::find(tx, id).await }));
    read.await.map_err(Refusal::Store)?.ok_or(Refusal::UserNotFound)
}

/// Deletes the account `id` for `actor`, with everything that is only the user's. The user's names stay taken for good, so
/// that nobody can pass for them.
pub(crate) async fn delete(
    hub: &Hub,
    actor: UserId,
    id: UserId,
    origin: Origin,
) -> Result<(), Refusal> {
    let ledger = hub.ledger.clone();
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            users::guard(tx).await?;
            users::lock(tx, id).await?;
            let user = users::find(tx, id).await?.ok_or(Refusal::UserNotFound)?;
            standing::check(tx, &user, None).await?;
            accounting::replace_secrets_known_to(tx, &ledger, id).await?;
            registry::forget_user(tx, id).await?;
            users::delete(tx, id).await?;
            let detail = json!({ "username": user.username });
            Ok(origin.note(tx, actor, "user.delete", format!("user:{id}"), detail).await?)
        })
    });
    let deleted: Result<(), Refusal> = write.await;
    deleted?;
    hub.registry.forget_pages();
    Ok(())
}

/// How much there is.
pub(crate) async fn overview(hub: &Hub) -> Result<Overview, Refusal> {
    let now = hub.clock.now();
    let read = hub.db.read(move |tx| {
        Box::pin(async move { overview::count(tx, now, now.before(RECENTLY)).await })
    });
    read.await.map_err(Refusal::Store)
}

/// Every user that `filter` lets through as a table in CSV (RFC 4180), written while it is read, a batch at a time. That
/// `actor` asked for it is noted first.
pub(crate) async fn export(
    hub: &Hub,
    actor: UserId,
    filter: Filter,
    origin: Origin,
) -> Result<impl Stream<Item = Result<Bytes, StoreError>> + use<>, Refusal> {
    let detail =
        json!({ "search": filter.search, "role": filter.role, "is_active": filter.is_active });
    let write = hub.db.write(move |tx| {
        Box::pin(
            async move { origin.note(tx, actor, "user.export", "users".to_owned(), detail).await },
        )
    });
    write.await.map_err(Refusal::Store)?;
    let hub = hub.clone();
    Ok(async_stream::try_stream! {
        yield export::header();
        let mut last = Some(UserId(0));
        while let Some(after) = last {
            let filter = filter.clone();
            let read = hub.db.read(move |tx| {
                Box::pin(async move { search::list_after(tx, &filter, after, BATCH).await })
            });
            let users: Vec<User> = read.await.map_err(|error: StoreError| error)?;
            last = users.last().map(|user| user.id);
            if last.is_some() {
                yield export::rows(&users);
            }
        }
    })
}

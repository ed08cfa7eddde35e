//! Doing at hubs what is wanted there, until it is done.
//!
//! At its start a space compares what it lists with what each hub has, entry by entry, and puts right what differs. It never
//! replaces a hub's whole list: other spaces of the same account publish there too, and what this one did not list it does
//! not take off.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use syfthub_client::ErrorKind;
use syfthub_core::wire::endpoint::{Endpoint as Entry, EndpointDraft};
use syfthub_core::{EndpointPath, OwnerName, Slug, Timestamp};
use url::Url;

use super::Hub;
use super::listing::{agrees, digest, draft};
use crate::db::StoreError;
use crate::space::error::SpaceError;
use crate::space::node::Space;
use crate::space::store::listings::{self, ListingRow};

/// The first wait after a try that failed for a moment, and the longest.
const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_mins(5);

/// When a hub that refused is asked again: its rules, or its owner's rights, may have changed.
const REFUSED: Duration = Duration::from_hours(1);

/// How often endpoints are looked at for changes that nobody told of.
const LOOK: Duration = Duration::from_secs(30);

/// What was done at a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    /// The hub has the entry.
    Listed,
    /// The hub has none.
    Unlisted,
}

/// Does what is wanted of `hub` whenever something is.
pub(super) async fn keep(space: Space, hub: std::sync::Arc<Hub>) {
    let mut is_compared = false;
    loop {
        if !is_compared {
            match compare(&space, &hub).await {
                Ok(()) => is_compared = true,
                Err(error) => {
                    tracing::info!(hub = hub.row.url, %error, "what the hub lists is not known yet");
                }
            }
        }
        if let Err(error) = round(&space, &hub).await {
            tracing::error!(hub = hub.row.url, %error, "listings cannot be looked up");
        }
        tokio::select! {
            () = hub.work.notified() => {}
            () = tokio::time::sleep(LOOK.min(FIRST.max(next(&space, &hub).await))) => {}
        }
    }
}

/// Does everything that is due.
async fn round(space: &Space, hub: &Hub) -> Result<(), SpaceError> {
    let now = space.clock.now();
    for row in rows(space, hub).await? {
        let is_due = match row.state.as_str() {
            "listed" => has_changed(space, hub, &row).await?,
            _ => row.due_at <= now,
        };
        if is_due && let Err(error) = space.deliver(hub, row).await {
            tracing::info!(hub = hub.row.url, %error, "a hub was not told yet");
        }
    }
    Ok(())
}

/// How long until something is due.
async fn next(space: &Space, hub: &Hub) -> Duration {
    let now = space.clock.now();
    let rows = rows(space, hub).await.unwrap_or_default();
    let waiting = rows.iter().filter(|row| row.state != "listed");
    waiting.map(|row| row.due_at.since(now)).min().unwrap_or(LOOK)
}

async fn rows(space: &Space, hub: &Hub) -> Result<Vec<ListingRow>, StoreError> {
    let id = hub.row.id;
    space.db.read(move |tx| Box::pin(async move { listings::of_marketplace(tx, id).await })).await
}

/// Whether the endpoint is another one than the hub was told of. An address that cannot be known now has not changed.
async fn has_changed(space: &Space, hub: &Hub, row: &ListingRow) -> Result<bool, SpaceError> {
    let Some(draft) = space.entry(hub, &row.slug).await? else { return Ok(true) };
    let Ok(url) = space.url_at(hub).await else { return Ok(false) };
    Ok(row.digest.as_deref() != Some(&digest(&draft, &url)))
}

/// Finds out which entries the hub has lost, or has otherwise than they were listed.
async fn compare(space: &Space, hub: &Hub) -> Result<(), SpaceError> {
    let rows = rows(space, hub).await?;
    let wanted = rows.into_iter().filter(|row| row.wanted && row.digest.is_some());
    let wanted: Vec<ListingRow> = wanted.collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let entries = hub.entries().await?;
    for row in wanted {
        let Some(draft) = space.entry(hub, &row.slug).await? else { continue };
        let entry = entries.iter().find(|entry| entry.slug == row.slug.as_str());
        if entry.is_some_and(|entry| agrees(entry, &draft)) {
            continue;
        }
        let due = ListingRow { state: "pending".to_owned(), due_at: space.clock.now(), ..row };
        let settle =
            space.db.write(move |tx| Box::pin(async move { listings::settle(tx, &due).await }));
        settle.await?;
    }
    Ok(())
}

impl Space {
    /// What the hub is to be told about the endpoint at `slug`; `None` when there is none any more.
    async fn entry(&self, hub: &Hub, slug: &Slug) -> Result<Option<EndpointDraft>, SpaceError> {
        let row = self.endpoint_row(hub.row.tenant, slug.as_str()).await?;
        let Some(row) = row else { return Ok(None) };
        let tenant = self.tenants.published_name(hub.row.tenant);
        let mut draft = draft(&row, tenant, hub.row.organization_id);
        // A summary: what exactly a policy says is between the owner and the space.
        draft.policies = self.public_policies(row.id).await?;
        Ok(Some(draft))
    }

    /// Does at `hub` what `row` wants, and notes how that went.
    pub(super) async fn deliver(
        &self,
        hub: &Hub,
        row: ListingRow,
    ) -> Result<Delivered, SpaceError> {
        // One after the other: what is wanted last is what the hub is left with.
        let _turn = hub.turn.lock().await;
        let done =
            if row.wanted { self.list(hub, &row).await } else { hub.unlist(&row.slug).await };
        let now = self.clock.now();
        match done {
            Ok(Some(digest)) => {
                let row = ListingRow {
                    state: "listed".to_owned(),
                    error: None,
                    digest: Some(digest),
                    attempts: 0,
                    updated_at: now,
                    ..row
                };
                self.settle_listing(row).await?;
                Ok(Delivered::Listed)
            }
            Ok(None) => {
                let gone = self
                    .db
                    .write(move |tx| Box::pin(async move { listings::remove(tx, &row).await }));
                gone.await?;
                Ok(Delivered::Unlisted)
            }
            Err(error) => {
                self.settle_listing(failed(row, &error, now)).await?;
                Err(error)
            }
        }
    }

    async fn settle_listing(&self, row: ListingRow) -> Result<(), StoreError> {
        self.db.write(move |tx| Box::pin(async move { listings::settle(tx, &row).await })).await
    }

    /// Makes the hub's entry what it shall be; its digest.
    async fn list(&self, hub: &Hub, row: &ListingRow) -> Result<Option<String>, SpaceError> {
        let draft = self.entry(hub, &row.slug).await?.ok_or(SpaceError::NotFound("endpoint"))?;
        let url = self.url_at(hub).await?;
        hub.list(&url, &draft).await?;
        Ok(Some(digest(&draft, &url)))
    }
}

/// The row after a try that failed.
fn failed(row: ListingRow, error: &SpaceError, now: Timestamp) -> ListingRow {
    let is_refusal = matches!(error, SpaceError::Hub { status: Some(400..=499), .. })
        && !matches!(error, SpaceError::Hub { status: Some(401 | 408 | 425 | 429), .. });
    let wait = if is_refusal {
        REFUSED
    } else {
        FIRST.saturating_mul(1 << row.attempts.min(10)).min(LONGEST)
    };
    ListingRow {
        state: if is_refusal { "failed" } else { "pending" }.to_owned(),
        error: Some(error.to_string()),
        attempts: row.attempts.saturating_add(1),
        due_at: now.after(wait),
        updated_at: now,
        ..row
    }
}

impl Hub {
    async fn list(&self, url: &Url, draft: &EndpointDraft) -> Result<(), SpaceError> {
        self.set_domain(url).await?;
        let published = self.signed_in(|client| {
            let draft = draft.clone();
            async move { client.endpoints().publish(&draft).await }
        });
        published.await.map(drop).map_err(|error| SpaceError::hub(&self.row.url, &error))
    }

    async fn unlist(&self, slug: &Slug) -> Result<Option<String>, SpaceError> {
        let organization = self.row.organization.as_deref();
        let owner = organization.map(OwnerName::parse).transpose().ok().flatten();
        let removed = self.signed_in(|client| {
            let (slug, owner) = (slug.clone(), owner.clone());
            async move {
                match owner {
                    Some(owner) => {
                        client.endpoints().delete_path(&EndpointPath { owner, slug }).await
                    }
                    None => client.endpoints().delete_slug(&slug).await,
                }
            }
        });
        match removed.await {
            // Somebody took it off already.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            outcome => {
                outcome.map(|()| None).map_err(|error| SpaceError::hub(&self.row.url, &error))
            }
        }
    }

    /// What the account, or the organization, has at the hub.
    async fn entries(&self) -> Result<Vec<Entry>, SpaceError> {
        let listed = self.signed_in(|client| async move {
            client.endpoints().list().stream().try_collect::<Vec<Entry>>().await
        });
        listed.await.map_err(|error| SpaceError::hub(&self.row.url, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::ids::{EndpointKey, MarketplaceId, TenantId};

    fn row(attempts: u32) -> ListingRow {
        let now = Timestamp::from_secs(1_800_000_000);
        ListingRow {
            endpoint: EndpointKey::new(),
            marketplace: MarketplaceId::new(),
            tenant: TenantId::ROOT,
            slug: Slug::parse("notes").unwrap(),
            wanted: true,
            state: "pending".to_owned(),
            error: None,
            digest: None,
            attempts,
            due_at: now,
            updated_at: now,
        }
    }

    fn refused(status: Option<u16>) -> SpaceError {
        SpaceError::Hub { url: "https://hub".to_owned(), reason: "no".to_owned(), status }
    }

    #[test]
    fn a_hub_that_is_away_is_tried_again_with_growing_pauses() {
        let now = Timestamp::from_secs(1_800_000_000);
        let wait = |attempts| failed(row(attempts), &refused(None), now).due_at.since(now);
        assert_eq!((wait(0), wait(1), wait(3)), (FIRST, FIRST * 2, FIRST * 8));
        assert_eq!(wait(40), LONGEST);
        assert_eq!(failed(row(0), &refused(Some(503)), now).state, "pending");
        assert_eq!(failed(row(0), &refused(Some(429)), now).state, "pending");
    }

    #[test]
    fn a_hub_that_refuses_is_left_alone_for_long() {
        let now = Timestamp::from_secs(1_800_000_000);
        let after = failed(row(0), &refused(Some(422)), now);
        assert_eq!((after.state.as_str(), after.due_at.since(now)), ("failed", REFUSED));
        assert!(after.error.unwrap().contains("no"));
    }
}

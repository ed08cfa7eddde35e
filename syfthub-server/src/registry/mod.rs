//! What users publish: endpoints, their addresses, and the lists they appear in.
//!
//! Reading order: `endpoints` (create, change, remove), `slugs`, `connect`, `sync`, `stars`, `moderation`, then `listing`
//! with `visibility`, `public` with `pages`, `search`, and `store` below them.

mod callable;
mod connect;
mod departed;
mod endpoints;
mod listing;
mod moderation;
mod pages;
mod public;
mod refusal;
mod routes;
mod search;
mod slugs;
mod stars;
mod store;
mod sync;
#[cfg(test)]
mod tests;
mod visibility;

pub(crate) use callable::{Callable, callable, readable};
pub(crate) use departed::forget_user;
pub(crate) use listing::{Seen, at as endpoint_at};
pub(crate) use routes::{At, routes};

use syfthub_core::{EndpointId, OwnerId};

use crate::config::{PublicTypes, RegistrySettings};
use crate::db::{Db, Known, Place, StoreError};
use crate::shared::{News, Shared, Topic};
use pages::Pages;
use store::Record;

/// Endpoints of users that are kept by their address.
const RECORDS: u64 = 10_000;

/// How an endpoint that is kept is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Lookup {
    /// By the two halves of its address, in lower case.
    At(String, String),
    /// By its number.
    Number(EndpointId),
}

/// The part of the hub that knows endpoints.
pub(crate) struct Registry {
    public_types: PublicTypes,
    pages: Pages,
    records: Known<Lookup, Record>,
    news: News,
}

impl Registry {
    /// A registry without pages yet, which tells other instances what it changed.
    pub(crate) fn new(settings: &RegistrySettings, db: &Db, shared: &Shared) -> Self {
        Self {
            public_types: settings.public_types,
            pages: Pages::new(settings.public_list_max_age),
            records: Known::new(db, &store::TABLES, RECORDS, shared.company()),
            news: shared.news().clone(),
        }
    }

    /// Brings what is derived from endpoints up to date with them, as at a start.
    pub(crate) async fn catch_up(db: &Db) -> Result<(), StoreError> {
        search::complete(db).await
    }

    /// The place where the endpoint is kept.
    fn place(&self, lookup: Lookup) -> Place<Lookup, Record> {
        self.records.place(lookup)
    }

    /// To be called after every committed change that public lists show: of an endpoint, or of an owner.
    pub(crate) fn forget_pages(&self) {
        self.forget_own_pages();
        self.news.tell(Topic::PublicPages);
    }

    /// To be called when another instance made such a change.
    pub(crate) fn forget_own_pages(&self) {
        self.pages.forget();
    }
}

/// Keeps an endpoint that was read. One of an organization looks different to each of its members, and is not kept.
fn keep(place: &Place<Lookup, Record>, record: &Record) {
    if matches!(record.owner.id, OwnerId::User(_)) {
        place.keep(record);
    }
}

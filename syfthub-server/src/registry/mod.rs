//! What users publish: endpoints, their addresses, and the lists they appear in.
//!
//! Reading order: `endpoints` (create, change, remove), `slugs`, `connect`, `sync`, `stars`, `moderation`, then `listing`
//! with `visibility`, `public` with `pages`, `search`, and `store` below them.

mod callable;
mod connect;
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

pub(crate) use callable::{Callable, callable};
pub(crate) use routes::{At, routes};

use crate::config::{PublicTypes, RegistrySettings};
use crate::db::{Db, StoreError};
use crate::shared::{News, Topic};
use pages::Pages;

/// The part of the hub that knows endpoints.
pub(crate) struct Registry {
    public_types: PublicTypes,
    pages: Pages,
    news: News,
}

impl Registry {
    /// A registry without pages yet, which tells other instances through `news`.
    pub(crate) fn new(settings: &RegistrySettings, news: News) -> Self {
        Self {
            public_types: settings.public_types,
            pages: Pages::new(settings.public_list_max_age),
            news,
        }
    }

    /// Brings what is derived from endpoints up to date with them, as at a start.
    pub(crate) async fn catch_up(db: &Db) -> Result<(), StoreError> {
        search::complete(db).await
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

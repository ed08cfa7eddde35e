//! What users publish: endpoints, their addresses, and the lists they appear in.
//!
//! Reading order: `endpoints` (create, change, remove), `slugs`, `connect`, then `listing` with `visibility` and
//! `pages`, and `store` below them.

mod connect;
mod endpoints;
mod listing;
mod pages;
mod refusal;
mod routes;
mod slugs;
mod store;
#[cfg(test)]
mod tests;
mod visibility;

pub(crate) use routes::routes;

use crate::config::{PublicTypes, RegistrySettings};
use pages::Pages;

/// The part of the hub that knows endpoints.
pub(crate) struct Registry {
    public_types: PublicTypes,
    pages: Pages,
}

impl Registry {
    /// A registry without pages yet.
    pub(crate) fn new(settings: &RegistrySettings) -> Self {
        Self {
            public_types: settings.public_types,
            pages: Pages::new(settings.public_list_max_age),
        }
    }

    /// To be called after every committed change that public lists show: of an endpoint, or of an owner.
    pub(crate) fn forget_pages(&self) {
        self.pages.forget();
    }
}

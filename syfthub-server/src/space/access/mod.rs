//! Who administers the space, and for which tenant.
//!
//! - `tenants`: the tenants there are, and which one a request is for.
//! - `accounts`: people with a password; `sessions`: the tokens they sign in with.
//! - `actor`: on whose behalf something is done; every change is noted with it.

mod accounts;
mod actor;
mod sessions;
mod tenants;

pub(crate) use accounts::{Account, Accounts, NewAccount, SignedIn};
pub use actor::Actor;
pub(crate) use actor::{Known, Node, Trace};
pub(crate) use sessions::Sessions;
pub use tenants::Tenant;
pub(crate) use tenants::{NewTenant, TenantPatch, Tenants};

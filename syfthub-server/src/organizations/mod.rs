//! Teams: organizations, their members and roles. What they own is the registry's.
//!
//! Reading order: `profiles` (found, show, change, delete), `members`, `owners` (the rule that there is always one), and
//! `store` below them.

mod members;
mod owners;
mod profiles;
mod refusal;
mod routes;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use owners::last_owner_of;
pub(crate) use profiles::find_for;
pub(crate) use routes::routes;
pub(crate) use store::{find, find_named, set_domain};

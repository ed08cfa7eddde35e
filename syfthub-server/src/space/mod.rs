//! The space: documents and models of one owner, searched and answered from behind endpoints.
//!
//! In reading order:
//! - `node`: [`Space`], its parts, how it starts and stops.
//! - `access`: who administers it, for which tenant. `catalog`: datasets, models and endpoints as the owner sets them up; `store` is their SQL.
//! - `datasets`, `models`: the types there are, one file each.
//! - `ingest`: files into indexes, through `parse` and `chunk`; `index`: full text and vectors; `text`: words and sentences.
//! - `embed`: texts as vectors, by a server or by a model of this machine.
//! - `health`: whether datasets and models would answer.
//! - `hub`: the hubs it is connected to: connecting, publishing, and judging callers' tokens.
//! - `policies`: who may ask, how often, and for how much.
//! - `provision`: servers of stores that the space runs itself.
//! - `query`: a question to an endpoint. `routes`: what callers reach. `admin`: what the owner reaches, on its own listener.
//! - `tunnel`: how callers reach it through its hub when they cannot reach it directly.
//! - `state`: the state directory, with the keys of this space; `presence`: how the programs beside it find it.

mod access;
mod admin;
#[cfg(test)]
mod authorization;
mod catalog;
mod chunk;
mod datasets;
mod embed;
mod error;
mod health;
mod hub;
mod ids;
mod index;
mod ingest;
mod kind;
mod models;
mod node;
mod parse;
mod passage;
mod policies;
mod presence;
mod provision;
mod query;
mod routes;
mod state;
mod store;
/// What a simulated space has of a real one.
#[cfg(test)]
pub(crate) mod simulated {
    pub(crate) use super::hub::{NoPayee, Payee};
    pub(crate) use super::policies::{
        Away, Bill, ChargeError, Exchange, Journal, Payees, Reservation,
    };
    pub(crate) use super::query::{body, complete};
}
#[cfg(test)]
mod tests;
mod text;
mod tunnel;

pub use crate::config::SpaceConfig;
pub use access::{Actor, Tenant};
pub(crate) use admin::description as admin_description;
pub use catalog::{Connected, Dataset, Endpoint, Model, NewEndpoint, NewPart, Part, ResponseType};
pub use error::SpaceError;
pub use hub::{Listing, ListingState, Marketplace};
pub use ids::{
    AccountId, ChargeId, DatasetId, EndpointKey, JobId, MarketplaceId, ModelId, PolicyId, TenantId,
};
pub use ingest::{DatasetProgress, Progress};
pub use node::{Space, bind, start};
pub use parse::{is_parse_worker, parse_worker_main};
pub use policies::{NewPolicy, Policy};
pub use presence::RunningSpace;
pub(crate) use routes::description as query_description;
pub use tunnel::TunnelStatus;

//! What every route shares: how a request is read, how an answer and an error look, and the limits around both.
//!
//! [`serve()`] listens; it hands each request to a router that [`edge()`] has wrapped, so that correlation ids, limits,
//! headers and the treatment of panics are the same for every route of every role.

mod body;
mod client;
mod correlation;
mod cors;
mod edge;
mod error;
mod extract;
mod metrics;
mod patience;
mod serve;
pub(crate) mod sse;
#[cfg(test)]
mod tests;

pub(crate) use body::read as read_body;
pub(crate) use client::{ClientAddress, ClientNetwork};
pub use client::{ForwardedHeader, TrustedProxy};
pub(crate) use correlation::{CorrelationId, HEADER as CORRELATION_ID};
pub use cors::CorsOrigins;
pub(crate) use edge::{FailedRequest, Witness, edge, watched_edge};
pub(crate) use error::{ApiError, Policy};
pub(crate) use extract::{Form, Json, Page, Path, Query};
pub(crate) use serve::{bind, serve};

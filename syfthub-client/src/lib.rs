//! The async client of SyftHub: hub resources, questions to models, and direct calls to spaces.
//!
//! In reading order:
//! - [`Client`]: the handle, from [`Client::builder`];
//! - [`auth`], [`access_tokens`], [`aggregators`], [`users`], [`endpoints`] and [`organizations`] with their [`lists`], [`tokens`], [`ledger`], [`chat`]: the operations, one module per resource;
//! - [`Error`], [`ErrorKind`]: why a call did not work;
//! - [`verify`]: callers' tokens, judged by a service without asking the hub;
//! - [`session`]: how a session outlives its client; [`credentials`]: in the keyring, or in a file;
//! - [`exchange`]: what requests are sent through, and what a test puts in its place;
//! - [`node`]: one endpoint of a space, asked directly; [`space`]: a space as its owner sees it;
//! - [`sse`]: server-sent events out of bytes.
//!
//! ```no_run
//! use syfthub_client::Client;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let hub = Client::builder("http://127.0.0.1:8080").build()?;
//! hub.auth().login("ada", "correct horse 1").await?;
//! let answer = hub
//!     .chat("ada/extractive".parse()?, "What grows near the river?")
//!     .source("ada/field-notes".parse()?)
//!     .send()
//!     .await?;
//! println!("{}", answer.response);
//! # Ok(())
//! # }
//! ```

pub mod access_tokens;
pub mod accounting;
pub mod admin;
pub mod agent;
pub mod aggregators;
pub mod auth;
mod builder;
mod catalogue;
pub mod chat;
mod client;
mod clock;
mod codes;
pub mod credentials;
mod discovery;
mod elsewhere;
pub mod endpoints;
mod error;
pub mod exchange;
mod export;
mod idle;
mod invoke;
pub mod ledger;
pub mod lists;
mod mint;
pub mod node;
pub mod organizations;
mod page;
mod payment;
mod publish;
mod query;
mod reach;
pub mod reports;
mod resolve;
mod retry;
mod search;
pub mod session;
pub mod space;
pub mod sse;
mod stars;
pub mod tokens;
mod transport;
pub mod users;
pub mod verify;

pub use builder::ClientBuilder;
pub use chat::{Chat, ChatDone, ChatEvent, Direct, SourceCompleted};
pub use client::Client;
pub use clock::{RuntimeTimer, SystemClock};
pub use credentials::Credentials;
pub use discovery::Shown;
pub use error::{Error, ErrorKind};
pub use exchange::{Connections, Exchange};
pub use export::ExportFormat;
pub use lists::List;
pub use payment::Payment;
pub use publish::Publication;
pub use query::Query;
pub use reach::Addresses;
pub use search::Search;
pub use session::{HeldTokens, TokenStore, TokenStoreError};
pub use syfthub_core::ids::{
    AccessTokenId, AggregatorId, EndpointId, EndpointPath, OrganizationId, OwnerName, Slug, Tag,
    UserId, Username, Version,
};
pub use syfthub_core::input::Patch;
pub use syfthub_core::model::{EndpointType, OrgRole, Role, Scope, Visibility};
pub use syfthub_core::rag::{Chunk, Found, Limits, Retrieved};
pub use syfthub_core::token::jwks::{Jwk, JwkSet};
pub use syfthub_core::token::satellite::SatelliteClaims;
pub use syfthub_core::wire::accounting::Payee;
pub use syfthub_core::{Clock, Email, Money, Price, Secret, Timestamp, wire};
pub use verify::{Verifier, VerifierBuilder};

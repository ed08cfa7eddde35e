//! The logic of SyftHub, without sockets, files, databases or a clock of its own.
//!
//! In reading order:
//! - [`ids`], [`email`], [`secret`], [`clock`], [`money`]: names and values that are parsed once and then trusted.
//! - [`invalid`], [`input`]: how a refusal is said, and how what strangers send is read.
//! - [`network`]: which addresses are public.
//! - [`model`]: roles, visibilities, types, and the one function that decides who may do what.
//! - [`ledger`]: who may move money, and what moves.
//! - [`wire`]: the bodies that client and server share.
//! - [`token`]: hub tokens, satellite tokens and key sets.
//! - [`rag`]: from a question to a cited answer.
//!
//! ```
//! use syfthub_core::EndpointPath;
//!
//! let path: EndpointPath = "ada/field-notes".parse()?;
//! assert_eq!(path.owner.as_str(), "ada");
//! # Ok::<(), syfthub_core::Invalid>(())
//! ```

pub mod clock;
pub mod email;
pub mod ids;
pub mod input;
pub mod invalid;
pub mod ledger;
pub mod model;
pub mod money;
pub mod network;
pub mod rag;
pub mod secret;
pub mod token;
pub mod wire;

pub use clock::{Clock, FixedClock, Timer, Timestamp};
pub use email::{Email, Password};
pub use ids::{
    AccessTokenId, AggregatorId, EndpointId, EndpointPath, OrganizationId, OwnerId, OwnerName,
    Slug, Tag, UserId, Username, Version,
};
pub use invalid::Invalid;
pub use money::{Money, Price};
pub use secret::Secret;

//! Every operation of the client by name, with JSON in and out.
//!
//! The Python and Node packages are thin: they make a [`Client`](syfthub_client::Client), name an [`Operation`], hand its
//! arguments over as a JSON object, and get JSON text back. So both languages get the same behaviour and the same bytes,
//! and a new operation is one entry in a table here.
//!
//! - [`Operation`]: one entry, and how it is run; [`hub`] and [`space`] are the tables;
//! - [`pure`]: what needs no network;
//! - [`Settings`] and [`SpaceSettings`]: what the clients are made of;
//! - [`verifier`]: callers' tokens, judged without asking the hub;
//! - [`Failure`]: why an operation did not work, as both languages tell it, and [`Told`], the same as data.

mod arguments;
mod camel;
mod failure;
pub mod hub;
mod operation;
pub mod pure;
mod seconds;
mod settings;
pub mod space;
mod told;
pub mod verifier;

pub use failure::{Argument, Failure};
pub use operation::{Operation, Spelling, Texts};
pub use settings::{Changes, Settings, SpaceSettings};
pub use told::Told;

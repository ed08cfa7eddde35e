//! What exists in a hub, and who may do what to it.

mod access;
mod kinds;

pub use access::{Access, Action, EndpointFacts, Principal, authorize};
pub use kinds::{EndpointType, Role, Visibility};

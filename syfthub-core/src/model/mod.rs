//! What exists in a hub, and who may do what to it.

mod access;
mod kinds;

pub use access::{
    Access, EndpointAction, EndpointFacts, HubAction, HubFacts, OrganizationAction,
    OrganizationFacts, Ownership, Principal, Resource, UserAction, UserFacts, authorize,
};
pub use kinds::{EndpointType, HealthStatus, OrgRole, Role, Scope, Visibility};

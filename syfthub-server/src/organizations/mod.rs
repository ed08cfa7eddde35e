//! Teams: organizations, their members and roles, and what they own together.

mod store;

pub(crate) use store::find;

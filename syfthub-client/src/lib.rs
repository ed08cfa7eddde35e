//! The client of SyftHub.

pub mod node;

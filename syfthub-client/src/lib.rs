//! The client of SyftHub.

//! The servers of SyftHub.

//! The logic of SyftHub.

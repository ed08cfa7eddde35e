//! The servers of SyftHub.

pub mod db;
pub mod space;

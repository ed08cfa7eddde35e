//! The servers of SyftHub.

pub mod db;

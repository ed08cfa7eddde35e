//! Every example does what it says, against a running stack.

mod python;
mod rust;
mod service;
mod stack;
mod typescript;

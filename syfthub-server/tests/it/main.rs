//! End to end: the real `syfthub-server`, asked over its sockets.

mod bad_input;
mod crash;
mod failing_sources;
mod operation;
mod process;
mod wrong_settings;

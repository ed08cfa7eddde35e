//! End to end: the real `syfthub`, asked the way people and published clients ask it.

mod asking;
mod commands;
mod hub;
mod ledger;
mod python_corpus;
mod python_sdk;
mod query;
mod space;
mod stack;
mod third_party;
mod trace;

//! End to end: the real `syfthub-server`, asked over its sockets.

mod bad_input;
mod chroma;
mod cluster;
mod contract;
mod crash;
mod deployment;
mod embedder;
mod embeddings;
mod failing_sources;
mod instances;
mod litellm;
mod mail;
mod namespace;
mod nginx;
mod node;
mod openai_model;
mod operation;
mod process;
mod provisioner;
mod schemathesis;
mod sdk;
mod site;
mod space_crash;
mod third_party;
mod tunnel;
mod wrong_settings;

//! `syfthub space …` through the real program, against spaces that really run.

mod help;
mod hubs;
mod ingestion;
mod life;
mod node;
mod parts;
mod policies;
mod tenants;
mod terminal;

/// What changes from run to run.
const FILTERS: [(&str, &str); 6] = [
    (r"correlation(_| )id(: |.: .)[0-9a-f-]{36}", "correlation${1}id${2}[id]"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[uuid]"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[time]"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "[time]"),
    (r"127\.0\.0\.1:[1-9]\d{4}", "127.0.0.1:[port]"),
    (r"process \d+", "process [pid]"),
];

/// Compares what a person sees with a snapshot, apart from what changes from run to run.
macro_rules! assert_seen {
    ($name:expr, $text:expr) => {
        insta::with_settings!(
            {filters => crate::space::FILTERS.to_vec(), omit_expression => true, snapshot_path => "../snapshots"},
            { insta::assert_snapshot!($name, $text) }
        )
    };
}
use assert_seen;

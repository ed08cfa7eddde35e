//! What other languages call by name, tried at a real hub: every operation does its work, or says why it cannot.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod caller;
mod story;

use std::collections::BTreeSet;

use crate::process::HubProcess;

use caller::Tried;

/// Operations that other tests try, and where.
const ELSEWHERE: &[(&str, &str)] = &[
    ("chat.", "the story in three languages"),
    ("agent.", "the conversations of the published clients"),
    ("link.", "the links of the aggregator"),
    ("spaces.", "the chats of the published clients"),
    ("defect.", "the tests of the table itself"),
    ("endpoints.of_collective", "this hub has no collectives"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_of_a_hub_does_its_work_by_name() {
    let home = tempfile::tempdir().unwrap();
    let settings = [
        ("SYFTHUB_BOOTSTRAP_ADMIN_USERNAME", "root"),
        ("SYFTHUB_BOOTSTRAP_ADMIN_EMAIL", "root@example.org"),
        ("SYFTHUB_BOOTSTRAP_ADMIN_PASSWORD", story::ROOT),
        ("SYFTHUB_INTERNAL_TOKEN", story::INTERNAL),
        ("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8"),
    ];
    let hub = HubProcess::start(home.path(), &settings).await;
    let tried = Tried::default();
    story::told(&hub.at(""), &tried).await;

    let elsewhere = |name: &str| ELSEWHERE.iter().any(|(start, _)| name.starts_with(start));
    let all: BTreeSet<&str> = syfthub_calls::hub::operations().map(|one| one.name).collect();
    let names = tried.names();
    let left: Vec<&&str> = all.difference(&names).filter(|name| !elsewhere(name)).collect();
    assert_eq!(left, Vec::<&&str>::new(), "nobody tried these");
}

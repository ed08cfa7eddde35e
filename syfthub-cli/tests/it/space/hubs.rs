//! A space at a hub: connected, published, asked through it, unpublished.

use super::assert_seen;
use super::node::Node;
use crate::hub::{Hub, PASSWORD};

#[test]
fn a_space_is_connected_published_and_unpublished() {
    let hub = Hub::start();
    let node = Node::start();
    let seen = |arguments: &[&str], input: &str| {
        let arguments = [&["--hub", hub.url.as_str()], arguments].concat();
        node.seen(&arguments, input).replace(hub.url.trim_end_matches('/'), "[hub]")
    };
    assert_seen!("space-publish-unconnected", seen(&["publish", "notes"], ""));
    assert_seen!("space-connect-refused", seen(&["connect", "-u", "ada"], "wrong horse 1\n"));
    assert_seen!("space-connect-nobody", seen(&["connect"], ""));
    assert_seen!("space-connect", seen(&["connect", "-u", "ada"], &format!("{PASSWORD}\n")));
    assert_seen!("space-marketplace-ls", seen(&["marketplace", "ls"], ""));
    assert_seen!("space-publish", seen(&["publish", "notes"], ""));
    let listed = hub.run(&["ls", "ada", "--json"], "");
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["endpoints"][0]["slug"], "notes", "{listed}");
    assert_seen!("space-endpoint-listed", seen(&["endpoint", "ls"], ""));
    assert_seen!("space-publish-elsewhere", seen(&["publish", "notes", "--at", "nowhere"], ""));
    assert_seen!("space-unpublish", seen(&["unpublish", "notes"], ""));
    let listed = hub.run(&["ls", "ada", "--json"], "");
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["endpoints"], serde_json::json!([]), "{listed}");
}

#[test]
fn a_space_is_set_up_and_connected_at_once() {
    let hub = Hub::start();
    let mut node = Node::nowhere();
    let notes = node.notes();
    let init = ["--hub", &hub.url, "init", "--yes", "--data", notes.to_str().unwrap(), "-u", "ada"];
    let done = node.json(&init, &format!("{PASSWORD}\n"));
    assert_eq!(done["marketplace"], hub.url.trim_end_matches('/'), "{done}");
    node.run_space();
    let hubs = node.json(&["marketplace", "ls"], "");
    assert_eq!(hubs["marketplaces"][0]["username"], "ada", "{hubs}");
}

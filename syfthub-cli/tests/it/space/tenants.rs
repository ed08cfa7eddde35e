//! A space that several people share: tenants, their accounts, and what one sees of another's.

use super::assert_seen;
use super::node::Node;
use crate::hub::seen;

#[test]
fn a_space_of_one_has_no_other_tenants() {
    let node = Node::start();
    assert_seen!("space-tenant-ls", node.seen(&["tenant", "ls"], ""));
    assert_seen!("space-tenant-refused", node.seen(&["tenant", "add", "lab"], ""));
}

#[test]
fn a_tenant_works_with_an_account_of_its_own_and_sees_nothing_of_the_others() {
    let mut node = Node::nowhere();
    let notes = node.notes();
    node.json(&["init", "--yes", "--data", notes.to_str().unwrap()], "");
    node.run_space_with(&[("SPACE_MULTI_TENANCY", "true")]);
    assert_seen!("space-tenant-add", node.seen(&["tenant", "add", "lab"], ""));
    let account = ["--tenant", "lab", "account", "add", "eve@example.org"];
    assert_seen!("space-account-add", node.seen(&account, "correct horse 1\n"));
    let token = node.run(&["account", "token", "eve@example.org"], "correct horse 1\n");
    let token = String::from_utf8(token.stdout).unwrap();
    let as_eve =
        |arguments: &[&str]| node.run_with(arguments, "", &[("SYFTHUB_SPACE_KEY", token.trim())]);
    let listed = as_eve(&["dataset", "ls", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["datasets"], serde_json::json!([]), "{listed}");
    let root = node.json(&["--tenant", "root", "dataset", "ls"], "");
    assert_eq!(root["datasets"].as_array().unwrap().len(), 1, "{root}");
    assert_seen!("space-tenant-other", seen(&as_eve(&["--tenant", "root", "dataset", "ls"])));
    let wrong = node.seen(&["account", "token", "eve@example.org"], "wrong horse 1\n");
    assert_seen!("space-account-refused", wrong);
}

#[test]
fn the_databases_of_a_space_are_listed() {
    let node = Node::start();
    let all = node.json(&["provisioner", "ls"], "");
    assert!(all["provisioners"].is_array(), "{all}");
    assert_seen!("space-provisioner-none", node.seen(&["provisioner", "start", "local_file"], ""));
}

//! The OpenAPI document tried on the hub that serves it: what schemathesis makes up from it, alone and in sequence, gets
//! the answers that it promises, and what breaks it is refused. Settings and sign-in stand beside this file.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::process::HubProcess;
use crate::third_party;

/// Everything that counts requests is off: they all come from one address.
#[rustfmt::skip]
const LIMITS: [&str; 11] = [
    "LOGIN", "LOGIN_ADDRESS", "REFRESH", "TOKEN", "GUEST_TOKEN", "SEARCH", "REPORT", "INVOCATION", "INVOCATION_ADDRESS",
    "MAIL", "MAIL_ADDRESS",
];

#[tokio::test]
async fn every_operation_keeps_to_its_description_alone_and_in_sequence() {
    let Some(program) = third_party::path("SYFTHUB_TEST_SCHEMATHESIS") else { return };
    let home = tempfile::tempdir().unwrap();
    let names = LIMITS.map(|name| format!("SYFTHUB_LIMIT_{name}"));
    let off = names.iter().map(|name| (&**name, "off"));
    // So that there is the route for services' reports, which schemathesis then calls without it.
    let internal = ("SYFTHUB_INTERNAL_TOKEN", "only-services-know-this-token-of-42-letters");
    let settings: Vec<(&str, &str)> = off.chain([internal]).collect();
    let hub = HubProcess::start(home.path(), &settings).await;
    let output = Command::new(program)
        .arg("run")
        .arg(hub.at("/openapi.json"))
        .args(["--checks", "all"])
        .env("HUB", hub.at(""))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/schemathesis"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("the program runs");
    let [told, complained] =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{told}\n{complained}");
}

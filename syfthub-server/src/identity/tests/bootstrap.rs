//! The first administrator.

use http::StatusCode;

use crate::config::BootstrapSettings;
use crate::identity::ensure_administrator;
use crate::testing::{PASSWORD, TestHub};

const STRONG: &str = "4f1e6c7a90b2d835";

/// Settings that describe an administrator whole.
pub(super) fn settings(username: &str, password: &str) -> BootstrapSettings {
    BootstrapSettings {
        bootstrap_admin_username: Some(username.parse().unwrap()),
        bootstrap_admin_email: Some("root@acme.org".to_owned().try_into().unwrap()),
        bootstrap_admin_password: Some(password.into()),
        bootstrap_admin_password_file: None,
    }
}

async fn refusal(hub: &TestHub, settings: &BootstrapSettings) -> String {
    ensure_administrator(&hub.hub, settings).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_hub_without_an_administrator_gets_the_one_of_the_settings() {
    let hub = TestHub::start().await;
    let settings = settings("root-ada", STRONG);
    for _ in 0..2 {
        ensure_administrator(&hub.hub, &settings).await.unwrap();
    }
    let answer = hub.login("root-ada", STRONG).await;
    let user = &answer.body["user"];
    assert_eq!(
        (user["role"].as_str(), user["is_email_verified"].as_bool()),
        (Some("admin"), Some(true))
    );
    let token = answer.body["access_token"].as_str().unwrap();
    assert_eq!(hub.get("/api/v1/admin/overview", token).await.body["users"]["total"], 1);
    // The settings make the first one only: they neither reset a password nor add another account.
    let others = self::settings("other-ada", "77aa88bb99cc00dd");
    ensure_administrator(&hub.hub, &others).await.unwrap();
    assert_eq!(hub.login("other-ada", "77aa88bb99cc00dd").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_password_may_stand_in_a_file() {
    let hub = TestHub::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    std::fs::write(&path, format!("{STRONG}\n")).unwrap();
    let file = BootstrapSettings {
        bootstrap_admin_password: None,
        bootstrap_admin_password_file: Some(path),
        ..settings("root-ada", STRONG)
    };
    ensure_administrator(&hub.hub, &file).await.unwrap();
    assert_eq!(hub.login("root-ada", STRONG).await.status, StatusCode::OK);
    let gone = BootstrapSettings {
        bootstrap_admin_password_file: Some(folder.path().join("gone")),
        ..file
    };
    assert!(refusal(&hub, &gone).await.starts_with("SYFTHUB_BOOTSTRAP_ADMIN_PASSWORD_FILE: "));
}

#[tokio::test]
async fn weak_or_incomplete_settings_stop_the_start_also_when_they_are_not_needed() {
    let hub = TestHub::start().await;
    let weak = settings("root-ada", PASSWORD.split(' ').next().unwrap());
    let said = refusal(&hub, &weak).await;
    assert!(said.starts_with("SYFTHUB_BOOTSTRAP_ADMIN_PASSWORD: expected"), "{said}");
    let whole = settings("root-ada", STRONG);
    ensure_administrator(&hub.hub, &whole).await.unwrap();
    assert_eq!(refusal(&hub, &weak).await, said);
    for (settings, name) in [
        (BootstrapSettings { bootstrap_admin_username: None, ..whole.clone() }, "USERNAME"),
        (BootstrapSettings { bootstrap_admin_email: None, ..whole.clone() }, "EMAIL"),
        (BootstrapSettings { bootstrap_admin_password: None, ..whole.clone() }, "PASSWORD"),
    ] {
        let said = refusal(&hub, &settings).await;
        assert!(
            said.starts_with(&format!("SYFTHUB_BOOTSTRAP_ADMIN_{name}: is required")),
            "{said}"
        );
    }
}

#[tokio::test]
async fn whoever_registered_with_the_name_is_not_made_an_administrator_for_it() {
    let hub = TestHub::start().await;
    hub.register("root-ada").await;
    let said = refusal(&hub, &settings("root-ada", STRONG)).await;
    assert!(said.starts_with("SYFTHUB_BOOTSTRAP_ADMIN_USERNAME: "), "{said}");
    assert_eq!(hub.login("root-ada", PASSWORD).await.body["user"]["role"], "user");
}

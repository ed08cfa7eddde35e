//! Mail through a real mail server: an address is verified with what arrives there, and a forgotten password reset.

use std::path::Path;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::process::{HubProcess, PASSWORD};
use crate::sdk::MailServer;

const EMAIL: &str = "ada@example.org";
const NEW_PASSWORD: &str = "b-Longer-passw0rd";

async fn post(hub: &HubProcess, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = hub.http().post(hub.at(&format!("/api/v1/auth/{path}"))).json(body);
    let answer = request.send().await.expect("the hub is up");
    (answer.status(), answer.json().await.expect("a JSON body"))
}

async fn login(hub: &HubProcess, password: &str) -> (StatusCode, Value) {
    let form = [("username", "ada"), ("password", password)];
    let request = hub.http().post(hub.at("/api/v1/auth/login")).form(&form);
    let answer = request.send().await.expect("the hub is up");
    (answer.status(), answer.json().await.expect("a JSON body"))
}

/// The letter with `subject`, once it is there; what is read is taken away.
async fn letter(maildir: &Path, subject: &str) -> String {
    let look = async {
        loop {
            let entries = std::fs::read_dir(maildir.join("new")).into_iter().flatten();
            for entry in entries {
                let path = entry.expect("a name").path();
                let text = std::fs::read_to_string(&path).expect("a letter is text");
                if text.contains(&format!("Subject: {subject}")) {
                    std::fs::remove_file(&path).expect("the folder is ours");
                    return text;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), look).await.expect("the letter arrives")
}

/// The code in a letter: six digits on a line of their own.
fn code(letter: &str) -> String {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    letter.lines().map(str::trim).find(is_code).expect("the letter has a code").to_owned()
}

#[tokio::test]
async fn an_address_is_verified_and_a_password_reset_with_what_arrives_by_mail() {
    let home = tempfile::tempdir().unwrap();
    let Some(mail) = MailServer::start(home.path()).await else { return };
    let url = format!("smtp://127.0.0.1:{}?tls=none", mail.port());
    let settings = [
        ("SMTP_URL", url.as_str()),
        ("SMTP_FROM", "SyftHub <hub@example.org>"),
        ("REQUIRE_EMAIL_VERIFICATION", "true"),
        ("LOG_LEVEL", "debug"),
    ];
    let hub = HubProcess::start(home.path(), &settings).await;

    let account =
        json!({"username": "ada", "email": EMAIL, "full_name": "Ada", "password": PASSWORD});
    let (status, registered) = post(&hub, "register", &account).await;
    assert_eq!(status, StatusCode::CREATED, "{registered}");
    assert!(registered["access_token"].is_null(), "{registered}");
    let (status, refused) = login(&hub, PASSWORD).await;
    assert_eq!(
        (status, &refused["detail"]["code"]),
        (StatusCode::FORBIDDEN, &json!("EMAIL_NOT_VERIFIED"))
    );

    let arrived = letter(mail.folder(), "Verify your e-mail address").await;
    assert!(
        arrived.contains(EMAIL) && arrived.contains("From: SyftHub <hub@example.org>"),
        "{arrived}"
    );
    let first = code(&arrived);
    let verification = json!({"email": EMAIL, "code": first});
    let (status, verified) = post(&hub, "register/verify-otp", &verification).await;
    assert_eq!(status, StatusCode::OK, "{verified}");
    let token = verified["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(hub.get("/api/v1/auth/me", &token).await["is_email_verified"], true);

    post(&hub, "password-reset/request", &json!({"email": EMAIL})).await;
    let second = code(&letter(mail.folder(), "Reset your password").await);
    let reset = json!({"email": EMAIL, "code": second, "new_password": NEW_PASSWORD});
    let (status, answer) = post(&hub, "password-reset/confirm", &reset).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    letter(mail.folder(), "Your password was reset").await;
    assert_eq!(login(&hub, PASSWORD).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(login(&hub, NEW_PASSWORD).await.0, StatusCode::OK);
    let me = hub.http().get(hub.at("/api/v1/auth/me")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(me.status(), StatusCode::UNAUTHORIZED);

    hub.stop().await;
    let log = std::fs::read_to_string(home.path().join("hub.log")).unwrap();
    for secret in [first.as_str(), &second, PASSWORD, NEW_PASSWORD, EMAIL] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

//! A fixture: the calls of the library with which published spaces speak to the accounting service, which is in no package
//! registry, byte for byte (contract accounting 4.2); and its whole life at a hub's own ledger.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::cluster::Database;
use crate::process::{Door, HubProcess};

const ADMIN_KEY: &str = "0123456789abcdef0123456789abcdef";

/// Who calls.
#[derive(Clone)]
enum As {
    Nobody,
    Admin,
    User { email: String, password: String },
}

/// The library.
struct AccountingSdk<'a> {
    door: &'a Door,
    who: As,
}

impl<'a> AccountingSdk<'a> {
    fn new(door: &'a Door, who: As) -> Self {
        Self { door, who }
    }

    /// A call as the library makes it: the body is written with a blank after every comma and colon, absent values are null.
    async fn call(&self, method: Method, path: &str, body: &str) -> (StatusCode, Value) {
        let mut request = self
            .door
            .http()
            .request(method, self.door.at(path))
            .header("user-agent", "python-requests/2.32.3")
            .header("accept-encoding", "gzip, deflate")
            .header("accept", "*/*");
        request = match &self.who {
            As::Nobody => request,
            As::Admin => request.bearer_auth(ADMIN_KEY),
            As::User { email, password } => request.basic_auth(email, Some(password)),
        };
        if !body.is_empty() {
            request = request.header("content-type", "application/json").body(body.to_owned());
        }
        let response = request.send().await.expect("the hub is up");
        let status = response.status();
        // It decodes every answer as JSON, also those of failures.
        (status, response.json().await.expect("a JSON body"))
    }

    /// A call that succeeds with `status`; what is inside its wrapper.
    async fn inside(&self, method: Method, path: &str, body: &str, wrapper: &str) -> Value {
        let (status, mut answer) = self.call(method, path, body).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        let inside = answer[wrapper].take();
        assert!(!inside.is_null(), "{path}: no {wrapper} in {answer}");
        inside
    }

    /// A call that is refused with `status`, in words.
    async fn refused(&self, path: &str, body: &str, status: u16) {
        let (seen, answer) = self.call(Method::POST, path, body).await;
        assert_eq!(seen.as_u16(), status, "{path} {body}: {answer}");
        assert!(answer["detail"].is_string() && answer["message"].is_string(), "{answer}");
    }

    async fn balance(&self) -> f64 {
        let user = self.inside(Method::GET, "/user/my-info", "", "user").await;
        user["balance"].as_f64().expect("a number")
    }

    async fn transaction(&self, path: &str, body: &str) -> Value {
        let made = self.inside(Method::POST, path, body, "transaction").await;
        for key in ["id", "senderEmail", "recipientEmail", "createdAt"] {
            assert!(made[key].is_string(), "{key} in {made}");
        }
        made
    }
}

/// A user of the ledger alone, made with a password that somebody chose.
async fn user<'a>(door: &'a Door, email: &str, password: &str) -> AccountingSdk<'a> {
    let body =
        format!(r#"{{"email": "{email}", "password": "{password}", "organization": "OpenMined"}}"#);
    let nobody = AccountingSdk::new(door, As::Nobody);
    let (status, answer) = nobody.call(Method::POST, "/user/create", &body).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    assert_eq!(answer["user"]["email"], email);
    assert!(answer.get("password").is_none_or(Value::is_null), "it was not generated");
    let (again, _) = nobody.call(Method::POST, "/user/create", &body).await;
    assert_eq!(again, StatusCode::CONFLICT);
    AccountingSdk::new(door, As::User { email: email.to_owned(), password: password.to_owned() })
}

#[expect(clippy::too_many_lines, reason = "one life, from its first account to its last history")]
async fn whole_life(door: &Door) {
    let ada = user(door, "ada@openmined.org", "correct horse 1").await;
    let bob = user(door, "bob@openmined.org", "correct horse 2").await;
    let admin = AccountingSdk::new(door, As::Admin);
    let body = r#"{"recipientEmail": "ada@openmined.org", "amount": 10.0}"#;
    let rich = admin.inside(Method::POST, "/user/add-balance", body, "user").await;
    assert_eq!((&rich["balance"], &rich["organization"]), (&json!(10.0), &json!("OpenMined")));
    ada.refused("/user/add-balance", body, 401).await;

    let token = ada
        .inside(
            Method::POST,
            "/token/create",
            r#"{"recipientEmail": "bob@openmined.org"}"#,
            "token",
        )
        .await;
    let token = token.as_str().expect("a text");
    let charge = |amount: &str| {
        format!(
            r#"{{"senderEmail": "ada@openmined.org", "recipientEmail": "bob@openmined.org", "amount": {amount}, "token": "{token}", "appName": "syftai-space", "appEpPath": "notes"}}"#
        )
    };
    let made = bob.transaction("/transaction/create", &charge("2.5")).await;
    assert_eq!((&made["status"], &made["createdBy"]), (&json!("PENDING"), &json!("RECIPIENT")));
    assert_eq!((&made["appEpPath"], &made["resolvedBy"]), (&json!("notes"), &Value::Null));
    assert_eq!((ada.balance().await, bob.balance().await), (7.5, 0.0));
    let id = format!(r#"{{"transactionId": {}}}"#, made["id"]);
    let done = bob.transaction("/transaction/confirm", &id).await;
    assert_eq!((&done["status"], &done["resolvedBy"]), (&json!("COMPLETED"), &json!("RECIPIENT")));
    assert_eq!((ada.balance().await, bob.balance().await), (7.5, 2.5));
    bob.refused("/transaction/cancel", &id, 422).await;

    let made = bob.transaction("/transaction/create", &charge("1")).await;
    let id = format!(r#"{{"transactionId": {}}}"#, made["id"]);
    let gone = bob.transaction("/transaction/cancel", &id).await;
    assert_eq!((&gone["status"], &gone["resolvedBy"]), (&json!("CANCELLED"), &json!("RECIPIENT")));
    let direct = r#"{"senderEmail": "ada@openmined.org", "recipientEmail": "bob@openmined.org", "amount": 0.5, "appName": null, "appEpPath": null}"#;
    let made = ada.transaction("/transaction/create", direct).await;
    assert_eq!((&made["createdBy"], &made["appName"]), (&json!("SENDER"), &Value::Null));
    bob.refused("/transaction/create", &charge("50"), 422).await;
    bob.refused("/transaction/create", &charge("1000"), 403).await;
    bob.refused("/transaction/create", &charge("2.5").replace(token, "no.such.token"), 403).await;
    bob.refused("/transaction/confirm", r#"{"transactionId": "no-such"}"#, 404).await;
    let stranger =
        As::User { email: "ada@openmined.org".to_owned(), password: "a guess".to_owned() };
    AccountingSdk::new(door, stranger).refused("/transaction/create", direct, 401).await;

    for party in [&ada, &bob] {
        let history = party.inside(Method::GET, "/transactions", "", "transactions").await;
        let statuses: Vec<&str> = history
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|one| one["status"].as_str())
            .collect();
        assert_eq!(statuses, ["PENDING", "CANCELLED", "COMPLETED"]);
    }
    let users = admin.inside(Method::GET, "/users", "", "users").await;
    assert_eq!(users.as_array().map(Vec::len), Some(2));
    let one = admin.inside(Method::GET, "/user/bob@openmined.org", "", "user").await;
    assert_eq!(one["balance"], 2.5);

    let wanted = r#"{"oldPassword": "correct horse 1", "newPassword": "another horse 1"}"#;
    ada.inside(Method::PUT, "/user/update-password", wanted, "user").await;
    let (status, _) = ada.call(Method::GET, "/user/my-info", "").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let wanted = r#"{"organization": "Acme"}"#;
    let told = bob.inside(Method::PUT, "/user/update-organization", wanted, "user").await;
    assert_eq!(told["organization"], "Acme");
}

#[tokio::test]
async fn the_library_of_published_spaces_works_on_sqlite() {
    let home = tempfile::tempdir().unwrap();
    let settings = [("LEDGER_ADMIN_KEY", ADMIN_KEY), ("LEDGER_OPEN_ACCOUNTS", "true")];
    let hub = HubProcess::start(home.path(), &settings).await;
    whole_life(&hub).await;
}

#[tokio::test]
async fn the_library_of_published_spaces_works_on_postgresql() {
    let Some(database) = Database::create().await else { return };
    let (home, url) = (tempfile::tempdir().unwrap(), database.url());
    let settings = [
        ("LEDGER_ADMIN_KEY", ADMIN_KEY),
        ("LEDGER_OPEN_ACCOUNTS", "true"),
        ("DATABASE_URL", &*url),
    ];
    let hub = HubProcess::start(home.path(), &settings).await;
    whole_life(&hub).await;
}

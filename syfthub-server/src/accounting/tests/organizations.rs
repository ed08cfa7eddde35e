//! The accounts of organizations: who may open them, and who may no longer.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{administrator, ask, deposit, is_balanced, no_ledger};
use crate::db::Db;
use crate::db::testing::both_engines;
use crate::testing::{SignedInUser, TestHub};

both_engines! { Hub =>
    owners_and_admins_sign_an_organizations_programs_in,
    who_stops_being_an_admin_opens_its_account_no_more,
}

/// The path of the team that `founder` founds.
async fn found(hub: &TestHub, founder: &SignedInUser) -> String {
    let made = hub.post("/api/v1/organizations", &founder.access, json!({"name": "Acme"})).await;
    assert_eq!(made.status, StatusCode::CREATED);
    format!("/api/v1/organizations/{}", made.body["id"])
}

async fn join(hub: &TestHub, team: &str, by: &SignedInUser, user: &SignedInUser, role: &str) {
    let body = json!({"user_id": user.id, "role": role});
    let joined = hub.post(&format!("{team}/members"), &by.access, body).await;
    assert_eq!(joined.status, StatusCode::CREATED, "{:?}", joined.body);
}

async fn password(hub: &TestHub, team: &str, user: &SignedInUser) -> Result<String, u16> {
    let answer = hub.get(&format!("{team}/accounting"), &user.access).await;
    match answer.status {
        StatusCode::OK => Ok(answer.body["password"].as_str().unwrap().to_owned()),
        status => Err(status.as_u16()),
    }
}

async fn owners_and_admins_sign_an_organizations_programs_in(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let root = administrator(&hub).await;
    let [ada, bob] = [hub.register("ada").await, hub.register("bob").await];
    let [dan, eve] = [hub.register("dan").await, hub.register("eve").await];
    let team = found(&hub, &ada).await;
    join(&hub, &team, &ada, &bob, "admin").await;
    join(&hub, &team, &ada, &dan, "manager").await;
    let told = hub.get(&format!("{team}/accounting"), &ada.access).await.body;
    assert!(told["email"].as_str().unwrap().ends_with("@organizations.syfthub.org"));
    let secret = told["password"].as_str().unwrap().to_owned();
    assert_eq!(password(&hub, &team, &bob).await, Ok(secret));
    assert_eq!(password(&hub, &team, &dan).await, Err(403));
    assert_eq!(password(&hub, &team, &eve).await, Err(404));
    deposit(&hub, &root, "acme", 2.0).await;
    deposit(&hub, &root, "ada", 1.0).await;
    let body = json!({"recipient_username": "acme", "amount": 1});
    let paid = ask(&hub, &ada, Method::POST, "transactions", body).await;
    assert_eq!(paid.body["recipient_email"], told["email"]);
    let path = format!("transactions/{}/confirm", paid.body["id"].as_str().unwrap());
    assert_eq!(ask(&hub, &ada, Method::POST, &path, Value::Null).await.status, StatusCode::OK);
    assert!(is_balanced(&hub, &root).await);
}

async fn who_stops_being_an_admin_opens_its_account_no_more(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let root = administrator(&hub).await;
    let [ada, bob] = [hub.register("ada").await, hub.register("bob").await];
    let team = found(&hub, &ada).await;
    let member = format!("{team}/members/{}", bob.id);
    let mut secrets = vec![password(&hub, &team, &ada).await.unwrap()];
    let change = json!({"role": "member"});
    for step in 0..3 {
        if step == 1 {
            hub.put(&member, &ada.access, json!({"role": "admin"})).await;
        } else {
            join(&hub, &team, &ada, &bob, "admin").await;
        }
        assert_eq!(password(&hub, &team, &bob).await.as_ref(), Ok(secrets.last().unwrap()));
        let changed = match step {
            0 => hub.put(&member, &ada.access, change.clone()).await,
            1 => hub.delete(&member, &ada.access).await,
            _ => {
                hub.patch(
                    &format!("/api/v1/users/{}/deactivate", bob.id),
                    &root.access,
                    Value::Null,
                )
                .await
            }
        };
        assert!(changed.status.is_success(), "{step}: {:?}", changed.body);
        let secret = password(&hub, &team, &ada).await.unwrap();
        assert!(!secrets.contains(&secret), "{step}");
        secrets.push(secret);
    }
}

#[tokio::test]
async fn without_a_ledger_organizations_have_no_account() {
    let hub = TestHub::with(no_ledger).await;
    let ada = hub.register("ada").await;
    let team = found(&hub, &ada).await;
    assert_eq!(password(&hub, &team, &ada).await, Err(404));
}

//! Balance, payments, transaction tokens and grants.

use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use syfthub_client::wire::ledger::{DepositDraft, GrantDraft};
use syfthub_client::{ErrorKind, OwnerName};

use crate::support::{FixtureHub, refusal, reply, tokens};

fn transaction(id: &str, status: &str) -> Value {
    json!({
        "id": id, "sender_email": "ada@example.org", "recipient_email": "bob@example.org", "amount": 2.5,
        "status": status, "created_by": "sender", "resolved_by": null, "created_at": "2026-01-01T00:00:00Z",
        "resolved_at": null, "app_name": null, "app_ep_path": "bob/notes",
    })
}

fn grant() -> Value {
    json!({
        "id": "g-1", "sender_email": "ada@example.org", "recipient_email": "bob@example.org", "cap": 5.0, "spent": 0.0,
        "created_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-02T00:00:00Z", "revoked_at": null,
        "is_active": true, "token": "a.b.c",
    })
}

#[tokio::test]
async fn money_is_set_aside_under_a_key_and_moves_when_it_is_confirmed() {
    let hub = FixtureHub::start(|asked| match asked.route.as_str() {
        "POST /api/v1/accounting/transactions" => reply(200, &transaction("t-1", "pending")),
        "POST /api/v1/accounting/transactions/t-1/confirm" => {
            reply(200, &transaction("t-1", "completed"))
        }
        "GET /api/v1/accounting/transactions/t-1" => reply(200, &transaction("t-1", "completed")),
        "POST /api/v1/accounting/transactions/t-1/cancel" => {
            refusal(422, "the transaction is completed already")
        }
        _ => refusal(404, "No such transaction"),
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let ledger = client.ledger();
    let payment = ledger.pay("bob".parse().unwrap(), "2.5".parse().unwrap());
    let payment = payment.app("nightly").endpoint("bob/notes").idempotency_key("order-7");
    assert_eq!(payment.key(), "order-7");
    let made = payment.send().await.unwrap();
    payment.send().await.unwrap();
    let asked = hub.asked("POST /api/v1/accounting/transactions");
    assert!(asked.iter().all(|asked| asked.idempotency_key.as_deref() == Some("order-7")));
    let sent = json!({
        "recipient_username": "bob", "amount": 2.5, "app_name": "nightly", "app_ep_path": "bob/notes",
    });
    assert_eq!(asked[0].json(), sent);
    assert_eq!(ledger.confirm(&made.id).await.unwrap().status, "completed");
    let refused = ledger.cancel(&made.id).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused);
    assert!(
        ledger.find("t-1").await.unwrap().is_some() && ledger.find("t-2").await.unwrap().is_none()
    );
}

#[tokio::test]
async fn payments_that_say_nothing_of_a_key_are_different_ones() {
    let hub = FixtureHub::start(|_| reply(200, &transaction("t-1", "pending"))).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let pay = || client.ledger().pay("bob@example.org".parse().unwrap(), "1".parse().unwrap());
    pay().send().await.unwrap();
    pay().send().await.unwrap();
    let keys: Vec<_> = hub.all().into_iter().map(|asked| asked.idempotency_key.unwrap()).collect();
    assert_ne!(keys[0], keys[1]);
    for key in ["", "two words", "é", &"k".repeat(256)] {
        let refused = pay().idempotency_key(key).send().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Usage, "{key}");
    }
    assert_eq!(hub.all().len(), 2);
}

#[tokio::test]
async fn an_answer_that_says_not_now_is_no_reason_to_pay_again() {
    let hub = FixtureHub::start(|_| refusal(503, "later")).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let ledger = client.ledger();
    assert!(ledger.pay("bob".parse().unwrap(), "1".parse().unwrap()).send().await.is_err());
    assert!(ledger.confirm("t-1").await.is_err());
    assert_eq!(hub.all().len(), 2);
}

#[tokio::test]
async fn history_comes_page_after_page() {
    let hub = FixtureHub::start(|asked| match asked.query.as_str() {
        "skip=0&limit=2" => {
            reply(200, &json!([transaction("t-3", "pending"), transaction("t-2", "completed")]))
        }
        "skip=2&limit=2" => reply(200, &json!([transaction("t-1", "cancelled")])),
        other => refusal(422, other),
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let history = client.ledger().history().limit(2).stream();
    let ids: Vec<String> = history.map_ok(|one| one.id).try_collect().await.unwrap();
    assert_eq!(ids, ["t-3", "t-2", "t-1"]);
}

#[tokio::test]
async fn tokens_for_any_number_of_owners_are_asked_for_twenty_at_a_time() {
    let hub = FixtureHub::start(|asked| {
        let owners = asked.json()["owner_usernames"].as_array().unwrap().clone();
        if owners.len() > 20 {
            return refusal(422, "too many");
        }
        let names = owners.iter().map(|owner| owner.as_str().unwrap());
        let (known, unknown): (Vec<&str>, Vec<&str>) = names.partition(|name| *name != "owner-7");
        let token = |name: &str| (name.to_owned(), Value::from(format!("for {name}")));
        let tokens: serde_json::Map<_, _> = known.into_iter().map(token).collect();
        let errors: serde_json::Map<_, _> = unknown.into_iter().map(token).collect();
        reply(200, &json!({"tokens": tokens, "errors": errors}))
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let mut owners: Vec<OwnerName> =
        (0..45).map(|n| format!("owner-{n}").parse().unwrap()).collect();
    owners.push("owner-0".parse().unwrap());
    let made = client.ledger().transaction_tokens(&owners).await.unwrap();
    assert_eq!((made.tokens.len(), made.errors.len()), (44, 1));
    assert_eq!(made.tokens["owner-44"], "for owner-44");
    assert_eq!(hub.all().len(), 3);
    client.ledger().transaction_tokens(&[]).await.unwrap();
    assert_eq!(hub.all().len(), 3);
}

#[tokio::test]
async fn grants_are_given_listed_and_taken_back() {
    let hub = FixtureHub::start(|asked| match asked.route.as_str() {
        "POST /api/v1/accounting/grants" => reply(201, &grant()),
        "GET /api/v1/accounting/grants" => reply(200, &json!([grant()])),
        "DELETE /api/v1/accounting/grants/g-1" => reply(204, &json!(null)),
        _ => refusal(404, "No such grant"),
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let ledger = client.ledger();
    let mut draft = GrantDraft::new("bob".parse().unwrap());
    draft.cap = Some("5".parse().unwrap());
    let made = ledger.grant(&draft).await.unwrap();
    assert_eq!((made.token.as_str(), made.grant.id.as_str()), ("a.b.c", "g-1"));
    assert_eq!(hub.all()[0].json(), json!({"recipient_username": "bob", "cap": 5.0}));
    assert_eq!(ledger.grants().send().await.unwrap(), [made.grant]);
    ledger.revoke("g-1").await.unwrap();
    assert_eq!(ledger.revoke("g-2").await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn administrators_bring_money_in_and_check_the_books() {
    let hub = FixtureHub::start(|asked| match asked.route.as_str() {
        "POST /api/v1/accounting/deposits" => reply(
            201,
            &json!({"id": "a-1", "email": "bob@example.org", "balance": 10, "held": 0.5, "organization": null}),
        ),
        "GET /api/v1/accounting/trial-balance" => reply(
            200,
            &json!({"accounts": 2, "available": 10.0, "held": 0.5, "deposited": 10.5, "is_balanced": true}),
        ),
        _ => refusal(403, "Not permitted"),
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let ledger = client.ledger();
    let draft = DepositDraft::new("bob".parse().unwrap(), "10".parse().unwrap());
    let account = ledger.deposit(&draft).await.unwrap();
    assert_eq!((account.balance.to_string().as_str(), account.held), ("10", Some(0.5)));
    let trial = ledger.trial_balance().await.unwrap();
    assert!(trial.is_balanced && trial.wrong_balances.is_empty());
    let denied = ledger.entries().send().await.unwrap_err();
    assert_eq!(denied.kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_key_of_the_client_goes_with_everything_that_changes_something() {
    let hub = FixtureHub::start(|asked| match asked.route.as_str() {
        "GET /api/v1/accounting/transactions/t-1" => reply(200, &transaction("t-1", "pending")),
        "GET /api/v1/accounting/user" => refusal(404, "none"),
        _ => reply(200, &transaction("t-1", "completed")),
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let once = client.with_idempotency_key("order-7").unwrap();
    once.ledger().confirm("t-1").await.unwrap();
    let payment = once.ledger().pay("bob".parse().unwrap(), "2.5".parse().unwrap());
    payment.send().await.unwrap();
    once.ledger().find("t-1").await.unwrap();
    client.ledger().cancel("t-1").await.unwrap();
    let keys: Vec<_> = hub.all().into_iter().map(|asked| asked.idempotency_key).collect();
    let key = Some("order-7".to_owned());
    assert_eq!(keys, [key.clone(), key, None, None]);
    let refused = client.with_idempotency_key("two words").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Usage);
}

//! What a few people do at a hub.

use serde_json::{Value, json};

use super::caller::{Caller, Tried};
use crate::process::PASSWORD;

/// What services of the hub's operator prove themselves with.
pub(super) const INTERNAL: &str = "only-tests-know-this-token-of-the-operator";

/// The password of who runs the hub.
pub(super) const ROOT: &str = "f0ur-herons-over-a-gr3y-river";

/// Three users: `root` runs the hub, `ada` publishes and `bob` looks around.
struct Cast<'a> {
    hub: &'a str,
    tried: &'a Tried,
    root: Caller,
    ada: Caller,
    bob: Caller,
}

pub(super) async fn told(hub: &str, tried: &Tried) {
    let root = Caller::anybody(hub, tried);
    root.call("auth.login", json!({"username": "root", "password": ROOT})).await;
    let ada = Caller::new(hub, tried, "ada").await;
    let bob = Caller::new(hub, tried, "bob").await;
    let cast = Cast { hub, tried, root, ada, bob };
    sessions(&cast).await;
    codes(&cast).await;
    profiles(&cast).await;
    keys(&cast).await;
    aggregators(&cast).await;
    publishing(&cast).await;
    organizations(&cast).await;
    tokens(&cast).await;
    money(&cast).await;
    services(&cast).await;
    administration(&cast).await;
}

/// The number in an answer.
fn id(answer: &Value) -> i64 {
    answer["id"].as_i64().unwrap()
}

async fn sessions(Cast { hub, tried, ada, .. }: &Cast<'_>) {
    assert_eq!(ada.call("auth.me", json!({})).await["email"], "ada@example.org");
    let before = ada.call("session.tokens", json!({})).await;
    let after = ada.call("auth.refresh", json!({})).await;
    assert_ne!(before["access_token"], after["access_token"]);
    assert_eq!(ada.call("session.tokens", json!({})).await, after);

    let elsewhere = Caller::anybody(hub, tried);
    assert_eq!(elsewhere.call("session.is_signed_in", json!({})).await, false);
    elsewhere.call("session.set", json!({"tokens": after})).await;
    assert_eq!(elsewhere.call("auth.me", json!({})).await["username"], "ada");
    let change = json!({"current_password": PASSWORD, "new_password": "another-Passw0rd"});
    ada.call("auth.change_password", json!({"body": change})).await;

    elsewhere.call("session.set", json!({"tokens": null})).await;
    elsewhere.call("auth.login", json!({"username": "ada", "password": "another-Passw0rd"})).await;
    elsewhere.call("auth.logout", json!({})).await;
    assert_eq!(elsewhere.call("session.tokens", json!({})).await, Value::Null);
}

/// This hub sends no mail, and says so.
async fn codes(Cast { hub, tried, .. }: &Cast<'_>) {
    let anybody = Caller::anybody(hub, tried);
    let config = anybody.call("auth.config", json!({})).await;
    assert_eq!(config["smtp_configured"], false);
    let email = "ada@example.org";
    for (name, arguments) in [
        ("auth.verify_otp", json!({"email": email, "code": "123456"})),
        (
            "auth.confirm_password_reset",
            json!({"email": email, "code": "123456", "new_password": PASSWORD}),
        ),
    ] {
        assert!((400..500).contains(&anybody.refused(name, arguments).await), "{name}");
    }
    for name in ["auth.resend_otp", "auth.request_password_reset"] {
        let status = anybody.refused(name, json!({"email": "nobody"})).await;
        assert!((400..500).contains(&status) || status == 503, "{name}: {status}");
    }
}

async fn profiles(Cast { ada, bob, .. }: &Cast<'_>) {
    let body =
        json!({"full_name": "Ada Lovelace", "bio": "Counts.", "domain": "https://ada.example.org"});
    let me = ada.call("users.update", json!({"body": body})).await;
    assert_eq!((&me["full_name"], &me["bio"]), (&json!("Ada Lovelace"), &json!("Counts.")));
    let me = ada.call("users.update", json!({"body": {"bio": null}})).await;
    assert_eq!(me["bio"], Value::Null);

    let free = bob.call("users.check_username", json!({"username": "ada"})).await;
    assert_eq!(free["available"], false);
    let free = bob.call("users.check_email", json!({"email": "eve@example.org"})).await;
    assert_eq!(free["available"], true);
    assert_eq!(bob.call("users.profile", json!({"username": "ada"})).await["username"], "ada");
    assert_eq!(ada.call("users.get", json!({"user": id(&me)})).await["username"], "ada");
    assert_eq!(bob.refused("users.get", json!({"user": id(&me)})).await, 403);
    assert!(ada.refused("users.nats_credentials", json!({})).await >= 400, "there are none");
    let body = json!({"url": "https://ada.example.org", "ttl_seconds": 60});
    assert_eq!(ada.call("users.heartbeat", json!({"body": body})).await["status"], "ok");
}

async fn keys(Cast { ada, .. }: &Cast<'_>) {
    let made =
        ada.call("api_tokens.create", json!({"body": {"name": "ci", "scopes": ["read"]}})).await;
    assert!(made["token"].as_str().unwrap().starts_with("syft_pat_"));
    let token = id(&made);
    let renamed = ada.call("api_tokens.rename", json!({"token": token, "name": "nightly"})).await;
    assert_eq!(renamed["name"], "nightly");
    ada.call("api_tokens.revoke", json!({"token": token})).await;
    assert_eq!(ada.call("api_tokens.get", json!({"token": token})).await["is_active"], false);
    assert_eq!(ada.call("api_tokens.list", json!({})).await["total"], 0);
    let ever = ada.call("api_tokens.list", json!({"include_inactive": true, "limit": 1})).await;
    assert_eq!(ever["total"], 1);
}

async fn aggregators(Cast { ada, .. }: &Cast<'_>) {
    let add = async |name: &str| {
        let body = json!({"name": name, "url": format!("https://{name}.example.org/api/v1")});
        id(&ada.call("aggregators.create", json!({"body": body})).await)
    };
    let (ours, theirs) = (add("ours").await, add("theirs").await);
    let default = ada.call("aggregators.set_default", json!({"aggregator": theirs})).await;
    assert_eq!(default["is_default"], true);
    let patch = json!({"aggregator": theirs, "body": {"name": "yours"}});
    assert_eq!(ada.call("aggregators.update", patch).await["name"], "yours");
    ada.call("aggregators.delete", json!({"aggregator": theirs})).await;
    assert_eq!(ada.call("aggregators.get", json!({"aggregator": ours})).await["is_default"], true);
    assert_eq!(ada.call("aggregators.list", json!({})).await.as_array().unwrap().len(), 1);
}

async fn publishing(cast: &Cast<'_>) {
    let Cast { ada, bob, root, .. } = cast;
    let connect = json!([{"type": "https", "config": {"url": "/"}}]);
    let body = json!({"name": "Field notes", "type": "data_source", "connect": connect, "tags": ["rivers"]});
    let notes = ada.call("endpoints.create", json!({"body": body})).await;
    assert_eq!((&notes["slug"], &notes["version"]), (&json!("field-notes"), &json!("0.1.0")));
    let again = ada.call("endpoints.publish", json!({"body": body})).await;
    assert_eq!((&again["created"], &again["endpoint"]["id"]), (&json!(false), &notes["id"]));

    let number = id(&notes);
    assert_eq!(ada.call("endpoints.get", json!({"endpoint": number})).await["slug"], "field-notes");
    let patch = json!({"endpoint": number, "body": {"version": "1.0.0"}});
    assert_eq!(ada.call("endpoints.update", patch).await["version"], "1.0.0");
    let patch =
        json!({"slug": "field-notes", "body": {"description": "What grows near the river."}});
    assert_eq!(ada.call("endpoints.update_slug", patch).await["name"], "Field notes");
    assert_eq!(
        ada.all("endpoints.list", json!({"visibility": "public", "search": "field"})).await.len(),
        1
    );
    assert_eq!(ada.call("endpoints.exists", json!({"slug": "field-notes"})).await, true);

    browsing(bob).await;
    assert!(
        ada.call("endpoints.show", json!({"path": "ada/field-notes"}))
            .await
            .get("visibility")
            .is_some()
    );
    let off = json!({"endpoint": number, "body": {"stars_count": 9}});
    assert_eq!(bob.refused("endpoints.administer", off.clone()).await, 403);
    assert_eq!(root.call("endpoints.administer", off).await["stars_count"], 9);

    let report = json!({
        "url": "https://ada.example.org",
        "endpoints": [{"slug": "field-notes", "status": "healthy", "checked_at": "2026-11-20T12:00:00Z"}],
    });
    assert_eq!(ada.call("endpoints.report_health", json!({"body": report})).await["updated"], 1);
    let uptime =
        bob.call("endpoints.uptime", json!({"path": "ada/field-notes", "window_hours": 1})).await;
    assert_eq!(uptime["window_hours"], 1);

    let catalogue = json!([{"name": "River", "type": "model"}, {"name": "Lake", "type": "model"}]);
    assert_eq!(ada.call("endpoints.sync", json!({"endpoints": catalogue})).await["synced"], 2);
    ada.call("endpoints.delete_slug", json!({"slug": "lake"})).await;
    let river = ada.call("endpoints.show", json!({"path": "ada/river"})).await;
    ada.call("endpoints.delete", json!({"endpoint": id(&river)})).await;
}

/// What somebody else sees of the field notes.
async fn browsing(bob: &Caller) {
    let path = json!({"path": "ada/field-notes"});
    for (name, arguments) in [
        ("endpoints.public", json!({"type": "data_source", "limit": 1})),
        ("endpoints.trending", json!({"min_stars": 0})),
        ("endpoints.guest_accessible", json!({})),
        ("endpoints.of_owner", json!({"owner": "ada"})),
        ("endpoints.public_of", json!({"owner": "ada"})),
    ] {
        let seen = bob.all(name, arguments).await;
        assert_eq!(
            seen.iter().map(|one| &one["slug"]).collect::<Vec<_>>(),
            ["field-notes"],
            "{name}"
        );
    }
    assert_eq!(bob.all("endpoints.owners", json!({})).await[0]["endpoint_count"], 1);
    let grouped = bob.all("endpoints.grouped", json!({"max_per_owner": 1})).await;
    assert_eq!(grouped[0]["endpoints"][0]["slug"], "field-notes");
    let search =
        json!({"query": "field notes", "top_k": 3, "type": "data_source", "min_score": 0.1});
    assert_eq!(bob.call("endpoints.search", search).await[0]["slug"], "field-notes");

    assert_eq!(bob.call("endpoints.star", path.clone()).await, true);
    assert_eq!(bob.call("endpoints.is_starred", path.clone()).await, true);
    bob.call("endpoints.unstar", path.clone()).await;
    assert!(bob.call("endpoints.show", path.clone()).await.get("visibility").is_none());
    assert_eq!(bob.call("endpoints.find", path.clone()).await["owner_username"], "ada");
    assert_eq!(bob.call("endpoints.find", json!({"path": "ada/none"})).await, Value::Null);

    // Nobody is at the address that ada names.
    let body = json!({"path": "ada/field-notes", "body": {"messages": "rivers"}});
    for name in ["endpoints.query", "endpoints.query_stream"] {
        let status = bob.refused(name, body.clone()).await;
        assert!([400, 403, 502, 504].contains(&status), "{name}: {status}");
    }
}

async fn organizations(Cast { ada, bob, root, .. }: &Cast<'_>) {
    let acme = ada.call("organizations.create", json!({"body": {"name": "Acme"}})).await;
    let organization = id(&acme);
    let bob_id = id(&bob.call("auth.me", json!({})).await);
    let body = json!({"domain": "https://acme.example.org"});
    let changed =
        ada.call("organizations.update", json!({"organization": organization, "body": body})).await;
    assert_eq!(changed["domain"], "https://acme.example.org");
    let member = json!({"organization": organization, "user": bob_id});
    assert_eq!(ada.call("organizations.add_member", member.clone()).await["role"], "member");
    let manager = json!({"organization": organization, "user": bob_id, "role": "manager"});
    assert_eq!(ada.call("organizations.set_role", manager).await["role"], "manager");
    let managers = json!({"organization": organization, "role": "manager"});
    assert_eq!(bob.all("organizations.members", managers).await[0]["username"], "bob");
    assert_eq!(bob.all("organizations.list", json!({"role": "manager"})).await.len(), 1);
    let notes = json!({"name": "Minutes", "type": "data_source"});
    let minutes = json!({"body": notes, "organization": organization});
    assert_eq!(bob.call("endpoints.create", minutes).await["organization_id"], organization);

    let beat = json!({"url": "https://acme.example.org"});
    let beat = json!({"organization": organization, "body": beat});
    assert_eq!(ada.call("organizations.heartbeat", beat).await["status"], "ok");
    let account = ada.call("organizations.accounting", json!({"organization": organization})).await;
    assert!(account["password"].is_string());

    for switch in [false, true] {
        let body = json!({"is_active": switch});
        let switched = json!({"organization": organization, "user": bob_id, "body": body});
        assert_eq!(
            root.call("organizations.administer_member", switched).await["is_active"],
            switch
        );
    }
    ada.call("organizations.remove_member", member).await;
    ada.call("organizations.delete", json!({"organization": organization})).await;
    let back = json!({"organization": organization, "body": {"is_active": true}});
    assert_eq!(root.call("organizations.administer", back).await["is_active"], true);
    assert_eq!(
        ada.call("organizations.get", json!({"organization": organization})).await["slug"],
        "acme"
    );
}

async fn tokens(Cast { hub, tried, ada, bob, .. }: &Cast<'_>) {
    let anybody = Caller::anybody(hub, tried);
    assert!(!anybody.call("tokens.jwks", json!({})).await["keys"].as_array().unwrap().is_empty());
    let minted = bob.call("tokens.satellite", json!({"audience": "ada"})).await;
    assert!(minted["expires_in"].as_i64().unwrap() > 0);
    let another = bob.call("tokens.mint", json!({"audience": "ada"})).await;
    assert!(another["expires_in"].as_i64().unwrap() >= minted["expires_in"].as_i64().unwrap());
    let judged = ada.call("tokens.verify", json!({"token": minted["target_token"]})).await;
    assert_eq!((&judged["valid"], &judged["username"]), (&json!(true), &json!("bob")));
    assert_eq!(ada.call("tokens.verify", json!({"token": "x.y.z"})).await["valid"], false);

    let named = bob.call("tokens.audiences", json!({"search": "bo"})).await;
    assert_eq!(named["allowed_audiences"], json!(["bob"]));
    let several =
        bob.call("tokens.satellites", json!({"audiences": ["ada", "no-such-owner"]})).await;
    assert!(several["tokens"]["ada"].is_string() && several["errors"]["no-such-owner"].is_string());
    assert!(
        anybody.call("tokens.guest", json!({"audience": "ada"})).await["target_token"].is_string()
    );
    assert_eq!(bob.call("tokens.peer", json!({"targets": ["ada"]})).await["nats_url"], "");
    assert!(
        anybody.call("tokens.guest_peer", json!({"targets": ["ada"]})).await["peer_channel"]
            .is_string()
    );
}

async fn money(Cast { ada, bob, root, .. }: &Cast<'_>) {
    let bring = json!({"body": {"recipient_username": "bob", "amount": 10}, "idempotency_key": "invoice-7"});
    for _ in 0..2 {
        assert_eq!(root.call("ledger.deposit", bring.clone()).await["balance"], 10.0);
    }
    let pay = json!({"recipient": "ada", "amount": 2.5, "app_name": "nightly", "idempotency_key": "order-7"});
    let paid = bob.call("ledger.pay", pay.clone()).await;
    assert_eq!(bob.call("ledger.pay", pay).await["id"], paid["id"]);
    let transaction = json!({"transaction": paid["id"]});
    assert_eq!(ada.call("ledger.confirm", transaction.clone()).await["status"], "completed");
    assert_eq!(bob.call("ledger.find", transaction).await["status"], "completed");
    assert_eq!(bob.call("ledger.find", json!({"transaction": "none"})).await, Value::Null);
    let back = bob.call("ledger.pay", json!({"recipient": "ada@example.org", "amount": 1})).await;
    assert_eq!(
        bob.call("ledger.cancel", json!({"transaction": back["id"]})).await["status"],
        "cancelled"
    );
    assert_eq!(bob.call("ledger.balance", json!({})).await["balance"], 7.5);
    assert_eq!(bob.all("ledger.history", json!({"limit": 1})).await.len(), 2);

    let grant = json!({"body": {"recipient_email": "ada@example.org", "cap": 5, "expires_in": 60}});
    let grant = bob.call("ledger.grant", grant).await;
    assert!(grant["token"].is_string());
    assert_eq!(bob.all("ledger.grants", json!({})).await[0]["cap"], 5.0);
    bob.call("ledger.revoke", json!({"grant": grant["id"]})).await;
    let tokens = bob.call("ledger.transaction_tokens", json!({"owners": ["ada"]})).await;
    assert!(tokens["tokens"]["ada"].is_string());

    let entries = bob.all("ledger.entries", json!({"limit": 2})).await;
    let text = bob.call("ledger.export", json!({"format": "jsonl"})).await;
    let lines =
        text.as_str().unwrap().lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(lines.collect::<Vec<_>>(), entries.into_iter().rev().collect::<Vec<_>>());
    let table = bob.call("ledger.export", json!({"format": "csv"})).await;
    assert!(
        table.as_str().unwrap().starts_with("id,transaction_id,kind,bucket,amount,created_at\r\n")
    );
    assert_eq!(root.call("ledger.trial_balance", json!({})).await["is_balanced"], true);
}

/// The same ledger with the credentials of an account.
async fn services(Cast { ada, bob, .. }: &Cast<'_>) {
    let account = bob.call("users.accounting", json!({})).await;
    let of = |more: Value| {
        let mut arguments = more;
        arguments["account"] = account.clone();
        arguments
    };
    assert_eq!(bob.call("accounting.user", of(json!({}))).await["balance"], 7.5);
    let made = json!({"recipient": "ada@example.org", "amount": 0.5});
    let made = bob.call("accounting.create", of(made)).await;
    let named = json!({"transaction": made["id"]});
    assert_eq!(bob.call("accounting.transaction", of(named.clone())).await["status"], "pending");
    assert_eq!(bob.call("accounting.confirm", of(named)).await["status"], "completed");
    let gone = bob
        .call("accounting.create", of(json!({"recipient": "ada@example.org", "amount": 1})))
        .await;
    let gone = bob.call("accounting.cancel", of(json!({"transaction": gone["id"]}))).await;
    assert_eq!(gone["status"], "cancelled");
    assert_eq!(bob.all("accounting.transactions", of(json!({"limit": 2}))).await.len(), 4);

    let token = bob.call("accounting.token", of(json!({"recipient": "ada@example.org"}))).await;
    let hers = ada.call("users.accounting", json!({})).await;
    let charge =
        json!({"account": hers, "sender": "bob@example.org", "amount": 0.25, "token": token});
    assert_eq!(ada.call("accounting.charge", charge).await["created_by"], "recipient");
    bob.call("accounting.set_organization", of(json!({"organization": "Acme"}))).await;
    let renewal = json!({"current": account["password"], "new": "another-Passw0rd"});
    bob.call("accounting.change_password", of(renewal)).await;
    assert_eq!(bob.refused("accounting.user", of(json!({}))).await, 401);
}

async fn administration(Cast { hub, tried, ada, bob, root }: &Cast<'_>) {
    let error = json!({"message": "the list stayed empty", "error": {"type": "TypeError"}});
    let kept = Caller::anybody(hub, tried).call("errors.report", json!({"body": error})).await;
    assert_eq!(kept["received"], true);
    let failure = json!({"service": "aggregator", "event": "answer.failed", "message": "no model"});
    let report = json!({"internal_token": INTERNAL, "body": failure});
    assert_eq!(ada.call("errors.report_as_service", report.clone()).await["received"], true);
    let mut other = report;
    other["internal_token"] = json!("another-one");
    assert_eq!(ada.refused("errors.report_as_service", other).await, 401);
    let page =
        root.call("admin.errors", json!({"level": "debug", "since": "2026-01-01T00:00:00Z"})).await;
    assert!(page["errors"].is_array());

    assert_eq!(root.call("admin.overview", json!({})).await["users"]["total"], 3);
    assert_eq!(root.call("admin.users", json!({"search": "bob"})).await["total"], 1);
    let table = root.call("admin.export_users", json!({"role": "admin"})).await;
    assert_eq!(table.as_str().unwrap().lines().count(), 2, "{table}");
    assert_eq!(ada.refused("users.list", json!({})).await, 403);
    let users =
        root.all("users.list", json!({"role": "user", "is_active": true, "limit": 1})).await;
    assert_eq!(users.len(), 2);

    let bob_id = id(&bob.call("auth.me", json!({})).await);
    let one = json!({"user": bob_id});
    assert_eq!(root.call("users.deactivate", one.clone()).await["is_active"], false);
    assert_eq!(root.call("users.activate", one.clone()).await["is_active"], true);
    let promoted = json!({"user": bob_id, "body": {"role": "admin", "full_name": "Bob"}});
    assert_eq!(root.call("users.update_account", promoted).await["role"], "admin");
    root.call("users.delete", one).await;
    assert_eq!(root.call("admin.overview", json!({})).await["users"]["total"], 2);
}

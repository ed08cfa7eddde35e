//! Hostile addresses through the hub's own doors, with a canary behind each of them.

use std::collections::HashMap;

use http::Method;
use serde_json::json;

use super::*;
use crate::db::{StoreError, params};
use crate::fixture::{Canary, FixtureSpace, reply};
use crate::health;
use crate::testing::{SignedInUser, TestHub};

/// An address of the corpus.
struct Hostile {
    text: String,
    /// Whether an owner may write it into their profile.
    is_stored: bool,
}

/// The corpus, with the canary's port in it.
fn corpus(port: u16) -> Vec<Hostile> {
    let lines = include_str!("hostile_urls.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read = |line: &str| {
        let (fate, text) = line.split_once(' ').unwrap();
        let text: String = serde_json::from_str(text).unwrap();
        assert!(matches!(fate, "stored" | "refused"), "{line}");
        Hostile { text: text.replace("{port}", &port.to_string()), is_stored: fate == "stored" }
    };
    lines.map(read).collect()
}

/// A resolver that answers as hostile ones do.
fn hostile_names() -> Arc<dyn Names> {
    let table = [
        ("localhost", "127.0.0.1 ::1"),
        ("ip6-localhost", "::1"),
        ("anything.localhost", "127.0.0.1"),
        ("127.0.0.1.nip.test", "127.0.0.1"),
        ("7f000001.nip.test", "127.0.0.1"),
        ("loopback.acme.org", "127.0.0.1"),
        ("loopback6.acme.org", "::1"),
        ("mapped.acme.org", "::ffff:127.0.0.1"),
        ("private.acme.org", "10.0.0.1"),
        ("unspecified.acme.org", "0.0.0.0"),
        ("metadata.acme.org", "169.254.169.254"),
        ("translated.acme.org", "64:ff9b::7f00:1"),
        ("mixed.acme.org", "8.8.8.8 127.0.0.1"),
        ("mixed-last.acme.org", "8.8.8.8 1.1.1.1 9.9.9.9 127.0.0.1"),
        ("mixed-families.acme.org", "2606:4700::1111 ::1"),
        ("metadata.google.internal", "169.254.169.254"),
        ("metadata", "169.254.169.254"),
        ("instance-data", "169.254.169.254"),
        ("kubernetes.default.svc", "10.96.0.1"),
        ("host.docker.internal", "192.168.65.254"),
    ];
    Arc::new(Table::of(&table))
}

/// Names with fixed addresses.
struct Table(HashMap<String, Vec<IpAddr>>);

impl Table {
    fn of(lines: &[(&str, &str)]) -> Self {
        let read =
            |addresses: &str| addresses.split(' ').map(|text| text.parse().unwrap()).collect();
        Self(lines.iter().map(|(name, addresses)| ((*name).to_owned(), read(addresses))).collect())
    }
}

impl Names for Table {
    fn addresses(&self, name: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let name = name.to_ascii_lowercase();
        let found = self.0.get(name.strip_suffix('.').unwrap_or(&name)).cloned();
        async move { found.ok_or_else(|| io::Error::other("no such name")) }.boxed()
    }
}

/// Puts a domain where the rules for profiles would not let it: as old rows and mistakes of ours could.
async fn force_domain(hub: &TestHub, owner: &SignedInUser, domain: &str) {
    let (id, domain) = (owner.id, domain.to_owned());
    let write = hub.hub.db.write(move |tx| {
        Box::pin(async move {
            // It is to be probed as if for the first time.
            tx.execute("DELETE FROM nodes", params![]).await?;
            tx.execute("UPDATE users SET domain = $2 WHERE id = $1", params![id, domain]).await
        })
    });
    let changed: Result<u64, StoreError> = write.await;
    assert_eq!(changed.unwrap(), 1);
}

async fn publish(hub: &TestHub, owner: &SignedInUser) {
    let draft =
        json!({"name": "Notes", "slug": "notes", "type": "model", "connect": [{"type": "https"}]});
    hub.publish(&owner.access, draft).await;
}

async fn invoke(hub: &TestHub) -> u16 {
    hub.post("/ada/notes", "", json!({})).await.status.as_u16()
}

/// Asks the aggregator a question of a model at `url`.
async fn chat(hub: &TestHub, url: &str) -> u16 {
    let model = json!({"url": url, "slug": "notes", "name": "Notes"});
    let question = json!({"prompt": "Why?", "model": model, "data_sources": []});
    hub.post("/aggregator/api/v1/chat", "", question).await.status.as_u16()
}

#[test]
fn the_corpus_is_large_and_holds_nothing_twice() {
    let mut texts: Vec<String> = corpus(9).into_iter().map(|hostile| hostile.text).collect();
    let count = texts.len();
    texts.sort_unstable();
    texts.dedup();
    assert!(count >= 150 && texts.len() == count, "{count}, {} of them different", texts.len());
}

#[tokio::test]
async fn no_hostile_address_is_ever_connected_to() {
    let canary = Canary::start().await;
    let hub = TestHub::resolving(hostile_names(), |_| {}).await;
    let ada = hub.register("ada").await;
    publish(&hub, &ada).await;
    let mut wrong = Vec::new();
    for Hostile { text, is_stored } in corpus(canary.port()) {
        let profile = hub.put("/api/v1/users/me", &ada.access, json!({ "domain": text })).await;
        force_domain(&hub, &ada, &text).await;
        let outcomes = [profile.status.as_u16(), invoke(&hub).await, chat(&hub, &text).await];
        let expected = if is_stored { 200 } else { 422 };
        let good = outcomes[0] == expected
            && matches!(outcomes[1], 400 | 403)
            && matches!(outcomes[2], 400 | 422);
        let heartbeat = json!({ "url": text });
        let heartbeat = hub.post("/api/v1/users/me/heartbeat", &ada.access, heartbeat).await;
        let link = json!({ "accounting_service_url": text, "accounting_password": "secret" });
        let linked = hub.put("/api/v1/users/me", &ada.access, link).await;
        let account = hub.get("/api/v1/accounting/user", &ada.access).await;
        force_domain(&hub, &ada, &text).await;
        health::watch(hub.hub.clone()).await.unwrap();
        let good = good
            && matches!(heartbeat.status.as_u16(), 200 | 422)
            && matches!(linked.status.as_u16(), 200 | 422)
            && !account.status.is_success();
        if !good {
            wrong.push(format!("{text:?}: profile, invocation, chat: {outcomes:?}, {heartbeat:?}, {linked:?}, {account:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(canary.is_untouched().await);
}

#[tokio::test]
async fn the_same_doors_lead_to_the_canary_when_the_operator_opens_them() {
    let space = FixtureSpace::start(async |_| reply(200, "application/json", "{}")).await;
    let port = space.port();
    let open = |config: &mut crate::config::HubConfig| {
        config.outbound.outbound_allow = vec!["127.0.0.0/8".parse().unwrap()];
    };
    let hub = TestHub::resolving(hostile_names(), open).await;
    let ada = hub.register("ada").await;
    publish(&hub, &ada).await;
    let hosts = ["127.0.0.1", "2130706433", "0x7f.1", "127。0。0。1", "loopback.acme.org"];
    for (n, host) in hosts.into_iter().enumerate() {
        force_domain(&hub, &ada, &format!("http://{host}:{port}")).await;
        assert_eq!(invoke(&hub).await, 200, "{host}");
        assert_eq!(space.seen().len(), n + 1, "{host}");
    }
    health::watch(hub.hub.clone()).await.unwrap();
    assert_eq!(space.last().method, Method::GET, "a probe");
}

/// A resolver that changes its mind: every name has the first address once, and the second one afterwards.
struct Rebinding(std::sync::Mutex<Vec<&'static str>>);

impl Names for Rebinding {
    fn addresses(&self, _: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0] };
        async move { Ok(vec![answer.parse().unwrap()]) }.boxed()
    }
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_judged_anew_for_every_connection() {
    let space = FixtureSpace::start(async |_| {
        let mut reply = reply(200, "application/json", "{}");
        reply.headers_mut().insert("connection", "close".parse().unwrap());
        reply
    });
    let space = space.await;
    let open = |config: &mut crate::config::HubConfig| {
        config.outbound.outbound_allow = vec!["127.0.0.1".parse().unwrap()];
    };
    // Had the name been resolved once to check it and again to connect, the first call would have been refused or gone
    // astray.
    let names = Rebinding(std::sync::Mutex::new(vec!["127.0.0.1", "127.0.0.2"]));
    let hub = TestHub::resolving(Arc::new(names), open).await;
    let ada = hub.register("ada").await;
    publish(&hub, &ada).await;
    let beside = format!("127.0.0.2:{}", space.port());
    let astray = FixtureSpace::at(&beside, async |_| reply(200, "application/json", "{}")).await;
    force_domain(&hub, &ada, &format!("http://rebinding.acme.org:{}", space.port())).await;
    assert_eq!(invoke(&hub).await, 200);
    assert_eq!(invoke(&hub).await, 403);
    assert_eq!((space.seen().len(), astray.seen().len()), (1, 0));
}

#[tokio::test]
async fn a_question_follows_no_name_that_changes_its_address_either() {
    let space = FixtureSpace::start(async |_| {
        let mut reply = reply(200, "application/json", r#"{"summary":"yes"}"#);
        reply.headers_mut().insert("connection", "close".parse().unwrap());
        reply
    });
    let space = space.await;
    let open = |config: &mut crate::config::HubConfig| {
        config.outbound.outbound_allow = vec!["127.0.0.1".parse().unwrap()];
    };
    let names = Rebinding(std::sync::Mutex::new(vec!["127.0.0.1", "127.0.0.2"]));
    let hub = TestHub::resolving(Arc::new(names), open).await;
    let beside = format!("127.0.0.2:{}", space.port());
    let astray = FixtureSpace::at(&beside, async |_| reply(200, "application/json", "{}")).await;
    let url = format!("http://rebinding.acme.org:{}", space.port());
    assert_eq!(chat(&hub, &url).await, 200);
    assert_eq!(chat(&hub, &url).await, 400);
    assert_eq!((space.seen().len(), astray.seen().len()), (1, 0));
}

#[tokio::test]
async fn no_door_follows_a_redirect() {
    let canary = Canary::start().await;
    let target = format!("http://127.0.0.1:{}/", canary.port());
    let hub = TestHub::with(|config| {
        config.outbound.outbound_allow = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let hub = hub.await;
    let ada = hub.register("ada").await;
    publish(&hub, &ada).await;
    for status in [300, 301, 302, 303, 307, 308] {
        let target = target.clone();
        let space = FixtureSpace::start(move |_| {
            let mut redirect = reply(status, "text/plain", "");
            redirect.headers_mut().insert("location", target.parse().unwrap());
            redirect.headers_mut().insert("refresh", format!("0; url={target}").parse().unwrap());
            async move { redirect }
        });
        let space = space.await;
        force_domain(&hub, &ada, &space.origin()).await;
        assert_eq!(invoke(&hub).await, 502, "{status}");
        assert_eq!(chat(&hub, &space.origin()).await, 400, "{status}");
        assert_eq!(space.seen().len(), 2);
        assert!(space.seen().iter().all(|seen| seen.method == Method::POST));
    }
    assert!(canary.is_untouched().await);
}

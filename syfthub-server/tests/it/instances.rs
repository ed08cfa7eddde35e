//! Two instances are one hub: what one knows, both know, and one alone carries on.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::cluster::{Cluster, Database};
use crate::process::{Door, HubProcess, PASSWORD};

fn endpoint(slug: &str) -> Value {
    json!({"name": slug, "slug": slug, "type": "model", "visibility": "public", "description": "kept", "version": "1.0.0"})
}

async fn status(door: &Door, path: &str, token: &str) -> StatusCode {
    door.http().get(door.at(path)).bearer_auth(token).send().await.expect("it is up").status()
}

async fn publish(door: &Door, token: &str, slug: &str) -> reqwest::Result<StatusCode> {
    let request = door.http().post(door.at("/api/v1/endpoints")).bearer_auth(token);
    Ok(request.json(&endpoint(slug)).send().await?.status())
}

async fn public_slugs(door: &Door) -> Vec<String> {
    let answer = door.http().get(door.at("/api/v1/endpoints/public?limit=100")).send().await;
    let page: Vec<Value> = answer.expect("it is up").json().await.expect("a list");
    page.iter().filter_map(|item| item["slug"].as_str()).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_session_that_one_instance_ends_is_over_on_the_other_at_the_next_request() {
    let Some(cluster) = Cluster::start().await else { return };
    let (one, other) = (cluster.hub(0), cluster.hub(1));
    let first = one.register("owner").await.unwrap();
    let second = other.login("owner").await.unwrap();
    for door in [one, other] {
        assert_eq!(status(door, "/api/v1/auth/me", &first).await, StatusCode::OK);
        assert_eq!(status(door, "/api/v1/auth/me", &second).await, StatusCode::OK);
    }
    let logout = one.http().post(one.at("/api/v1/auth/logout")).bearer_auth(&first).send().await;
    assert_eq!(logout.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(status(other, "/api/v1/auth/me", &first).await, StatusCode::UNAUTHORIZED);

    let third = one.login("owner").await.unwrap();
    let change = json!({"current_password": PASSWORD, "new_password": "another-Long-passw0rd"});
    let changed = other.http().put(other.at("/api/v1/auth/me/password")).bearer_auth(&second);
    assert!(changed.json(&change).send().await.unwrap().status().is_success());
    assert_eq!(status(one, "/api/v1/auth/me", &third).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(one, "/api/v1/auth/me", &second).await, StatusCode::OK);
}

#[tokio::test]
async fn a_list_shows_what_the_other_instance_has_changed_as_soon_as_that_has_answered() {
    // So old that only the news can have made the page fresh.
    let Some(cluster) = Cluster::with(&[("SYFTHUB_PUBLIC_LIST_MAX_AGE", "3600")]).await else {
        return;
    };
    let (one, other) = (cluster.hub(0), cluster.hub(1));
    let token = one.register("owner").await.unwrap();
    for n in 0..30 {
        let slug = format!("endpoint-{n}");
        let (writer, reader) = if n % 2 == 0 { (one, other) } else { (other, one) };
        assert!(!public_slugs(reader).await.contains(&slug));
        assert_eq!(publish(writer, &token, &slug).await.unwrap(), StatusCode::CREATED);
        assert!(public_slugs(reader).await.contains(&slug), "{slug}");
    }
}

#[tokio::test]
async fn a_limit_holds_for_both_instances_together() {
    let limit = [("SYFTHUB_LIMIT_REGISTRATION", "4/hour")];
    let Some(cluster) = Cluster::with(&limit).await else { return };
    let mut created = 0;
    for n in 0..8 {
        created += usize::from(cluster.hub(n % 2).register(&format!("user-{n}")).await.is_ok());
    }
    assert_eq!(created, 4);
}

#[tokio::test]
async fn limits_count_clients_by_the_address_that_nginx_saw() {
    let limit = [("SYFTHUB_LIMIT_LOGIN", "2/hour")];
    let Some(cluster) = Cluster::with(&limit).await else { return };
    let front = cluster.front();
    let guess = |claimed: String| async move {
        let form = [("username", "nobody"), ("password", "guess-1234")];
        let request = front.http().post(front.at("/api/v1/auth/login")).form(&form);
        let request = request
            .header("X-Forwarded-For", claimed.clone())
            .header("Forwarded", format!("for={claimed}"));
        request.send().await.expect("it is up").status()
    };
    for n in 0..2 {
        assert_eq!(guess(format!("203.0.113.{n}")).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(guess("203.0.113.9".to_owned()).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn both_instances_publish_the_same_keys_and_verify_what_the_other_signed() {
    let Some(cluster) = Cluster::start().await else { return };
    let (one, other) = (cluster.hub(0), cluster.hub(1));
    let token = one.register("owner").await.unwrap();
    let keys = |door: &Door| door.http().get(door.at("/.well-known/jwks.json")).send();
    let [of_one, of_other] = [keys(one).await.unwrap(), keys(other).await.unwrap()];
    assert_eq!(of_one.text().await.unwrap(), of_other.text().await.unwrap());
    let minted = one.get("/api/v1/token?aud=owner", &token).await;
    let verify = other.http().post(other.at("/api/v1/verify")).bearer_auth(&token);
    let answer = verify.json(&json!({"token": minted["target_token"]})).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["valid"], true);
}

#[tokio::test]
async fn an_instance_without_redis_is_refused_beside_others_and_the_other_way_round() {
    let Some(cluster) = Cluster::start().await else { return };
    let home = tempfile::tempdir().unwrap();
    let database = cluster.settings().iter().find(|(name, _)| name == "DATABASE_URL");
    let database = &database.expect("it is set").1;
    let said = HubProcess::refused(home.path(), &[("DATABASE_URL", database)]).await;
    assert!(said.contains("REDIS_URL: another hub runs on this database"), "{said}");

    let Some(alone) = Database::create().await else { return };
    let first = HubProcess::start(home.path(), &[("DATABASE_URL", &alone.url())]).await;
    let redis = cluster.settings().iter().find(|(name, _)| name == "REDIS_URL").expect("it is set");
    let settings = [("DATABASE_URL", &*alone.url()), ("REDIS_URL", &*redis.1)];
    let said = HubProcess::refused(home.path(), &settings).await;
    assert!(said.contains("without Redis"), "{said}");
    first.stop().await;
    HubProcess::start(home.path(), &settings).await;
}

/// What clients were told while an instance died.
#[derive(Default)]
struct Told {
    created: Mutex<BTreeSet<String>>,
    /// Refusals after which a client may try again.
    unavailable: AtomicUsize,
    enough: Notify,
    over: AtomicBool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_dies_under_load_takes_nothing_with_it_that_was_acknowledged() {
    const BEFORE: usize = 100;
    const AFTER: usize = 300;
    let Some(mut cluster) = Cluster::start().await else { return };
    let token = cluster.front().register("owner").await.unwrap();
    let told = Arc::new(Told::default());
    let mut clients = JoinSet::new();
    for client in 0..8 {
        let door = cluster.front().clone();
        clients.spawn(publish_until_over(door, token.clone(), client, Arc::clone(&told)));
        clients.spawn(read_until_over(cluster.front().clone(), token.clone(), Arc::clone(&told)));
    }
    let count = |goal: usize| {
        let told = Arc::clone(&told);
        let counting = async move {
            while told.created.lock().expect("no holder panics").len() < goal {
                told.enough.notified().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), counting)
    };
    count(BEFORE).await.expect("they make progress");
    cluster.kill(0);
    count(AFTER).await.expect("they make progress with one instance");
    told.over.store(true, Ordering::SeqCst);
    clients.join_all().await;

    let created = told.created.lock().expect("no holder panics").clone();
    let mut kept = BTreeSet::new();
    loop {
        let path = format!("/api/v1/endpoints?limit=100&skip={}", kept.len());
        let page = cluster.front().get(&path, &token).await;
        let page = page.as_array().expect("a list");
        if page.is_empty() {
            break;
        }
        kept.extend(page.iter().filter_map(|item| item["slug"].as_str()).map(str::to_owned));
    }
    let lost: Vec<_> = created.difference(&kept).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    // One died with eight writers on it: a few of them could not be told how it ended.
    let unavailable = told.unavailable.load(Ordering::SeqCst);
    assert!(unavailable <= 32, "{unavailable} requests failed");

    let again = cluster.one_more().await;
    assert_eq!(status(&again, "/api/v1/auth/me", &token).await, StatusCode::OK);
}

async fn publish_until_over(door: Door, token: String, client: usize, told: Arc<Told>) {
    for n in 0.. {
        if told.over.load(Ordering::SeqCst) {
            return;
        }
        let slug = format!("e-{client}-{n}");
        match publish(&door, &token, &slug).await.expect("nginx stays") {
            StatusCode::CREATED => {
                told.created.lock().expect("no holder panics").insert(slug);
                told.enough.notify_one();
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                told.unavailable.fetch_add(1, Ordering::SeqCst);
            }
            other => panic!("{slug}: {other}"),
        }
    }
}

/// Reading has no excuse: nginx asks the other instance.
async fn read_until_over(door: Door, token: String, told: Arc<Told>) {
    while !told.over.load(Ordering::SeqCst) {
        assert_eq!(status(&door, "/api/v1/auth/me", &token).await, StatusCode::OK);
        assert!(public_slugs(&door).await.len() <= 100);
    }
}

//! The keys that sign satellite tokens: made once, replaced in the open, and forgotten when their tokens are dead.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use syfthub_core::Clock as _;
use syfthub_core::token::satellite::{self, SigningKey};

use crate::config::{Age, HubConfig};
use crate::db::Db;
use crate::db::testing::{both_engines, sqlite};
use crate::identity::keys::{KEPT, Rotation, State, rotate_by_age};
use crate::testing::TestHub;

both_engines! { Hub =>
    instances_that_start_together_share_one_key,
    a_new_key_is_published_on_every_instance_before_it_signs,
    a_retired_key_is_forgotten_when_its_last_token_is_dead,
    of_rotations_at_once_one_adds_a_key,
}

const DAY: Duration = Duration::from_hours(24);

/// The settings of a hub that makes its own keys.
fn own_keys(config: &mut HubConfig) {
    config.keys.rsa_private_key_pem = None;
    config.keys.rsa_keys_directory = "/nonexistent/keys".into();
}

fn rotation(hub: &TestHub) -> Rotation<'_> {
    let identity = &hub.hub.identity;
    Rotation { db: &hub.hub.db, vault: &hub.hub.vault, settings: &identity.key_settings }
}

async fn reload(hub: &TestHub) {
    hub.hub.identity.keys.reload(&hub.hub.db, hub.clock.now()).await.unwrap();
}

/// The names of the published keys.
async fn published(hub: &TestHub) -> Vec<String> {
    let set = hub.get("/.well-known/jwks.json", "").await.body;
    let keys = set["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// A token for `ada` as the instance makes it, and the name of its key.
async fn minted(hub: &TestHub, token: &str) -> (String, String) {
    let answer = hub.get("/api/v1/token?aud=ada", token).await;
    let token = answer.body["target_token"].as_str().unwrap().to_owned();
    let kid = satellite::kid(&token).unwrap();
    (token, kid)
}

async fn is_valid(hub: &TestHub, token: &str, satellite: &str) -> Value {
    hub.post("/api/v1/verify", token, json!({"token": satellite})).await.body["valid"].clone()
}

async fn instances_that_start_together_share_one_key(db: Db) {
    let (one, other) =
        tokio::join!(TestHub::on(db.clone(), own_keys), TestHub::on(db.clone(), own_keys));
    assert_eq!(published(&one).await.len(), 1);
    assert_eq!(published(&one).await, published(&other).await);
    let ada = one.register("ada").await;
    let (token, _) = minted(&one, &ada.access).await;
    assert_eq!(is_valid(&other, &ada.access, &token).await, true);
    // The private half is not readable in the database.
    let stored = db.read(|tx| {
        Box::pin(async move {
            let row = tx.query_one("SELECT sealed FROM signing_keys", &[]).await?;
            row.get::<String>(0)
        })
    });
    let stored = stored.await.map_err(|error: crate::db::StoreError| error).unwrap();
    assert!(stored.starts_with("v1.") && !stored.contains("PRIVATE"), "{stored}");
}

async fn a_new_key_is_published_on_every_instance_before_it_signs(db: Db) {
    let one = TestHub::on(db.clone(), own_keys).await;
    let other = TestHub::on(db, own_keys).await;
    let ada = one.register("ada").await;
    let (_, old) = minted(&one, &ada.access).await;
    let next = rotation(&one).rotate(one.clock.now(), false).await.unwrap().unwrap();
    assert!(matches!(next.state, State::Next(_)));
    for hub in [&one, &other] {
        reload(hub).await;
        assert_eq!(published(hub).await, [next.kid.clone(), old.clone()]);
        assert_eq!(minted(hub, &ada.access).await.1, old);
    }
    // When everybody who keeps the set has fetched it again, the new key signs, without anybody reading anything.
    for hub in [&one, &other] {
        hub.clock.advance(KEPT + Duration::from_mins(2));
    }
    let ada = one.sign_in("ada").await;
    let (token, kid) = minted(&other, &ada.access).await;
    assert_eq!(kid, next.kid);
    assert_eq!(is_valid(&one, &ada.access, &token).await, true);
}

async fn a_retired_key_is_forgotten_when_its_last_token_is_dead(db: Db) {
    let hub = TestHub::on(db, own_keys).await;
    let old = published(&hub).await.remove(0);
    let rotation = rotation(&hub);
    rotation.rotate(hub.clock.now(), true).await.unwrap();
    hub.clock.advance(Duration::from_mins(2));
    let listed = rotation.list(hub.clock.now()).await.unwrap();
    assert_eq!(listed[0].state, State::Signing);
    assert!(matches!(listed[1].state, State::Retired(_)));
    hub.clock.advance(KEPT + Duration::from_secs(59));
    assert!(rotation.prune(hub.clock.now()).await.unwrap().is_empty());
    hub.clock.advance(Duration::from_secs(1));
    assert_eq!(
        rotation.prune(hub.clock.now()).await.unwrap().as_slice(),
        std::slice::from_ref(&old)
    );
    reload(&hub).await;
    assert!(!published(&hub).await.contains(&old));
}

async fn of_rotations_at_once_one_adds_a_key(db: Db) {
    let hub = TestHub::on(db, own_keys).await;
    let now = hub.clock.now();
    let rotation = rotation(&hub);
    let all = (0..3).map(|_| rotation.rotate(now, false));
    let added = futures_util::future::join_all(all).await;
    assert_eq!(added.into_iter().filter(|key| key.as_ref().unwrap().is_some()).count(), 1);
    assert_eq!(rotation.list(now).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_key_is_replaced_when_it_is_as_old_as_the_settings_let_it_be() {
    let hub = TestHub::with(|config| {
        own_keys(config);
        config.keys.rsa_key_rotation = Age(Some(DAY));
    })
    .await;
    let first = published(&hub).await;
    rotate_by_age(hub.hub.clone()).await.unwrap();
    assert_eq!(published(&hub).await, first);
    hub.clock.advance(DAY);
    for _ in 0..2 {
        rotate_by_age(hub.hub.clone()).await.unwrap();
        assert_eq!(published(&hub).await.len(), 2);
    }
    hub.clock.advance(3 * KEPT);
    rotate_by_age(hub.hub.clone()).await.unwrap();
    let left = published(&hub).await;
    assert!(left.len() == 1 && left != first, "{left:?}");
}

#[tokio::test]
async fn a_key_in_the_settings_signs_and_those_in_the_database_still_judge() {
    let (db, _folder) = sqlite(crate::db::Schema::Hub).await;
    let before = TestHub::on(db.clone(), own_keys).await;
    let ada = before.register("ada").await;
    let (token, old) = minted(&before, &ada.access).await;
    let after = TestHub::on(db, |_| {}).await;
    let given = crate::testing::signing_key().public().kid.clone();
    assert_eq!(published(&after).await, [given.clone(), old]);
    assert_eq!(minted(&after, &ada.access).await.1, given);
    assert_eq!(is_valid(&after, &ada.access, &token).await, true);
}

#[tokio::test]
async fn the_key_of_a_folder_is_taken_over_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let key = SigningKey::generate().unwrap();
    std::fs::write(folder.path().join("signing.pem"), key.to_pem().unwrap().expose()).unwrap();
    let retired = SigningKey::generate().unwrap();
    let jwk = serde_json::to_string(retired.public()).unwrap();
    std::fs::write(folder.path().join("retired.jwk"), jwk).unwrap();
    let hub = TestHub::with(|config| {
        own_keys(config);
        config.keys.rsa_keys_directory = folder.path().to_owned();
    })
    .await;
    let expected = [key.public().kid.clone(), retired.public().kid.clone()];
    assert_eq!(published(&hub).await, expected);
}

#[tokio::test]
async fn a_hub_whose_keys_were_sealed_with_another_key_says_so_and_a_new_one_mends_it() {
    let (db, _folder) = sqlite(crate::db::Schema::Hub).await;
    let before = TestHub::on(db.clone(), own_keys).await;
    let old = published(&before).await.remove(0);
    let other = |config: &mut HubConfig| {
        own_keys(config);
        config.secret_key =
            crate::config::SecretKey::parse("0123456789abcdef-fedcba9876543210").unwrap();
    };
    let refused = TestHub::try_on(db.clone(), other).await.err().unwrap();
    assert!(refused.to_string().starts_with("ENCRYPTION_KEY: "), "{refused}");
    let helper = TestHub::on(db.clone(), |config| {
        config.secret_key =
            crate::config::SecretKey::parse("0123456789abcdef-fedcba9876543210").unwrap();
    })
    .await;
    rotation(&helper).rotate(helper.clock.now(), true).await.unwrap();
    let mended = TestHub::on(db, other).await;
    let keys = published(&mended).await;
    assert!(keys.len() == 2 && keys[1] == old);
    assert_eq!(mended.get("/.well-known/jwks.json", "").await.status, StatusCode::OK);
}

//! What the store functions promise, on both engines.

use std::time::Duration;

use proptest::prelude::*;
use syfthub_core::model::{EndpointType, OrgRole, Ownership, Principal, Role, Visibility};
use syfthub_core::wire::endpoint::{Connection, Endpoint, EndpointDraft};
use syfthub_core::{Email, EndpointId, OrganizationId, OwnerId, Slug, Timestamp, UserId, Username};

use crate::db::testing::{both_engines, sqlite};
use crate::db::{Db, Schema, StoreError, Tx, params};
use crate::identity::users::{self, NewUser};
use crate::registry::slugs::insert_named;
use crate::registry::store::{self, Order, Slice};
use crate::registry::visibility::Reach;

both_engines! { Hub =>
    what_is_inserted_is_found_by_number_slug_and_address,
    a_slug_is_taken_per_owner,
    an_update_stores_the_content_and_nothing_else,
    what_is_deleted_is_gone,
    the_public_list_holds_the_asked_types_in_order,
    ones_own_list_is_filtered,
    an_owners_list_is_limited_to_its_reach,
    an_organizations_endpoints_are_found_as_a_users_are,
    of_a_deleted_organization_nothing_is_found_by_name,
    taken_slugs_are_those_of_the_stem,
    only_active_users_count_as_contributors,
    names_get_free_slugs_also_when_many_ask_at_once,
}

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const ALL: Slice = Slice { skip: 0, limit: 100 };

/// Runs statements in one transaction.
macro_rules! write {
    ($db:expr, |$tx:ident| $work:expr) => {
        $db.write(move |$tx: &mut Tx| Box::pin(async move { $work.await }))
            .await
            .map_err(|error: StoreError| error)
            .unwrap()
    };
}

async fn user(db: &Db, name: &str) -> UserId {
    let new = NewUser {
        username: Username::parse(name).unwrap(),
        email: Email::parse(&format!("{name}@acme.org")).unwrap(),
        full_name: name.to_owned(),
        password_hash: String::new(),
        role: Role::User,
    };
    write!(db, |tx| async { users::insert(tx, &new, NOW).await }).unwrap()
}

fn endpoint(owner: UserId, name: &str, kind: EndpointType, visibility: Visibility) -> Endpoint {
    let draft = EndpointDraft::new(name, kind);
    Endpoint {
        id: EndpointId(0),
        user_id: Some(owner),
        organization_id: None,
        owner_username: "ada".to_owned(),
        name: draft.name,
        slug: String::new(),
        description: "What grows where".to_owned(),
        kind,
        visibility,
        is_active: true,
        contributors: vec![owner.0],
        version: draft.version.to_string(),
        readme: "# Ünïcode 'quoted'".to_owned(),
        tags: vec!["plants".to_owned()],
        stars_count: 0,
        policies: Vec::new(),
        connect: vec![Connection {
            kind: "http".to_owned(),
            enabled: true,
            description: String::new(),
            config: serde_json::from_str(r#"{"url": "/x", "n": [1, 2.5, null]}"#).unwrap(),
        }],
        created_at: NOW,
        updated_at: NOW,
        health_status: None,
        health_checked_at: None,
    }
}

async fn insert(db: &Db, owner: UserId, slug: &str, endpoint: &Endpoint) -> Option<EndpointId> {
    let (slug, endpoint) = (Slug::parse(slug).unwrap(), endpoint.clone());
    write!(db, |tx| async { store::insert(tx, OwnerId::User(owner), &slug, &endpoint).await })
}

fn slugs(records: &[store::Record]) -> Vec<&str> {
    records.iter().map(|record| record.endpoint.slug.as_str()).collect()
}

async fn what_is_inserted_is_found_by_number_slug_and_address(db: Db) {
    let ada = user(&db, "ada").await;
    let new = endpoint(ada, "Notes", EndpointType::Model, Visibility::Internal);
    let id = insert(&db, ada, "notes", &new).await.unwrap();
    let found = write!(db, |tx| store::find(tx, id, None)).unwrap();
    assert_eq!(found.endpoint, Endpoint { id, slug: "notes".to_owned(), ..new });
    assert_eq!(
        (found.owner.id, found.owner.is_active, &found.owner.domain),
        (OwnerId::User(ada), true, &None)
    );
    assert_eq!(write!(db, |tx| store::find_owned(tx, ada, "notes")).unwrap(), found);
    assert_eq!(write!(db, |tx| store::find_at(tx, "ada", "notes", None)).unwrap(), found);
    assert!(write!(db, |tx| store::find_at(tx, "bob", "notes", None)).is_none());
    assert!(write!(db, |tx| store::find(tx, EndpointId(999), None)).is_none());
}

async fn a_slug_is_taken_per_owner(db: Db) {
    let (ada, bob) = (user(&db, "ada").await, user(&db, "bob").await);
    let new = endpoint(ada, "Notes", EndpointType::Model, Visibility::Public);
    assert!(insert(&db, ada, "notes", &new).await.is_some());
    assert!(insert(&db, ada, "notes", &new).await.is_none());
    assert!(insert(&db, bob, "notes", &new).await.is_some());
}

async fn an_update_stores_the_content_and_nothing_else(db: Db) {
    let ada = user(&db, "ada").await;
    let new = endpoint(ada, "Notes", EndpointType::Model, Visibility::Public);
    let id = insert(&db, ada, "notes", &new).await.unwrap();
    write!(db, |tx| store::lock(tx, id));
    let mut changed = endpoint(ada, "Other", EndpointType::Agent, Visibility::Private);
    changed.id = id;
    changed.tags = vec!["x".to_owned()];
    changed.stars_count = 9;
    changed.is_active = false;
    changed.updated_at = NOW.after(Duration::from_secs(1));
    let stored = changed.clone();
    write!(db, |tx| async { store::update(tx, &stored).await });
    let found = write!(db, |tx| store::find(tx, id, None)).unwrap().endpoint;
    let kept = Endpoint {
        slug: "notes".to_owned(),
        kind: EndpointType::Model,
        stars_count: 0,
        is_active: true,
        ..changed
    };
    assert_eq!(found, kept);
    let by_name = write!(db, |tx| store::list_owned(tx, ada, None, Some("other"), ALL));
    assert_eq!(by_name.len(), 1);
}

async fn what_is_deleted_is_gone(db: Db) {
    let ada = user(&db, "ada").await;
    let new = endpoint(ada, "Notes", EndpointType::Model, Visibility::Public);
    let id = insert(&db, ada, "notes", &new).await.unwrap();
    write!(db, |tx| store::delete(tx, id));
    assert!(write!(db, |tx| store::find(tx, id, None)).is_none());
    assert!(insert(&db, ada, "notes", &new).await.is_some());
}

async fn the_public_list_holds_the_asked_types_in_order(db: Db) {
    let ada = user(&db, "ada").await;
    let kinds = [EndpointType::Model, EndpointType::DataSource, EndpointType::Agent];
    for (n, kind) in kinds.into_iter().enumerate() {
        let mut new = endpoint(ada, "n", kind, Visibility::Public);
        new.created_at = NOW.after(Duration::from_secs([5, 9, 5][n]));
        insert(&db, ada, &format!("e{n}x"), &new).await.unwrap();
    }
    let hidden = endpoint(ada, "n", EndpointType::Model, Visibility::Internal);
    insert(&db, ada, "hidden", &hidden).await.unwrap();
    let list = |kinds: &'static [EndpointType], slice| {
        let db = &db;
        async move { write!(db, |tx| store::list_public(tx, kinds, Order::Latest, slice)) }
    };
    let all =
        list(&[EndpointType::Model, EndpointType::DataSource, EndpointType::Agent], ALL).await;
    assert_eq!(slugs(&all), ["e1x", "e2x", "e0x"]);
    assert_eq!(slugs(&list(&[EndpointType::Agent], ALL).await), ["e2x"]);
    assert!(list(&[], ALL).await.is_empty());
    let second = list(
        &[EndpointType::Model, EndpointType::DataSource, EndpointType::Agent],
        Slice { skip: 1, limit: 1 },
    );
    assert_eq!(slugs(&second.await), ["e2x"]);
}

async fn ones_own_list_is_filtered(db: Db) {
    let (ada, bob) = (user(&db, "ada").await, user(&db, "bob").await);
    for (owner, name, visibility) in [
        (ada, "one", Visibility::Public),
        (ada, "two", Visibility::Private),
        (bob, "one", Visibility::Public),
    ] {
        let new = endpoint(owner, name, EndpointType::Model, visibility);
        insert(&db, owner, name, &new).await.unwrap();
    }
    let list = |visibility, search: Option<&'static str>| {
        let db = &db;
        async move { write!(db, |tx| store::list_owned(tx, ada, visibility, search, ALL)) }
    };
    assert_eq!(slugs(&list(None, None).await), ["two", "one"]);
    assert_eq!(slugs(&list(Some(Visibility::Private), None).await), ["two"]);
    assert_eq!(slugs(&list(None, Some("TW")).await), ["two"]);
    assert_eq!(slugs(&list(None, Some("grows")).await), ["two", "one"]);
    assert!(list(None, Some("%")).await.is_empty());
    assert!(list(None, Some("\\")).await.is_empty());
}

async fn an_owners_list_is_limited_to_its_reach(db: Db) {
    let ada = user(&db, "ada").await;
    for visibility in [Visibility::Public, Visibility::Internal, Visibility::Private] {
        let name = visibility.as_str();
        let new = endpoint(ada, name, EndpointType::Model, visibility);
        insert(&db, ada, name, &new).await.unwrap();
        let off = insert(&db, ada, &format!("{name}-off"), &new).await.unwrap();
        write!(db, |tx| async {
            tx.execute("UPDATE endpoints SET is_disabled = TRUE WHERE id = $1", params![off]).await
        });
    }
    let count = |principal| {
        let (db, reach) = (&db, Reach::of(principal, Ownership::User(ada), true));
        async move {
            write!(db, |tx| async {
                store::list_of(tx, OwnerId::User(ada), &reach, &EndpointType::ALL, ALL).await
            })
            .len()
        }
    };
    assert_eq!(count(Principal::Anonymous).await, 1);
    assert_eq!(count(Principal::User { id: UserId(999), role: Role::User }).await, 2);
    assert_eq!(count(Principal::User { id: ada, role: Role::User }).await, 6);
}

/// Adds the organization `acme`, with `member` in the role of viewer.
async fn organization(db: &Db, member: UserId) -> OrganizationId {
    const FOUND: &str = "INSERT INTO organizations (slug, name, description, domain, is_active, created_at, updated_at) \
         VALUES ('acme', 'Acme', '', 'acme.org', TRUE, 1, 1) RETURNING id";
    const JOIN: &str = "INSERT INTO members (organization_id, user_id, role, is_active, joined_at) \
         VALUES ($1, $2, 'viewer', TRUE, 1)";
    write!(db, |tx| async {
        let id = tx.query_opt(FOUND, params![]).await?.unwrap().get(0)?;
        tx.execute(JOIN, params![id, member]).await?;
        Ok(id)
    })
}

async fn an_organizations_endpoints_are_found_as_a_users_are(db: Db) {
    let ada = user(&db, "ada").await;
    let acme = organization(&db, ada).await;
    let owner = OwnerId::Organization(acme);
    let new = Endpoint {
        user_id: None,
        organization_id: Some(acme),
        owner_username: "acme".to_owned(),
        ..endpoint(ada, "Notes", EndpointType::Model, Visibility::Public)
    };
    let (slug, stored) = (Slug::parse("notes").unwrap(), new.clone());
    let [first, second] = write!(db, |tx| async {
        Ok([
            store::insert(tx, owner, &slug, &stored).await?,
            store::insert(tx, owner, &slug, &stored).await?,
        ])
    });
    let (id, none) = (first.unwrap(), second);
    assert_eq!(none, None, "the slug is taken there");
    assert!(insert(&db, ada, "notes", &new).await.is_some(), "and free elsewhere");
    let found = write!(db, |tx| store::find(tx, id, Some(ada))).unwrap();
    assert_eq!(found.endpoint, Endpoint { id, slug: "notes".to_owned(), ..new });
    assert_eq!(
        (found.owner.id, found.owner.role, found.owner.domain.as_deref()),
        (owner, Some(OrgRole::Viewer), Some("acme.org"))
    );
    assert_eq!(write!(db, |tx| store::find_at(tx, "acme", "notes", Some(ada))).unwrap(), found);
    assert_eq!(
        write!(db, |tx| store::find_at(tx, "acme", "notes", None)).unwrap().owner.role,
        None
    );
    assert_eq!(write!(db, |tx| store::find_owner(tx, "acme", Some(ada))).unwrap(), found.owner);
    let reach = Reach::of(Principal::Anonymous, Ownership::Organization(None), true);
    let listed =
        write!(db, |tx| async { store::list_of(tx, owner, &reach, &EndpointType::ALL, ALL).await });
    assert_eq!(slugs(&listed), ["notes"]);
    assert_eq!(write!(db, |tx| store::taken_slugs(tx, owner, "notes")), ["notes"]);
    let public = write!(db, |tx| store::list_public(tx, &EndpointType::ALL, Order::Latest, ALL));
    assert_eq!(public.len(), 2);
    let own = write!(db, |tx| store::list_owned(tx, ada, None, None, ALL));
    assert_eq!(own.len(), 1, "what an organization owns is nobody's own");
}

async fn of_a_deleted_organization_nothing_is_found_by_name(db: Db) {
    let ada = user(&db, "ada").await;
    let acme = organization(&db, ada).await;
    let new = endpoint(ada, "Notes", EndpointType::Model, Visibility::Public);
    let slug = Slug::parse("notes").unwrap();
    let id = write!(db, |tx| async {
        tx.execute("UPDATE organizations SET is_active = FALSE", params![]).await?;
        store::insert(tx, OwnerId::Organization(acme), &slug, &new).await
    });
    assert!(write!(db, |tx| store::find_at(tx, "acme", "notes", Some(ada))).is_none());
    assert!(write!(db, |tx| store::find_owner(tx, "acme", Some(ada))).is_none());
    assert!(
        write!(db, |tx| store::list_public(tx, &EndpointType::ALL, Order::Latest, ALL)).is_empty()
    );
    let found = write!(db, |tx| store::find(tx, id.unwrap(), Some(ada))).unwrap();
    assert!(!found.owner.is_active);
}

async fn taken_slugs_are_those_of_the_stem(db: Db) {
    let ada = user(&db, "ada").await;
    let new = endpoint(ada, "n", EndpointType::Model, Visibility::Public);
    for slug in ["note", "note-1", "note-12", "notes", "not", "note0", "noteworthy"] {
        insert(&db, ada, slug, &new).await.unwrap();
    }
    let mut taken = write!(db, |tx| store::taken_slugs(tx, OwnerId::User(ada), "note"));
    taken.sort();
    assert_eq!(taken, ["note", "note-1", "note-12"]);
}

async fn only_active_users_count_as_contributors(db: Db) {
    let (ada, bob) = (user(&db, "ada").await, user(&db, "bob").await);
    let ids = [bob.0, 999, ada.0, bob.0];
    let known = write!(db, |tx| async { store::active_users(tx, &ids).await });
    assert_eq!(known, [bob.0, ada.0]);
}

async fn names_get_free_slugs_also_when_many_ask_at_once(db: Db) {
    let ada = user(&db, "ada").await;
    let tries = (0..12).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let new = endpoint(ada, "My Notes", EndpointType::Model, Visibility::Public);
            write!(db, |tx| async { insert_named(tx, OwnerId::User(ada), &new, "x7f3").await })
                .unwrap()
                .1
        })
    });
    let mut given = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        given.push(attempt.await.unwrap().to_string());
    }
    given.sort();
    given.dedup();
    assert_eq!(given.len(), 12);
    assert!(given.iter().all(|slug| slug.starts_with("my-notes")));
}

/// Whatever the names are, each new endpoint gets a slug that is valid, not reserved, and its own.
#[test]
fn any_sequence_of_names_gets_distinct_good_slugs() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (db, _folder) = runtime.block_on(sqlite(Schema::Hub));
    let owners = std::cell::Cell::new(0);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(24));
    let name = prop_oneof![".{1,100}", "[aA][pP][iI]", "a{1,3}", "n{60,70}", "-{1,5}"];
    let outcome = runner.run(&proptest::collection::vec(name, 1..12), |names| {
        owners.set(owners.get() + 1);
        let owner = format!("user-{}", owners.get());
        runtime.block_on(async {
            let owner = user(&db, &owner).await;
            let mut given = std::collections::HashSet::new();
            for name in names {
                let new = endpoint(owner, &name, EndpointType::Model, Visibility::Public);
                let suffix = crate::random::suffix();
                let placed = write!(db, |tx| async {
                    insert_named(tx, OwnerId::User(owner), &new, &suffix).await
                });
                let (_, slug) = placed.expect("a slug is found");
                assert!(!slug.is_reserved() && Slug::parse(slug.as_str()).is_ok());
                assert!(given.insert(slug));
            }
        });
        Ok(())
    });
    outcome.unwrap();
}

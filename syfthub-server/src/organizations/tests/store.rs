//! What the store functions promise, on both engines.

use std::time::Duration;

use syfthub_core::model::{OrgRole, Role};
use syfthub_core::wire::organization::Organization;
use syfthub_core::{Email, OrganizationId, Slug, Timestamp, UserId, Username};

use crate::db::testing::both_engines;
use crate::db::{Db, StoreError, Tx, params};
use crate::http::Page;
use crate::identity::users::{self, NewUser};
use crate::organizations::store::{self, members};

both_engines! { Hub =>
    what_is_inserted_is_found_with_the_viewers_role,
    a_name_is_claimed_once,
    names_that_begin_alike_are_found,
    an_update_stores_what_can_change,
    memberships_are_stored_once,
    an_owner_counts_while_account_and_membership_are_active,
    with_a_user_go_their_memberships,
    an_endpoint_has_one_owner,
}

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const ALL: Page = Page { skip: 0, limit: 100 };

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

fn draft(slug: &str) -> Organization {
    Organization {
        id: OrganizationId(0),
        name: "Acme".to_owned(),
        slug: slug.to_owned(),
        description: "Ünïcode 'quoted'".to_owned(),
        avatar_url: None,
        is_active: true,
        domain: Some("acme.org".to_owned()),
        created_at: NOW,
        updated_at: NOW,
    }
}

async fn insert(db: &Db, slug: &str) -> OrganizationId {
    let (name, new) = (Slug::parse(slug).unwrap(), draft(slug));
    write!(db, |tx| async {
        assert!(store::claim_name(tx, &name, NOW).await?);
        store::insert(tx, &new).await
    })
}

async fn put(db: &Db, organization: OrganizationId, user: UserId, role: OrgRole, is_active: bool) {
    write!(db, |tx| members::put(tx, organization, user, role, is_active, NOW));
}

async fn what_is_inserted_is_found_with_the_viewers_role(db: Db) {
    let (ada, bob) = (user(&db, "ada").await, user(&db, "bob").await);
    let id = insert(&db, "acme").await;
    put(&db, id, ada, OrgRole::Viewer, true).await;
    put(&db, id, bob, OrgRole::Owner, false).await;
    let found = write!(db, |tx| store::find(tx, id, ada)).unwrap();
    assert_eq!(found.organization, Organization { id, ..draft("acme") });
    assert_eq!(found.role, Some(OrgRole::Viewer));
    assert_eq!(write!(db, |tx| store::find_named(tx, "acme", ada)).unwrap(), found);
    assert_eq!(write!(db, |tx| store::find(tx, id, bob)).unwrap().role, None);
    assert!(write!(db, |tx| store::find(tx, OrganizationId(999), ada)).is_none());
    assert!(write!(db, |tx| store::find_named(tx, "other", ada)).is_none());
    let listed = write!(db, |tx| store::list_of(tx, ada, Some(OrgRole::Viewer), ALL));
    assert_eq!(listed, [found.organization]);
    assert!(write!(db, |tx| store::list_of(tx, ada, Some(OrgRole::Owner), ALL)).is_empty());
    assert!(write!(db, |tx| store::list_of(tx, bob, None, ALL)).is_empty());
}

async fn a_name_is_claimed_once(db: Db) {
    user(&db, "ada").await;
    insert(&db, "acme").await;
    for (name, free) in [("ada", false), ("acme", false), ("other", true)] {
        let slug = Slug::parse(name).unwrap();
        assert_eq!(write!(db, |tx| async { store::claim_name(tx, &slug, NOW).await }), free);
    }
    assert!(write!(db, |tx| users::is_name_taken(tx, "acme", None)));
    assert!(write!(db, |tx| users::is_name_taken(tx, "acme", Some(UserId(1)))));
}

async fn names_that_begin_alike_are_found(db: Db) {
    for name in ["note", "note_b", "noter"] {
        user(&db, name).await;
    }
    for slug in ["note-1", "note-12", "notes", "not"] {
        insert(&db, slug).await;
    }
    let mut taken = write!(db, |tx| store::taken_names(tx, "note"));
    taken.sort();
    assert_eq!(taken, ["note", "note-1", "note-12"]);
}

async fn an_update_stores_what_can_change(db: Db) {
    let ada = user(&db, "ada").await;
    let id = insert(&db, "acme").await;
    let changed = Organization {
        id,
        name: "Other".to_owned(),
        description: String::new(),
        avatar_url: Some("https://acme.org/a.png".to_owned()),
        domain: None,
        is_active: false,
        updated_at: NOW.after(Duration::from_secs(1)),
        ..draft("acme")
    };
    let stored = changed.clone();
    write!(db, |tx| async { store::update(tx, &stored).await });
    assert_eq!(write!(db, |tx| store::find(tx, id, ada)).unwrap().organization, changed);
    assert!(write!(db, |tx| store::find_named(tx, "acme", ada)).is_none());
}

async fn memberships_are_stored_once(db: Db) {
    let ada = user(&db, "ada").await;
    let id = insert(&db, "acme").await;
    put(&db, id, ada, OrgRole::Member, true).await;
    let first = write!(db, |tx| members::find(tx, id, ada)).unwrap();
    assert_eq!(
        (first.username.as_str(), first.role, first.joined_at),
        ("ada", OrgRole::Member, NOW)
    );
    put(&db, id, ada, OrgRole::Admin, false).await;
    let second = write!(db, |tx| members::find(tx, id, ada)).unwrap();
    assert_eq!((second.id, second.role, second.is_active), (first.id, OrgRole::Admin, false));
    assert!(write!(db, |tx| members::list(tx, id, None, ALL)).is_empty());
    put(&db, id, ada, OrgRole::Admin, true).await;
    assert_eq!(write!(db, |tx| members::list(tx, id, Some(OrgRole::Admin), ALL)).len(), 1);
    assert!(write!(db, |tx| members::list(tx, id, Some(OrgRole::Owner), ALL)).is_empty());
    write!(db, |tx| members::delete(tx, id, ada));
    assert!(write!(db, |tx| members::find(tx, id, ada)).is_none());
}

async fn an_owner_counts_while_account_and_membership_are_active(db: Db) {
    let (ada, bob) = (user(&db, "ada").await, user(&db, "bob").await);
    let id = insert(&db, "acme").await;
    let has_owner = |except| {
        let db = &db;
        async move { write!(db, |tx| members::has_owner(tx, id, except)) }
    };
    put(&db, id, bob, OrgRole::Admin, true).await;
    assert!(!has_owner(None).await);
    put(&db, id, ada, OrgRole::Owner, true).await;
    assert!(has_owner(None).await && has_owner(Some(bob)).await && !has_owner(Some(ada)).await);
    assert_eq!(write!(db, |tx| members::owned_by(tx, ada)), [id]);
    put(&db, id, ada, OrgRole::Owner, false).await;
    assert!(!has_owner(None).await);
    put(&db, id, ada, OrgRole::Owner, true).await;
    write!(db, |tx| async {
        tx.execute("UPDATE users SET is_active = FALSE WHERE id = $1", params![ada]).await
    });
    assert!(!has_owner(None).await);
}

async fn with_a_user_go_their_memberships(db: Db) {
    let ada = user(&db, "ada").await;
    let id = insert(&db, "acme").await;
    put(&db, id, ada, OrgRole::Member, true).await;
    write!(db, |tx| async { tx.execute("DELETE FROM users WHERE id = $1", params![ada]).await });
    assert!(write!(db, |tx| members::find(tx, id, ada)).is_none());
}

async fn an_endpoint_has_one_owner(db: Db) {
    const INSERT: &str = "INSERT INTO endpoints (user_id, organization_id, slug, name, description, type, visibility, \
         version, readme, tags, contributors, policies, connect, search_text, created_at, updated_at) \
         VALUES ($1, $2, 'notes', '', '', 'model', 'public', '0.1.0', '', '[]', '[]', '[]', '[]', '', 1, 1)";
    let ada = user(&db, "ada").await;
    let id = insert(&db, "acme").await;
    for (user, organization, good) in [
        (None, None, false),
        (Some(ada), Some(id), false),
        (Some(ada), None, true),
        (None, Some(id), true),
    ] {
        let work = db.write(move |tx| {
            Box::pin(async move { tx.execute(INSERT, params![user, organization]).await })
        });
        let outcome: Result<u64, StoreError> = work.await;
        assert_eq!(outcome.is_ok(), good, "{outcome:?}");
        assert!(good || matches!(outcome, Err(StoreError::Rule(_))));
    }
}

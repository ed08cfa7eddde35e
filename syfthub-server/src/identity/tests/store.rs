//! What the store functions promise, on both engines.

use std::time::Duration;

use syfthub_core::model::Role;
use syfthub_core::token::hub::{RefreshClaims, RefreshKind};
use syfthub_core::{Email, Secret, Timestamp, UserId, Username};

use crate::db::testing::both_engines;
use crate::db::{Db, StoreError, Tx};
use crate::identity::sessions::{Lifetimes, Refreshed, Sessions};
use crate::identity::store::sessions::RefreshRow;
use crate::identity::store::users::{NewUser, Taken};
use crate::identity::store::{sessions, users};

both_engines! { Hub =>
    a_user_is_found_by_every_name_they_have,
    a_taken_name_or_address_is_told,
    of_racing_registrations_one_wins,
    a_profile_is_stored_and_its_old_name_stays_reserved,
    a_taken_address_undoes_the_whole_change,
    a_password_is_replaced_only_by_who_knows_the_old_hash,
    a_session_has_its_user_until_it_ends,
    other_sessions_end_alone,
    expired_sessions_are_cleared_away,
    ended_sessions_and_replaced_tokens_are_cleared_away_in_batches,
    a_refresh_token_is_replaced_once,
    replaced_tokens_are_forgotten_in_time,
    racing_refreshes_get_one_successor,
    a_refresh_after_the_end_is_over,
}

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Runs statements in one transaction.
macro_rules! write {
    ($db:expr, |$tx:ident| $work:expr) => {
        $db.write(move |$tx: &mut Tx| Box::pin(async move { $work.await }))
            .await
            .map_err(|error: StoreError| error)
            .unwrap()
    };
}

fn new_user(name: &str, email: &str) -> NewUser {
    NewUser {
        username: Username::parse(name).unwrap(),
        email: Email::parse(email).unwrap(),
        full_name: "Ada L.".to_owned(),
        password_hash: "hash".to_owned(),
        role: Role::User,
    }
}

async fn insert(db: &Db, name: &'static str) -> UserId {
    let new = new_user(name, &format!("{name}@acme.org"));
    write!(db, |tx| async { users::insert(tx, &new, NOW).await }).unwrap()
}

async fn a_user_is_found_by_every_name_they_have(db: Db) {
    let id = insert(&db, "ada").await;
    let user = write!(db, |tx| users::find(tx, id)).unwrap();
    assert_eq!(
        (user.id, user.username.as_str(), user.role, user.is_active),
        (id, "ada", Role::User, true)
    );
    assert_eq!((user.created_at, user.updated_at), (NOW, Some(NOW)));
    assert_eq!(write!(db, |tx| users::find_named(tx, "ada")).unwrap(), user);
    assert!(write!(db, |tx| users::find_named(tx, "bob")).is_none());
    assert!(write!(db, |tx| users::find(tx, UserId(999))).is_none());
    for identifier in ["ADA", "Ada@Acme.org"] {
        let account = write!(db, |tx| users::find_account(tx, identifier)).unwrap();
        assert_eq!((account.user.id, account.password_hash.as_str()), (id, "hash"));
    }
    assert_eq!(write!(db, |tx| users::audience_is_active(tx, "ada")), Some(true));
    assert_eq!(write!(db, |tx| users::audience_is_active(tx, "bob")), None);
}

async fn a_taken_name_or_address_is_told(db: Db) {
    let id = insert(&db, "ada").await;
    for (name, email, taken) in
        [("ada", "ada@acme.org", Taken::Username), ("bob", "ada@acme.org", Taken::Email)]
    {
        let new = new_user(name, email);
        assert_eq!(write!(db, |tx| async { users::insert(tx, &new, NOW).await }), Err(taken));
    }
    assert!(write!(db, |tx| users::is_name_taken(tx, "ada", None)));
    assert!(!write!(db, |tx| users::is_name_taken(tx, "ada", Some(id))));
    assert!(write!(db, |tx| users::is_email_taken(tx, "ada@acme.org", None)));
    assert!(!write!(db, |tx| users::is_email_taken(tx, "ada@acme.org", Some(id))));
    assert!(!write!(db, |tx| users::is_email_taken(tx, "bob@acme.org", None)));
}

async fn of_racing_registrations_one_wins(db: Db) {
    let tries = (0..8).map(|n| {
        let db = db.clone();
        tokio::spawn(async move {
            let new = new_user("ada", &format!("ada{}@acme.org", n % 4));
            let work = db.write(move |tx| {
                Box::pin(async move {
                    let outcome = users::insert(tx, &new, NOW).await?;
                    outcome.map_err(|_| StoreError::Aborted)
                })
            });
            work.await.is_ok()
        })
    });
    let mut won = 0;
    for attempt in tries.collect::<Vec<_>>() {
        won += usize::from(attempt.await.unwrap());
    }
    assert_eq!(won, 1);
}

async fn a_profile_is_stored_and_its_old_name_stays_reserved(db: Db) {
    let id = insert(&db, "ada").await;
    let mut user = write!(db, |tx| users::find(tx, id)).unwrap();
    user.username = "countess".to_owned();
    user.domain = Some("node.acme.org".to_owned());
    user.updated_at = Some(Timestamp::from_secs(1_800_000_001));
    let (changed, name) = (user.clone(), Username::parse("countess").unwrap());
    assert_eq!(write!(db, |tx| async { users::update(tx, &changed, Some(&name)).await }), None);
    assert_eq!(write!(db, |tx| users::find(tx, id)).unwrap(), user);
    let other = new_user("ada", "eve@acme.org");
    let refused = write!(db, |tx| async { users::insert(tx, &other, NOW).await });
    assert_eq!(refused, Err(Taken::Username));
}

async fn a_taken_address_undoes_the_whole_change(db: Db) {
    let id = insert(&db, "ada").await;
    insert(&db, "bob").await;
    let mut user = write!(db, |tx| users::find(tx, id)).unwrap();
    user.email = "bob@acme.org".to_owned();
    let work = db.write(move |tx| {
        Box::pin(async move {
            let name = Username::parse("countess").unwrap();
            match users::update(tx, &user, Some(&name)).await? {
                Some(Taken::Email) => Err(StoreError::Aborted),
                _ => Ok(()),
            }
        })
    });
    assert!(work.await.is_err());
    assert!(!write!(db, |tx| users::is_name_taken(tx, "countess", None)));
}

async fn a_password_is_replaced_only_by_who_knows_the_old_hash(db: Db) {
    let id = insert(&db, "ada").await;
    assert!(!write!(db, |tx| users::set_password(tx, id, "other", "new", NOW)));
    assert!(write!(db, |tx| users::set_password(tx, id, "hash", "new", NOW)));
    assert_eq!(write!(db, |tx| users::password_hash(tx, id)).as_deref(), Some("new"));
    assert_eq!(write!(db, |tx| users::password_hash(tx, UserId(999))), None);
}

async fn open(db: &Db, id: &'static str, user: UserId, expires_at: Timestamp) {
    write!(db, |tx| sessions::insert(tx, id, user, NOW, expires_at));
}

async fn a_session_has_its_user_until_it_ends(db: Db) {
    let (ada, bob) = (insert(&db, "ada").await, insert(&db, "bob").await);
    open(&db, "s1", ada, NOW).await;
    assert_eq!(write!(db, |tx| sessions::find_user(tx, "s1", ada)).unwrap().id, ada);
    assert!(write!(db, |tx| sessions::find_user(tx, "s1", bob)).is_none());
    assert!(write!(db, |tx| sessions::delete(tx, "s1")));
    assert!(!write!(db, |tx| sessions::delete(tx, "s1")));
    assert!(write!(db, |tx| sessions::find_user(tx, "s1", ada)).is_none());
    assert!(!write!(db, |tx| sessions::extend(tx, "s1", NOW)));
}

async fn other_sessions_end_alone(db: Db) {
    let (ada, bob) = (insert(&db, "ada").await, insert(&db, "bob").await);
    for (id, user) in [("s1", ada), ("s2", ada), ("s3", ada), ("s4", bob)] {
        open(&db, id, user, NOW).await;
    }
    assert_eq!(write!(db, |tx| sessions::delete_others(tx, ada, Some("s2"))), 2);
    assert!(write!(db, |tx| sessions::find_user(tx, "s2", ada)).is_some());
    assert!(write!(db, |tx| sessions::find_user(tx, "s4", bob)).is_some());
}

async fn expired_sessions_are_cleared_away(db: Db) {
    let ada = insert(&db, "ada").await;
    open(&db, "old", ada, NOW).await;
    open(&db, "new", ada, NOW.after(Duration::from_secs(1))).await;
    write!(db, |tx| sessions::delete_expired(tx, ada, NOW));
    assert!(write!(db, |tx| sessions::find_user(tx, "old", ada)).is_none());
    assert!(write!(db, |tx| sessions::find_user(tx, "new", ada)).is_some());
}

fn row(rotation: i64) -> sessions::RefreshRow {
    sessions::RefreshRow { rotation, issued_at: NOW, expires_at: NOW, replaced_at: None }
}

async fn a_refresh_token_is_replaced_once(db: Db) {
    let ada = insert(&db, "ada").await;
    open(&db, "s1", ada, NOW).await;
    write!(db, |tx| async { sessions::insert_refresh(tx, "s1", &row(0)).await });
    assert_eq!(write!(db, |tx| sessions::find_refresh(tx, "s1", 0)), Some(row(0)));
    assert!(write!(db, |tx| sessions::replace_refresh(tx, "s1", 0, NOW)));
    assert!(!write!(db, |tx| sessions::replace_refresh(tx, "s1", 0, NOW)));
    assert!(!write!(db, |tx| sessions::replace_refresh(tx, "s1", 1, NOW)));
    let replaced = sessions::RefreshRow { replaced_at: Some(NOW), ..row(0) };
    assert_eq!(write!(db, |tx| sessions::find_refresh(tx, "s1", 0)), Some(replaced));
}

async fn replaced_tokens_are_forgotten_in_time(db: Db) {
    let ada = insert(&db, "ada").await;
    open(&db, "s1", ada, NOW).await;
    for rotation in 0..3 {
        write!(db, |tx| async { sessions::insert_refresh(tx, "s1", &row(rotation)).await });
    }
    write!(db, |tx| sessions::replace_refresh(tx, "s1", 0, NOW));
    write!(db, |tx| sessions::replace_refresh(tx, "s1", 1, NOW.after(Duration::from_secs(5))));
    write!(db, |tx| sessions::prune_refresh(tx, "s1", NOW.after(Duration::from_secs(5))));
    assert!(write!(db, |tx| sessions::find_refresh(tx, "s1", 0)).is_none());
    assert!(write!(db, |tx| sessions::find_refresh(tx, "s1", 1)).is_some());
    assert!(write!(db, |tx| sessions::find_refresh(tx, "s1", 2)).is_some());
}

fn live() -> Sessions {
    let secret = Secret::new("a secret of thirty-two characters");
    let lifetimes = Lifetimes { access: Duration::from_mins(1), refresh: Duration::from_mins(10) };
    Sessions::new(&secret, lifetimes)
}

/// Opens a session and gives the claims of its first refresh token.
async fn signed_in(db: &Db, sessions: &Sessions) -> RefreshClaims {
    let id = insert(db, "ada").await;
    let live = sessions.clone();
    let tokens = write!(db, |tx| async {
        let mut user = users::find(tx, id).await?.unwrap();
        live.open(tx, &mut user, NOW).await
    });
    sessions.read_refresh(&tokens.refresh_token, NOW).unwrap()
}

async fn refreshed(db: &Db, sessions: &Sessions, claims: &RefreshClaims) -> Refreshed {
    let (live, claims) = (sessions.clone(), claims.clone());
    write!(db, |tx| async { live.refresh(tx, &claims, NOW).await })
}

async fn racing_refreshes_get_one_successor(db: Db) {
    let sessions = live();
    let claims = signed_in(&db, &sessions).await;
    let tries = (0..10).map(|_| {
        let (db, sessions, claims) = (db.clone(), sessions.clone(), claims.clone());
        tokio::spawn(async move { refreshed(&db, &sessions, &claims).await })
    });
    let (mut rotated, mut successors) = (0, std::collections::HashSet::new());
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Refreshed::Rotated(tokens) => {
                rotated += 1;
                successors.insert(tokens.refresh_token);
            }
            Refreshed::Repeated(tokens) => drop(successors.insert(tokens.refresh_token)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((rotated, successors.len()), (1, 1));
}

async fn a_refresh_after_the_end_is_over(db: Db) {
    let sessions = live();
    let claims = signed_in(&db, &sessions).await;
    let session = claims.sid.clone();
    write!(db, |tx| async { sessions::delete(tx, &session).await });
    assert!(matches!(refreshed(&db, &sessions, &claims).await, Refreshed::Over));
    let forged = RefreshClaims { rotation: 9, kind: RefreshKind::Refresh, ..claims };
    assert!(matches!(refreshed(&db, &sessions, &forged).await, Refreshed::Over));
}

async fn ended_sessions_and_replaced_tokens_are_cleared_away_in_batches(db: Db) {
    let ada = insert(&db, "ada").await;
    for (id, end) in [("s1", NOW), ("s2", NOW), ("s3", NOW.after(Duration::from_secs(1)))] {
        open(&db, id, ada, end).await;
    }
    assert_eq!(write!(db, |tx| sessions::delete_ended(tx, NOW, 1)), 1);
    assert_eq!(write!(db, |tx| sessions::delete_ended(tx, NOW, 5)), 1);
    assert!(write!(db, |tx| sessions::find_user(tx, "s3", ada)).is_some());
    let token = RefreshRow { rotation: 0, issued_at: NOW, expires_at: NOW, replaced_at: None };
    write!(db, |tx| sessions::insert_refresh(tx, "s3", &token));
    assert_eq!(write!(db, |tx| sessions::delete_replaced(tx, NOW, 5)), 0);
    assert!(write!(db, |tx| sessions::replace_refresh(tx, "s3", 0, NOW)));
    assert_eq!(write!(db, |tx| sessions::delete_replaced(tx, NOW, 5)), 0);
    let later = NOW.after(Duration::from_secs(1));
    assert_eq!(write!(db, |tx| sessions::delete_replaced(tx, later, 5)), 1);
}

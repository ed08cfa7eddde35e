//! What the ledger acknowledged is there after a crash, and its books are in order.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::process::HubProcess;

/// Transactions created before the crash.
const WRITES: usize = 300;
/// Clients at the same time, so that the crash finds commits half way.
const WRITERS: usize = 16;

const ADMIN: &str = "only-tests-know-this-key-of-32-letters-or-more";
const SETTINGS: &[(&str, &str)] = &[("LEDGER_ADMIN_KEY", ADMIN)];

/// Somebody's address and password.
type Credentials = (&'static str, String);

/// The last thing that the ledger said of each transaction.
#[derive(Clone, Default)]
struct Told(Arc<(Mutex<BTreeMap<String, String>>, Notify)>);

impl Told {
    fn note(&self, transaction: &Value) {
        let text = |name: &str| transaction[name].as_str().expect("a text").to_owned();
        let mut told = self.0.0.lock().expect("no holder panics");
        told.insert(text("id"), text("status"));
        if told.len() >= WRITES {
            self.0.1.notify_one();
        }
    }

    fn all(&self) -> BTreeMap<String, String> {
        self.0.0.lock().expect("no holder panics").clone()
    }
}

async fn opened(hub: &HubProcess, email: &'static str) -> Credentials {
    let body = json!({ "email": email });
    let request = hub.http().post(hub.at("/user/create")).bearer_auth(ADMIN).json(&body);
    let answer: Value =
        request.send().await.expect("the hub answers").json().await.expect("it is JSON");
    (email, answer["password"].as_str().expect("one was made").to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_transaction_is_there_after_kill_nine_and_the_books_are_in_order() {
    let home = tempfile::tempdir().unwrap();
    let hub = Arc::new(HubProcess::start(home.path(), SETTINGS).await);
    let ada = opened(&hub, "ada@acme.org").await;
    let bob = opened(&hub, "bob@acme.org").await;
    let deposit = json!({"recipientEmail": ada.0, "amount": 1_000_000});
    let request = hub.http().post(hub.at("/user/add-balance")).bearer_auth(ADMIN).json(&deposit);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);

    let told = Told::default();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(pay_until_dead(hub.clone(), ada.clone(), bob.clone(), writer, told.clone()));
    }
    tokio::select! {
        () = told.0.1.notified() => {}
        ended = writers.join_next() => panic!("a writer ended before the crash: {ended:?}"),
    }
    hub.kill();
    writers.join_all().await;
    drop(hub);

    let hub = HubProcess::start(home.path(), SETTINGS).await;
    for (id, status) in told.all() {
        let request = hub.http().get(hub.at(&format!("/transactions/{id}")));
        let answer = request.basic_auth(bob.0, Some(&bob.1)).send().await.expect("the hub is up");
        assert_eq!(answer.status(), StatusCode::OK, "{id} was acknowledged");
        let found: Value = answer.json().await.expect("a transaction");
        // What was on its way when the hub died may have happened.
        assert!(status == "pending" || found["status"] == status.as_str(), "{id}: {found}");
    }
    drop(hub);
    assert_in_order(&home.path().join("hub.db"));
}

/// Creates transactions and ends every other one; after an unanswered request it asks no more.
async fn pay_until_dead(
    hub: Arc<HubProcess>,
    ada: Credentials,
    bob: Credentials,
    writer: usize,
    told: Told,
) {
    for n in 0_usize.. {
        let body =
            json!({"recipientEmail": bob.0, "amount": 0.25, "appName": format!("{writer}-{n}")});
        let request = hub.http().post(hub.at("/transactions")).basic_auth(ada.0, Some(&ada.1));
        let Ok(answer) = request.json(&body).send().await else { return };
        assert_eq!(answer.status(), StatusCode::CREATED);
        let Ok(made) = answer.json::<Value>().await else { return };
        told.note(&made);
        let end = ["confirm", "cancel", "nothing"][n % 3];
        if end == "nothing" {
            continue;
        }
        let path = format!("/transactions/{}/{end}", made["id"].as_str().expect("an id"));
        let request = hub.http().post(hub.at(&path)).basic_auth(bob.0, Some(&bob.1));
        let Ok(answer) = request.send().await else { return };
        assert_eq!(answer.status(), StatusCode::OK);
        let Ok(ended) = answer.json::<Value>().await else { return };
        told.note(&ended);
    }
}

/// The file is sound, and whatever must agree in it does.
fn assert_in_order(path: &Path) {
    const WRONG: [(&str, &str); 5] = [
        (
            "balances that are not what the postings add up to",
            "SELECT count(*) FROM ledger_accounts AS a WHERE available <> (SELECT coalesce(sum(micros), 0) \
             FROM ledger_postings WHERE account_id = a.id AND bucket = 'available') OR held <> \
             (SELECT coalesce(sum(micros), 0) FROM ledger_postings WHERE account_id = a.id AND bucket = 'held')",
        ),
        (
            "movements that do not sum to zero",
            "SELECT count(*) FROM (SELECT 1 FROM ledger_postings GROUP BY reference, kind HAVING sum(micros) <> 0)",
        ),
        (
            "reserved money that no pending transaction holds",
            "SELECT count(*) FROM ledger_accounts AS a WHERE held <> (SELECT coalesce(sum(amount), 0) \
             FROM ledger_transactions WHERE sender_id = a.id AND status = 'pending')",
        ),
        (
            "transactions without the event of their creation",
            "SELECT count(*) FROM ledger_transactions WHERE NOT EXISTS (SELECT 1 FROM audit_events \
             WHERE subject = 'ledger-transaction:' || ledger_transactions.id AND action = 'ledger.create')",
        ),
        (
            "events of transactions that are not there",
            "SELECT count(*) FROM audit_events WHERE subject LIKE 'ledger-transaction:%' AND NOT EXISTS \
             (SELECT 1 FROM ledger_transactions WHERE subject = 'ledger-transaction:' || ledger_transactions.id)",
        ),
    ];
    let db = rusqlite::Connection::open(path).expect("the file exists");
    let verdict: String =
        db.query_row("PRAGMA integrity_check", (), |row| row.get(0)).expect("SQLite answers");
    assert_eq!(verdict, "ok");
    for (what, sql) in WRONG {
        let count: i64 = db.query_row(sql, (), |row| row.get(0)).expect(sql);
        assert_eq!(count, 0, "{what}");
    }
}

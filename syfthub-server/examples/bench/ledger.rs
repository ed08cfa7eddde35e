//! How many payments the hub's own ledger makes durable: 64 people pay each other, each with one request that reserves the
//! money and one that confirms it. Every request is answered after its commit has reached the disk.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::hub::{Engine, HubServer};
use crate::load::{Connection, get_as, post, post_as, quantile};
use crate::measure::{Effort, median};
use crate::report::{Line, Row};

/// The key of deposits.
const ADMIN: &str = "the-benchmark-alone-knows-this-key-of-the-ledger";

/// Who pays at the same time.
const CLIENTS: usize = 64;

/// What each of them has at the beginning, and what one payment is.
const BALANCE: f64 = 1_000_000.0;
const PRICE: f64 = 0.01;

/// Somebody with money.
struct Payer {
    email: String,
    authorization: String,
}

/// Measures `program`, the server, with a ledger below `folder`.
pub(crate) async fn measure(
    program: &Path,
    folder: &Path,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    std::fs::create_dir(folder)?;
    let database = Engine::Sqlite.database(folder).await?;
    let hub = HubServer::start(program, folder, &database, &[("LEDGER_ADMIN_KEY", ADMIN)])?;
    let mut payers = Vec::new();
    let mut door = Connection::open(hub.address).await?;
    for n in 0..CLIENTS {
        payers.push(payer(&mut door, n).await?);
    }
    let payers = Arc::new(payers);
    let (mut rates, mut times) = (Vec::new(), Vec::new());
    for _ in 0..effort.turns {
        let (rate, took) = payments(&hub, &payers, effort).await?;
        rates.push(rate);
        times.extend(took);
    }
    let total = total(&mut door, &payers).await?;
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let deposited = BALANCE * CLIENTS as f64;
    ensure!((total - deposited).abs() < 1e-3, "{deposited} became {total}");
    hub.stop()?;
    times.sort_unstable();
    let millis = |part| quantile(&times, part).as_secs_f64() * 1000.0;
    let payments = median(rates);
    Ok(vec![
        Row::absolute(
            &format!("ledger transactions, {CLIENTS} clients: reserved or confirmed, each durable"),
            "/s",
            payments * 2.0,
            Line::AtLeast(3000.0),
        ),
        Row::absolute("whole payments: reserved, then confirmed", "/s", payments, Line::None),
        Row::absolute("a whole payment, p50", "ms", millis(0.5), Line::None),
        Row::absolute("its p99", "ms", millis(0.99), Line::None),
    ])
}

/// Opens the n-th account and puts money into it.
async fn payer(door: &mut Connection, n: usize) -> anyhow::Result<Payer> {
    let email = format!("payer-{n}@example.org");
    let draft = json!({"email": email, "password": null, "organization": null});
    let made = door.json(&post("/user/create", Some(ADMIN), &draft), 201).await?;
    let password = made["password"].as_str().context("a password is made")?;
    let authorization = format!("Basic {}", STANDARD.encode(format!("{email}:{password}")));
    let deposit = json!({"recipientEmail": email, "amount": BALANCE});
    door.exchange(&post("/user/add-balance", Some(ADMIN), &deposit)).await?;
    Ok(Payer { email, authorization })
}

/// Payments per second of all clients, and how long each took.
async fn payments(
    hub: &HubServer,
    payers: &Arc<Vec<Payer>>,
    effort: Effort,
) -> anyhow::Result<(f64, Vec<std::time::Duration>)> {
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..CLIENTS {
        let (payers, address) = (Arc::clone(payers), hub.address);
        tasks.spawn(async move {
            let (payer, paid) = (&payers[n], &payers[(n + 1) % CLIENTS]);
            let order = json!({"recipientEmail": paid.email, "amount": PRICE});
            let reserve = post_as("/transactions", &payer.authorization, &order);
            let mut connection = Connection::open(address).await?;
            let mut times = Vec::new();
            while begun.elapsed() < effort.turn {
                let asked = Instant::now();
                pay(&mut connection, payer, &reserve).await?;
                times.push(asked.elapsed());
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(done) = tasks.join_next().await {
        times.extend(done??);
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of payments")]
    Ok((times.len() as f64 / begun.elapsed().as_secs_f64(), times))
}

async fn pay(connection: &mut Connection, payer: &Payer, reserve: &[u8]) -> anyhow::Result<()> {
    let status = connection.exchange(reserve).await?;
    ensure!(matches!(status, 200 | 201), "no reservation: {}", connection.text());
    let text = connection.text();
    let (_, body) = text.split_once("\r\n\r\n").context("an answer has a head")?;
    let reserved: Value = serde_json::from_str(body)?;
    let id = reserved["id"].as_str().context("a transaction has an id")?;
    let path = format!("/transactions/{id}/confirm");
    let status = connection.exchange(&post_as(&path, &payer.authorization, &Value::Null)).await?;
    ensure!(status == 200, "not confirmed: {}", connection.text());
    Ok(())
}

/// What all have together.
async fn total(door: &mut Connection, payers: &[Payer]) -> anyhow::Result<f64> {
    let mut total = 0.0;
    for payer in payers {
        let own = door.json(&get_as("/user", &payer.authorization), 200).await?;
        total += own["balance"].as_f64().context("an account has a balance")?;
    }
    Ok(total)
}

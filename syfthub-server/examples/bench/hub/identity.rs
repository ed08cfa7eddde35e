//! Signing in, and the tokens that vouch for users elsewhere.

use std::thread;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::json;

use super::data::{Population, login};
use super::reads::CONNECTIONS;
use super::server::HubServer;
use crate::load::{Connection, drive, get, post, quantile};
use crate::measure::{Effort, median};
use crate::reference::openssl_signs;
use crate::report::{Line, Row};

/// Logins that arrive at once in a storm.
const STORM: usize = 500;

pub(super) async fn measure(
    hub: &HubServer,
    population: &Population,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    let mut rows = vec![logins(hub, population, effort).await?];
    rows.extend(storm(hub, population).await?);
    rows.push(mint(hub, population, effort).await?);
    rows.push(verify(hub, population, effort).await?);
    Ok(rows)
}

/// Logins against bare password hashes on all cores.
async fn logins(hub: &HubServer, population: &Population, effort: Effort) -> anyhow::Result<Row> {
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for _ in 0..effort.turns {
        let names: Vec<String> = population.users.iter().map(|(name, _)| name.clone()).collect();
        let request = move |n: u64| login(&names[usize::try_from(n).unwrap_or(0) % names.len()]);
        ours.push(drive(hub.address, CONNECTIONS, effort.turn, &[200], request).await?.per_second);
        reference.push(tokio::task::spawn_blocking(move || hashes(effort.turn)).await?);
    }
    let what = "logins, vs bare Argon2id (19 MiB, 2 passes) on all cores";
    Ok(Row::against(what, "/s", median(ours), median(reference), Line::AtLeast(0.9)))
}

/// Password hashes per second over all cores.
fn hashes(period: Duration) -> f64 {
    let count_one = move || {
        let params = Params::new(19 * 1024, 2, 1, None).expect("the parameters are in range");
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let (start, mut count, mut out) = (Instant::now(), 0_u32, [0; 32]);
        while start.elapsed() < period {
            let outcome =
                argon.hash_password_into(b"a-Long-passw0rd", b"sixteen bytes of", &mut out);
            outcome.expect("the lengths are in range");
            count += 1;
        }
        f64::from(count) / start.elapsed().as_secs_f64()
    };
    let threads: Vec<_> = (0..crate::cores()).map(|_| thread::spawn(count_one)).collect();
    threads.into_iter().map(|thread| thread.join().expect("hashing does not panic")).sum()
}

/// What others notice while 500 people sign in at the same moment.
async fn storm(hub: &HubServer, population: &Population) -> anyhow::Result<[Row; 3]> {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..STORM {
        let (address, name) = (hub.address, population.users[n % population.users.len()].0.clone());
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await?;
            connection.exchange(&login(&name)).await
        });
    }
    let [mut health, mut list] =
        [Connection::open(hub.address).await?, Connection::open(hub.address).await?];
    let (mut alive, mut reads) = (Vec::new(), Vec::new());
    let (path, _) = population.endpoint(5);
    let requests = [get("/healthz", None), get(path, Some(population.token()))];
    let (mut signed_in, start) = (0, Instant::now());
    loop {
        for (connection, request, times) in
            [(&mut health, &requests[0], &mut alive), (&mut list, &requests[1], &mut reads)]
        {
            let asked = Instant::now();
            connection.exchange(request).await?;
            times.push(asked.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        while let Some(done) = tasks.try_join_next() {
            signed_in += usize::from(done?? == 200);
        }
        if tasks.is_empty() {
            break;
        }
    }
    let took = start.elapsed().as_secs_f64();
    alive.sort_unstable();
    reads.sort_unstable();
    let p99 = |times: &[Duration]| quantile(times, 0.99).as_secs_f64() * 1000.0;
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let answered = signed_in as f64;
    let what = format!("{STORM} logins at once: signed in, within {took:.1} s");
    Ok([
        Row::absolute(&what, "", answered, Line::None),
        Row::absolute("meanwhile `/healthz`, p99", "ms", p99(&alive), Line::AtMost(20.0)),
        Row::absolute("meanwhile a signed-in read, p99", "ms", p99(&reads), Line::AtMost(100.0)),
    ])
}

async fn mint(hub: &HubServer, population: &Population, effort: Effort) -> anyhow::Result<Row> {
    let request = get("/api/v1/token?aud=user-1", Some(population.token()));
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for _ in 0..effort.turns {
        let request = request.clone();
        let load = drive(hub.address, CONNECTIONS, effort.turn, &[200], move |_| request.clone());
        ours.push(load.await?.per_second);
        reference.push(openssl_signs(crate::cores())?);
    }
    let what = "satellite tokens, vs `openssl speed rsa2048`";
    Ok(Row::against(what, "/s", median(ours), median(reference), Line::AtLeast(0.8)))
}

/// Judging tokens for the service they are for.
async fn verify(hub: &HubServer, population: &Population, effort: Effort) -> anyhow::Result<Row> {
    let mut connection = Connection::open(hub.address).await?;
    let (service, service_token) = &population.users[population.users.len().min(2) - 1];
    let (mut rates, path) = (Vec::new(), format!("/api/v1/token?aud={service}"));
    for _ in 0..effort.turns {
        let minted = connection.json(&get(&path, Some(population.token())), 200).await?;
        let request =
            post("/api/v1/verify", Some(service_token), &json!({"token": minted["target_token"]}));
        let load = drive(hub.address, CONNECTIONS, effort.turn, &[200], move |_| request.clone());
        rates.push(load.await?.per_second);
    }
    Ok(Row::absolute("verified tokens", "/s", median(rates), Line::None))
}

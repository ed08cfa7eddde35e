//! A long mixed load: memory that only grows shows here.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::data::Population;
use super::reads::search;
use super::server::HubServer;
use crate::load::{drive, get, post};
use crate::report::{Line, Row};

/// Connections that are busy at a time.
const CONNECTIONS: usize = 16;

/// The part of the time that passes before memory counts: caches fill and threads start.
const WARM_UP: f64 = 0.2;

pub(super) async fn measure(
    hub: &HubServer,
    population: &Population,
    period: Duration,
) -> anyhow::Result<Vec<Row>> {
    let warm = period.mul_f64(WARM_UP);
    mixed(hub, population, warm).await?;
    let before = settled(hub).await?;
    let start = Instant::now();
    let answers = mixed(hub, population, period.saturating_sub(warm)).await?;
    let minutes = (start.elapsed() + warm).as_secs_f64() / 60.0;
    let after = settled(hub).await?;
    let growth = (after - before) / before * 100.0;
    let what = format!(
        "{minutes:.0} minutes of mixed load ({answers:.0} answers/s): growth of resident memory"
    );
    Ok(vec![
        Row::absolute(&what, "%", growth, Line::AtMost(2.0)),
        Row::absolute("resident memory after it", "MB", after / 1_000_000.0, Line::None),
    ])
}

/// Reads of every kind, tokens, and stars.
async fn mixed(hub: &HubServer, population: &Population, period: Duration) -> anyhow::Result<f64> {
    let tokens: Vec<String> = population.users.iter().map(|(_, token)| token.clone()).collect();
    let endpoints = population.endpoints.clone();
    let request = move |n: u64| {
        let n = usize::try_from(n).unwrap_or(0);
        let token = Some(tokens[n % tokens.len()].as_str());
        let (path, number) = &endpoints[n % endpoints.len()];
        match n % 8 {
            0 => get(&format!("/api/v1/endpoints/public?limit=20&skip={}", n % 500), None),
            1 => get("/api/v1/endpoints/trending", None),
            2 | 3 => get(path, token),
            4 => get(path, None),
            5 => get("/api/v1/token?aud=user-0", token),
            6 => search(n),
            _ => post(&format!("/api/v1/endpoints/{number}/star"), token, &serde_json::Value::Null),
        }
    };
    let request = Arc::new(request);
    let (start, mut answers) = (Instant::now(), 0);
    while start.elapsed() < period {
        let request = request.clone();
        let slice = SLICE.min(period);
        let load = drive(hub.address, CONNECTIONS, slice, &[200, 201], move |n| request(n)).await?;
        answers += load.latencies.len();
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    Ok(answers as f64 / start.elapsed().as_secs_f64())
}

/// The load runs in slices, because each remembers the time of every answer.
const SLICE: Duration = Duration::from_secs(20);

/// Resident memory in bytes when nothing is under way.
async fn settled(hub: &HubServer) -> anyhow::Result<f64> {
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (now, _) = hub.memory()?;
    #[expect(clippy::cast_precision_loss, reason = "a size to three digits")]
    Ok(now as f64)
}

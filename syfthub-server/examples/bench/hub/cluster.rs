//! Two hubs that stand for one: PostgreSQL and Redis below them, nginx before them.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::data::{Population, draft};
use super::reads::CONNECTIONS;
use super::server::{HubServer, Postgres};
use crate::load::{drive, get, post};
use crate::measure::{Effort, median};
use crate::report::{Line, Row};

/// How long a helper may take to listen.
const PATIENCE: Duration = Duration::from_secs(10);

/// Numbers of endpoints that the population does not use.
const FRESH: usize = 50_000_000;

/// A process that ends with this value.
struct Helper(Child);

impl Drop for Helper {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing is left behind.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Measures rates through the balancer against those of one of the hubs, asked directly.
pub(super) async fn measure(
    program: &Path,
    folder: &Path,
    postgres: &Postgres,
    size: usize,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    let folder = folder.join("two");
    std::fs::create_dir(&folder)?;
    let (redis, redis_url) = start_redis(&folder).await?;
    let database = postgres.create().await?;
    let settings = [("REDIS_URL", redis_url.as_str())];
    let one = HubServer::start(program, &folder, &database, &settings)?;
    let other = HubServer::start(program, &folder, &database, &settings)?;
    let population = Population::create(one.address, size).await?;
    let (nginx, both) = start_nginx(&folder, [one.address, other.address]).await?;
    let rows = rates(both, one.address, &population, effort).await?;
    drop((nginx, redis));
    one.stop()?;
    other.stop()?;
    Ok(rows)
}

async fn rates(
    both: SocketAddr,
    one: SocketAddr,
    population: &Population,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for what in [
        "public list of 20",
        "`/{owner}/{slug}` signed in",
        "satellite tokens",
        "endpoints created",
        "stars given",
    ] {
        let (mut through, mut alone) = (Vec::new(), Vec::new());
        for turn in 0..effort.turns {
            for (address, rates, half) in [(both, &mut through, 0), (one, &mut alone, 1)] {
                let request = requests(what, population, FRESH * (2 * turn + half + 1));
                let load = drive(address, CONNECTIONS, effort.turn, &[200, 201], request).await?;
                rates.push(load.per_second);
            }
        }
        let what = format!("{what}: two behind nginx, vs one asked directly");
        rows.push(Row::against(&what, "/s", median(through), median(alone), Line::None));
    }
    Ok(rows)
}

/// The requests of one operation; creations take slugs from `fresh` on.
fn requests(
    what: &str,
    population: &Population,
    fresh: usize,
) -> Box<dyn Fn(u64) -> Vec<u8> + Send + Sync> {
    let token = population.token().to_owned();
    let endpoints = population.endpoints.clone();
    let index = |n: u64| usize::try_from(n).unwrap_or(0);
    match what {
        "public list of 20" => Box::new(|_| get("/api/v1/endpoints/public?limit=20", None)),
        "satellite tokens" => Box::new(move |_| get("/api/v1/token?aud=user-0", Some(&token))),
        "endpoints created" => {
            Box::new(move |n| post("/api/v1/endpoints", Some(&token), &draft(fresh + index(n))))
        }
        "stars given" => Box::new(move |n| {
            let (_, number) = &endpoints[index(n) % endpoints.len()];
            post(&format!("/api/v1/endpoints/{number}/star"), Some(&token), &Value::Null)
        }),
        _ => Box::new(move |n| get(&endpoints[index(n) % endpoints.len()].0, Some(&token))),
    }
}

async fn start_redis(folder: &Path) -> anyhow::Result<(Helper, String)> {
    let port = free_port()?;
    let child = Command::new("redis-server")
        .args([
            "--bind",
            "127.0.0.1",
            "--port",
            &port.to_string(),
            "--save",
            "",
            "--appendonly",
            "no",
        ])
        .arg("--dir")
        .arg(folder)
        .stdout(Stdio::null())
        .spawn()
        .context("start redis-server")?;
    let helper = Helper(child);
    listening(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    Ok((helper, format!("redis://127.0.0.1:{port}/0")))
}

async fn start_nginx(folder: &Path, hubs: [SocketAddr; 2]) -> anyhow::Result<(Helper, SocketAddr)> {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
    let [one, other] = hubs;
    let file = folder.join("nginx.conf");
    let text = format!(
        "daemon off; pid nginx.pid; error_log stderr; worker_processes 2; events {{ worker_connections 4096; }}\n\
         http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path body; proxy_temp_path proxy;\n\
         fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n\
         upstream hubs {{ server {one}; server {other}; keepalive 64; keepalive_requests 1000000000; }}\n\
         server {{ listen {address}; location / {{ proxy_pass http://hubs; proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }} }}"
    );
    std::fs::write(&file, text)?;
    let child = Command::new("nginx")
        .arg("-p")
        .arg(folder)
        .arg("-c")
        .arg(&file)
        .stderr(std::fs::File::create(folder.join("nginx.log"))?)
        .spawn()
        .context("start nginx")?;
    let helper = Helper(child);
    listening(address).await?;
    Ok((helper, address))
}

/// A port that was free a moment ago.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

async fn listening(address: SocketAddr) -> anyhow::Result<()> {
    let start = Instant::now();
    while tokio::net::TcpStream::connect(address).await.is_err() {
        ensure!(start.elapsed() < PATIENCE, "nothing listens at {address}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

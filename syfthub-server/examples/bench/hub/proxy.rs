//! What calling an endpoint through the hub costs over calling its space.

use std::net::SocketAddr;
use std::time::Instant;

use axum::Router;
use axum::routing::post as on_post;
use serde_json::json;

use super::data::{Population, set_domain};
use super::server::HubServer;
use crate::load::{Connection, post, quantile};
use crate::measure::Effort;
use crate::report::{Line, Row};

pub(super) async fn measure(
    hub: &HubServer,
    population: &Population,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    let space = start_space().await?;
    let mut through = Connection::open(hub.address).await?;
    let token = population.token();
    set_domain(&mut through, token, Some(&format!("http://{space}"))).await?;
    let (path, _) = population.endpoint(0);
    let slug = path.rsplit('/').next().unwrap_or_default();
    let body = json!({"messages": "What is known?", "limit": 5});
    let proxied = post(path, Some(token), &body);
    let direct = post(&format!("/api/v1/endpoints/{slug}/query"), None, &body);
    let mut beside = Connection::open(space).await?;
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for n in 0..effort.questions * 2 {
        for (connection, request, times) in
            [(&mut through, &proxied, &mut ours), (&mut beside, &direct, &mut reference)]
        {
            let asked = Instant::now();
            let status = connection.exchange(request).await?;
            anyhow::ensure!(status == 200, "an invocation answered {}", connection.text());
            if n >= effort.questions / 5 {
                times.push(asked.elapsed());
            }
        }
    }
    set_domain(&mut through, token, None).await?;
    ours.sort_unstable();
    reference.sort_unstable();
    let added = |part| {
        quantile(&ours, part).saturating_sub(quantile(&reference, part)).as_secs_f64() * 1000.0
    };
    Ok(vec![
        Row::absolute(
            "a call through the hub: added time with a fresh token, p50",
            "ms",
            added(0.5),
            Line::AtMost(0.5),
        ),
        Row::absolute("its p99", "ms", added(0.99), Line::None),
    ])
}

/// A space that answers at once.
async fn start_space() -> anyhow::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let answer = || async { axum::Json(json!({"summary": null, "references": {"documents": []}})) };
    let space = Router::new().route("/api/v1/endpoints/{slug}/query", on_post(answer));
    tokio::spawn(async move { axum::serve(listener, space).await });
    Ok(address)
}

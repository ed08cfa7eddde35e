//! Writing: endpoints and stars, each durable before its answer.

use super::data::{Population, draft};
use super::server::HubServer;
use crate::load::{drive, post};
use crate::measure::{Effort, median};
use crate::report::{Line, Row};

/// Connections that are busy at a time.
const WRITERS: usize = 64;

/// Numbers of endpoints that the population does not use.
const FRESH: usize = 10_000_000;

pub(super) async fn measure(
    hub: &HubServer,
    population: &Population,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    let (mut creations, mut stars) = (Vec::new(), Vec::new());
    for turn in 0..effort.turns {
        let tokens: Vec<String> = population.users.iter().map(|(_, token)| token.clone()).collect();
        let create = move |n: u64| {
            let n = usize::try_from(n).unwrap_or(0);
            let body = draft(FRESH * (turn + 1) + n);
            post("/api/v1/endpoints", Some(&tokens[n % tokens.len()]), &body)
        };
        creations.push(drive(hub.address, WRITERS, effort.turn, &[201], create).await?.per_second);
        let token = population.users[turn % population.users.len()].1.clone();
        let numbers: Vec<i64> = population.endpoints.iter().map(|(_, number)| *number).collect();
        let star = move |n: u64| {
            let number = numbers[usize::try_from(n).unwrap_or(0) % numbers.len()];
            post(
                &format!("/api/v1/endpoints/{number}/star"),
                Some(&token),
                &serde_json::Value::Null,
            )
        };
        stars.push(drive(hub.address, WRITERS, effort.turn, &[201], star).await?.per_second);
    }
    Ok(vec![
        Row::absolute(
            "endpoints created, searchable and durable",
            "/s",
            median(creations),
            Line::None,
        ),
        Row::absolute("stars given, durable", "/s", median(stars), Line::None),
    ])
}

//! For how much of a window of time an endpoint answered.

use syfthub_core::Timestamp;
use syfthub_core::model::HealthStatus;
use syfthub_core::wire::health::{Uptime, UptimeBucket};

use super::refusal::Refusal;
use super::store::{self, Change};
use crate::hub::Hub;
use crate::identity::Presented;
use crate::registry;

/// Lengths that a bucket may have, in seconds; the first one that cuts the window into few enough pieces is taken.
const LENGTHS: [i64; 7] = [300, 900, 3600, 7200, 21_600, 43_200, 86_400];

/// Most buckets of a series.
const MOST: i64 = 100;

const MICROS: i64 = 1_000_000;

/// The series of the endpoint at `owner/slug` over the last hours, if the caller may see the endpoint.
pub(super) async fn series(
    hub: &Hub,
    presented: Presented,
    owner: &str,
    slug: &str,
    window_hours: i64,
) -> Result<Uptime, Refusal> {
    let (owner, slug) = (owner.to_lowercase(), slug.to_lowercase());
    let now = hub.clock.now();
    let from = Timestamp::from_micros(now.micros() - window_hours * 3600 * MICROS);
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let caller = presented.find_caller(tx).await?;
            let found = registry::readable(tx, caller.principal(), &owner, &slug).await?;
            let Some((id, path)) = found else {
                let denial = caller.denial("Endpoint not found".to_owned());
                return Err(Refusal::NoEndpoint(Box::new(denial)));
            };
            Ok((path, store::changes(tx, id, from).await?))
        })
    });
    let (path, changes) = read.await?;
    let length = bucket_seconds(window_hours);
    let buckets = buckets(&changes, from, now, length);
    let uptime =
        share(total(&buckets, |b| b.healthy_seconds), total(&buckets, |b| b.unhealthy_seconds));
    Ok(Uptime { path, window_hours, bucket_seconds: length, uptime, buckets })
}

fn bucket_seconds(window_hours: i64) -> i64 {
    let fits = |length: &i64| window_hours * 3600 / length <= MOST;
    LENGTHS.into_iter().find(fits).unwrap_or(86_400)
}

fn total(buckets: &[UptimeBucket], seconds: impl Fn(&UptimeBucket) -> f64) -> f64 {
    buckets.iter().map(seconds).sum()
}

/// The healthy part of the known time.
fn share(healthy: f64, unhealthy: f64) -> Option<f64> {
    let known = healthy + unhealthy;
    (known > 0.0).then(|| healthy / known)
}

/// Cuts the time from `from` to `to` into buckets of `length` seconds. `changes` are in order, and the first one may be
/// older than `from`.
fn buckets(changes: &[Change], from: Timestamp, to: Timestamp, length: i64) -> Vec<UptimeBucket> {
    let mut buckets = Vec::new();
    let mut start = from;
    while start < to {
        let end = Timestamp::from_micros(start.micros() + length * MICROS).min(to);
        let spent = |status| spent(changes, start, end, status);
        let healthy_seconds = spent(HealthStatus::Healthy);
        let unhealthy_seconds = spent(HealthStatus::Unhealthy);
        let uptime = share(healthy_seconds, unhealthy_seconds);
        buckets.push(UptimeBucket { start, uptime, healthy_seconds, unhealthy_seconds });
        start = end;
    }
    buckets
}

/// Seconds between `start` and `end` in which the status was `status`.
fn spent(changes: &[Change], start: Timestamp, end: Timestamp, status: HealthStatus) -> f64 {
    let until = |n: usize| changes.get(n + 1).map_or(end, |(at, _)| (*at).min(end));
    let spans = changes.iter().enumerate().filter(|(_, (_, became))| *became == Some(status));
    spans.map(|(n, (at, _))| until(n).since((*at).max(start)).as_secs_f64()).sum()
}

#[cfg(test)]
mod tests {
    use HealthStatus::{Healthy, Unhealthy};
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_secs(minutes * 60)
    }

    #[test]
    fn the_healthy_part_of_the_known_time_counts() {
        let changes = [
            (at(-30), Some(Healthy)),
            (at(30), Some(Unhealthy)),
            (at(45), None),
            (at(90), Some(Healthy)),
        ];
        let series = buckets(&changes, at(0), at(120), 3600);
        let seconds: Vec<(f64, f64)> =
            series.iter().map(|b| (b.healthy_seconds, b.unhealthy_seconds)).collect();
        assert_eq!(seconds, [(1800.0, 900.0), (1800.0, 0.0)]);
        assert_eq!(series[1].uptime, Some(1.0));
        assert!((series[0].uptime.unwrap() - 2.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn without_any_change_nothing_is_known() {
        let series = buckets(&[], at(0), at(60), 300);
        assert_eq!(series.len(), 12);
        assert!(series.iter().all(|bucket| bucket.uptime.is_none()));
    }

    #[test]
    fn a_window_has_at_most_a_hundred_buckets() {
        for (hours, length) in [(1, 300), (24, 900), (168, 7200), (720, 43_200), (2160, 86_400)] {
            assert_eq!(bucket_seconds(hours), length, "{hours} h");
        }
        assert!((1..=2160).all(|hours| hours * 3600 / bucket_seconds(hours) <= MOST));
    }

    proptest! {
        #[test]
        fn the_buckets_together_are_the_window(
            mut moments in prop::collection::btree_set(-100..200_i64, 0..20),
            statuses in prop::collection::vec(prop::option::of(any::<bool>()), 20),
        ) {
            moments.insert(-100);
            let status = |healthy: bool| if healthy { Healthy } else { Unhealthy };
            let changes: Vec<Change> = moments.iter().zip(statuses)
                .map(|(minute, healthy)| (at(*minute), healthy.map(status))).collect();
            let series = buckets(&changes, at(0), at(100), 900);
            let whole = buckets(&changes, at(0), at(100), 6000);
            prop_assert_eq!(series.len(), 7);
            for seconds in [|b: &UptimeBucket| b.healthy_seconds, |b: &UptimeBucket| b.unhealthy_seconds] {
                prop_assert!((total(&series, seconds) - total(&whole, seconds)).abs() < 1e-6);
                prop_assert!(series.iter().all(|b| seconds(b) >= 0.0 && seconds(b) <= 900.0));
            }
        }
    }
}

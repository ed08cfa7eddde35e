//! The rules of a rate window, in memory and in Redis alike; what instances hear of each other; and what happens while
//! Redis is away.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use syfthub_core::{FixedClock, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::memory::Windows;
use super::rate::{Usage, Verdict};
use super::redis::Redis;
use super::testing::RedisServer;
use super::*;
use crate::config::LimitSettings;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Where windows are kept.
enum Place {
    Memory(Box<Windows>),
    Redis(Redis),
}

impl Place {
    async fn apply(&self, rate: &str, name: &str, now: Timestamp, usage: Usage) -> Verdict {
        let rate: Rate = rate.parse().unwrap();
        match self {
            Self::Memory(windows) => windows.apply(rate, name, now, usage),
            Self::Redis(redis) => redis.window(rate, name, now, usage).await.expect("it is there"),
        }
    }

    async fn takes(&self, rate: &str, name: &str, now: Timestamp) -> bool {
        self.apply(rate, name, now, Usage::Take).await.allowed
    }
}

/// One test per rule and place.
macro_rules! both_places {
    ($($rule:ident),+ $(,)?) => {
        mod memory_windows {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule(super::Place::Memory(Box::new(super::Windows::new(1000)))).await;
            })+
        }
        mod redis_windows {
            $(#[tokio::test]
            async fn $rule() {
                let Some(server) = super::RedisServer::start() else { return };
                super::$rule(super::Place::Redis(server.connect().await)).await;
            })+
        }
    };
}

both_places! {
    a_burst_passes_and_then_one_per_interval,
    a_refusal_does_not_count,
    looking_counts_nothing,
    what_is_noted_counts_although_there_is_no_room,
    windows_do_not_know_each_other,
    of_many_at_once_no_more_pass_than_fit,
    every_verdict_is_the_one_of_the_arithmetic,
}

async fn a_burst_passes_and_then_one_per_interval(place: Place) {
    for _ in 0..10 {
        assert!(place.takes("10/min", "a", NOW).await);
    }
    assert!(!place.takes("10/min", "a", NOW).await);
    assert!(!place.takes("10/min", "a", NOW.after(Duration::from_micros(5_999_999))).await);
    assert!(place.takes("10/min", "a", NOW.after(Duration::from_secs(6))).await);
    assert!(!place.takes("10/min", "a", NOW.after(Duration::from_secs(6))).await);
    let later = NOW.after(Duration::from_mins(5));
    for _ in 0..10 {
        assert!(place.takes("10/min", "a", later).await);
    }
    assert!(!place.takes("10/min", "a", later).await);
}

async fn a_refusal_does_not_count(place: Place) {
    while place.takes("2/min", "a", NOW).await {}
    for _ in 0..100 {
        assert!(!place.takes("2/min", "a", NOW).await);
    }
    assert!(place.takes("2/min", "a", NOW.after(Duration::from_secs(30))).await);
}

async fn looking_counts_nothing(place: Place) {
    for _ in 0..10 {
        assert!(place.apply("1/min", "a", NOW, Usage::Look).await.allowed);
    }
    assert!(place.takes("1/min", "a", NOW).await);
    assert!(!place.apply("1/min", "a", NOW, Usage::Look).await.allowed);
}

async fn what_is_noted_counts_although_there_is_no_room(place: Place) {
    for _ in 0..50 {
        place.apply("5/min", "a", NOW, Usage::Note).await;
    }
    assert!(!place.apply("5/min", "a", NOW, Usage::Look).await.allowed);
    // But nobody is locked out for longer than a window.
    assert!(place.takes("5/min", "a", NOW.after(Duration::from_secs(12))).await);
}

async fn windows_do_not_know_each_other(place: Place) {
    assert!(place.takes("1/min", "a", NOW).await);
    assert!(place.takes("1/min", "b", NOW).await);
    assert!(!place.takes("1/min", "a", NOW).await);
}

async fn of_many_at_once_no_more_pass_than_fit(place: Place) {
    let passed = join_all((0..100).map(|_| place.takes("10/min", "a", NOW))).await;
    assert_eq!(passed.into_iter().filter(|passed| *passed).count(), 10);
}

async fn every_verdict_is_the_one_of_the_arithmetic(place: Place) {
    let usage = prop_oneof![Just(Usage::Take), Just(Usage::Look), Just(Usage::Note)];
    let steps = prop::collection::vec((0_u64..3_000_000, usage), 200);
    let steps = steps.new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let rate: Rate = "7/9s".parse().unwrap();
    let (mut now, mut end) = (NOW, NOW);
    for (step, usage) in steps {
        now = now.after(Duration::from_micros(step));
        let expected = rate.judge(end, now, usage);
        assert_eq!(place.apply("7/9s", "a", now, usage).await, expected, "{usage:?} at {now}");
        end = expected.end;
    }
}

fn limiter(shared: &Shared) -> Limiter {
    let settings =
        LimitSettings { limit_search: "10/min".parse().unwrap(), ..LimitSettings::off() };
    Limiter::new(&settings, shared, Arc::new(FixedClock::at(NOW)))
}

/// How many of `times` searches pass, taking turns between `limiters`.
async fn passed(limiters: [&Limiter; 2], times: usize) -> usize {
    let mut passed = 0;
    for n in 0..times {
        passed += usize::from(limiters[n % 2].check(Rule::Search, "198.51.100.9").await.is_ok());
    }
    passed
}

#[tokio::test]
async fn two_instances_count_together() {
    let Some(server) = RedisServer::start() else { return };
    let (one, other) = (server.share().await, server.share().await);
    assert_eq!(passed([&limiter(&one), &limiter(&other)], 40).await, 10);
}

#[tokio::test]
async fn while_redis_is_away_each_instance_counts_by_itself_and_then_together_again() {
    let Some(mut server) = RedisServer::start() else { return };
    let (one, other) = (server.share().await, server.share().await);
    let (one, other) = (limiter(&one), limiter(&other));
    server.kill();
    assert_eq!(passed([&one, &other], 60).await, 20);
    server.start_again();
    // They find it again once they have let it rest; the fresh Redis has counted nothing yet.
    let back = async {
        while one.check(Rule::Search, "198.51.100.9").await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back).await.expect("it is back");
}

#[tokio::test]
async fn a_redis_that_is_not_there_stops_the_start() {
    let settings = SharedSettings {
        redis_url: Some("redis+unix:///nowhere/redis.sock".parse().unwrap()),
        ..SharedSettings::default()
    };
    let error = Shared::open(&settings).await.err().expect("there is none").to_string();
    assert!(error.starts_with("REDIS_URL: Redis does not answer"), "{error}");
}

/// An instance that counts how often it was made to forget.
struct Listener {
    shared: Shared,
    forgotten: AtomicUsize,
    forgot: Notify,
    stop: CancellationToken,
}

impl Listener {
    async fn start(server: &RedisServer) -> Arc<Self> {
        let listener = Arc::new(Self {
            shared: server.share().await,
            forgotten: AtomicUsize::new(0),
            forgot: Notify::new(),
            stop: CancellationToken::new(),
        });
        let task = Arc::clone(&listener);
        tokio::spawn(async move {
            let forget = |_| {
                task.forgotten.fetch_add(1, Ordering::SeqCst);
                task.forgot.notify_one();
            };
            task.shared.news().exchange(forget, task.stop.clone()).await;
        });
        // It begins with nothing it could have missed.
        listener.forgets().await;
        listener
    }

    async fn forgets(&self) {
        let forgot = tokio::time::timeout(Duration::from_secs(20), self.forgot.notified());
        forgot.await.expect("it forgets");
    }

    fn times(&self) -> usize {
        self.forgotten.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_until_others_were_told_finds_that_they_have_forgotten() {
    let Some(server) = RedisServer::start() else { return };
    let (one, other) = (Listener::start(&server).await, Listener::start(&server).await);
    for _ in 0..50 {
        let before = other.times();
        one.shared.news().tell(Topic::PublicPages);
        one.shared.news().told().await;
        assert!(other.times() > before);
    }
    assert_eq!(one.times(), 1, "its own pages are its own business");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_was_cut_off_forgets_everything_when_it_hears_again() {
    let Some(mut server) = RedisServer::start() else { return };
    let (one, other) = (Listener::start(&server).await, Listener::start(&server).await);
    server.kill();
    one.shared.news().tell(Topic::PublicPages);
    one.shared.news().told().await;
    server.start_again();
    other.forgets().await;
    // Now the change that could not be told; both may have arrived at once.
    one.shared.news().tell(Topic::PublicPages);
    while other.times() < 2 {
        other.forgets().await;
    }
}

#[tokio::test]
async fn an_instance_by_itself_has_nobody_to_tell_and_does_not_wait() {
    let shared = Shared::open(&SharedSettings::default()).await.unwrap();
    shared.news().tell(Topic::PublicPages);
    shared.news().told().await;
    assert!(!shared.is_shared());
}

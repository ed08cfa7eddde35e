//! What instances tell one another: that something each of them keeps in memory has changed in the database.
//!
//! A change is told after its commit and before its answer leaves: [`News::tell`] takes note of it, and [`News::told`],
//! which the router calls at the end of every request that may have changed something, waits until all instances that
//! listen have forgotten what they kept. So whoever was answered by one instance finds the change on every other. That
//! wait has an end (`PATIENCE`): an instance that does not confirm is late for its own readers, not for everybody.
//!
//! An instance that lost its connection may have missed something. When it listens again it forgets everything that any
//! news is about. One that is cut off without noticing hears nothing, not even the beats that it sends itself, and
//! connects anew.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use redis::aio::PubSub;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::redis::Redis;

/// Where everything is told.
const CHANNEL: &str = "all";

/// How long an answer waits for other instances to confirm.
const PATIENCE: Duration = Duration::from_millis(200);

/// How often an instance sends a beat, and how long it hears none before it connects anew.
const BEAT: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(12);

/// How long to wait after a failure before the next attempt.
const REST: Duration = Duration::from_millis(500);

/// What has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// Something that public lists show.
    PublicPages,
}

impl Topic {
    /// Every topic.
    pub(crate) const ALL: [Self; 1] = [Self::PublicPages];

    const fn bit(self) -> u64 {
        1 << self as u32
    }

    fn among(bits: u64) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |topic| bits & topic.bit() != 0)
    }
}

/// This instance's part in the exchange. Without Redis there is nobody to tell.
#[derive(Clone, Default)]
pub(crate) struct News(Option<Arc<Desk>>);

/// What is to be told, and how far that got.
struct Desk {
    redis: Redis,
    /// This instance's name among the others; also the channel where they confirm to it.
    id: String,
    /// Topics to be told, as bits: many changes at the same time are one message.
    pending: AtomicU64,
    /// Changes so far.
    asked: AtomicU64,
    wake: Notify,
    /// How many of those changes every listener has confirmed, or nobody waits for any more.
    done: watch::Sender<u64>,
    round: Mutex<Round>,
    /// Somebody has confirmed.
    heard: Notify,
}

/// The latest message.
#[derive(Default)]
struct Round {
    number: u64,
    /// Listeners that have confirmed it.
    confirmed: usize,
}

impl News {
    /// Tells others through `redis`, once [`News::exchange`] runs.
    pub(super) fn through(redis: Redis) -> Self {
        Self(Some(Arc::new(Desk {
            redis,
            id: Uuid::new_v4().simple().to_string(),
            pending: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            wake: Notify::new(),
            done: watch::Sender::new(0),
            round: Mutex::default(),
            heard: Notify::new(),
        })))
    }

    /// Takes note of a committed change. This instance has forgotten what it kept by itself.
    pub(crate) fn tell(&self, topic: Topic) {
        let Some(desk) = &self.0 else { return };
        desk.pending.fetch_or(topic.bit(), Ordering::SeqCst);
        desk.asked.fetch_add(1, Ordering::SeqCst);
        desk.wake.notify_one();
    }

    /// Waits until others know of every change told so far, for a fifth of a second at most.
    pub(crate) async fn told(&self) {
        let Some(desk) = &self.0 else { return };
        let asked = desk.asked.load(Ordering::SeqCst);
        let mut done = desk.done.subscribe();
        let wait = done.wait_for(|done| *done >= asked);
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            metrics::counter!("news_unconfirmed_total").increment(1);
        }
    }

    /// Tells and hears news until `shutdown`. `forget` lets go of whatever the topic is about.
    pub(crate) async fn exchange(&self, forget: impl Fn(Topic), shutdown: CancellationToken) {
        let Some(desk) = &self.0 else { return };
        metrics::counter!("news_unconfirmed_total").increment(0);
        metrics::counter!("news_gaps_total").increment(0);
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = desk.speak() => {}
            () = desk.hear(&forget) => {}
        }
    }
}

impl Desk {
    /// Sends what is pending, one message at a time.
    async fn speak(&self) {
        let mut deaf = Deaf::default();
        loop {
            self.wake.notified().await;
            let asked = self.asked.load(Ordering::SeqCst);
            let topics = self.pending.swap(0, Ordering::SeqCst);
            let round = self.next_round();
            let message = format!("{} {round} {topics}", self.id);
            let listeners = self.redis.publish(CHANNEL, &message).await;
            if let Some(listeners) = listeners {
                let confirmed = self.confirmed_by(deaf.expected(listeners));
                if tokio::time::timeout(PATIENCE, confirmed).await.is_err() {
                    deaf.note(listeners.saturating_sub(self.round().confirmed));
                }
            }
            self.done.send_replace(asked);
            if listeners.is_none() {
                // To be told once Redis is back; until then nobody waits for it.
                self.pending.fetch_or(topics, Ordering::SeqCst);
                tokio::time::sleep(REST).await;
                self.wake.notify_one();
            }
        }
    }

    async fn confirmed_by(&self, listeners: usize) {
        while self.round().confirmed < listeners {
            self.heard.notified().await;
        }
    }

    fn next_round(&self) -> u64 {
        let mut round = self.round();
        *round = Round { number: round.number + 1, confirmed: 0 };
        round.number
    }

    fn round(&self) -> MutexGuard<'_, Round> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens, and connects anew whenever that has ended.
    async fn hear(&self, forget: &impl Fn(Topic)) {
        let mut is_first = true;
        loop {
            match self.subscribe().await {
                Ok(listener) => {
                    // Whatever was told before is unknown here.
                    Topic::ALL.into_iter().for_each(forget);
                    if !is_first {
                        metrics::counter!("news_gaps_total").increment(1);
                        tracing::warn!("listening to other instances again after a gap");
                    }
                    is_first = false;
                    self.listen(listener, forget).await;
                }
                Err(error) => tracing::debug!(%error, "cannot listen to other instances"),
            }
            tokio::time::sleep(REST).await;
        }
    }

    async fn subscribe(&self) -> redis::RedisResult<PubSub> {
        let mut listener = self.redis.listen(CHANNEL).await?;
        listener.subscribe(self.redis.channel(&self.id)).await?;
        Ok(listener)
    }

    /// Acts on what is told until the connection ends or falls silent.
    async fn listen(&self, listener: PubSub, forget: &impl Fn(Topic)) {
        let mut messages = listener.into_on_message();
        let mut beat = tokio::time::interval(BEAT);
        let silence = tokio::time::sleep(SILENCE);
        tokio::pin!(silence);
        loop {
            let message = tokio::select! {
                message = messages.next() => message,
                _ = beat.tick() => {
                    // If it is lost, the silence will tell.
                    self.redis.publish(&self.id, "beat").await;
                    continue;
                }
                () = &mut silence => return,
            };
            let Some(message) = message else { return };
            silence.as_mut().reset(Instant::now() + SILENCE);
            self.act_on(&message.get_payload().unwrap_or_else(|_| String::new()), forget).await;
        }
    }

    async fn act_on(&self, message: &str, forget: &impl Fn(Topic)) {
        let mut words = message.split(' ');
        let (first, round) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match (first, words.next()) {
            ("seen", None) => self.confirm(round),
            (sender, Some(_)) if sender == self.id => self.confirm(round),
            (sender, Some(topics)) => {
                // A newer version may know more topics; those we do not know we do not keep.
                Topic::among(topics.parse().unwrap_or(u64::MAX)).for_each(forget);
                self.redis.publish(sender, &format!("seen {round}")).await;
            }
            // A beat: that it arrived is all it says.
            _ => {}
        }
    }

    fn confirm(&self, number: &str) {
        let mut round = self.round();
        if number.parse() == Ok(round.number) {
            round.confirmed += 1;
            self.heard.notify_one();
        }
    }
}

/// Listeners that did not confirm, such as one whose machine is gone and whose connection Redis still keeps. For a while
/// nobody waits for as many.
#[derive(Default)]
struct Deaf(Option<(Instant, usize)>);

impl Deaf {
    /// How many of `listeners` are worth waiting for.
    fn expected(&self, listeners: usize) -> usize {
        match self.0 {
            Some((since, missing)) if since.elapsed() < BEAT => listeners.saturating_sub(missing),
            _ => listeners,
        }
    }

    fn note(&mut self, missing: usize) {
        self.0 = Some((Instant::now(), missing));
    }
}

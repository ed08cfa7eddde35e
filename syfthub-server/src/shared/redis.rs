//! The connection to Redis, and rate windows kept there.
//!
//! Whoever waits for an answer from Redis waits for a set time at most. After a failure nobody asks again for a moment, so
//! that a dead Redis costs one request in a second its patience and not every one.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig, PubSub};
use redis::{Client, ErrorKind, RedisError, RedisResult, Script};
use syfthub_core::{Secret, Timestamp};

use super::rate::{Rate, Usage, Verdict};
use crate::running::StartError;

/// How long Redis is left alone after it failed.
const REST: Duration = Duration::from_secs(1);

/// Where Redis is: `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `rediss://` for TLS, or `redis+unix:///PATH`.
#[derive(Debug, Clone)]
pub struct RedisUrl(Secret);

impl FromStr for RedisUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "expected redis://[USER:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS, or redis+unix:///PATH";
        let is_known = ["redis://", "rediss://", "redis+unix:///"]
            .iter()
            .any(|scheme| text.starts_with(scheme));
        // The parser's own complaint may quote the password.
        match Client::open(text) {
            Ok(_) if is_known => Ok(Self(Secret::new(text))),
            _ => Err(EXPECTED),
        }
    }
}

/// A connection to Redis that mends itself; clones share it.
#[derive(Clone)]
pub(super) struct Redis(Arc<Link>);

struct Link {
    client: Client,
    connection: ConnectionManager,
    prefix: String,
    timeout: Duration,
    gcra: Script,
    born: Instant,
    /// Until when Redis is left alone, in milliseconds since `born`.
    resting_until: AtomicU64,
}

impl Redis {
    /// Connects, which must succeed at the start.
    pub(super) async fn connect(
        url: &RedisUrl,
        prefix: &str,
        timeout: Duration,
    ) -> Result<Self, StartError> {
        // The client takes the process's provider of cryptography; an error means that there is one already.
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let refused = |error: RedisError| {
            StartError::setting("REDIS_URL", format!("Redis does not answer: {error}"))
        };
        let client = Client::open(url.0.expose()).map_err(refused)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_max_delay(REST)
            .set_connection_timeout(Some(timeout.max(REST)))
            .set_response_timeout(Some(timeout));
        let connection = ConnectionManager::new_with_config(client.clone(), config);
        let connection = connection.await.map_err(refused)?;
        let redis = Self(Arc::new(Link {
            client,
            connection,
            prefix: prefix.to_owned(),
            timeout,
            gcra: Script::new(include_str!("gcra.lua")),
            born: Instant::now(),
            resting_until: AtomicU64::new(0),
        }));
        let mut connection = redis.0.connection.clone();
        redis.0.gcra.load_async(&mut connection).await.map_err(refused)?;
        metrics::counter!("redis_failures_total").increment(0);
        Ok(redis)
    }

    /// Uses the window of `name`; nothing when Redis is away.
    pub(super) async fn window(
        &self,
        rate: Rate,
        name: &str,
        now: Timestamp,
        usage: Usage,
    ) -> Option<Verdict> {
        let usage = match usage {
            Usage::Take => "take",
            Usage::Look => "look",
            Usage::Note => "note",
        };
        let micros = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        let mut call = self.0.gcra.prepare_invoke();
        call.key(self.key("limit", name))
            .arg(now.micros())
            .arg(micros(rate.interval()))
            .arg(micros(rate.reach()))
            .arg(usage);
        let mut connection = self.0.connection.clone();
        let (allowed, end): (bool, String) =
            self.patiently(call.invoke_async(&mut connection)).await?;
        Some(Verdict { allowed, end: Timestamp::from_micros(end.parse().ok()?) })
    }

    /// Sends `message` to whoever listens; how many that were, or nothing when Redis is away.
    pub(super) async fn publish(&self, channel: &str, message: &str) -> Option<usize> {
        let mut connection = self.0.connection.clone();
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(self.channel(channel)).arg(message);
        self.patiently(publish.query_async(&mut connection)).await
    }

    /// A connection of its own that listens to `channel`.
    pub(super) async fn listen(&self, channel: &str) -> RedisResult<PubSub> {
        let connect = async {
            let mut listener = self.0.client.get_async_pubsub().await?;
            listener.subscribe(self.channel(channel)).await?;
            Ok(listener)
        };
        let connected = tokio::time::timeout(self.0.timeout.max(REST), connect).await;
        connected.unwrap_or_else(|_| Err(late()))
    }

    /// The full name of a channel.
    pub(super) fn channel(&self, name: &str) -> String {
        self.key("news", name)
    }

    fn key(&self, kind: &str, name: &str) -> String {
        format!("{}:{kind}:{name}", self.0.prefix)
    }

    /// The answer, if it comes in time and nobody has found Redis away a moment ago.
    async fn patiently<T>(&self, work: impl Future<Output = RedisResult<T>>) -> Option<T> {
        let link = &self.0;
        if link.millis() < link.resting_until.load(Ordering::Relaxed) {
            return None;
        }
        let answer = tokio::time::timeout(link.timeout, work).await;
        match answer.unwrap_or_else(|_| Err(late())) {
            Ok(answer) => Some(answer),
            Err(error) => {
                let now = link.millis();
                let until = now.saturating_add(REST.as_secs() * 1000);
                if link.resting_until.fetch_max(until, Ordering::Relaxed) <= now {
                    tracing::warn!(%error, "Redis is away; limits hold per instance until it is back");
                }
                metrics::counter!("redis_failures_total").increment(1);
                None
            }
        }
    }
}

fn late() -> RedisError {
    RedisError::from((ErrorKind::Io, "no answer within SYFTHUB_REDIS_TIMEOUT"))
}

impl Link {
    fn millis(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_another_kind_is_refused_without_its_password() {
        assert!("redis://:opensesame@redis.lan:6379/2".parse::<RedisUrl>().is_ok());
        assert!("rediss://redis.example.org".parse::<RedisUrl>().is_ok());
        for text in [
            "",
            "redis.lan:6379",
            "http://redis.lan",
            "redis://:opensesame@[::1",
            "unix:/run/redis",
        ] {
            let refusal = text.parse::<RedisUrl>().unwrap_err();
            assert!(refusal.contains("redis://") && !refusal.contains("opensesame"), "{text}");
        }
        let url: RedisUrl = "redis://:opensesame@redis.lan".parse().unwrap();
        assert!(!format!("{url:?}").contains("opensesame"));
    }
}

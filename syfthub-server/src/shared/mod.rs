//! What the instances of one hub share besides their database: rate windows, and the news that something cached is old.
//!
//! One instance keeps both in its own memory. Several need `REDIS_URL`; a second one without it is refused at its start
//! (`instances`). Sessions need neither: every request looks its session up in the database, so a revocation holds
//! everywhere from the next request on.
//!
//! When Redis is away, each use goes on in a way that is stated where it is made, and counted in the metrics:
//! - `limits`: each instance counts by itself, so that a limit holds per instance until Redis is back;
//! - `news`: other instances hear of a change once Redis is back; until then their pages are as old as the registry's
//!   `SYFTHUB_PUBLIC_LIST_MAX_AGE` lets them be.
//!
//! Reading order: `rate` (one window as arithmetic), `memory` and `redis` (where windows are kept), `limits` (which
//! there are), `news`, `instances`.

mod instances;
mod limits;
mod memory;
mod news;
mod rate;
mod redis;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(crate) use instances::Instances;
pub(crate) use limits::{Limiter, Rule, TooMany};
pub(crate) use memory::Windows;
pub(crate) use news::{News, Topic};
pub(crate) use rate::Usage;
pub use rate::{Limit, Rate};
pub use redis::RedisUrl;

use crate::config::SharedSettings;
use crate::db::Company;
use crate::running::StartError;
use redis::Redis;

/// What this instance shares with others.
pub(crate) struct Shared {
    redis: Option<Redis>,
    news: News,
}

impl Shared {
    /// Connects to Redis, if one is set.
    ///
    /// # Errors
    /// When Redis does not answer. Later it may go away and come back.
    pub(crate) async fn open(settings: &SharedSettings) -> Result<Self, StartError> {
        let Some(url) = &settings.redis_url else {
            return Ok(Self::alone());
        };
        let redis = Redis::connect(url, &settings.redis_prefix, settings.redis_timeout).await?;
        let news = News::through(redis.clone());
        Ok(Self { redis: Some(redis), news })
    }

    /// Shares with nobody.
    pub(crate) fn alone() -> Self {
        Self { redis: None, news: News::default() }
    }

    /// Whether others can share with this instance.
    pub(crate) fn is_shared(&self) -> bool {
        self.redis.is_some()
    }

    /// With whom this instance uses its database: without Redis, with nobody.
    pub(crate) fn company(&self) -> Company {
        if self.is_shared() { Company::Together } else { Company::Alone }
    }

    /// What instances tell one another.
    pub(crate) fn news(&self) -> &News {
        &self.news
    }
}

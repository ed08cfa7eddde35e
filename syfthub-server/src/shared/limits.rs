//! The limits there are, and the one thing that holds them: `hub.limits`.
//!
//! A handler asks before it does what a rule is about: `hub.limits.check(Rule::Registration, client).await?`. To add a
//! rule: a setting in `config/limits.rs`, a variant here with its name, its rate and its sentence, and the call in the
//! handler. Keys are whatever is counted separately: a client's network, a user's number, an e-mail address.
//!
//! With Redis all instances count together. While it is away each counts by itself: a limit then holds per instance, and
//! nobody is locked out because a store is down.

use std::fmt::{Display, Write as _};
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use sha2::{Digest as _, Sha256};
use syfthub_core::{Clock, Timestamp};

use super::Shared;
use super::memory::Windows;
use super::rate::{Limit, Rate, Usage, Verdict};
use super::redis::Redis;
use crate::config::LimitSettings;
use crate::http::{ApiError, Policy};

/// What is counted, each by its own rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Failed logins as one user from one address.
    Login,
    /// Failed logins from one address.
    LoginAddress,
    /// Registrations from one address.
    Registration,
    /// Refreshed sessions from one address.
    Refresh,
    /// Satellite tokens for one user.
    Token,
    /// Guest tokens for one address.
    GuestToken,
    /// Codes mailed to one e-mail address.
    Mail,
    /// Codes mailed, and tried, on behalf of one address.
    MailAddress,
    /// Error reports from one address.
    Report,
    /// Invocations by one user.
    Invocation,
    /// Invocations from one address.
    InvocationAddress,
    /// Searches from one address.
    Search,
    /// Wrong passwords of one account of the ledger from one address.
    LedgerPassword,
    /// Wrong passwords of the ledger from one address.
    LedgerAddress,
    /// Accounts of the ledger opened from one address.
    LedgerAccount,
    /// Requests through one tunnel.
    Tunnel,
    /// Tunnels opened for one owner.
    TunnelOpen,
}

impl Rule {
    /// Every rule.
    const ALL: [Self; 17] = [
        Self::Login,
        Self::LoginAddress,
        Self::Registration,
        Self::Refresh,
        Self::Token,
        Self::GuestToken,
        Self::Mail,
        Self::MailAddress,
        Self::Report,
        Self::Invocation,
        Self::InvocationAddress,
        Self::Search,
        Self::LedgerPassword,
        Self::LedgerAddress,
        Self::LedgerAccount,
        Self::Tunnel,
        Self::TunnelOpen,
    ];

    /// The rule's name in metrics, keys and the `RateLimit` headers.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::LoginAddress => "login-address",
            Self::Registration => "registration",
            Self::Refresh => "refresh",
            Self::Token => "token",
            Self::GuestToken => "guest-token",
            Self::Mail => "mail",
            Self::MailAddress => "mail-address",
            Self::Report => "report",
            Self::Invocation => "invocation",
            Self::InvocationAddress => "invocation-address",
            Self::Search => "search",
            Self::LedgerPassword => "ledger-password",
            Self::LedgerAddress => "ledger-address",
            Self::LedgerAccount => "ledger-account",
            Self::Tunnel => "tunnel",
            Self::TunnelOpen => "tunnel-open",
        }
    }

    /// What there was too much of, for the sentence that clients show.
    const fn what(self) -> &'static str {
        match self {
            Self::Login | Self::LoginAddress => "failed logins",
            Self::Registration => "registrations",
            Self::Refresh => "refreshed sessions",
            Self::Token | Self::GuestToken => "tokens",
            Self::Mail | Self::MailAddress => "codes",
            Self::Report => "error reports",
            Self::Invocation | Self::InvocationAddress => "invocations",
            Self::Search => "searches",
            Self::LedgerPassword | Self::LedgerAddress => "wrong passwords",
            Self::LedgerAccount => "accounts",
            Self::Tunnel => "requests through this tunnel",
            Self::TunnelOpen => "tunnels",
        }
    }

    const fn limit(self, settings: &LimitSettings) -> Limit {
        match self {
            Self::Login => settings.limit_login,
            Self::LoginAddress => settings.limit_login_address,
            Self::Registration => settings.limit_registration,
            Self::Refresh => settings.limit_refresh,
            Self::Token => settings.limit_token,
            Self::GuestToken => settings.limit_guest_token,
            Self::Mail => settings.limit_mail,
            Self::MailAddress => settings.limit_mail_address,
            Self::Report => settings.limit_report,
            Self::Invocation => settings.limit_invocation,
            Self::InvocationAddress => settings.limit_invocation_address,
            Self::Search => settings.limit_search,
            Self::LedgerPassword => settings.limit_ledger_password,
            Self::LedgerAddress => settings.limit_ledger_address,
            Self::LedgerAccount => settings.limit_ledger_account,
            Self::Tunnel => settings.limit_tunnel,
            Self::TunnelOpen => settings.limit_tunnel_open,
        }
    }
}

/// Somebody asked too often. On the wire: 429, shape E1, `Retry-After` and the `RateLimit` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many {}; try again in {} s", rule.what(), whole_seconds(*retry_after))]
pub(crate) struct TooMany {
    rule: Rule,
    rate: Rate,
    retry_after: Duration,
}

impl From<TooMany> for ApiError {
    fn from(refused: TooMany) -> Self {
        let seconds = whole_seconds(refused.retry_after);
        let detail = format!("Too many {}, try again in {seconds} s", refused.rule.what());
        let policy = Policy {
            name: refused.rule.name(),
            quota: refused.rate.count(),
            window: refused.rate.window(),
        };
        Self::later(StatusCode::TOO_MANY_REQUESTS, detail, refused.retry_after).under(policy)
    }
}

fn whole_seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

/// Counts, and refuses.
pub(crate) struct Limiter {
    settings: LimitSettings,
    clock: Arc<dyn Clock>,
    redis: Option<Redis>,
    /// Where windows are without Redis, and while it is away.
    local: Windows,
}

impl Limiter {
    /// Counts together with whoever shares `shared`.
    pub(crate) fn new(settings: &LimitSettings, shared: &Shared, clock: Arc<dyn Clock>) -> Self {
        metrics::counter!("rate_limit_fallbacks_total").increment(0);
        for rule in Rule::ALL {
            metrics::counter!("rate_limited_total", "rule" => rule.name()).increment(0);
        }
        Self {
            settings: settings.clone(),
            clock,
            redis: shared.redis.clone(),
            local: Windows::new(settings.limit_keys),
        }
    }

    /// Counts one use of `rule` by `key`.
    ///
    /// # Errors
    /// When there were too many; the refused one does not count.
    pub(crate) async fn check(&self, rule: Rule, key: impl Display) -> Result<(), TooMany> {
        self.apply(rule, key, Usage::Take).await
    }

    /// Counts nothing.
    ///
    /// # Errors
    /// When [`Limiter::check`] would refuse.
    pub(crate) async fn peek(&self, rule: Rule, key: impl Display) -> Result<(), TooMany> {
        self.apply(rule, key, Usage::Look).await
    }

    /// Counts what has happened already, such as a failure.
    pub(crate) async fn note(&self, rule: Rule, key: impl Display) {
        // It has happened: there is nobody to refuse.
        self.apply(rule, key, Usage::Note).await.ok();
    }

    async fn apply(&self, rule: Rule, key: impl Display, usage: Usage) -> Result<(), TooMany> {
        let Limit::AtMost(rate) = rule.limit(&self.settings) else { return Ok(()) };
        let name = window_name(rule, key);
        let now = self.clock.now();
        let Verdict { allowed, end } = self.judge(rate, &name, now, usage).await;
        if allowed {
            return Ok(());
        }
        if usage != Usage::Note {
            metrics::counter!("rate_limited_total", "rule" => rule.name()).increment(1);
        }
        Err(TooMany { rule, rate, retry_after: rate.wait(end, now) })
    }

    async fn judge(&self, rate: Rate, name: &str, now: Timestamp, usage: Usage) -> Verdict {
        if let Some(redis) = &self.redis {
            if let Some(verdict) = redis.window(rate, name, now, usage).await {
                return verdict;
            }
            metrics::counter!("rate_limit_fallbacks_total").increment(1);
        }
        self.local.apply(rate, name, now, usage)
    }
}

/// The rule and a hash of the key: short whatever a stranger sends, and no e-mail address in Redis.
fn window_name(rule: Rule, key: impl Display) -> String {
    let digest = Sha256::digest(key.to_string());
    let mut name = String::with_capacity(rule.name().len() + 33);
    name.push_str(rule.name());
    name.push(':');
    for byte in &digest[..16] {
        write!(name, "{byte:02x}").expect("a text takes everything");
    }
    name
}

//! Satellite tokens: what a space accepts as proof of who calls (contract hub 3.5, 4.3, 4.4).

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use syfthub_core::token::jwks::JwkSet;
use syfthub_core::wire::token::{Audiences, PeerRequest, PeerToken, SatelliteToken, Verification};
use syfthub_core::{OwnerName, Secret};
use tokio::time::Instant;

use crate::client::Client;
use crate::error::Error;
use crate::transport::{Call, Caller};

/// A token is not handed out during the last part of its life: a question takes it to the sources first and to the model
/// when they have answered.
pub(crate) const RESERVE: Duration = Duration::from_secs(30);

/// The operations on satellite tokens; from [`Client::tokens`].
#[derive(Debug, Clone, Copy)]
pub struct Satellites<'a> {
    pub(crate) client: &'a Client,
}

impl Satellites<'_> {
    /// A token that proves the signed-in user to the services of `audience`. A token that lives long enough is reused.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`](crate::ErrorKind::NotSignedIn) when nobody is;
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when nobody active is called so.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let token = hub.tokens().satellite(&"ada".parse()?).await?;
    /// let header = format!("Bearer {}", token.expose());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn satellite(&self, audience: &OwnerName) -> Result<Secret, Error> {
        Ok(Secret::new(self.satellite_token(audience).await?.target_token))
    }

    /// The same with the seconds that it still counts, for who keeps it.
    ///
    /// # Errors
    /// As [`Satellites::satellite`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let minted = hub.tokens().satellite_token(&"ada".parse()?).await?;
    /// println!("ask for another one in {} s", minted.expires_in);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn satellite_token(&self, audience: &OwnerName) -> Result<SatelliteToken, Error> {
        let call = Call::get(self.client.api(&["token"]), Caller::User);
        let (token, until) = self.cached(audience, call, RESERVE).await?;
        let left = until.saturating_duration_since(Instant::now()).as_secs();
        Ok(SatelliteToken {
            target_token: token.expose().to_owned(),
            expires_in: i64::try_from(left).unwrap_or(i64::MAX),
        })
    }

    /// The caller's own token for the services of `audience`, a guest's when nobody is signed in, that still lives for at
    /// least `reserve`.
    pub(crate) async fn of_caller(
        &self,
        audience: &OwnerName,
        reserve: Duration,
    ) -> Result<Secret, Error> {
        let call = if self.client.is_signed_in() {
            Call::get(self.client.api(&["token"]), Caller::User)
        } else {
            Call::get(self.client.api(&["token", "guest"]), Caller::Anybody)
        };
        Ok(self.cached(audience, call, reserve).await?.0)
    }

    /// A token that lives for at least `reserve`, or the one that `call` makes, and until when. Signing in and out empties the cache, so
    /// that it holds tokens of one user and of guests.
    async fn cached(
        &self,
        audience: &OwnerName,
        call: Call,
        reserve: Duration,
    ) -> Result<(Secret, Instant), Error> {
        let cache = self.client.satellite_cache();
        if let Some(token) = cache.find(call.caller, audience, reserve) {
            return Ok(token);
        }
        let (caller, asked_at) = (call.caller, Instant::now());
        let call = call.query("aud", audience.as_str());
        let minted: SatelliteToken = self.client.transport().json(call).await?;
        let life = Duration::from_secs(u64::try_from(minted.expires_in).unwrap_or(0));
        let token = Secret::new(minted.target_token);
        let until = asked_at + life;
        cache.insert((caller, audience.clone()), token.clone(), until);
        Ok((token, until))
    }

    /// A token with which somebody who is not signed in may call the services of `audience`, if they serve guests
    /// (contract hub 4.3).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when nobody active is called so;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the hub has no guests.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let token = hub.tokens().guest(&"ada".parse()?).await?;
    /// let header = format!("Bearer {}", token.expose());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn guest(&self, audience: &OwnerName) -> Result<Secret, Error> {
        Ok(Secret::new(self.guest_token(audience).await?.target_token))
    }

    /// The same with the seconds that it counts, for who keeps it.
    ///
    /// # Errors
    /// As [`Satellites::guest`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} s", hub.tokens().guest_token(&"ada".parse()?).await?.expires_in);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn guest_token(&self, audience: &OwnerName) -> Result<SatelliteToken, Error> {
        let call = Call::get(self.client.api(&["token", "guest"]), Caller::Anybody);
        self.client.transport().json(call.query("aud", audience.as_str())).await
    }

    /// Names that tokens can be asked for, in alphabetical order, those with `search` in them: the caller's own, those of
    /// their organizations, and of everybody with a public endpoint. Tokens for others are made as well.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`](crate::ErrorKind::NotSignedIn) when nobody is.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// for name in hub.tokens().audiences("", 0, 100).await?.allowed_audiences {
    ///     println!("{name}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn audiences(&self, search: &str, skip: u64, limit: u32) -> Result<Audiences, Error> {
        let call = Call::get(self.client.api(&["token", "audiences"]), Caller::User)
            .query("skip", &skip.to_string())
            .query("limit", &limit.to_string());
        let call = if search.is_empty() { call } else { call.query("search", search) };
        self.client.transport().json(call).await
    }

    /// A reply channel for sessions with endpoints of these owners, as the clients of message servers ask for one.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`](crate::ErrorKind::NotSignedIn) when nobody is.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", hub.tokens().peer(&["ada".parse()?]).await?.peer_channel);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn peer(&self, targets: &[OwnerName]) -> Result<PeerToken, Error> {
        let call = Call::post(self.client.api(&["peer-token"]), Caller::User);
        self.client.transport().json(call.json(&peers(targets))).await
    }

    /// A reply channel for a guest's sessions.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited) when this address asked for too many.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} s", hub.tokens().guest_peer(&["ada".parse()?]).await?.expires_in);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn guest_peer(&self, targets: &[OwnerName]) -> Result<PeerToken, Error> {
        let call = Call::post(self.client.api(&["nats", "guest-peer-token"]), Caller::Anybody);
        self.client.transport().json(call.json(&peers(targets))).await
    }

    /// The hub's public keys, to verify satellite tokens with
    /// [`token::satellite::verify`](syfthub_core::token::satellite::verify).
    ///
    /// # Errors
    /// When the hub cannot be asked, or has no keys.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// println!("{} keys", hub.tokens().jwks().await?.keys.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn jwks(&self) -> Result<JwkSet, Error> {
        let url = self.client.root(&[".well-known", "jwks.json"]);
        self.client.transport().json(Call::get(url, Caller::Anybody)).await
    }

    /// Asks the hub to judge a token that was made for the signed-in user's services, or for those of an organization whose
    /// admin or owner they are.
    ///
    /// # Errors
    /// When the hub cannot be asked. A token that does not count is an answer, not an error.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::wire::token::Verification;
    ///
    /// match hub.tokens().verify("eyJ...").await? {
    ///     Verification::Valid(subject) => println!("{} calls", subject.username),
    ///     Verification::Invalid(refused) => println!("{}", refused.message),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn verify(&self, token: &str) -> Result<Verification, Error> {
        let url = self.client.api(&["verify"]);
        let call = Call::post(url, Caller::User).json(&json!({ "token": token }));
        self.client.transport().json(call).await
    }
}

fn peers(targets: &[OwnerName]) -> PeerRequest {
    PeerRequest { target_usernames: targets.iter().map(ToString::to_string).collect() }
}

/// Tokens that may be handed out once more, by caller and audience, each with the end of its life.
#[derive(Default)]
pub(crate) struct SatelliteCache(Mutex<HashMap<(Caller, OwnerName), (Secret, Instant)>>);

impl SatelliteCache {
    fn find(
        &self,
        caller: Caller,
        audience: &OwnerName,
        reserve: Duration,
    ) -> Option<(Secret, Instant)> {
        let cached = self.0.lock().expect("no holder of the lock panics");
        let (token, until) = cached.get(&(caller, audience.clone()))?;
        (*until > Instant::now() + reserve).then(|| (token.clone(), *until))
    }

    fn insert(&self, key: (Caller, OwnerName), token: Secret, until: Instant) {
        let now = Instant::now();
        let mut cached = self.0.lock().expect("no holder of the lock panics");
        cached.retain(|_, (_, until)| *until > now);
        cached.insert(key, (token, until));
    }

    /// Forgets every token, because somebody else signs in.
    pub(crate) fn clear(&self) {
        self.0.lock().expect("no holder of the lock panics").clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_is_reused_until_its_time_and_not_after() {
        let cache = SatelliteCache::default();
        let ada = OwnerName::parse("ada").unwrap();
        cache.insert(
            (Caller::User, ada.clone()),
            Secret::new("t"),
            Instant::now() + Duration::from_secs(40),
        );
        let reserve = Duration::from_secs(30);
        tokio::time::advance(Duration::from_secs(9)).await;
        assert!(cache.find(Caller::User, &ada, reserve).is_some());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(cache.find(Caller::User, &ada, reserve).is_none());
        assert!(cache.find(Caller::User, &ada, Duration::from_secs(29)).is_some());
        assert!(cache.find(Caller::Anybody, &ada, Duration::ZERO).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_expired_does_not_stay_in_memory() {
        let cache = SatelliteCache::default();
        for name in ["ada", "bob", "cyd"] {
            let soon = Instant::now() + Duration::from_secs(1);
            cache.insert((Caller::User, OwnerName::parse(name).unwrap()), Secret::new(name), soon);
            tokio::time::advance(Duration::from_secs(2)).await;
        }
        assert_eq!(cache.0.lock().unwrap().len(), 1);
    }
}

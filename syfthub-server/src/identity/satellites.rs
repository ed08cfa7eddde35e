//! Satellite tokens: minting them for a service, and judging them for one (contract hub 4.3, 4.4).

use syfthub_core::UserId;
use syfthub_core::model::{OrganizationAction, authorize};
use syfthub_core::token::satellite::{self, SatelliteClaims, VerifyError};
use syfthub_core::wire::token::{
    Audiences, RefusedToken, SatelliteToken, Verification, VerifiedSubject,
};
use syfthub_core::wire::user::User;

use super::caller::{Caller, Signed};
use super::refusal::Refusal;
use super::store::{audiences, users};
use crate::db::{StoreError, Tx};
use crate::http::Page;
use crate::hub::Hub;
use crate::organizations;
use crate::shared::Rule;

/// The subject and role of a token for somebody without an account. Nobody can register the name.
const GUEST: &str = "guest";

/// A token with which the caller identifies themselves to the service of the user or organization called `audience`.
pub(crate) async fn mint(
    hub: &Hub,
    signed: Signed,
    audience: &str,
) -> Result<SatelliteToken, Refusal> {
    let audience = normalised(audience)?;
    let place = hub.identity.audiences.place(audience.clone());
    let (caller, is_active) =
        if let (Some(caller), Some(is_active)) = (signed.known(), place.value()) {
            (caller, Some(is_active))
        } else {
            let name = audience.clone();
            let read = hub.db.read(move |tx| {
                Box::pin(async move {
                    let caller = signed.caller(tx).await?;
                    Ok::<_, Refusal>((caller, users::audience_is_active(tx, &name).await?))
                })
            });
            let (caller, is_active) = read.await?;
            if let Some(is_active) = &is_active {
                place.keep(is_active);
            }
            (caller, is_active)
        };
    hub.limits.check(Rule::Token, caller.id()).await?;
    let audience = checked(audience, is_active)?;
    Ok(sign(hub, caller.id().to_string(), caller.user.role.to_string(), audience).await)
}

/// A token with which anybody presents themselves as a guest to the service of the user or organization called `audience`.
pub(crate) async fn mint_for_guest(hub: &Hub, audience: &str) -> Result<SatelliteToken, Refusal> {
    if !hub.identity.serves_guests {
        return Err(Refusal::NoGuests);
    }
    let audience = normalised(audience)?;
    let name = audience.clone();
    let read =
        hub.db.read(move |tx| Box::pin(async move { users::audience_is_active(tx, &name).await }));
    let audience = checked(audience, read.await.map_err(Refusal::Store)?)?;
    Ok(sign(hub, GUEST.to_owned(), GUEST.to_owned(), audience).await)
}

/// The subject and the role of a guest's token; nothing on a hub that has no guests.
pub(crate) fn guest(hub: &Hub) -> Option<(String, String)> {
    hub.identity.serves_guests.then(|| (GUEST.to_owned(), GUEST.to_owned()))
}

/// A page of names that the caller may ask tokens for, as far as the hub tells: the caller's own, those of their
/// organizations, and those of everybody with a public endpoint. Who publishes nothing is not shown to strangers.
pub(crate) async fn audiences(
    hub: &Hub,
    user: UserId,
    search: Option<String>,
    page: Page,
) -> Result<Audiences, Refusal> {
    let read = hub.db.read(move |tx| {
        Box::pin(async move { audiences::list(tx, user, search.as_deref(), page).await })
    });
    let allowed_audiences = read.await.map_err(Refusal::Store)?;
    Ok(Audiences { allowed_audiences, idp_configured: true })
}

fn normalised(audience: &str) -> Result<String, Refusal> {
    let name = audience.trim().to_lowercase();
    if name.is_empty() { Err(Refusal::MissingAudience) } else { Ok(name) }
}

/// The audience, if the account of that name is switched on, or the organization there.
fn checked(name: String, is_active: Option<bool>) -> Result<String, Refusal> {
    match is_active {
        Some(true) => Ok(name),
        Some(false) => Err(Refusal::AudienceInactive(name)),
        None => Err(Refusal::AudienceNotFound(name.chars().take(64).collect())),
    }
}

/// A token in which the hub vouches for `sub` to the service of `aud`, whom the caller has found to be one.
pub(crate) async fn sign(hub: &Hub, sub: String, role: String, aud: String) -> SatelliteToken {
    let identity = &hub.identity;
    let now = hub.clock.now();
    let life = identity.satellite_life;
    let key = identity.keys.current().signing(now).clone();
    let iss = identity.issuer.clone();
    let claims =
        SatelliteClaims { sub, iss, aud, exp: now.after(life).secs(), iat: now.secs(), role };
    let expires_in = i64::try_from(life.as_secs()).unwrap_or(i64::MAX);
    SatelliteToken { target_token: identity.signer.sign(claims, key).await, expires_in }
}

/// Judges a token on behalf of the service that received it. The caller must be its audience, or represent the
/// organization that is: a space of an organization signs in as one of its admins.
pub(crate) async fn judge(
    hub: &Hub,
    signed: Signed,
    token: String,
) -> Result<Verification, Refusal> {
    let (keys, issuer) = (hub.identity.keys.current(), hub.identity.issuer.clone());
    let now = hub.clock.now();
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let caller = signed.caller(tx).await?;
            let judged_for =
                |service: &str| satellite::verify(&token, &keys.published, service, &issuer, now);
            let mut judged = judged_for(&caller.user.username);
            if let Err(VerifyError::WrongAudience { found, .. }) = &judged
                && represents(tx, &caller, found).await?
            {
                judged = judged_for(found);
            }
            let claims = match judged {
                Ok(claims) if claims.iat <= now.secs() => claims,
                Ok(_) => {
                    return Ok(refused_token("verification_error", "the token is from the future"));
                }
                Err(error) => return Ok(refused_token(error.code(), &error.to_string())),
            };
            Ok(identified(tx, claims).await?)
        })
    });
    read.await
}

/// Whether the caller may answer to `audience`, because it is an organization for which they speak.
async fn represents(tx: &mut Tx, caller: &Caller, audience: &str) -> Result<bool, StoreError> {
    let Some(found) = organizations::find_named(tx, audience, caller.id()).await? else {
        return Ok(false);
    };
    let access = authorize(caller.principal(), OrganizationAction::Represent, found.facts());
    Ok(access.is_granted())
}

/// Who the token is about, from the hub's own records.
async fn identified(tx: &mut Tx, claims: SatelliteClaims) -> Result<Verification, StoreError> {
    if claims.sub == GUEST {
        return Ok(accepted(claims, "guest@syfthub.org".to_owned(), GUEST.to_owned(), GUEST));
    }
    let Ok(id) = claims.sub.parse().map(UserId) else {
        return Ok(refused_token("invalid_user_id", "the token's subject is not a user's number"));
    };
    Ok(match users::find(tx, id).await? {
        None => refused_token("user_not_found", "the user no longer exists"),
        Some(user) if !user.is_active => {
            refused_token("user_inactive", "the user's account is inactive")
        }
        Some(User { email, username, role, .. }) => {
            accepted(claims, email, username, role.as_str())
        }
    })
}

fn accepted(claims: SatelliteClaims, email: String, username: String, role: &str) -> Verification {
    let SatelliteClaims { sub, aud, exp, iat, role: claimed, .. } = claims;
    let role = if claimed.is_empty() { role.to_owned() } else { claimed };
    Verification::Valid(VerifiedSubject { valid: true, sub, email, username, role, aud, exp, iat })
}

fn refused_token(error: &str, message: &str) -> Verification {
    Verification::Invalid(RefusedToken {
        valid: false,
        error: error.to_owned(),
        message: message.to_owned(),
    })
}

//! How much somebody may charge somebody else (contract accounting 4.7).

use std::time::Duration;

use super::{AccountId, GrantId};
use crate::clock::Timestamp;
use crate::money::Money;

/// How a grant came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// By asking for a delegation token, with the cap and the life that the ledger gives to all of these. One is shared by
    /// several tokens.
    Token,
    /// By its sender's choice of cap and life.
    Chosen,
}

impl Origin {
    /// Its name in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Chosen => "chosen",
        }
    }

    /// The origin of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Token, Self::Chosen].into_iter().find(|origin| origin.as_str() == text)
    }
}

/// Leave to create transactions that its sender pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id, the `jti` of its tokens.
    pub id: GrantId,
    /// Who pays.
    pub sender: AccountId,
    /// Who may charge.
    pub recipient: AccountId,
    /// How much altogether.
    pub cap: Money,
    /// How much of it is spent or set aside.
    pub spent: Money,
    /// How it came to be.
    pub origin: Origin,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
    /// When its sender took it back.
    pub revoked_at: Option<Timestamp>,
}

/// Why a grant does not cover a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantRefused {
    /// Its sender took it back.
    #[error("the grant was revoked")]
    Revoked,
    /// Its time is over.
    #[error("the grant has expired")]
    Expired,
    /// It is used up; so much is left.
    #[error("the grant's cap allows {0} more")]
    Cap(Money),
}

impl Grant {
    /// What may still be charged.
    pub fn left(&self) -> Money {
        self.cap.minus(self.spent).unwrap_or(Money::ZERO)
    }

    /// Judges a charge of `amount` at `now`.
    ///
    /// # Errors
    /// When the grant does not cover it.
    pub fn allow(&self, amount: Money, now: Timestamp) -> Result<(), GrantRefused> {
        if self.revoked_at.is_some() {
            Err(GrantRefused::Revoked)
        } else if self.expires_at <= now {
            Err(GrantRefused::Expired)
        } else if self.left() < amount {
            Err(GrantRefused::Cap(self.left()))
        } else {
            Ok(())
        }
    }

    /// Whether another token may be made of it at `now` instead of a new grant: it was made for tokens of the same `cap`,
    /// and half of `life` and of the cap are left.
    pub fn serves(&self, cap: Money, life: Duration, now: Timestamp) -> bool {
        self.origin == Origin::Token
            && self.revoked_at.is_none()
            && self.cap == cap
            && self.expires_at >= now.after(life / 2)
            && self.left().micros() >= cap.micros() / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant {
            id: GrantId::new("g"),
            sender: AccountId::new("ada"),
            recipient: AccountId::new("bob"),
            cap: Money::from_micros(100),
            spent: Money::from_micros(40),
            origin: Origin::Token,
            created_at: Timestamp::from_secs(0),
            expires_at: Timestamp::from_secs(100),
            revoked_at: None,
        }
    }

    #[test]
    fn a_grant_covers_what_is_left_of_its_cap_until_its_second() {
        let (all, more) = (Money::from_micros(60), Money::from_micros(61));
        let now = Timestamp::from_secs(99);
        assert_eq!(grant().allow(all, now), Ok(()));
        assert_eq!(grant().allow(more, now), Err(GrantRefused::Cap(all)));
        assert_eq!(grant().allow(all, Timestamp::from_secs(100)), Err(GrantRefused::Expired));
        let revoked = Grant { revoked_at: Some(now), ..grant() };
        assert_eq!(revoked.allow(all, now), Err(GrantRefused::Revoked));
    }

    #[test]
    fn another_token_is_made_of_a_grant_that_is_fresh() {
        let (cap, life) = (Money::from_micros(100), Duration::from_secs(100));
        let (early, late) = (Timestamp::from_secs(50), Timestamp::from_secs(51));
        assert!(grant().serves(cap, life, early));
        assert!(!grant().serves(cap, life, late));
        assert!(!grant().serves(Money::from_micros(99), life, early));
        let used = Grant { spent: Money::from_micros(51), ..grant() };
        let chosen = Grant { origin: Origin::Chosen, ..grant() };
        let revoked = Grant { revoked_at: Some(early), ..grant() };
        for other in [used, chosen, revoked] {
            assert!(!other.serves(cap, life, early), "{other:?}");
        }
    }
}

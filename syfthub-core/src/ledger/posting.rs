//! What moves: postings in two buckets of each account, in sets that sum to zero.

use super::AccountId;
use crate::money::Money;

/// The two parts of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// What its holder can spend: the balance of the wire.
    Available,
    /// What is reserved for transactions that are pending.
    Held,
}

impl Bucket {
    /// Its name in the store and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Held => "held",
        }
    }

    /// The bucket of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Available, Self::Held].into_iter().find(|bucket| bucket.as_str() == text)
    }
}

/// Why money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It comes in from outside.
    Deposit,
    /// A transaction is created: the sender's money is set aside.
    Reserve,
    /// A transaction is confirmed: what was set aside becomes the recipient's.
    Settle,
    /// A transaction is cancelled or expires: what was set aside comes back.
    Release,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Deposit, Self::Reserve, Self::Settle, Self::Release];

    /// Its name in the store and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deposit => "deposit",
            Self::Reserve => "reserve",
            Self::Settle => "settle",
            Self::Release => "release",
        }
    }

    /// The kind of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A change of one bucket of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Whose.
    pub account: AccountId,
    /// Which part.
    pub bucket: Bucket,
    /// By how many millionths; below 0 when they leave.
    pub micros: i64,
}

/// What a movement does to one account, both buckets together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose.
    pub account: AccountId,
    /// By how many millionths what is available changes.
    pub available: i64,
    /// By how many millionths what is held changes.
    pub held: i64,
}

/// Two postings that belong together: what leaves one place arrives at the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    kind: Kind,
    postings: [Posting; 2],
}

impl Movement {
    /// Brings money in: the outside world, which is an account of the ledger's own, owes it.
    pub fn deposit(outside: &AccountId, to: &AccountId, amount: Money) -> Self {
        Self::between(Kind::Deposit, (outside, Bucket::Available), (to, Bucket::Available), amount)
    }

    /// Sets money of the sender aside.
    pub fn reserve(sender: &AccountId, amount: Money) -> Self {
        Self::between(Kind::Reserve, (sender, Bucket::Available), (sender, Bucket::Held), amount)
    }

    /// Gives what was set aside to the recipient.
    pub fn settle(sender: &AccountId, recipient: &AccountId, amount: Money) -> Self {
        Self::between(Kind::Settle, (sender, Bucket::Held), (recipient, Bucket::Available), amount)
    }

    /// Gives what was set aside back to the sender.
    pub fn release(sender: &AccountId, amount: Money) -> Self {
        Self::between(Kind::Release, (sender, Bucket::Held), (sender, Bucket::Available), amount)
    }

    fn between(
        kind: Kind,
        from: (&AccountId, Bucket),
        to: (&AccountId, Bucket),
        amount: Money,
    ) -> Self {
        let posting = |(account, bucket): (&AccountId, Bucket), micros| Posting {
            account: account.clone(),
            bucket,
            micros,
        };
        let micros = amount.micros();
        Self { kind, postings: [posting(from, -micros), posting(to, micros)] }
    }

    /// Why money moves.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// From where it leaves, and where it arrives.
    pub const fn postings(&self) -> &[Posting; 2] {
        &self.postings
    }

    /// The changes, one for each account, in the order of their ids: whoever locks accounts in this order never waits for
    /// somebody who waits for them.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::with_capacity(self.postings.len());
        for posting in &self.postings {
            let known = changes.iter().position(|change| change.account == posting.account);
            let place = known.unwrap_or_else(|| {
                let account = posting.account.clone();
                changes.push(Change { account, available: 0, held: 0 });
                changes.len() - 1
            });
            match posting.bucket {
                Bucket::Available => changes[place].available += posting.micros,
                Bucket::Held => changes[place].held += posting.micros,
            }
        }
        changes.sort_by(|one, other| one.account.cmp(&other.account));
        changes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_movement() -> impl Strategy<Value = Movement> {
        (0..4_usize, "[a-d]", "[e-h]", 1..1_000_000_000_000_i64).prop_map(|(kind, one, two, n)| {
            let (one, two) = (AccountId::new(one), AccountId::new(two));
            let amount = Money::from_micros(n);
            match kind {
                0 => Movement::deposit(&one, &two, amount),
                1 => Movement::reserve(&two, amount),
                2 => Movement::settle(&two, &one, amount),
                _ => Movement::release(&one, amount),
            }
        })
    }

    proptest! {
        #[test]
        fn every_movement_sums_to_zero_and_names_accounts_in_order(movement in any_movement()) {
            prop_assert_eq!(movement.postings().iter().map(|posting| posting.micros).sum::<i64>(), 0);
            let changes = movement.changes();
            prop_assert_eq!(changes.iter().map(|change| change.available + change.held).sum::<i64>(), 0);
            prop_assert!(changes.windows(2).all(|pair| pair[0].account < pair[1].account));
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Bucket::parse("held"), Some(Bucket::Held));
        assert_eq!((Bucket::parse("lent"), Kind::parse("lend")), (None, None));
    }
}

//! A transfer between two accounts, from its creation to its one end.

use super::posting::Movement;
use super::{AccountId, GrantId, TransactionId};
use crate::clock::Timestamp;
use crate::money::Money;

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The money is set aside.
    Pending,
    /// The money has moved.
    Completed,
    /// The money has come back.
    Cancelled,
}

impl Status {
    const ALL: [Self; 3] = [Self::Pending, Self::Completed, Self::Cancelled];

    /// Its name in the store and in dialect B; dialect A has it in upper case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Who created or ended a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Who pays.
    Sender,
    /// Who is paid.
    Recipient,
    /// The ledger itself.
    System,
}

impl Side {
    const ALL: [Self; 3] = [Self::Sender, Self::Recipient, Self::System];

    /// Its name in the store and in dialect B; dialect A has it in upper case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::System => "system",
        }
    }

    /// The side of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.as_str() == text)
    }
}

/// What is asked for a pending transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The money moves.
    Confirm,
    /// The money comes back.
    Cancel,
}

/// A transfer between two accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Its id.
    pub id: TransactionId,
    /// Who pays.
    pub sender: AccountId,
    /// Who is paid.
    pub recipient: AccountId,
    /// How much, above nothing.
    pub amount: Money,
    /// Where it stands.
    pub status: Status,
    /// Who created it: the recipient when it was charged under a grant.
    pub created_by: Side,
    /// Who ended it; nobody while it is pending.
    pub resolved_by: Option<Side>,
    /// The grant that it was charged under.
    pub grant: Option<GrantId>,
    /// The program it was made for.
    pub app_name: Option<String>,
    /// The endpoint it was made for.
    pub app_ep_path: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// From when on it counts as cancelled unless it was confirmed.
    pub expires_at: Timestamp,
    /// When it ended.
    pub resolved_at: Option<Timestamp>,
}

/// Why a transaction cannot be confirmed or cancelled any more (contract accounting 4.5: 422).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPending {
    /// It has ended.
    #[error("the transaction is {} already", .0.as_str())]
    Ended(Status),
    /// Its time is over, and its money is about to come back.
    #[error("the transaction has expired")]
    Expired,
    /// The ledger itself ends nothing before its time.
    #[error("the transaction has not expired")]
    NotExpired,
}

/// How a transaction ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// What it becomes.
    pub status: Status,
    /// Whose doing it is.
    pub by: Side,
    /// The money that moves.
    pub movement: Movement,
}

impl Transaction {
    /// The side that `account` is on, if it is a party.
    pub fn side_of(&self, account: &AccountId) -> Option<Side> {
        if *account == self.sender {
            Some(Side::Sender)
        } else if *account == self.recipient {
            Some(Side::Recipient)
        } else {
            None
        }
    }

    /// What `verdict` of `by` comes to at `now`: either party may confirm or cancel until the transaction expires; from
    /// then on the ledger itself cancels it.
    ///
    /// # Errors
    /// When it is not pending any more.
    pub fn resolve(
        &self,
        by: Side,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Resolution, NotPending> {
        if self.status != Status::Pending {
            return Err(NotPending::Ended(self.status));
        }
        let is_over = self.expires_at <= now;
        match (by, verdict) {
            (Side::System, Verdict::Confirm) => Err(NotPending::Expired),
            (Side::System, Verdict::Cancel) if !is_over => Err(NotPending::NotExpired),
            (Side::Sender | Side::Recipient, _) if is_over => Err(NotPending::Expired),
            (_, Verdict::Confirm) => Ok(Resolution {
                status: Status::Completed,
                by,
                movement: Movement::settle(&self.sender, &self.recipient, self.amount),
            }),
            (_, Verdict::Cancel) => Ok(Resolution {
                status: Status::Cancelled,
                by,
                movement: Movement::release(&self.sender, self.amount),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending() -> Transaction {
        Transaction {
            id: TransactionId::new("t"),
            sender: AccountId::new("ada"),
            recipient: AccountId::new("bob"),
            amount: Money::from_micros(5),
            status: Status::Pending,
            created_by: Side::Sender,
            resolved_by: None,
            grant: None,
            app_name: None,
            app_ep_path: None,
            created_at: Timestamp::from_secs(10),
            expires_at: Timestamp::from_secs(20),
            resolved_at: None,
        }
    }

    const EARLY: Timestamp = Timestamp::from_secs(19);
    const LATE: Timestamp = Timestamp::from_secs(20);

    #[test]
    fn either_party_confirms_or_cancels_until_the_second_of_expiry() {
        let transaction = pending();
        for side in [Side::Sender, Side::Recipient] {
            let confirmed = transaction.resolve(side, Verdict::Confirm, EARLY).unwrap();
            assert_eq!((confirmed.status, confirmed.by), (Status::Completed, side));
            let cancelled = transaction.resolve(side, Verdict::Cancel, EARLY).unwrap();
            assert_eq!(
                cancelled.movement,
                Movement::release(&transaction.sender, transaction.amount)
            );
            for verdict in [Verdict::Confirm, Verdict::Cancel] {
                assert_eq!(transaction.resolve(side, verdict, LATE), Err(NotPending::Expired));
            }
        }
    }

    #[test]
    fn the_ledger_itself_only_cancels_what_has_expired() {
        let transaction = pending();
        let resolve = |verdict, now| transaction.resolve(Side::System, verdict, now);
        assert_eq!(resolve(Verdict::Cancel, EARLY), Err(NotPending::NotExpired));
        assert_eq!(resolve(Verdict::Cancel, LATE).unwrap().status, Status::Cancelled);
        assert!(resolve(Verdict::Confirm, LATE).is_err());
    }

    #[test]
    fn what_has_ended_stays_as_it_is() {
        for status in [Status::Completed, Status::Cancelled] {
            let transaction = Transaction { status, ..pending() };
            for side in Side::ALL {
                for verdict in [Verdict::Confirm, Verdict::Cancel] {
                    let refused = transaction.resolve(side, verdict, EARLY);
                    assert_eq!(refused, Err(NotPending::Ended(status)));
                }
            }
        }
    }

    #[test]
    fn a_stranger_is_on_no_side() {
        assert_eq!(pending().side_of(&AccountId::new("bob")), Some(Side::Recipient));
        assert_eq!(pending().side_of(&AccountId::new("eve")), None);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        for side in Side::ALL {
            assert_eq!(Side::parse(side.as_str()), Some(side));
        }
    }
}

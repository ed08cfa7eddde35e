//! What becomes of transactions, for `/metrics`.

use metrics::{Counter, Gauge};

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was created.
    Created,
    /// It was confirmed.
    Completed,
    /// A party cancelled it.
    Cancelled,
    /// Nobody confirmed it in time.
    Expired,
    /// An idempotency key told that it had been done before.
    Replayed,
    /// It was refused.
    Refused,
}

impl Outcome {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Created, "created"),
        (Self::Completed, "completed"),
        (Self::Cancelled, "cancelled"),
        (Self::Expired, "expired"),
        (Self::Replayed, "replayed"),
        (Self::Refused, "refused"),
    ];
}

/// The series. Their handles are kept, since making one anew costs more than counting.
pub(super) struct Outcomes {
    transactions: [Counter; Outcome::ALL.len()],
    pending: Gauge,
    held: Gauge,
}

impl Outcomes {
    pub(super) fn new() -> Self {
        let counter = |(_, name)| metrics::counter!("ledger_transactions_total", "outcome" => name);
        Self {
            transactions: Outcome::ALL.map(counter),
            pending: metrics::gauge!("ledger_pending_transactions"),
            held: metrics::gauge!("ledger_held_units"),
        }
    }

    pub(super) fn count(&self, outcome: Outcome) {
        let place = Outcome::ALL.iter().position(|(known, _)| *known == outcome);
        self.transactions[place.expect("every outcome is in the list")].increment(1);
    }

    /// What is pending: so many transactions, which hold so many units.
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a floating point number")]
    pub(super) fn pending(&self, transactions: i64, units: f64) {
        self.pending.set(transactions as f64);
        self.held.set(units);
    }
}

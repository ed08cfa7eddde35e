//! What the hub's own ledger has beyond the documented accounting services: grants, deposits, entries and the trial
//! balance (contract accounting 4.7).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::accounting::{Payee, something};
use crate::clock::Timestamp;
use crate::email::Email;
use crate::ids::OwnerName;
use crate::input::{Fields, Input, Place};
use crate::invalid::Invalid;
use crate::money::{Money, Price};
use crate::secret::Secret;

/// Leave that one account gives another to charge it, up to a cap and until a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grant {
    /// The grant's id, which is also the `jti` of its token.
    pub id: String,
    /// Who pays.
    pub sender_email: String,
    /// Who may charge.
    pub recipient_email: String,
    /// The most that may be charged in all.
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    pub cap: Money,
    /// What has been charged, pending charges included.
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    pub spent: Money,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it stops counting.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// When it was taken back; null when it was not.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub revoked_at: Option<Timestamp>,
    /// Whether it counts: neither taken back nor expired.
    pub is_active: bool,
}

/// Answer of `POST /api/v1/accounting/grants`: the only time that the token is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewGrant {
    /// The delegation token. Whoever is the recipient and holds it may charge the sender.
    pub token: String,
    /// What is known of it from now on, in the same object.
    #[serde(flatten)]
    pub grant: Grant,
}

impl fmt::Debug for NewGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewGrant({:?})", self.grant)
    }
}

impl NewGrant {
    /// The token, wrapped so that it is not printed by accident.
    pub fn secret(&self) -> Secret {
        Secret::new(self.token.as_str())
    }
}

/// Body of `POST /api/v1/accounting/grants`; the recipient's field is also accepted in camel case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "FlatGrant")]
pub struct GrantDraft {
    /// Who may charge.
    #[serde(flatten)]
    pub recipient: Payee,
    /// The most that may be charged in all, above 0; what the hub is set to unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, exclusive_minimum = 0.0))]
    pub cap: Option<Money>,
    /// Seconds until it expires, at most a year; what the hub is set to unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 31_536_000))]
    pub expires_in: Option<i64>,
}

/// The same as it is written, so that a wrong field is told by its name.
#[derive(Deserialize)]
struct FlatGrant {
    recipient_email: Option<Email>,
    recipient_username: Option<OwnerName>,
    cap: Option<Price>,
    expires_in: Option<i64>,
}

impl TryFrom<FlatGrant> for GrantDraft {
    type Error = Invalid;

    fn try_from(flat: FlatGrant) -> Result<Self, Invalid> {
        let recipient = Payee::either(flat.recipient_email, flat.recipient_username)?;
        Ok(Self { recipient, cap: flat.cap.map(|Price(cap)| cap), expires_in: flat.expires_in })
    }
}

/// The longest life of a grant, in seconds.
const LONGEST_LIFE: i64 = 365 * 24 * 60 * 60;

impl GrantDraft {
    /// Leave for `recipient`, with the cap and the life that the hub is set to.
    pub const fn new(recipient: Payee) -> Self {
        Self { recipient, cap: None, expires_in: None }
    }

    /// How long it is to live, if that was said.
    pub fn life(&self) -> Option<Duration> {
        let seconds = self.expires_in.and_then(|seconds| u64::try_from(seconds).ok());
        seconds.map(Duration::from_secs)
    }
}

impl Input for GrantDraft {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let recipient = Payee::among(&mut fields);
        let given = |fields: &Fields<'_, '_, '_>, name: &str| {
            fields.raw(name).is_some_and(|value| !value.is_null())
        };
        let cap = given(&fields, "cap").then(|| something(&mut fields, "cap"));
        let expires_in = given(&fields, "expires_in")
            .then(|| fields.number("expires_in", 1, LONGEST_LIFE, LONGEST_LIFE));
        // What was given and refused makes the whole refused.
        let (cap, expires_in) = (transposed(cap)?, transposed(expires_in)?);
        Some(Self { recipient: recipient?, cap, expires_in })
    }
}

/// Nothing when it was not given, and a refusal when it was refused.
#[expect(clippy::option_option, reason = "not given, refused and read are three things")]
fn transposed<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(None) => None,
        Some(value) => Some(value),
    }
}

/// Body of `POST /api/v1/accounting/deposits`; the recipient's field is also accepted in camel case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "FlatDeposit")]
pub struct DepositDraft {
    /// Whose account the money comes to.
    #[serde(flatten)]
    pub recipient: Payee,
    /// How much, above 0, with at most six decimals.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, exclusive_minimum = 0.0))]
    pub amount: Money,
    /// What it is for, such as the number of an invoice; at most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The same as it is written, so that a wrong field is told by its name.
#[derive(Deserialize)]
struct FlatDeposit {
    recipient_email: Option<Email>,
    recipient_username: Option<OwnerName>,
    amount: Price,
    note: Option<String>,
}

impl TryFrom<FlatDeposit> for DepositDraft {
    type Error = Invalid;

    fn try_from(flat: FlatDeposit) -> Result<Self, Invalid> {
        let recipient = Payee::either(flat.recipient_email, flat.recipient_username)?;
        Ok(Self { recipient, amount: flat.amount.0, note: flat.note })
    }
}

impl DepositDraft {
    /// So much for `recipient`.
    pub const fn new(recipient: Payee, amount: Money) -> Self {
        Self { recipient, amount, note: None }
    }
}

impl Input for DepositDraft {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let recipient = Payee::among(&mut fields);
        let amount = something(&mut fields, "amount");
        let note = fields.optional_text("note", 255);
        Some(Self { recipient: recipient?, amount: amount?, note })
    }
}

/// One line of an account's journal. Lines are only ever added; the lines of one movement sum to zero over all accounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entry {
    /// The line's number in the ledger.
    pub id: i64,
    /// The transaction it belongs to; null when money came in.
    #[serde(default)]
    pub transaction_id: Option<String>,
    /// What moved it: `deposit`, `reserve`, `settle` or `release`.
    pub kind: String,
    /// Which part of the account: `available` or `held`.
    pub bucket: String,
    /// What came in; below zero what went out.
    pub amount: f64,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
}

/// Answer of `GET /api/v1/accounting/trial-balance`: whether the books are right. The lists of what is wrong are empty, or
/// something is broken; each has at most 100.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrialBalance {
    /// Whether all lines sum to zero, every balance is the sum of its lines, and what is there is what came in.
    pub is_balanced: bool,
    /// How many accounts there are.
    pub accounts: i64,
    /// What everybody together may spend.
    pub available: f64,
    /// What is set aside for pending transactions.
    pub held: f64,
    /// What ever came in.
    pub deposited: f64,
    /// How many transactions are pending.
    #[serde(default)]
    pub pending: i64,
    /// Accounts whose balance is not the sum of their lines.
    #[serde(default)]
    pub wrong_balances: Vec<String>,
    /// Accounts where another sum is set aside than their pending transactions need.
    #[serde(default)]
    pub wrong_holds: Vec<String>,
    /// Transactions and deposits whose lines do not sum to zero.
    #[serde(default)]
    pub wrong_movements: Vec<String>,
    /// Grants of which another sum is spent than was charged under them.
    #[serde(default)]
    pub wrong_grants: Vec<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::input::parse;

    #[test]
    fn a_grant_names_its_cap_and_its_life_or_leaves_them_to_the_hub() {
        let draft: GrantDraft = parse(&json!({"recipientEmail": "bob@acme.org"}), "body").unwrap();
        assert_eq!(draft, GrantDraft::new("bob@acme.org".parse().unwrap()));
        let body = json!({"recipient_username": "bob", "cap": 2.5, "expires_in": 60});
        let draft: GrantDraft = parse(&body, "body").unwrap();
        assert_eq!(draft.cap, Some("2.5".parse().unwrap()));
        assert_eq!(draft.life(), Some(Duration::from_mins(1)));
        assert_eq!(serde_json::to_value(&draft).unwrap(), body);
    }

    #[test]
    fn a_cap_or_a_life_that_is_none_is_refused_and_not_replaced() {
        for (field, value) in [
            ("cap", json!(0)),
            ("cap", json!(-1)),
            ("expires_in", json!(0)),
            ("expires_in", json!("x")),
        ] {
            let mut body = json!({"recipient_username": "bob"});
            body[field] = value;
            let issues = parse::<GrantDraft>(&body, "body").unwrap_err();
            assert_eq!(issues.len(), 1, "{body}");
        }
    }

    #[test]
    fn a_deposit_reads_as_it_is_written() {
        let mut draft = DepositDraft::new("bob".parse().unwrap(), "10".parse().unwrap());
        draft.note = Some("invoice 7".to_owned());
        let body = serde_json::to_value(&draft).unwrap();
        assert_eq!(body, json!({"recipient_username": "bob", "amount": 10.0, "note": "invoice 7"}));
        assert_eq!(parse::<DepositDraft>(&body, "body").unwrap(), draft);
        assert!(parse::<DepositDraft>(&json!({"recipient_username": "bob"}), "body").is_err());
    }

    #[test]
    fn a_token_is_not_printed_with_its_grant() {
        let grant = json!({
            "id": "g-1", "token": "a.b.c", "sender_email": "a@b.org", "recipient_email": "c@d.org", "cap": 100.0,
            "spent": 0.25, "created_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-02T00:00:00Z",
            "is_active": true,
        });
        let grant: NewGrant = serde_json::from_value(grant).unwrap();
        assert!(!format!("{grant:?}").contains("a.b.c"));
        assert_eq!((grant.secret().expose(), grant.grant.spent.micros()), ("a.b.c", 250_000));
    }
}

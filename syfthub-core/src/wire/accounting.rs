//! An accounting service as the hub passes it on (contract hub 3.6 and 8.2).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::email::Email;
use crate::ids::OwnerName;
use crate::input::{Fields, Input, Place};
use crate::invalid::Invalid;
use crate::money::Money;

/// Answer of `GET /api/v1/users/me/accounting`: what the caller's programs sign in with at the accounting service.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountingCredentials {
    /// The service's address; null when none is linked.
    pub url: Option<String>,
    /// The user's address, which is the user name there.
    pub email: String,
    /// The password there; null when none is known.
    pub password: Option<String>,
}

impl fmt::Debug for AccountingCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountingCredentials").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Answer of `GET /api/v1/accounting/user`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountingUser {
    /// The account's id at the service.
    pub id: String,
    /// The account's address.
    pub email: String,
    /// What is left to spend, in the service's unit.
    pub balance: f64,
    /// What is set aside for pending transactions, where the service tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<f64>,
    /// The organization that the account names.
    pub organization: Option<String>,
}

/// A transfer between two accounts. Services write its fields in camel case, the hub does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountingTransaction {
    /// The transaction's id at the service.
    pub id: String,
    /// Who pays.
    #[serde(alias = "senderEmail")]
    pub sender_email: String,
    /// Who is paid.
    #[serde(alias = "recipientEmail")]
    pub recipient_email: String,
    /// How much, in the service's unit.
    pub amount: f64,
    /// `pending`, `completed` or `cancelled`.
    pub status: String,
    /// `sender`, `recipient` or `system`.
    #[serde(alias = "createdBy")]
    pub created_by: String,
    /// Who confirmed or cancelled it.
    #[serde(alias = "resolvedBy")]
    pub resolved_by: Option<String>,
    /// When it was made, as the service writes it.
    #[serde(alias = "createdAt")]
    pub created_at: String,
    /// When it was confirmed or cancelled.
    #[serde(alias = "resolvedAt")]
    pub resolved_at: Option<String>,
    /// The program it was made for.
    #[serde(alias = "appName")]
    pub app_name: Option<String>,
    /// The endpoint it was made for.
    #[serde(alias = "appEpPath")]
    pub app_ep_path: Option<String>,
}

/// Whom to pay or to trust, by address or by name. One of the two is on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Payee {
    /// The address of the account.
    #[serde(rename = "recipient_email")]
    Email(Email),
    /// The name of the user or the organization at this hub.
    #[serde(rename = "recipient_username")]
    Owner(OwnerName),
}

impl Payee {
    /// The payee of whom one of the two was said.
    ///
    /// # Errors
    /// When neither was, or both.
    pub(crate) fn either(email: Option<Email>, owner: Option<OwnerName>) -> Result<Self, Invalid> {
        match (email, owner) {
            (Some(email), None) => Ok(Self::Email(email)),
            (None, Some(owner)) => Ok(Self::Owner(owner)),
            (None, None) => Err(Invalid::new("missing", "missing field `recipient_email`")),
            (Some(_), Some(_)) => Err(two_recipients()),
        }
    }

    /// The payee that a body names; the names of the fields are also accepted in camel case.
    pub(crate) fn among(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let owner = either(fields, "recipient_username", "recipientUsername");
        let email = either(fields, "recipient_email", "recipientEmail");
        let named = |name: &str| fields.raw(name).is_some_and(|value| !value.is_null());
        if named(owner) && !named(email) {
            return fields.required(owner).map(Self::Owner);
        }
        if named(owner) {
            return fields.refuse(owner, two_recipients());
        }
        fields.required(email).map(Self::Email)
    }
}

/// Reads an address when there is an `@`, else a name.
impl FromStr for Payee {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.contains('@') {
            Email::parse(text).map(Self::Email)
        } else {
            OwnerName::parse(text).map(Self::Owner)
        }
    }
}

impl fmt::Display for Payee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(email) => email.fmt(f),
            Self::Owner(name) => name.fmt(f),
        }
    }
}

fn two_recipients() -> Invalid {
    Invalid::value("name the recipient by address or by name, not by both")
}

/// The name by which a field is called: the one in camel case only when the other is not there.
fn either(fields: &Fields<'_, '_, '_>, snake: &'static str, camel: &'static str) -> &'static str {
    if fields.raw(snake).is_none() && fields.raw(camel).is_some() { camel } else { snake }
}

/// Body of `POST /api/v1/accounting/transactions`; the names are also accepted in camel case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewTransaction {
    /// Who is to be paid.
    #[serde(flatten)]
    pub recipient: Payee,
    /// How much, above 0, with at most six decimals.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, exclusive_minimum = 0.0))]
    pub amount: Money,
    /// The program it is made for, at most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_name: Option<String>,
    /// The endpoint it is made for, at most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_ep_path: Option<String>,
}

impl NewTransaction {
    /// A payment to `recipient`.
    pub const fn new(recipient: Payee, amount: Money) -> Self {
        Self { recipient, amount, app_name: None, app_ep_path: None }
    }
}

impl Input for NewTransaction {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let recipient = Payee::among(&mut fields);
        let amount = something(&mut fields, "amount");
        let name = either(&fields, "app_name", "appName");
        let app_name = fields.optional_text(name, 255);
        let name = either(&fields, "app_ep_path", "appEpPath");
        let app_ep_path = fields.optional_text(name, 255);
        Some(Self { recipient: recipient?, amount: amount?, app_name, app_ep_path })
    }
}

/// An amount that is more than nothing.
pub(crate) fn something(fields: &mut Fields<'_, '_, '_>, name: &str) -> Option<Money> {
    let amount: Money = fields.required(name)?;
    if amount.is_zero() {
        let refusal = Invalid::new("greater_than", "Input should be greater than 0");
        return fields.refuse(name, refusal);
    }
    Some(amount)
}

/// The most owners that one request for transaction tokens names (contract accounting 4.6).
pub const MOST_OWNERS: usize = 20;

/// Body of `POST /api/v1/accounting/transaction-tokens`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransactionTokenRequest {
    /// Whom the tokens are to pay, 1 to 20 usernames.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 20))]
    pub owner_usernames: Vec<String>,
}

impl Input for TransactionTokenRequest {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        if fields.raw("owner_usernames").is_none() {
            return fields.required::<Value>("owner_usernames").and(None);
        }
        let owner_usernames: Vec<String> = fields.list("owner_usernames", MOST_OWNERS)?;
        if owner_usernames.is_empty() {
            let message = "List should have at least 1 item after validation, not 0";
            return fields.refuse("owner_usernames", Invalid::new("too_short", message));
        }
        Some(Self { owner_usernames })
    }
}

/// Answer of `POST /api/v1/accounting/transaction-tokens`: each owner is in one of the two.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransactionTokens {
    /// The tokens, by owner. Whoever holds one may charge the caller.
    pub tokens: BTreeMap<String, String>,
    /// Why there is none, by owner.
    pub errors: BTreeMap<String, String>,
}

impl fmt::Debug for TransactionTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owners: Vec<&String> = self.tokens.keys().collect();
        f.debug_struct("TransactionTokens")
            .field("tokens", &owners)
            .field("errors", &self.errors)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::input::parse;

    #[test]
    fn a_transaction_is_read_in_either_case_and_as_it_is_written() {
        let recipient = Payee::Email(Email::parse("bob@acme.org").unwrap());
        let amount = "2.5".parse().unwrap();
        let app_name = Some("chat".to_owned());
        let expected = NewTransaction { app_name, ..NewTransaction::new(recipient, amount) };
        for body in [
            json!({"recipient_email": "bob@acme.org", "amount": "2.5", "app_name": "chat"}),
            json!({"recipientEmail": "bob@acme.org", "amount": 2.5, "appName": "chat"}),
            serde_json::to_value(&expected).unwrap(),
        ] {
            assert_eq!(parse::<NewTransaction>(&body, "body").unwrap(), expected);
        }
    }

    #[test]
    fn a_payee_has_an_address_or_a_name_and_not_both() {
        let read = |body: Value| parse::<NewTransaction>(&body, "body");
        let named = read(json!({"recipient_username": "acme", "amount": 1})).unwrap();
        assert_eq!(named.recipient, "acme".parse().unwrap());
        assert_eq!(serde_json::to_value(&named).unwrap()["recipient_username"], "acme");
        assert_eq!(read(json!({"amount": 1})).unwrap_err()[0].kind, "missing");
        let both = json!({"recipient_username": "a-b", "recipient_email": "b@c.org", "amount": 1});
        assert_eq!(read(both).unwrap_err()[0].kind, "value_error");
        for text in ["", "A B", "a@", "@b.org"] {
            assert!(text.parse::<Payee>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_an_amount_above_nothing_is_one() {
        for amount in [json!(0), json!(-1), json!("NaN"), json!(null), json!([1]), json!(1e-7)] {
            let body = json!({"recipient_email": "bob@acme.org", "amount": amount});
            assert!(parse::<NewTransaction>(&body, "body").is_err(), "{amount}");
        }
    }

    #[test]
    fn one_to_twenty_owners_are_asked_for() {
        let kind =
            |body: Value| parse::<TransactionTokenRequest>(&body, "body").unwrap_err()[0].kind;
        assert_eq!(kind(json!({})), "missing");
        assert_eq!(kind(json!({"owner_usernames": []})), "too_short");
        assert_eq!(kind(json!({"owner_usernames": vec!["ada"; 21]})), "too_long");
        assert_eq!(kind(json!({"owner_usernames": [7]})), "string_type");
    }
}

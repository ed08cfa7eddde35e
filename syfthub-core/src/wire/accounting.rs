//! An accounting service as the hub passes it on (contract hub 3.6 and 8.2).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::email::Email;
use crate::input::{Fields, Input, Place};
use crate::invalid::Invalid;

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
    /// What is left, in the service's unit.
    pub balance: f64,
    /// The organization that the account names.
    pub organization: Option<String>,
}

/// A transfer between two accounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountingTransaction {
    /// The transaction's id at the service.
    pub id: String,
    /// Who pays.
    pub sender_email: String,
    /// Who is paid.
    pub recipient_email: String,
    /// How much, in the service's unit.
    pub amount: f64,
    /// `pending`, `completed` or `cancelled`.
    pub status: String,
    /// `sender`, `recipient` or `system`.
    pub created_by: String,
    /// Who confirmed or cancelled it.
    pub resolved_by: Option<String>,
    /// When it was made, as the service writes it.
    pub created_at: String,
    /// When it was confirmed or cancelled.
    pub resolved_at: Option<String>,
    /// The program it was made for.
    pub app_name: Option<String>,
    /// The endpoint it was made for.
    pub app_ep_path: Option<String>,
}

/// Body of `POST /api/v1/accounting/transactions`; the names are also accepted in camel case.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewTransaction {
    /// Who is to be paid.
    pub recipient_email: Email,
    /// How much, above 0.
    #[cfg_attr(feature = "openapi", schema(exclusive_minimum = 0.0))]
    pub amount: f64,
    /// The program it is made for, at most 255 characters.
    pub app_name: Option<String>,
    /// The endpoint it is made for, at most 255 characters.
    pub app_ep_path: Option<String>,
}

impl Input for NewTransaction {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let either = |fields: &Fields<'_, '_, '_>, snake: &'static str, camel: &'static str| {
            if fields.raw(snake).is_none() && fields.raw(camel).is_some() { camel } else { snake }
        };
        let name = either(&fields, "recipient_email", "recipientEmail");
        let recipient_email = fields.required(name);
        let mut amount: Option<f64> = fields.required("amount");
        if amount.is_some_and(|amount| amount <= 0.0) {
            let refusal = Invalid::new("greater_than", "Input should be greater than 0");
            amount = fields.refuse("amount", refusal);
        }
        let name = either(&fields, "app_name", "appName");
        let app_name = fields.optional_text(name, 255);
        let name = either(&fields, "app_ep_path", "appEpPath");
        let app_ep_path = fields.optional_text(name, 255);
        Some(Self { recipient_email: recipient_email?, amount: amount?, app_name, app_ep_path })
    }
}

/// Body of `POST /api/v1/accounting/transaction-tokens`.
#[derive(Debug, Clone)]
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
        let owner_usernames: Vec<String> = fields.list("owner_usernames", 20)?;
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
    fn a_transaction_is_read_in_either_case() {
        for body in [
            json!({"recipient_email": "bob@acme.org", "amount": "2.5", "app_name": "chat"}),
            json!({"recipientEmail": "bob@acme.org", "amount": 2.5, "appName": "chat"}),
        ] {
            let new: NewTransaction = parse(&body, "body").unwrap();
            assert_eq!(
                (new.recipient_email.as_str(), new.app_name.as_deref()),
                ("bob@acme.org", Some("chat"))
            );
            assert!((new.amount - 2.5).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn only_an_amount_above_nothing_is_one() {
        for amount in [json!(0), json!(-1), json!("NaN"), json!(null), json!([1])] {
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

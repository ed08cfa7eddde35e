//! What accounting services say, in both dialects: bare or wrapped, in upper or lower case.

use serde::Deserialize;
use serde_json::Value;
use syfthub_core::wire::accounting::{AccountingTransaction, AccountingUser};

use super::refusal::Refusal;

#[derive(Deserialize)]
struct User {
    #[serde(deserialize_with = "text")]
    id: String,
    email: String,
    balance: f64,
    #[serde(default)]
    organization: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    #[serde(deserialize_with = "text")]
    id: String,
    sender_email: String,
    recipient_email: String,
    amount: f64,
    status: String,
    created_by: String,
    #[serde(default)]
    resolved_by: Option<String>,
    created_at: String,
    #[serde(default)]
    resolved_at: Option<String>,
    #[serde(default)]
    app_name: Option<String>,
    #[serde(default)]
    app_ep_path: Option<String>,
}

/// An id, which some services write as a number.
fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("expected a text or a number")),
    }
}

/// What is inside the wrapper `name`, or the whole when there is none.
fn unwrapped(mut value: Value, name: &str) -> Value {
    match value.get_mut(name) {
        Some(inner) => inner.take(),
        None => value,
    }
}

fn read<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, Refusal> {
    serde_json::from_value(value).map_err(|error| {
        tracing::info!(%error, "an accounting service answered with something unexpected");
        Refusal::Unreadable
    })
}

/// An account.
pub(super) fn user(value: Value) -> Result<AccountingUser, Refusal> {
    let User { id, email, balance, organization } = read(unwrapped(value, "user"))?;
    Ok(AccountingUser { id, email, balance, held: None, organization })
}

/// A transaction.
pub(super) fn transaction(value: Value) -> Result<AccountingTransaction, Refusal> {
    read(unwrapped(value, "transaction")).map(to_wire)
}

/// A list of transactions.
pub(super) fn transactions(value: Value) -> Result<Vec<AccountingTransaction>, Refusal> {
    let list: Vec<Transaction> = read(unwrapped(value, "transactions"))?;
    Ok(list.into_iter().map(to_wire).collect())
}

/// A transaction token.
pub(super) fn token(mut value: Value) -> Result<String, Refusal> {
    match value["token"].take() {
        Value::String(token) if !token.is_empty() => Ok(token),
        _ => Err(Refusal::Unreadable),
    }
}

fn to_wire(transaction: Transaction) -> AccountingTransaction {
    AccountingTransaction {
        id: transaction.id,
        sender_email: transaction.sender_email,
        recipient_email: transaction.recipient_email,
        amount: transaction.amount,
        status: transaction.status.to_lowercase(),
        created_by: transaction.created_by.to_lowercase(),
        resolved_by: transaction.resolved_by.map(|by| by.to_lowercase()),
        created_at: transaction.created_at,
        resolved_at: transaction.resolved_at,
        app_name: transaction.app_name,
        app_ep_path: transaction.app_ep_path,
    }
}

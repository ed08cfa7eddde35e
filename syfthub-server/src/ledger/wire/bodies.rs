//! What clients of the ledger send, and what they are told (contract accounting 4.2 and 4.3).

use serde::Serialize;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::ledger::TransactionId;
use syfthub_core::{Email, Invalid, Money, Secret, Timestamp};

use crate::ledger::{Account, Order, Transfer};

/// The longest name of a program or an endpoint.
const LONGEST_NAME: usize = 255;

/// The shortest password that somebody may choose, and the longest.
const PASSWORD: (usize, usize) = (8, 1024);

/// An account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LedgerAccount)]
pub(super) struct AccountBody {
    id: String,
    email: String,
    /// What can be spent.
    balance: f64,
    organization: Option<String>,
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.to_string(),
            email: account.email.into(),
            balance: account.available.to_units(),
            organization: account.organization,
        }
    }
}

/// The letters of enumerations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Dialect A.
    Upper,
    /// Dialect B.
    Lower,
}

impl Case {
    fn of(self, name: &str) -> String {
        match self {
            Self::Upper => name.to_ascii_uppercase(),
            Self::Lower => name.to_owned(),
        }
    }
}

/// A transaction; enumerations are in upper case in dialect A, and in lower case in dialect B.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LedgerTransaction)]
#[serde(rename_all = "camelCase")]
pub(super) struct TransactionBody {
    id: String,
    sender_email: String,
    recipient_email: String,
    /// `sender`, `recipient` or `system`.
    created_by: String,
    /// `sender`, `recipient` or `system`; null while it is pending.
    resolved_by: Option<String>,
    amount: f64,
    /// `pending`, `completed` or `cancelled`.
    status: String,
    #[schema(value_type = String)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>)]
    resolved_at: Option<Timestamp>,
    app_name: Option<String>,
    app_ep_path: Option<String>,
}

impl TransactionBody {
    pub(super) fn of(transfer: Transfer, case: Case) -> Self {
        let Transfer { transaction, sender_email, recipient_email } = transfer;
        Self {
            id: transaction.id.to_string(),
            sender_email: sender_email.into(),
            recipient_email: recipient_email.into(),
            created_by: case.of(transaction.created_by.as_str()),
            resolved_by: transaction.resolved_by.map(|side| case.of(side.as_str())),
            amount: transaction.amount.to_units(),
            status: case.of(transaction.status.as_str()),
            created_at: transaction.created_at,
            resolved_at: transaction.resolved_at,
            app_name: transaction.app_name,
            app_ep_path: transaction.app_ep_path,
        }
    }
}

/// `{"user": …}`.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = LedgerAccountAnswer)]
pub(super) struct Wrapped {
    pub(super) user: AccountBody,
    /// The password that was made for a new account, told this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<String>,
}

impl From<Account> for Wrapped {
    fn from(account: Account) -> Self {
        Self { user: account.into(), password: None }
    }
}

/// `{"users": […]}`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LedgerAccountsAnswer)]
pub(super) struct WrappedAll {
    pub(super) users: Vec<AccountBody>,
}

/// `{"transaction": …}`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LedgerTransactionAnswer)]
pub(super) struct WrappedTransaction {
    transaction: TransactionBody,
}

impl From<Transfer> for WrappedTransaction {
    fn from(transfer: Transfer) -> Self {
        Self { transaction: TransactionBody::of(transfer, Case::Upper) }
    }
}

/// `{"token": …}`.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = LedgerToken)]
pub(super) struct TokenBody {
    pub(super) token: String,
}

/// Body that asks for an account.
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = NewLedgerAccount)]
pub(super) struct NewAccount {
    pub(super) email: Email,
    /// 8 characters at least; one is made when there is none.
    #[schema(value_type = Option<String>)]
    pub(super) password: Option<Secret>,
    pub(super) organization: Option<String>,
}

impl Input for NewAccount {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let email = fields.required("email");
        let password = match fields.raw("password") {
            None | Some(Value::Null) => Some(None),
            Some(_) => password(&mut fields, "password").map(Some),
        };
        let organization = fields.optional_text("organization", LONGEST_NAME);
        Some(Self { email: email?, password: password?, organization })
    }
}

fn password(fields: &mut Fields<'_, '_, '_>, name: &'static str) -> Option<Secret> {
    fields.text(name, PASSWORD.0, PASSWORD.1).map(Secret::new)
}

/// Body that changes a password.
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = NewLedgerPassword)]
pub(super) struct NewPassword {
    #[schema(value_type = String, rename = "oldPassword")]
    pub(super) old: Secret,
    /// 8 characters at least.
    #[schema(value_type = String, rename = "newPassword")]
    pub(super) new: Secret,
}

impl Input for NewPassword {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let old = fields.required("oldPassword");
        let new = password(&mut fields, "newPassword");
        Some(Self { old: old?, new: new? })
    }
}

/// Body that names an organization.
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = NewLedgerOrganization)]
pub(super) struct NewOrganization {
    pub(super) organization: Option<String>,
}

impl Input for NewOrganization {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        Some(Self { organization: fields.optional_text("organization", LONGEST_NAME) })
    }
}

/// Body that names a recipient.
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = LedgerRecipient)]
pub(super) struct Recipient {
    #[schema(rename = "recipientEmail")]
    pub(super) email: Email,
}

impl Input for Recipient {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        Some(Self { email: fields.required("recipientEmail")? })
    }
}

/// Body of a deposit.
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = LedgerDeposit)]
pub(super) struct NewDeposit {
    #[schema(rename = "recipientEmail")]
    pub(super) to: Email,
    /// Above 0, with at most six decimals.
    #[schema(value_type = f64)]
    pub(super) amount: Money,
}

impl Input for NewDeposit {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let to = fields.required("recipientEmail");
        let amount = amount(&mut fields);
        Some(Self { to: to?, amount: amount? })
    }
}

fn amount(fields: &mut Fields<'_, '_, '_>) -> Option<Money> {
    let amount: Money = fields.required("amount")?;
    if amount.is_zero() {
        let refusal = Invalid::new("greater_than", "Input should be greater than 0");
        return fields.refuse("amount", refusal);
    }
    Some(amount)
}

/// Body of a new transaction.
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = NewLedgerTransaction)]
pub(super) struct NewTransaction {
    /// Who pays; who asks, unless they charge somebody.
    #[schema(rename = "senderEmail")]
    pub(super) sender: Option<Email>,
    /// Who is paid; who asks, when they charge somebody.
    #[schema(rename = "recipientEmail")]
    pub(super) recipient: Option<Email>,
    /// Above 0, with at most six decimals.
    #[schema(value_type = f64)]
    pub(super) amount: Money,
    #[schema(rename = "appName")]
    pub(super) app_name: Option<String>,
    #[schema(rename = "appEpPath")]
    pub(super) app_ep_path: Option<String>,
    /// The delegation token with which somebody is charged, in dialect A.
    #[schema(value_type = Option<String>)]
    pub(super) token: Option<Secret>,
}

impl Input for NewTransaction {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let sender = present(&mut fields, "senderEmail");
        let recipient = present(&mut fields, "recipientEmail");
        let amount = amount(&mut fields);
        let app_name = fields.optional_text("appName", LONGEST_NAME);
        let app_ep_path = fields.optional_text("appEpPath", LONGEST_NAME);
        let token = present(&mut fields, "token");
        Some(Self {
            sender: sender?,
            recipient: recipient?,
            amount: amount?,
            app_name,
            app_ep_path,
            token: token?,
        })
    }
}

/// A field that may be absent or null, and must be right otherwise.
#[expect(
    clippy::option_option,
    reason = "outside: whether it was read; inside: whether it is there"
)]
fn present<T: Input>(fields: &mut Fields<'_, '_, '_>, name: &'static str) -> Option<Option<T>> {
    match fields.raw(name) {
        None | Some(Value::Null) => Some(None),
        Some(_) => fields.required(name).map(Some),
    }
}

impl NewTransaction {
    /// The transaction with `other` that is asked for.
    pub(super) fn order(self, other: Email, key: Option<String>) -> Order {
        Order {
            other,
            amount: self.amount,
            app_name: self.app_name,
            app_ep_path: self.app_ep_path,
            key,
        }
    }
}

/// Body of dialect A that names a transaction.
#[derive(Debug, utoipa::ToSchema)]
#[schema(as = LedgerTransactionName)]
pub(super) struct Named {
    #[schema(value_type = String, rename = "transactionId")]
    pub(super) id: TransactionId,
}

impl Input for Named {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let id = fields.text("transactionId", 1, 64)?;
        Some(Self { id: TransactionId::new(id) })
    }
}

/// The id of a transaction in a path of dialect B.
pub(super) struct InPath(pub(super) TransactionId);

impl Input for InPath {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        fields.required("id").map(|id: String| Self(TransactionId::new(id)))
    }
}

/// An address in a path.
pub(super) struct Addressed(pub(super) Email);

impl Input for Addressed {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("email").map(Self)
    }
}

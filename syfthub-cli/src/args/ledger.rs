//! `syfthub ledger …`: the commands for people who pay and are paid.

use clap::{Args, Subcommand};
use syfthub_core::Money;
use syfthub_core::wire::accounting::Payee;

const LEDGER_EXAMPLES: &str = "Examples:
  syfthub ledger balance                       what is left to spend
  syfthub ledger pay bob 2.5 --for bob/notes   pay somebody
  syfthub ledger history                       who paid whom
  syfthub ledger grant create bob --cap 5      let somebody charge you

Amounts have at most six decimals.";

const PAY_EXAMPLES: &str =
    "Nothing is paid twice: repeat a payment whose end is unknown with the key that was told.

Examples:
  syfthub ledger pay bob 2.5
  syfthub ledger pay bob@example.com 0.05 --for bob/notes --pending";

const GRANT_EXAMPLES: &str =
    "The token is shown once. Its holder needs to be the recipient to use it.

Examples:
  syfthub ledger grant create bob
  syfthub ledger grant create acme --cap 25 --life 7d";

/// `syfthub ledger`
#[derive(Debug, Args)]
#[command(after_help = LEDGER_EXAMPLES, arg_required_else_help = true)]
pub(crate) struct LedgerArgs {
    #[command(subcommand)]
    pub(crate) command: LedgerCommand,
}

/// Everything below `syfthub ledger`.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Show what is left to spend, and what is set aside
    Balance,
    /// List your transactions, newest first
    History(Listing),
    /// Show one transaction
    Show(TransactionArgs),
    /// Pay a user, an organization or an address
    Pay(PayArgs),
    /// Confirm a pending transaction: the money moves
    Confirm(TransactionArgs),
    /// Cancel a pending transaction: the money goes back
    Cancel(TransactionArgs),
    /// List the lines of your account, newest first
    Entries(Listing),
    /// Bring money in, as an administrator of the hub
    Deposit(DepositArgs),
    /// Who may charge you, and whom you may charge
    #[command(subcommand)]
    Grant(GrantCommand),
    /// Check the books of the hub, as an administrator
    TrialBalance,
}

/// How much of a list is shown.
#[derive(Debug, Args)]
pub(crate) struct Listing {
    /// Show at most this many
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

/// Which transaction is meant.
#[derive(Debug, Args)]
pub(crate) struct TransactionArgs {
    /// The transaction's id
    pub(crate) id: String,
}

/// `syfthub ledger pay`
#[derive(Debug, Args)]
#[command(after_help = PAY_EXAMPLES)]
pub(crate) struct PayArgs {
    /// Who is paid: a name at the hub, or an e-mail address
    pub(crate) recipient: Payee,

    /// How much
    #[arg(value_parser = something)]
    pub(crate) amount: Money,

    /// The endpoint that is paid for
    #[arg(long = "for", value_name = "OWNER/SLUG")]
    pub(crate) endpoint: Option<String>,

    /// The program that pays
    #[arg(long, value_name = "NAME")]
    pub(crate) app: Option<String>,

    /// Only set the money aside, until one of you confirms or cancels
    #[arg(long)]
    pub(crate) pending: bool,

    /// Key of a payment that was tried before
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
}

/// `syfthub ledger deposit`
#[derive(Debug, Args)]
pub(crate) struct DepositArgs {
    /// Whose account it comes to: a name at the hub, or an e-mail address
    pub(crate) recipient: Payee,

    /// How much
    #[arg(value_parser = something)]
    pub(crate) amount: Money,

    /// What it is for, such as the number of an invoice
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
}

/// `syfthub ledger grant`
#[derive(Debug, Subcommand)]
pub(crate) enum GrantCommand {
    /// List grants, newest first
    Ls(Listing),
    /// Let somebody charge you, up to a cap and for a time
    Create(GrantArgs),
    /// Take a grant back at once
    Revoke {
        /// The grant's id
        id: String,
    },
}

/// `syfthub ledger grant create`
#[derive(Debug, Args)]
#[command(after_help = GRANT_EXAMPLES)]
pub(crate) struct GrantArgs {
    /// Who may charge you: a name at the hub, or an e-mail address
    pub(crate) recipient: Payee,

    /// The most they may charge in all [default: what the hub is set to]
    #[arg(long, value_name = "AMOUNT", value_parser = something)]
    pub(crate) cap: Option<Money>,

    /// For how long, such as 90s, 30m, 12h or 7d [default: what the hub is set to]
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(crate) life: Option<i64>,
}

/// An amount above nothing.
fn something(text: &str) -> Result<Money, String> {
    match text.parse::<Money>() {
        Ok(amount) if amount.is_zero() => Err("expected an amount above 0".to_owned()),
        Ok(amount) => Ok(amount),
        Err(refusal) => Err(refusal.to_string()),
    }
}

/// The longest life that a hub gives a grant.
const YEAR: i64 = 365 * 24 * 60 * 60;

/// The seconds of a time such as `7d`.
fn seconds(text: &str) -> Result<i64, String> {
    let refusal = || "a time such as 90s, 30m, 12h or 7d is expected, a year at most".to_owned();
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 60 * 60,
        Some('d') => 24 * 60 * 60,
        _ => return Err(refusal()),
    };
    let number: i64 = text[..text.len() - 1].parse().map_err(|_| refusal())?;
    let seconds = number.checked_mul(unit).ok_or_else(refusal)?;
    if (1..=YEAR).contains(&seconds) { Ok(seconds) } else { Err(refusal()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_a_number_and_a_unit_up_to_a_year() {
        for (text, read) in
            [("90s", 90), ("30m", 1800), ("12h", 43_200), ("7d", 604_800), ("365d", YEAR)]
        {
            assert_eq!(seconds(text), Ok(read), "{text}");
        }
        for text in ["", "s", "7", "0d", "-1d", "366d", "1.5h", "7 d", "9999999999999999d", "7é"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_amount_to_pay_is_more_than_nothing() {
        assert_eq!(something("0.000001").map(Money::micros), Ok(1));
        for text in ["0", "0.0", "-1", "1e3", "0.0000001", "two"] {
            assert!(something(text).is_err(), "{text}");
        }
    }
}

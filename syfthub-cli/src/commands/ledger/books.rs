//! `syfthub ledger entries`, `deposit` and `trial-balance`

use anyhow::anyhow;
use serde_json::json;
use syfthub_client::ledger::Ledger;
use syfthub_core::wire::ledger::DepositDraft;

use super::show;
use crate::args::{DepositArgs, Listing};
use crate::printer::Printer;
use crate::table::Table;

/// The newest lines of the user's account.
pub(super) async fn entries(
    ledger: Ledger<'_>,
    printer: &Printer,
    listing: &Listing,
) -> anyhow::Result<()> {
    let found = show::first(ledger.entries().stream(), listing).await?;
    if printer.is_json() {
        return Ok(printer.success(json!({ "entries": found }))?);
    }
    if found.is_empty() {
        printer.say("no entries yet");
    }
    let mut table = Table::new(&["TIME", "KIND", "PART", "AMOUNT", "TRANSACTION"]);
    for entry in found {
        let sign = if entry.amount > 0.0 { "+" } else { "" };
        table.row([
            show::moment(&entry.created_at.to_string()),
            entry.kind,
            entry.bucket,
            format!("{sign}{}", show::amount(entry.amount)),
            entry.transaction_id.unwrap_or_default(),
        ]);
    }
    Ok(printer.table(&table)?)
}

/// Brings money in.
pub(super) async fn deposit(
    ledger: Ledger<'_>,
    printer: &Printer,
    args: DepositArgs,
) -> anyhow::Result<()> {
    let mut draft = DepositDraft::new(args.recipient, args.amount);
    draft.note = args.note;
    let account = ledger.deposit(&draft).await?;
    if printer.is_json() {
        return Ok(printer.success(json!({ "account": account }))?);
    }
    printer.line(format_args!(
        "Brought {} in; {} has {} to spend.",
        draft.amount,
        account.email,
        show::amount(account.balance)
    ))?;
    Ok(())
}

/// Whether the books are right. When they are not, the command fails.
pub(super) async fn trial_balance(ledger: Ledger<'_>, printer: &Printer) -> anyhow::Result<()> {
    let trial = ledger.trial_balance().await?;
    if !trial.is_balanced {
        let lists = [
            &trial.wrong_balances,
            &trial.wrong_holds,
            &trial.wrong_movements,
            &trial.wrong_grants,
        ];
        let wrong: Vec<&str> = lists.into_iter().flatten().map(String::as_str).collect();
        return Err(anyhow!(
            "the books do not balance: {} came in, {} is to spend and {} set aside; look at {}",
            show::amount(trial.deposited),
            show::amount(trial.available),
            show::amount(trial.held),
            wrong.join(", ")
        ));
    }
    if printer.is_json() {
        return Ok(printer.success(json!({ "trial_balance": trial }))?);
    }
    printer.line(format_args!("accounts   {}", trial.accounts))?;
    printer.line(format_args!("came in    {}", show::amount(trial.deposited)))?;
    printer.line(format_args!("to spend   {}", show::amount(trial.available)))?;
    printer.line(format_args!("set aside  {}", show::amount(trial.held)))?;
    printer.line(format_args!("pending    {}", trial.pending))?;
    printer.say("The books balance.");
    Ok(())
}

//! `syfthub ledger balance`, `history`, `show`, `pay`, `confirm` and `cancel`

use anyhow::anyhow;
use serde_json::json;
use syfthub_client::ErrorKind;
use syfthub_client::ledger::Ledger;
use syfthub_core::wire::accounting::AccountingTransaction;

use super::show;
use crate::args::{Listing, PayArgs, TransactionArgs};
use crate::failure::{Missing, advise};
use crate::printer::Printer;
use crate::table::Table;

/// The status of a transaction that waits for its end.
const PENDING: &str = "pending";

/// What is left to spend, and what is set aside.
pub(super) async fn balance(ledger: Ledger<'_>, printer: &Printer) -> anyhow::Result<()> {
    let account = ledger.balance().await?;
    if printer.is_json() {
        return Ok(printer.success(json!({ "account": account }))?);
    }
    printer.line(format_args!("account    {}", account.email))?;
    if let Some(organization) = account.organization {
        printer.line(format_args!("for        {organization}"))?;
    }
    printer.line(format_args!("to spend   {}", show::amount(account.balance)))?;
    if let Some(held) = account.held {
        printer.line(format_args!("set aside  {}", show::amount(held)))?;
    }
    Ok(())
}

/// The newest transactions.
pub(super) async fn history(
    ledger: Ledger<'_>,
    printer: &Printer,
    listing: &Listing,
) -> anyhow::Result<()> {
    let found = show::first(ledger.history().stream(), listing).await?;
    if printer.is_json() {
        return Ok(printer.success(json!({ "transactions": found }))?);
    }
    if found.is_empty() {
        printer.say("no transactions yet");
    }
    let header = ["TIME", "ID", "FROM", "TO", "AMOUNT", "STATUS", "FOR"];
    let mut table = Table::new(&header);
    for one in found {
        table.row([
            show::moment(&one.created_at),
            one.id,
            one.sender_email,
            one.recipient_email,
            show::amount(one.amount),
            one.status,
            one.app_ep_path.unwrap_or_default(),
        ]);
    }
    Ok(printer.table(&table)?)
}

/// One transaction.
pub(super) async fn show(
    ledger: Ledger<'_>,
    printer: &Printer,
    args: &TransactionArgs,
) -> anyhow::Result<()> {
    let missing = || {
        let missing = Missing(format!("you have no transaction {}", args.id));
        advise(missing.into(), "syfthub ledger history")
    };
    print(&ledger.find(&args.id).await?.ok_or_else(missing)?, printer)
}

/// Sets the money aside and, unless it is to stay so, confirms.
pub(super) async fn pay(
    ledger: Ledger<'_>,
    printer: &Printer,
    args: PayArgs,
) -> anyhow::Result<()> {
    let mut payment = ledger.pay(args.recipient, args.amount);
    if let Some(app) = args.app {
        payment = payment.app(app);
    }
    if let Some(endpoint) = args.endpoint {
        payment = payment.endpoint(endpoint);
    }
    if let Some(key) = args.key {
        payment = payment.idempotency_key(key);
    }
    let made = payment.send().await.map_err(|error| {
        if leaves_it_open(error.kind()) {
            let hint = format!("the same command with --key {}, which pays once", payment.key());
            return advise(error.into(), hint);
        }
        error.into()
    })?;
    // A payment of the same key may have ended before.
    if args.pending || made.status != PENDING {
        return print(&made, printer);
    }
    let done = ledger.confirm(&made.id).await;
    let done = done.map_err(|error| {
        let hint = format!("syfthub ledger confirm {}", made.id);
        advise(anyhow!(error).context("the money is set aside and has not moved yet"), hint)
    })?;
    print(&done, printer)
}

/// Whether nobody knows what became of the request.
fn leaves_it_open(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::Server | ErrorKind::Protocol
    )
}

/// What a transaction became.
pub(super) fn ended(
    became: Result<AccountingTransaction, syfthub_client::Error>,
    printer: &Printer,
) -> anyhow::Result<()> {
    let became = became.map_err(|error| match error.kind() {
        ErrorKind::NotFound => advise(error.into(), "syfthub ledger history"),
        _ => error.into(),
    })?;
    print(&became, printer)
}

fn print(one: &AccountingTransaction, printer: &Printer) -> anyhow::Result<()> {
    if printer.is_json() {
        return Ok(printer.success(json!({ "transaction": one }))?);
    }
    let field = |name: &str, value: &str| {
        if value.is_empty() { Ok(()) } else { printer.line(format_args!("{name:<9}{value}")) }
    };
    field("id", &one.id)?;
    field("amount", &show::amount(one.amount))?;
    field("from", &one.sender_email)?;
    field("to", &one.recipient_email)?;
    let by = one.resolved_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    field("status", &format!("{}{by}", one.status))?;
    field("made", &format!("{} by {}", show::moment(&one.created_at), one.created_by))?;
    field("ended", &one.resolved_at.as_deref().map(show::moment).unwrap_or_default())?;
    field("for", one.app_ep_path.as_deref().unwrap_or_default())?;
    field("program", one.app_name.as_deref().unwrap_or_default())?;
    if one.status == PENDING {
        printer.say(format_args!(
            "It waits:  syfthub ledger confirm {0}  or  syfthub ledger cancel {0}",
            one.id
        ));
    }
    Ok(())
}

//! `syfthub ledger grant …`

use serde_json::json;
use syfthub_client::ErrorKind;
use syfthub_client::ledger::Ledger;
use syfthub_core::wire::ledger::{Grant, GrantDraft};

use super::show;
use crate::args::{GrantArgs, GrantCommand, Listing};
use crate::failure::advise;
use crate::printer::Printer;
use crate::table::Table;

/// Runs one of the commands on grants.
pub(super) async fn run(
    ledger: Ledger<'_>,
    printer: &Printer,
    command: GrantCommand,
) -> anyhow::Result<()> {
    match command {
        GrantCommand::Ls(listing) => list(ledger, printer, &listing).await,
        GrantCommand::Create(args) => create(ledger, printer, args).await,
        GrantCommand::Revoke { id } => revoke(ledger, printer, &id).await,
    }
}

async fn list(ledger: Ledger<'_>, printer: &Printer, listing: &Listing) -> anyhow::Result<()> {
    let found = show::first(ledger.grants().stream(), listing).await?;
    if printer.is_json() {
        return Ok(printer.success(json!({ "grants": found }))?);
    }
    if found.is_empty() {
        printer.say("no grants yet; give one with `syfthub ledger grant create`");
    }
    let mut table = Table::new(&["ID", "TO", "SPENT", "CAP", "UNTIL", "STATE"]);
    for grant in found {
        let state = state(&grant);
        table.row([
            grant.id,
            grant.recipient_email,
            grant.spent.to_string(),
            grant.cap.to_string(),
            show::moment(&grant.expires_at.to_string()),
            state.to_owned(),
        ]);
    }
    Ok(printer.table(&table)?)
}

fn state(grant: &Grant) -> &'static str {
    match (grant.is_active, grant.revoked_at) {
        (true, _) => "counts",
        (false, Some(_)) => "revoked",
        (false, None) => "expired",
    }
}

async fn create(ledger: Ledger<'_>, printer: &Printer, args: GrantArgs) -> anyhow::Result<()> {
    let mut draft = GrantDraft::new(args.recipient);
    draft.cap = args.cap;
    draft.expires_in = args.life;
    let made = ledger.grant(&draft).await?;
    if printer.is_json() {
        return Ok(printer.success(json!({ "grant": made }))?);
    }
    let grant = &made.grant;
    printer.say(format_args!(
        "{} may charge you up to {} until {}; take it back with `syfthub ledger grant revoke {}`.",
        grant.recipient_email,
        grant.cap,
        show::moment(&grant.expires_at.to_string()),
        grant.id
    ));
    printer.line(&made.token)?;
    Ok(())
}

async fn revoke(ledger: Ledger<'_>, printer: &Printer, id: &str) -> anyhow::Result<()> {
    ledger.revoke(id).await.map_err(|error| match error.kind() {
        ErrorKind::NotFound => advise(error.into(), "syfthub ledger grant ls"),
        _ => error.into(),
    })?;
    if printer.is_json() {
        return Ok(printer.success(json!({ "id": id }))?);
    }
    printer.line(format_args!("Took the grant {id} back."))?;
    Ok(())
}

//! `syfthub ledger …`: what the signed-in user has, pays and is paid.

mod books;
mod grants;
mod show;
mod transactions;

use crate::args::{LedgerArgs, LedgerCommand};
use crate::context::Context;

/// Runs the command that the arguments name.
pub(crate) async fn run(context: &Context, args: LedgerArgs) -> anyhow::Result<()> {
    let client = context.client()?;
    let (ledger, printer) = (client.ledger(), &context.printer);
    match args.command {
        LedgerCommand::Balance => transactions::balance(ledger, printer).await,
        LedgerCommand::History(listing) => transactions::history(ledger, printer, &listing).await,
        LedgerCommand::Show(args) => transactions::show(ledger, printer, &args).await,
        LedgerCommand::Pay(args) => transactions::pay(ledger, printer, args).await,
        LedgerCommand::Confirm(args) => {
            transactions::ended(ledger.confirm(&args.id).await, printer)
        }
        LedgerCommand::Cancel(args) => transactions::ended(ledger.cancel(&args.id).await, printer),
        LedgerCommand::Entries(listing) => books::entries(ledger, printer, &listing).await,
        LedgerCommand::Deposit(args) => books::deposit(ledger, printer, args).await,
        LedgerCommand::Grant(command) => grants::run(ledger, printer, command).await,
        LedgerCommand::TrialBalance => books::trial_balance(ledger, printer).await,
    }
}

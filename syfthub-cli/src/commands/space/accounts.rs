//! `syfthub space tenant …` and `syfthub space account …`

use serde_json::json;
use syfthub_client::space::tenants::{NewSpaceAccount, NewTenant};

use super::{Scene, show};
use crate::args::{AccountCommand, TenantCommand};
use crate::prompt;
use crate::table::Table;

/// The tenant that is always there.
const ROOT: &str = "root";

/// Runs one of the commands on tenants.
pub(super) async fn tenants(scene: &Scene<'_>, command: TenantCommand) -> anyhow::Result<()> {
    let (tenants, printer) = (scene.space.tenants(), scene.printer());
    match command {
        TenantCommand::Add { name, display_name } => {
            let display_name = display_name.unwrap_or_else(|| name.clone());
            let made = tenants.add(&NewTenant::new(name, display_name)).await?;
            if printer.is_json() {
                return show::json(printer, "tenant", &made);
            }
            printer.line(format_args!("Added the tenant {}.", made.name))?;
            printer.say(format_args!(
                "Make an account for it:  syfthub space --tenant {} account add ADDRESS",
                made.name
            ));
        }
        TenantCommand::Ls => {
            let all = tenants.list().await?;
            if printer.is_json() {
                return show::json(printer, "tenants", &all);
            }
            let mut table = Table::new(&["NAME", "USED", "MADE", "DISPLAY NAME"]);
            for tenant in all {
                let used = if tenant.is_active { "yes" } else { "no" };
                let made = show::moment(tenant.created_at);
                table.row([tenant.name, used.to_owned(), made, tenant.display_name]);
            }
            printer.table(&table)?;
        }
        TenantCommand::Show { name } => {
            let tenant = tenants.get(&name).await?;
            if printer.is_json() {
                return show::json(printer, "tenant", &tenant);
            }
            printer.line(format_args!("{} ({})", tenant.display_name, tenant.name))?;
            show::field(printer, "domain", tenant.domain.unwrap_or_default())?;
            show::field(printer, "used", if tenant.is_active { "yes" } else { "no" })?;
            show::field(printer, "made", show::moment(tenant.created_at))?;
        }
    }
    Ok(())
}

/// Runs one of the commands on accounts.
pub(super) async fn accounts(scene: &Scene<'_>, command: AccountCommand) -> anyhow::Result<()> {
    let (accounts, printer) = (scene.space.accounts(), scene.printer());
    let password = tokio::task::spawn_blocking(|| prompt::password("Password")).await??;
    match command {
        AccountCommand::Add { email } => {
            let tenant = scene.target.tenant.as_deref().unwrap_or(ROOT);
            let made = accounts.register(&NewSpaceAccount::new(email, password).of(tenant)).await?;
            if printer.is_json() {
                return show::json(printer, "account", &made);
            }
            printer.line(format_args!("Added the account {} of {tenant}.", made.email))?;
        }
        AccountCommand::Token { email } => {
            let token = accounts.login(&email, &password).await?;
            if printer.is_json() {
                let shown = json!({
                    "access_token": token.access_token.expose(), "expires_in": token.expires_in,
                });
                return Ok(printer.success(shown)?);
            }
            printer.line(token.access_token.expose())?;
        }
    }
    Ok(())
}

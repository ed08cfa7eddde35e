//! `syfthub space provisioner …`: the databases that the space runs itself.

use syfthub_client::space::Notice;

use super::{Scene, show};
use crate::args::ProvisionerCommand;
use crate::table::Table;

/// Runs one of the commands.
pub(super) async fn run(scene: &Scene<'_>, command: ProvisionerCommand) -> anyhow::Result<()> {
    let provisioners = scene.space.provisioners();
    let notice: Notice = match command {
        ProvisionerCommand::Ls => return ls(scene).await,
        ProvisionerCommand::Start { dtype } => {
            provisioners.start(&dtype, &serde_json::Map::new()).await?
        }
        ProvisionerCommand::Stop { dtype } => provisioners.stop(&dtype).await?,
        ProvisionerCommand::Rm { dtype, confirmed } => {
            let question = format!("Remove the database of {dtype} datasets with all it keeps?");
            scene.confirm(question, confirmed.yes).await?;
            provisioners.remove(&dtype).await?
        }
    };
    if scene.printer().is_json() {
        return show::json(scene.printer(), "provisioner", &notice);
    }
    scene.printer().line(&notice.message)?;
    Ok(())
}

async fn ls(scene: &Scene<'_>) -> anyhow::Result<()> {
    let all = scene.space.provisioners().list().await?;
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "provisioners", &all);
    }
    let mut table = Table::new(&["TYPE", "STATE", "DATASETS", "STARTED", "ERROR"]);
    for one in &all {
        table.row([
            one.dtype.clone(),
            one.actual_status.clone().unwrap_or_else(|| one.status.clone()),
            one.dataset_count.to_string(),
            show::moment(one.started_at),
            one.error.clone().unwrap_or_default(),
        ]);
    }
    printer.table(&table)?;
    if all.is_empty() {
        printer.say("the space runs no database");
    }
    Ok(())
}

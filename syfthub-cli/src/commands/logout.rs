//! `syfthub logout`

use serde_json::json;

use crate::context::Context;

/// Ends the session at the hub and forgets it here. Being signed out already is a success.
pub(crate) async fn run(context: &Context) -> anyhow::Result<()> {
    let client = context.client()?;
    let was_signed_in = client.auth().tokens().is_some();
    let told = if was_signed_in { client.auth().logout().await } else { Ok(()) };
    // The session is forgotten even when the hub cannot be told; it then ends there by itself.
    let hub = context.hub.clone();
    context.saved(move |saved| saved.forget(&hub)).await?;
    told?;
    let message = if was_signed_in { "signed out" } else { "already signed out" };
    if context.printer.is_json() {
        context.printer.success(json!({"message": message}))?;
    } else {
        context.printer.line(format_args!("{}: {message}.", context.hub))?;
    }
    Ok(())
}

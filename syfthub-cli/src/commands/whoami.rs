//! `syfthub whoami`

use serde_json::json;

use crate::context::Context;

/// Shows who is signed in, as the hub sees it.
pub(crate) async fn run(context: &Context) -> anyhow::Result<()> {
    let user = context.client()?.auth().me().await?;
    if context.printer.is_json() {
        let shown =
            json!({"id": user.id.to_string(), "username": user.username, "email": user.email});
        context.printer.success(json!({"user": shown}))?;
    } else {
        context.printer.line(format_args!("{} ({})", user.full_name, user.username))?;
        context
            .printer
            .line(format_args!("{} at {}, user {}", user.email, context.hub, user.id))?;
    }
    Ok(())
}

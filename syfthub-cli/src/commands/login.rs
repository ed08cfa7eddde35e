//! `syfthub login`

use anyhow::Context as _;
use serde_json::json;
use syfthub_core::Secret;

use crate::args::LoginArgs;
use crate::context::Context;
use crate::failure::Misuse;
use crate::profile::Session;
use crate::prompt;

/// Signs in and saves the session. The password comes from a hidden prompt, or from one line of standard input.
pub(crate) async fn run(context: &Context, args: LoginArgs) -> anyhow::Result<()> {
    let client = context.client()?;
    let (username, password) = tokio::task::spawn_blocking(move || ask(args.username)).await??;
    let user = client.auth().login(&username, password).await?;
    let tokens = client.auth().tokens().context("the hub answered without tokens")?;
    let (hub, session) = (context.hub.clone(), Session::new(user.username.clone(), &tokens));
    context
        .change_profile(move |profile| {
            profile.hubs.insert(hub.to_string(), session);
            profile.current = Some(hub);
        })
        .await?;
    if context.printer.is_json() {
        context.printer.success(json!({"username": user.username, "email": user.email}))?;
    } else {
        context.printer.line(format_args!(
            "Signed in to {} as {} ({}).",
            context.hub, user.username, user.email
        ))?;
    }
    Ok(())
}

fn ask(username: Option<String>) -> anyhow::Result<(String, Secret)> {
    let username = match username {
        Some(username) => username,
        None if prompt::can_ask() => prompt::ask("Username or e-mail", "")?,
        None => return Err(Misuse("whose login? Name the user with -u USER".to_owned()).into()),
    };
    Ok((username, prompt::password("Password")?))
}

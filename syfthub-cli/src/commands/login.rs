//! `syfthub login`

use serde_json::json;
use syfthub_client::credentials::Kept;
use syfthub_core::Secret;

use crate::args::LoginArgs;
use crate::context::Context;
use crate::failure::Misuse;
use crate::prompt;

/// Signs in and saves the session. The password comes from a hidden prompt, or from one line of standard input.
pub(crate) async fn run(context: &Context, args: LoginArgs) -> anyhow::Result<()> {
    let client = context.client()?;
    let (username, password) = tokio::task::spawn_blocking(move || ask(args.username)).await??;
    let user = client.auth().login(&username, password).await?;
    let (hub, username) = (context.hub.clone(), user.username.clone());
    let news = context.saved(move |saved| {
        let is_first = saved.current()?.is_none();
        saved.introduce(&hub, &username)?;
        Ok(saved.kept(&hub)?.filter(|_| is_first))
    });
    if let Some(Kept::InFile(path)) = news.await? {
        context.printer.say(format_args!(
            "There is no keyring here: your sessions are kept in {}, which only you can read.",
            path.display()
        ));
    }
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

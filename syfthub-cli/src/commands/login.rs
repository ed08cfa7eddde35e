//! `syfthub login`

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use serde_json::json;
use syfthub_core::Secret;

use crate::args::LoginArgs;
use crate::context::Context;
use crate::failure::Misuse;
use crate::profile::Session;

/// Signs in and saves the session. The password comes from a hidden prompt, or from one line of standard input.
pub(crate) async fn run(context: &Context, args: LoginArgs) -> anyhow::Result<()> {
    let client = context.client()?;
    let (username, password) = tokio::task::spawn_blocking(move || ask(args.username)).await??;
    let user = client.auth().login(&username, password).await?;
    let tokens = client.auth().tokens().context("the hub answered without tokens")?;
    context.profiles.change(|profile| {
        profile.hubs.insert(context.hub.to_string(), Session::new(user.username.clone(), &tokens));
        profile.current = Some(context.hub.clone());
    })?;
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
    let terminal = io::stdin().is_terminal();
    let username = match username {
        Some(username) => username,
        None if terminal => visible_prompt("Username or e-mail: ")?,
        None => return Err(Misuse("whose login? Name the user with -u USER".to_owned()).into()),
    };
    let password = if terminal { rpassword::prompt_password("Password: ")? } else { line()? };
    if password.is_empty() {
        return Err(Misuse(
            "the password is empty; give it as one line of standard input".to_owned(),
        )
        .into());
    }
    Ok((username, Secret::new(password)))
}

fn visible_prompt(question: &str) -> io::Result<String> {
    use io::Write as _;
    let mut terminal = io::stderr().lock();
    write!(terminal, "{question}")?;
    terminal.flush()?;
    line()
}

fn line() -> io::Result<String> {
    let mut text = String::new();
    io::stdin().read_line(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

//! Questions to the person at the terminal. All of them block, so they belong on a blocking thread.

use std::io::{self, IsTerminal as _, Write as _};

use syfthub_core::Secret;

use crate::failure::Misuse;

/// Whether somebody can be asked.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal()
}

/// Asks and reads a line; an empty one is the `default`.
pub(crate) fn ask(question: &str, default: &str) -> io::Result<String> {
    let mut terminal = io::stderr().lock();
    if default.is_empty() {
        write!(terminal, "{question}: ")?;
    } else {
        write!(terminal, "{question} [{default}]: ")?;
    }
    terminal.flush()?;
    let answer = line()?;
    Ok(if answer.trim().is_empty() { default.to_owned() } else { answer.trim().to_owned() })
}

/// Whether the answer is yes; anything else is no.
pub(crate) fn agrees(question: &str) -> io::Result<bool> {
    let answer = ask(&format!("{question} [y/N]"), "")?;
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}

/// `given`, or what the person at the terminal answers, or a refusal that says which flag is missing.
pub(crate) fn name(given: Option<String>, question: &str, flag: &str) -> anyhow::Result<String> {
    match given {
        Some(name) => Ok(name),
        None if can_ask() => Ok(ask(question, "")?),
        None => {
            Err(Misuse(format!("{} is missing; name it with {flag}", question.to_lowercase()))
                .into())
        }
    }
}

/// A password from a hidden prompt, or from one line of standard input.
pub(crate) fn password(question: &str) -> anyhow::Result<Secret> {
    let password =
        if can_ask() { rpassword::prompt_password(format!("{question}: "))? } else { line()? };
    if password.is_empty() {
        return Err(Misuse(
            "the password is empty; give it as one line of standard input".to_owned(),
        )
        .into());
    }
    Ok(Secret::new(password))
}

/// One line of standard input, without its end.
pub(crate) fn line() -> io::Result<String> {
    let mut text = String::new();
    io::stdin().read_line(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

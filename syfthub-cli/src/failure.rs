//! A command that failed, in words: what, why, and what to type next.

use std::io;

use serde_json::{Map, Value, json};
use syfthub_client::ErrorKind;

use crate::commands::answer;
use crate::printer::Printer;
use crate::status::Status;

/// Something a command looked for and did not find.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Missing(pub(crate) String);

/// Arguments that fit the grammar and still make no sense.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misuse(pub(crate) String);

/// Somebody who should answer and is not there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Away(pub(crate) String);

/// A key without which nobody is let in.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoKey(pub(crate) String);

/// A failure of which everything has been said in the command's own format.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
pub(crate) struct Told(pub(crate) anyhow::Error);

/// Somebody pressed Ctrl-C.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Interrupted;

/// A failure with what to type next.
#[derive(Debug, thiserror::Error)]
#[error("{error:#}")]
pub(crate) struct Advised {
    error: anyhow::Error,
    hint: String,
}

/// Says what to type next, unless something closer to the failure has said so.
pub(crate) fn advise(error: anyhow::Error, hint: impl Into<String>) -> anyhow::Error {
    if error.is::<Advised>() || is_broken_pipe(&error) {
        return error;
    }
    Advised { error, hint: hint.into() }.into()
}

/// Reports arguments that do not fit, or the help that they ask for, and says how that ended.
pub(crate) fn report_usage(refusal: &clap::Error) -> Status {
    let is_json = std::env::args_os().any(|argument| argument == "--json");
    if !refusal.use_stderr() || !is_json {
        // A closed stream is no reason to end in another way.
        refusal.print().ok();
        return if refusal.use_stderr() { Status::Usage } else { Status::Success };
    }
    let text = refusal.render().to_string();
    let sentence = text.lines().next().unwrap_or_default();
    let message = sentence.strip_prefix("error: ").unwrap_or(sentence);
    let object = json!({"status": "error", "message": message});
    Printer::new(true).line(format_args!("{object:#}")).ok();
    Status::Usage
}

/// What a failure is for the caller of a program.
fn kind_of(error: &anyhow::Error) -> Option<ErrorKind> {
    match error.downcast_ref::<syfthub_client::Error>() {
        Some(call) => Some(call.kind()),
        None if error.is::<Missing>() => Some(ErrorKind::NotFound),
        None if error.is::<Misuse>() => Some(ErrorKind::Usage),
        None if error.is::<NoKey>() => Some(ErrorKind::NotSignedIn),
        None if error.is::<Away>() => Some(ErrorKind::Unreachable),
        None => None,
    }
}

/// A failure as an object for programs.
pub(crate) fn as_json(error: &anyhow::Error) -> Map<String, Value> {
    let call = error.downcast_ref::<syfthub_client::Error>();
    let mut object = Map::new();
    object.insert("message".to_owned(), Value::from(format!("{error:#}")));
    if let Some(code) = call.and_then(syfthub_client::Error::code) {
        object.insert("code".to_owned(), Value::from(code));
    }
    if let Some(billing) = call.and_then(syfthub_client::Error::billing) {
        object.insert("billing".to_owned(), json!(billing));
    }
    if let Some(id) = call.and_then(syfthub_client::Error::correlation_id) {
        object.insert("correlation_id".to_owned(), Value::from(id));
    }
    object
}

/// Reports why a command failed, and says how it ended.
pub(crate) fn report(error: &anyhow::Error, printer: &Printer) -> Status {
    if is_broken_pipe(error) {
        return Status::Success;
    }
    if let Some(Told(told)) = error.downcast_ref::<Told>() {
        return kind_of(told).map_or(Status::Failure, Status::of);
    }
    if error.is::<Interrupted>() {
        return Status::Interrupted;
    }
    let advised = error.downcast_ref::<Advised>();
    let error = advised.map_or(error, |advised| &advised.error);
    let call = error.downcast_ref::<syfthub_client::Error>();
    let kind = kind_of(error);
    let status = kind.map_or(Status::Failure, Status::of);
    let correlation_id = call.and_then(syfthub_client::Error::correlation_id);
    if printer.is_json() {
        let mut object = Map::new();
        object.insert("status".to_owned(), Value::from("error"));
        let mut rest = as_json(error);
        object.extend(rest.remove_entry("message"));
        if let Some(advised) = advised {
            object.insert("try".to_owned(), Value::from(advised.hint.as_str()));
        }
        object.extend(rest);
        // The exit code tells the same when standard output is closed.
        printer.line(format_args!("{:#}", Value::Object(object))).ok();
        return status;
    }
    printer.say(format_args!("error: {error:#}"));
    let hint = match advised {
        Some(advised) => Some(advised.hint.as_str()),
        None => kind.and_then(hint),
    };
    if let Some(hint) = hint {
        printer.say(format_args!("  try: {hint}"));
    }
    if let Some(paid) = call.and_then(syfthub_client::Error::billing).and_then(answer::paid) {
        printer.say(format_args!("  paid all the same: {paid}"));
    }
    if let Some(id) = correlation_id {
        printer.say(format_args!("  correlation id: {id}"));
    }
    status
}

fn hint(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotSignedIn => "syfthub login",
        ErrorKind::NotFound => "syfthub ls",
        ErrorKind::Unreachable | ErrorKind::Timeout => {
            "check the address after --hub, or start a hub with `syfthub dev`"
        }
        ErrorKind::Protocol => "check that the address after --hub is that of a hub",
        _ => return None,
    })
}

/// Whether the reader of our output has gone away, which is no failure of ours.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

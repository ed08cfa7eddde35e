//! The command line of `syfthub-server`, and its mistakes in words.

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::reference::{Described, Page};

use super::{
    AggregatorConfig, DatabaseSettings, HubConfig, KeysCommand, LogSettings, SpaceConfig,
    misspelled,
};

/// Servers of SyftHub.
///
/// Every setting is a flag or a variable of the environment; the flag counts when both are given.
#[derive(Debug, Parser)]
#[command(name = "syfthub-server", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What is logged.
    #[command(flatten)]
    pub log: LogSettings,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the hub and its aggregator
    Hub(Box<HubConfig>),
    /// Serve a space: documents and models behind endpoints
    Space(Box<SpaceConfig>),
    /// Serve an aggregator by itself: questions to many spaces, without a hub or a database
    Aggregator(Box<AggregatorConfig>),
    /// Bring the hub's database up to date and stop
    Migrate(DatabaseSettings),
    /// Look at, replace and forget the keys that sign satellite tokens
    Keys(Box<KeysCommand>),
    /// Print an OpenAPI description
    Openapi {
        /// Of what
        #[arg(value_enum, default_value_t = Described::Hub)]
        of: Described,
    },
    /// Print a page of the reference, in Markdown
    Reference {
        /// Which page
        page: Page,
    },
}

/// The command line or the environment holds a mistake, or asks for help.
#[derive(Debug)]
pub struct UsageError {
    /// What to print.
    pub text: String,
    /// Whether it is the help or version that was asked for, and no mistake.
    pub is_help: bool,
}

impl From<String> for UsageError {
    fn from(text: String) -> Self {
        Self { text, is_help: false }
    }
}

/// Reads the command line and the environment. The second half of the answer names settings that have no effect.
///
/// # Errors
/// What to tell the user, with the name of the setting and the accepted form.
pub fn read(
    arguments: impl Iterator<Item = OsString>,
) -> Result<(Arguments, Vec<String>), UsageError> {
    let (empty, present): (Vec<_>, Vec<_>) =
        std::env::vars_os().partition(|(_, value)| value.is_empty());
    let [empty, present] = [empty, present].map(|variables| {
        let names = variables.into_iter().filter_map(|(name, _)| name.into_string().ok());
        names.collect::<Vec<String>>()
    });
    let names = || present.iter().map(String::as_str);
    if let Some((name, closest)) = misspelled::find(names(), &settings()) {
        let hint = closest.map_or_else(
            || "see `syfthub-server hub --help` for the settings there are".to_owned(),
            |setting| format!("did you mean `{setting}`?"),
        );
        return Err(format!("`{name}` is set in the environment but is no setting: {hint}").into());
    }
    let mut command = prepared(Arguments::command(), &empty);
    let matches = command.try_get_matches_from_mut(arguments).map_err(|error| explain(&error))?;
    let arguments = Arguments::from_arg_matches(&matches).map_err(|error| explain(&error))?;
    let ignored = misspelled::without_effect(names()).into_iter().map(str::to_owned).collect();
    Ok((arguments, ignored))
}

/// Makes clap look past variables that are empty, as compose files leave them, and keep the others' values to itself.
fn prepared(command: clap::Command, empty: &[String]) -> clap::Command {
    let command = command.mut_args(|argument| {
        let name = argument.get_env().and_then(|name| name.to_str());
        let is_empty = name.is_some_and(|name| empty.iter().any(|empty| empty == name));
        let argument = argument.hide_env_values(true);
        if is_empty { argument.env(Resettable::Reset) } else { argument }
    });
    command.mut_subcommands(|inner| prepared(inner, empty))
}

/// The whole command line, as its reference shows it.
pub(crate) fn command() -> clap::Command {
    let mut command = prepared(Arguments::command(), &[]);
    command.build();
    command
}

/// The names of all settings in the environment.
fn settings() -> Vec<String> {
    fn collect(command: &clap::Command, names: &mut Vec<String>) {
        names.extend(
            command
                .get_arguments()
                .filter_map(|argument| argument.get_env()?.to_str().map(str::to_owned)),
        );
        command.get_subcommands().for_each(|inner| collect(inner, names));
    }
    let mut names = Vec::new();
    collect(&Arguments::command(), &mut names);
    names
}

/// Turns clap's complaint about a value into ours, which names the setting and never repeats a secret.
fn explain(error: &clap::Error) -> UsageError {
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let text = match (error.kind(), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::ValueValidation, Some(ContextValue::String(argument))) => {
            let reason =
                std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            Some(format!("{}: {reason}", named(argument)))
        }
        (ErrorKind::MissingRequiredArgument, Some(ContextValue::Strings(missing))) => {
            let missing: Vec<String> = missing.iter().map(|argument| named(argument)).collect();
            Some(format!(
                "{} is required; `syfthub-server hub --help` says what it is",
                missing.join(", ")
            ))
        }
        _ => None,
    };
    UsageError { text: text.unwrap_or_else(|| error.render().to_string()), is_help }
}

/// `--secret-key <SECRET_KEY>` as `SECRET_KEY (--secret-key)`.
fn named(argument: &str) -> String {
    match argument.split_once(" <") {
        Some((flag, name)) => format!("{} ({flag})", name.trim_end_matches(['>', '.'])),
        None => argument.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_of_the_settings_is_the_one_on_file() {
        let mut command = prepared(Arguments::command(), &[]).term_width(100);
        command.build();
        let pages = ["hub", "space", "aggregator", "migrate"].map(|name| {
            let page = command.find_subcommand_mut(name).expect("the command exists");
            page.clone().term_width(100).render_help().to_string()
        });
        insta::assert_snapshot!(pages.join("\n"));
    }

    #[test]
    fn every_setting_is_named_in_the_environment() {
        for subcommand in prepared(Arguments::command(), &[]).get_subcommands() {
            for argument in subcommand.get_arguments().filter(|argument| !argument.is_positional())
            {
                let name = argument.get_env().unwrap_or_default();
                assert!(!name.is_empty(), "{} {argument}", subcommand.get_name());
            }
        }
    }
}

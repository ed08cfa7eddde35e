//! `settings.md`, from the command line.

use std::fmt::Write as _;

use clap::{Arg, Command};

use super::cell;

const HEAD: &str = "# Settings

Every setting of `syfthub-server`, as a variable of the environment or as a flag; the flag counts when both are given. An empty variable
counts as absent. A value that does not fit, or a variable that looks like a misspelled setting, stops the start with its name and
the accepted form. Secrets are better given as variables, since everybody on a machine sees its processes' arguments.
";

/// The page.
pub(super) fn page(command: &Command) -> String {
    let mut page = HEAD.to_owned();
    table(&mut page, "## Of every command", &shown(command));
    for inner in command.get_subcommands() {
        let settings = shown(inner);
        if settings.is_empty() {
            continue;
        }
        let about = inner.get_about().map(ToString::to_string).unwrap_or_default();
        let title = format!("`syfthub-server {}`", inner.get_name());
        write!(page, "\n## {title}\n\n{about}.\n").expect("a String takes everything");
        for heading in headings(&settings) {
            let group: Vec<&Arg> = settings
                .iter()
                .copied()
                .filter(|setting| setting.get_help_heading() == heading)
                .collect();
            table(&mut page, &format!("### {}", heading.unwrap_or("General")), &group);
        }
    }
    page
}

/// The settings that are named in the environment.
fn shown(command: &Command) -> Vec<&Arg> {
    command.get_arguments().filter(|argument| argument.get_env().is_some()).collect()
}

/// The headings in the order they are used.
fn headings<'a>(settings: &[&'a Arg]) -> Vec<Option<&'a str>> {
    let mut headings = Vec::new();
    for setting in settings {
        if !headings.contains(&setting.get_help_heading()) {
            headings.push(setting.get_help_heading());
        }
    }
    headings
}

fn table(page: &mut String, title: &str, settings: &[&Arg]) {
    write!(page, "\n{title}\n\n| variable | flag | default | what it is |\n|---|---|---|---|\n")
        .expect("a String takes everything");
    for setting in settings {
        let variable = setting.get_env().and_then(|name| name.to_str()).unwrap_or_default();
        let flag = setting.get_long().map(|flag| format!("`--{flag}`")).unwrap_or_default();
        let (default, help) = (default(setting), setting.get_help().map(ToString::to_string));
        let help = cell(&help.unwrap_or_default());
        writeln!(page, "| `{variable}` | {flag} | {default} | {help}{} |", choices(setting))
            .expect("a String takes everything");
    }
}

fn default(setting: &Arg) -> String {
    let values: Vec<String> = setting
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned())
        .filter(|value| !value.is_empty())
        .collect();
    match (values.is_empty(), setting.is_required_set()) {
        (true, true) => "required".to_owned(),
        (true, false) => String::new(),
        (false, _) => format!("`{}`", cell(&values.join(","))),
    }
}

/// `: a, b or c`, for a setting that takes one of a few words.
fn choices(setting: &Arg) -> String {
    let words = setting.get_possible_values();
    let words: Vec<String> = words.iter().map(|word| format!("`{}`", word.get_name())).collect();
    let is_plain = setting.get_action().takes_values() && !words.is_empty();
    if is_plain { format!(" ({})", words.join(", ")) } else { String::new() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_setting_stands_on_the_page() {
        let command = crate::config::command();
        let page = super::page(&command);
        for inner in command.get_subcommands() {
            for setting in super::shown(inner) {
                let name = setting.get_env().unwrap_or_default().to_string_lossy().into_owned();
                assert!(page.contains(&format!("| `{name}` | ")), "{name}");
            }
        }
        assert!(page.contains("| `SECRET_KEY` | `--secret-key` | required | "), "{page}");
    }
}

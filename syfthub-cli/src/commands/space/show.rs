//! How single things are shown: a line for each field, and settings as JSON.

use std::fmt::Display;
use std::io;

use serde::Serialize;
use serde_json::{Map, Value, json};
use syfthub_core::Timestamp;

use crate::printer::Printer;

/// Wide enough for the names of fields.
const NAMES: usize = 13;

/// A line `name  value`; nothing when there is no value.
pub(super) fn field(printer: &Printer, name: &str, value: impl Display) -> io::Result<()> {
    let value = value.to_string();
    if value.is_empty() {
        return Ok(());
    }
    printer.line(format_args!("{name:<NAMES$}{value}"))
}

/// Settings, a line for each.
pub(super) fn settings(printer: &Printer, configuration: &Map<String, Value>) -> io::Result<()> {
    if configuration.is_empty() {
        return Ok(());
    }
    printer.line("settings")?;
    for (name, value) in configuration {
        match value {
            Value::String(text) => printer.line(format_args!("  {name} = {text}"))?,
            value => printer.line(format_args!("  {name} = {value}"))?,
        }
    }
    Ok(())
}

/// `{"status": "success", name: thing}`.
pub(super) fn json(printer: &Printer, name: &str, thing: &impl Serialize) -> anyhow::Result<()> {
    Ok(printer.success(json!({ name: serde_json::to_value(thing)? }))?)
}

/// A moment, to the minute, in UTC.
pub(super) fn moment(at: Option<Timestamp>) -> String {
    let text = at.map(|at| at.to_string()).unwrap_or_default();
    text.get(..16).map(|text| text.replace('T', " ")).unwrap_or_default()
}

/// `1 file`, `2 files`.
pub(super) fn count(n: u64, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{ending}")
}

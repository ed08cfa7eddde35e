//! The only place that prints: data to standard output, talk to standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Stderr, Stdout, Write as _};

use serde_json::Value;

use crate::table::Table;

/// Prints what a command has to say, for people or as JSON.
#[derive(Debug)]
pub(crate) struct Printer {
    json: bool,
    out: Stdout,
    talk: Stderr,
}

impl Printer {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, out: io::stdout(), talk: io::stderr() }
    }

    /// Whether one JSON object is expected.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A line of data.
    pub(crate) fn line(&self, text: impl Display) -> io::Result<()> {
        let mut out = self.out.lock();
        writeln!(out, "{text}")?;
        out.flush()
    }

    /// Rows of data: for people when they watch, else for programs.
    pub(crate) fn table(&self, table: &Table) -> io::Result<()> {
        for line in table.lines(self.width()) {
            self.line(line)?;
        }
        Ok(())
    }

    /// Columns of the terminal that shows the data, if one does.
    pub(crate) fn width(&self) -> Option<usize> {
        let size = self.out.is_terminal().then(|| console::Term::stdout().size());
        size.map(|(_, columns)| usize::from(columns))
    }

    /// A piece of data that appears at once, without a line break.
    pub(crate) fn piece(&self, text: &str) -> io::Result<()> {
        let mut out = self.out.lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// The result as a JSON object, marked as a success.
    pub(crate) fn success(&self, mut result: Value) -> io::Result<()> {
        if let Some(object) = result.as_object_mut() {
            let fields = std::mem::take(object);
            object.insert("status".to_owned(), Value::from("success"));
            object.extend(fields);
        }
        self.line(format_args!("{result:#}"))
    }

    /// A value on one line of JSON.
    pub(crate) fn json_line(&self, value: &Value) -> io::Result<()> {
        self.line(value)
    }

    /// Talk for the person at the terminal.
    pub(crate) fn say(&self, text: impl Display) {
        // Nobody can be told when standard error is closed.
        writeln!(self.talk.lock(), "{text}").ok();
    }

    /// Whether a person watches standard error, so that progress may be drawn there.
    pub(crate) fn is_watched(&self) -> bool {
        self.talk.is_terminal()
    }
}

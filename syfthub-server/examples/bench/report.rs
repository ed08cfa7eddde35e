//! The result: one row per measurement, as a table for people, JSON for programs, and a section of the README.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::{Value, json};

/// How a measured number relates to its line.
#[derive(Clone, Copy)]
pub(crate) enum Line {
    /// Met when the number is at least this.
    AtLeast(f64),
    /// Met when the number is at most this.
    AtMost(f64),
    /// Reported only.
    None,
}

/// One measurement. `judged` is the number held against the line: a ratio, or ours where there is no reference.
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// The reference's number, as text; empty without one.
    pub(crate) reference: String,
    /// Our number, as text.
    pub(crate) ours: String,
    /// Ours over the reference.
    pub(crate) ratio: Option<f64>,
    /// The line to reach, as text.
    pub(crate) line: String,
    /// Whether it is reached; nothing where there is no line.
    pub(crate) met: Option<bool>,
}

impl Row {
    /// A number against a reference measured in the same run; the line is about their ratio.
    pub(crate) fn against(what: &str, unit: &str, ours: f64, reference: f64, line: Line) -> Self {
        let ratio = ours / reference;
        Self {
            what: what.to_owned(),
            reference: number(reference, unit),
            ours: number(ours, unit),
            ratio: Some(ratio),
            line: line.text(|limit| format!("{limit} ×")),
            met: line.met(ratio),
        }
    }

    /// A number that stands for itself.
    pub(crate) fn absolute(what: &str, unit: &str, ours: f64, line: Line) -> Self {
        Self {
            what: what.to_owned(),
            reference: String::new(),
            ours: number(ours, unit),
            ratio: None,
            line: line.text(|limit| number(limit, unit)),
            met: line.met(ours),
        }
    }

    fn cells(&self) -> [String; 6] {
        let met = match self.met {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        let ratio = self.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        [
            self.what.clone(),
            self.reference.clone(),
            self.ours.clone(),
            ratio,
            self.line.clone(),
            met.to_owned(),
        ]
    }

    fn json(&self) -> Value {
        json!({"what": self.what, "reference": self.reference, "ours": self.ours, "ratio": self.ratio, "line": self.line, "met": self.met})
    }
}

impl Line {
    fn met(self, value: f64) -> Option<bool> {
        match self {
            Self::AtLeast(limit) => Some(value >= limit),
            Self::AtMost(limit) => Some(value <= limit),
            Self::None => None,
        }
    }

    fn text(self, show: impl Fn(f64) -> String) -> String {
        match self {
            Self::AtLeast(limit) => format!("≥ {}", show(limit)),
            Self::AtMost(limit) => format!("≤ {}", show(limit)),
            Self::None => String::new(),
        }
    }
}

fn number(value: f64, unit: &str) -> String {
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$} {unit}").trim_end().to_owned()
}

/// Measurements that belong together, as a table under a title.
pub(crate) struct Section {
    title: String,
    /// The first line is the head.
    cells: Vec<Vec<String>>,
    rows: Vec<Row>,
}

impl Section {
    /// A section whose lines are measurements.
    pub(crate) fn of_rows(title: impl Into<String>, rows: Vec<Row>) -> Self {
        let head = ["what", "reference", "ours", "ratio", "line", "met"].map(str::to_owned);
        let cells = std::iter::once(head).chain(rows.iter().map(Row::cells));
        Self { title: title.into(), cells: cells.map(Vec::from).collect(), rows }
    }

    /// A section of another shape; the first of `cells` is the head.
    pub(crate) fn of_cells(title: impl Into<String>, cells: Vec<Vec<String>>) -> Self {
        Self { title: title.into(), cells, rows: Vec::new() }
    }

    fn json(&self) -> Value {
        if self.rows.is_empty() {
            return json!({"title": self.title, "cells": self.cells});
        }
        json!({"title": self.title, "rows": self.rows.iter().map(Row::json).collect::<Vec<_>>()})
    }
}

/// The sections as Markdown whose columns line up in a terminal too.
pub(crate) fn tables(sections: &[Section]) -> String {
    let tables = sections
        .iter()
        .map(|section| format!("**{}**\n\n{}", section.title, table(&section.cells)));
    tables.collect::<Vec<_>>().join("\n")
}

fn table(cells: &[Vec<String>]) -> String {
    let width = |column: usize| {
        cells
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let mut text = String::new();
    for (index, row) in cells.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let _ = write!(text, "| {cell}{} ", " ".repeat(width(column) - cell.chars().count()));
        }
        text.push_str("|\n");
        if index == 0 {
            let rule: Vec<String> =
                (0..row.len()).map(|column| "-".repeat(width(column) + 2)).collect();
            let _ = writeln!(text, "|{}|", rule.join("|"));
        }
    }
    text
}

/// What the numbers were measured on, in one line.
pub(crate) fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        text.lines()
            .find(|line| line.starts_with(name))
            .and_then(|line| line.split_once(':'))
            .map_or_else(String::new, |(_, value)| value.trim().to_owned())
    };
    let cpu = field(&read("/proc/cpuinfo"), "model name");
    let memory: f64 = field(&read("/proc/meminfo"), "MemTotal")
        .trim_end_matches(" kB")
        .parse()
        .unwrap_or_default();
    let system = field(&read("/etc/os-release").replace('=', ":"), "PRETTY_NAME").replace('"', "");
    let rustc = Command::new("rustc")
        .arg("--version")
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    format!(
        "{} × {cpu}, {:.0} GiB, {system}, {}",
        crate::cores(),
        memory / 1024.0 / 1024.0,
        rustc.unwrap_or_default()
    )
}

/// Writes the sections as JSON.
pub(crate) fn write_json(sections: &[Section], path: &Path) -> anyhow::Result<()> {
    let sections: Vec<Value> = sections.iter().map(Section::json).collect();
    let report = json!({"machine": machine(), "sections": sections});
    std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")
        .with_context(|| format!("write {}", path.display()))
}

/// Puts the tables between the README's markers.
pub(crate) fn write_readme(sections: &[Section], path: &Path) -> anyhow::Result<()> {
    const START: &str = "<!-- bench:start -->";
    const END: &str = "<!-- bench:end -->";
    let text = std::fs::read_to_string(path)?;
    let (before, rest) = text.split_once(START).context("no start marker in the README")?;
    let (_, after) = rest.split_once(END).context("no end marker in the README")?;
    let section = format!("{START}\n{}\nMeasured on {}.\n{END}", tables(sections), machine());
    Ok(std::fs::write(path, format!("{before}{section}{after}"))?)
}

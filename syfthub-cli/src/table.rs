//! Rows for people: columns that fit the terminal, and fields between tabs for programs that read a pipe.

use console::{measure_text_width, pad_str, truncate_str};

const GAP: usize = 2;

/// The least that a shortened column keeps.
const LEAST: usize = 8;

/// Rows under a header.
#[derive(Debug)]
pub(crate) struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(header: &[&'static str]) -> Self {
        Self { header: header.to_owned(), rows: Vec::new() }
    }

    /// Appends a row, with a cell for each column. A line break in a cell becomes a space.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        let cells = cells.map(|cell| cell.replace(['\n', '\r', '\t'], " "));
        self.rows.push(cells.into());
    }

    /// The lines: for a terminal of `width` columns, with a header, shortened to fit; without one the cells between tabs.
    pub(crate) fn lines(&self, width: Option<usize>) -> Vec<String> {
        let Some(width) = width else {
            return self.rows.iter().map(|row| row.join("\t")).collect();
        };
        if self.rows.is_empty() {
            return Vec::new();
        }
        let widths = self.widths(width);
        let header = self.header.iter().map(|name| (*name).to_owned()).collect();
        std::iter::once(&header).chain(&self.rows).map(|row| line(row, &widths)).collect()
    }

    /// What each column may take: what it needs, and where that is too much the widest give way.
    fn widths(&self, terminal: usize) -> Vec<usize> {
        let needed = |n: usize| {
            let cells = self.rows.iter().map(|row| measure_text_width(&row[n]));
            cells.chain([self.header[n].len()]).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..self.header.len()).map(needed).collect();
        let room = terminal.saturating_sub(GAP * (widths.len() - 1));
        while widths.iter().sum::<usize>() > room {
            match widths.iter_mut().max() {
                Some(widest) if *widest > LEAST => *widest -= 1,
                _ => break,
            }
        }
        widths
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let cells = cells.iter().zip(widths).map(|(cell, width)| {
        let cell = truncate_str(cell, *width, "…");
        pad_str(&cell, *width, console::Alignment::Left, None).into_owned()
    });
    cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["NAME", "TYPE", "SUMMARY"]);
        table.row([
            "notes".to_owned(),
            "local_file".to_owned(),
            "What grew where,\nand when".to_owned(),
        ]);
        table.row(["論文".to_owned(), "chroma".to_owned(), String::new()]);
        table
    }

    #[test]
    fn a_wide_terminal_shows_everything_in_columns() {
        assert_eq!(
            table().lines(Some(80)),
            [
                "NAME   TYPE        SUMMARY",
                "notes  local_file  What grew where, and when",
                "論文   chroma",
            ]
        );
    }

    #[test]
    fn a_narrow_terminal_shortens_the_widest_column() {
        let lines = table().lines(Some(32));
        assert_eq!(lines[1], "notes  local_file  What grew wh…");
        assert!(lines.iter().all(|line| measure_text_width(line) <= 32));
    }

    #[test]
    fn a_pipe_gets_whole_cells_between_tabs_and_no_header() {
        assert_eq!(
            table().lines(None),
            ["notes\tlocal_file\tWhat grew where, and when", "論文\tchroma\t"]
        );
    }

    #[test]
    fn no_rows_are_no_lines() {
        assert!(Table::new(&["NAME"]).lines(Some(80)).is_empty());
    }
}

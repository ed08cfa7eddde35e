//! Rows of a table as text that can be read without the table: each value beside the name of its column.

use super::Outline;

/// Turns rows into paragraphs. The first row names the columns when it looks like names.
#[derive(Default)]
pub(super) struct Table {
    names: Option<Vec<String>>,
}

impl Table {
    /// Adds a row; one without values is left out.
    pub(super) fn row(&mut self, cells: &[String], outline: &mut Outline) {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let Some(names) = &self.names else {
            if are_names(cells) {
                outline.block(&line(cells.iter().map(|cell| one_line(cell))));
                self.names = Some(cells.iter().map(|cell| one_line(cell)).collect());
            } else {
                self.names = Some(Vec::new());
                self.row(cells, outline);
            }
            return;
        };
        let values = cells.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty()).map(
            |(column, cell)| match names.get(column).filter(|name| !name.is_empty()) {
                Some(name) => format!("{name}: {}", one_line(cell)),
                None => one_line(cell),
            },
        );
        outline.block(&line(values));
    }
}

/// Names are short texts, not numbers, and no two are the same.
fn are_names(cells: &[String]) -> bool {
    let names: Vec<String> = cells
        .iter()
        .map(|cell| cell.trim().to_lowercase())
        .filter(|cell| !cell.is_empty())
        .collect();
    let is_name = |name: &String| name.len() <= 100 && name.parse::<f64>().is_err();
    let mut sorted = names.clone();
    sorted.sort();
    sorted.dedup();
    names.len() > 1 && names.iter().all(is_name) && sorted.len() == names.len()
}

fn one_line(cell: &str) -> String {
    cell.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("; ")
}

//! CSV: each row a paragraph, each value beside the name of its column.

use csv::ReaderBuilder;

use super::table::Table;
use super::{Outline, Parsed};

/// Marks that separate values, the likeliest first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Lines that show which mark it is.
const SAMPLE: usize = 20;

/// Reads every row, also of files whose rows differ in length. A row that cannot be read as values stays as it is.
pub(super) fn parse(text: &str) -> Parsed {
    let mut rows = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let (mut outline, mut table) = (Outline::default(), Table::default());
    for row in rows.records().filter_map(Result::ok) {
        let cells: Vec<String> = row.iter().map(str::to_owned).collect();
        table.row(&cells, &mut outline);
    }
    outline.finish()
}

/// The mark that stands in the first lines most often and about as often in each.
fn separator(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).take(SAMPLE).collect();
    let least = |mark: u8| {
        let count = |line: &&str| line.bytes().filter(|byte| *byte == mark).count();
        lines.iter().map(count).min().unwrap_or_default()
    };
    let best = SEPARATORS.iter().rev().max_by_key(|mark| least(**mark));
    *best.unwrap_or(&SEPARATORS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(csv: &str) -> String {
        parse(csv).sections.first().map(|section| section.text.clone()).unwrap_or_default()
    }

    #[test]
    fn each_value_stands_beside_the_name_of_its_column() {
        assert_eq!(
            text("Permit,Fee,Note\nN-4,40,\"night, and\nday\"\nN-5,,x\n"),
            "Permit; Fee; Note\n\nPermit: N-4; Fee: 40; Note: night, and day\n\nPermit: N-5; Note: x"
        );
    }

    #[test]
    fn other_separators_and_tables_without_names_are_read() {
        assert_eq!(text("a;b\n1,5;2\n"), "a; b\n\na: 1,5; b: 2");
        assert_eq!(text("a\tb\n1\t2"), "a; b\n\na: 1; b: 2");
        assert_eq!(text("1,2\n3,4,5"), "1; 2\n\n3; 4; 5");
        assert_eq!(text("just one line"), "just one line");
    }
}

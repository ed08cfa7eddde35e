//! XLSX: each sheet a section, each row a paragraph, each value beside the name of its column.

use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError};

use super::package::Package;
use super::table::Table;
use super::{Format, Outline, ParseError, Parsed, Unpacking};

/// Columns beyond this one are left out: a cell may claim to stand anywhere, and a row is kept as a list.
const COLUMNS: u32 = 4096;

/// Reads the values of every sheet, cell by cell, so that what a sheet claims of its size costs nothing.
pub(super) fn parse(bytes: &[u8], unpacking: Unpacking) -> Result<Parsed, ParseError> {
    // The library unpacks without limits.
    Package::open(bytes, Format::Xlsx, unpacking)?.check_all()?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let mut outline = Outline::default();
    for sheet in book.sheet_names() {
        outline.close_headings(1);
        outline.heading(1, &sheet);
        match read_sheet(&mut book, &sheet, &mut outline) {
            // A sheet of charts has no cells.
            Err(XlsxError::WorksheetNotFound(_) | XlsxError::NotAWorksheet(_)) | Ok(()) => {}
            Err(error) => return Err(broken(&error)),
        }
    }
    Ok(outline.finish())
}

fn broken(error: &XlsxError) -> ParseError {
    match error {
        XlsxError::Password => ParseError::broken(Format::Xlsx, "it is protected by a password"),
        error => ParseError::broken(Format::Xlsx, error),
    }
}

fn read_sheet(
    book: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    outline: &mut Outline,
) -> Result<(), XlsxError> {
    let mut cells = book.worksheet_cells_reader(sheet)?;
    let (mut table, mut row, mut number) = (Table::default(), Vec::new(), 0);
    while let Some(cell) = cells.next_cell()? {
        let (at, column) = cell.get_position();
        if at != number {
            table.row(&row, outline);
            row.clear();
            number = at;
        }
        if column < COLUMNS {
            let column = column as usize;
            row.resize(row.len().max(column + 1), String::new());
            row[column] = shown(cell.get_value());
        }
    }
    table.row(&row, outline);
    Ok(())
}

fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(moment) => shown_moment(moment),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// Days since 1900 as a date, with the time of day when there is one; spans as hours.
fn shown_moment(moment: &ExcelDateTime) -> String {
    if moment.is_duration() {
        return format!("{:.2} h", moment.as_f64() * 24.0);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::package::tests::packed;
    use super::*;

    /// A workbook of one sheet with the given rows of XML.
    pub(in crate::space::parse) fn sample(rows: &str) -> Vec<u8> {
        let sheet = format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
        );
        let book = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Fees" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
        let links = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
        let root = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
        packed(&[
            ("_rels/.rels", root.as_bytes()),
            ("xl/workbook.xml", book.as_bytes()),
            ("xl/_rels/workbook.xml.rels", links.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ])
    }

    fn row(number: u32, cells: &[(&str, &str)]) -> String {
        let cell = |(column, text): &(&str, &str)| {
            format!(r#"<c r="{column}{number}" t="inlineStr"><is><t>{text}</t></is></c>"#)
        };
        let cells = cells.iter().map(cell).collect::<Vec<_>>().concat();
        format!(r#"<row r="{number}">{cells}</row>"#)
    }

    #[test]
    fn each_sheet_is_a_section_and_each_value_stands_beside_its_name() {
        let rows = [
            row(1, &[("A", "Permit"), ("B", "Fee")]),
            row(3, &[("A", "N-4"), ("B", "40")]),
            row(4, &[("B", "50")]),
        ];
        let parsed = parse(&sample(&rows.concat()), Unpacking::default()).unwrap();
        assert_eq!(parsed.sections[0].headings, ["Fees"]);
        let expected = "Fees\n\nPermit; Fee\n\nPermit: N-4; Fee: 40\n\nFee: 50";
        assert_eq!(parsed.sections[0].text, expected);
    }

    #[test]
    fn a_cell_at_the_end_of_the_world_costs_nothing() {
        let rows = row(1, &[("A", "x")]) + &row(1_048_576, &[("XFD", "y"), ("A", "z")]);
        let parsed = parse(&sample(&rows), Unpacking::default()).unwrap();
        assert!(parsed.sections[0].text.ends_with('z'), "{parsed:?}");
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        let other = packed(&[("a", b"x")]);
        assert!(matches!(parse(&other, Unpacking::default()), Err(ParseError::Broken { .. })));
        let zeros = vec![0; 3 << 20];
        let bomb = packed(&[("xl/a", &zeros)]);
        assert_eq!(parse(&bomb, Unpacking::default()), Err(ParseError::UnpacksTooLarge(1 << 20)));
    }
}

//! Users as a table in CSV (RFC 4180), safe to open in a spreadsheet.

use bytes::Bytes;
use syfthub_core::Timestamp;
use syfthub_core::wire::user::User;

const COLUMNS: [&str; 11] = [
    "id",
    "username",
    "email",
    "full_name",
    "role",
    "is_active",
    "is_email_verified",
    "domain",
    "created_at",
    "updated_at",
    "last_login_at",
];

/// The first line.
pub(super) fn header() -> Bytes {
    written([COLUMNS.map(str::to_owned)])
}

/// A line for each user.
pub(super) fn rows(users: &[User]) -> Bytes {
    written(users.iter().map(row))
}

fn row(user: &User) -> [String; COLUMNS.len()] {
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    [
        user.id.to_string(),
        inert(&user.username),
        inert(&user.email),
        inert(&user.full_name),
        user.role.to_string(),
        user.is_active.to_string(),
        user.is_email_verified.to_string(),
        inert(user.domain.as_deref().unwrap_or_default()),
        user.created_at.to_string(),
        moment(user.updated_at),
        moment(user.last_login_at),
    ]
}

/// Text that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe in front.
fn inert(text: &str) -> String {
    let begins_one = |c: char| {
        matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    };
    if text.trim_start_matches(' ').starts_with(begins_one) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn written(records: impl IntoIterator<Item = [String; COLUMNS.len()]>) -> Bytes {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for record in records {
        writer.write_record(record).expect("memory takes every record, and all are as long");
    }
    writer.into_inner().expect("memory takes what is left").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_is_made_text() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"] {
            assert!(inert(bad).starts_with('\''), "{bad:?}");
        }
        for good in ["Ada L.", "1-2", "a=b", ""] {
            assert_eq!(inert(good), good);
        }
    }

    #[test]
    fn a_cell_with_quotes_commas_or_lines_stays_one_cell() {
        let line = |cell: &str| {
            let mut record = [const { String::new() }; COLUMNS.len()];
            cell.clone_into(&mut record[0]);
            written([record])
        };
        assert_eq!(&line("a,\"b\"\nc")[..14], b"\"a,\"\"b\"\"\nc\",,,");
        assert!(line("a").ends_with(b",\r\n"));
    }
}

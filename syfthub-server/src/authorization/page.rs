//! The table as it stands on its page: one line for each route and kind of thing it is asked about.

use http::StatusCode;

/// The columns, from the least to the most trusted. What each is stands on the page.
pub(super) const ACTORS: [&str; 17] = [
    "anonymous",
    "expired",
    "guest",
    "deactivated",
    "stranger",
    "contributor",
    "viewer",
    "member",
    "manager",
    "org admin",
    "org owner",
    "owner",
    "read token",
    "write token",
    "full token",
    "admin read token",
    "admin",
];

const PAGE: &str = include_str!("../../docs/reference/authorization.md");

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// `METHOD path`, as the OpenAPI description has it.
    pub(super) route: String,
    /// What the route is asked about; `-` when it is always the same.
    pub(super) of: String,
    /// What each of [`ACTORS`] is answered.
    pub(super) statuses: Vec<StatusCode>,
}

impl Row {
    /// The same question with other answers.
    pub(super) fn with(&self, statuses: Vec<StatusCode>) -> Self {
        Self { statuses, ..self.clone() }
    }

    /// The line of the page.
    pub(super) fn to_line(&self) -> String {
        let cells: Vec<&str> = self.statuses.iter().map(StatusCode::as_str).collect();
        format!("| `{}` | {} | {} |", self.route, self.of, cells.join(" | "))
    }

    fn of_line(line: &str) -> Option<Self> {
        let cells: Vec<&str> = line.strip_prefix("| `")?.split('|').map(str::trim).collect();
        let route = cells[0].trim_end_matches('`').to_owned();
        let statuses = cells[2..].iter().filter(|cell| !cell.is_empty());
        let statuses: Vec<StatusCode> =
            statuses.map(|cell| cell.parse().unwrap_or_else(|_| panic!("{line}"))).collect();
        assert_eq!(statuses.len(), ACTORS.len(), "{line}");
        Some(Self { route, of: cells[1].to_owned(), statuses })
    }
}

/// Every line of the table.
pub(super) fn rows() -> Vec<Row> {
    PAGE.lines().filter_map(Row::of_line).collect()
}

#[test]
fn the_header_names_the_columns() {
    let header = format!("| route | of | {} |", ACTORS.join(" | "));
    assert!(PAGE.lines().any(|line| line == header), "{header}");
}

//! A table as it stands on its page: one line for each route and kind of thing it is asked about.

use std::collections::BTreeSet;

use http::StatusCode;
use utoipa::openapi::OpenApi;

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

/// The hub's table.
pub(super) const HUB: Page =
    Page { text: include_str!("../../docs/reference/authorization.md"), actors: &ACTORS };

/// A page with a table of this many columns.
pub(crate) struct Page {
    pub(crate) text: &'static str,
    pub(crate) actors: &'static [&'static str],
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// `METHOD path`, as the OpenAPI description has it.
    pub(crate) route: String,
    /// What the route is asked about; `-` when it is always the same.
    pub(crate) of: String,
    /// What each of [`ACTORS`] is answered.
    pub(crate) statuses: Vec<StatusCode>,
}

impl Row {
    /// The same question with other answers.
    pub(crate) fn with(&self, statuses: Vec<StatusCode>) -> Self {
        Self { statuses, ..self.clone() }
    }

    /// The line of the page.
    pub(crate) fn to_line(&self) -> String {
        let cells: Vec<&str> = self.statuses.iter().map(StatusCode::as_str).collect();
        format!("| `{}` | {} | {} |", self.route, self.of, cells.join(" | "))
    }

    fn of_line(line: &str, actors: usize) -> Option<Self> {
        let cells: Vec<&str> = line.strip_prefix("| `")?.split('|').map(str::trim).collect();
        let route = cells[0].trim_end_matches('`').to_owned();
        let statuses = cells[2..].iter().filter(|cell| !cell.is_empty());
        let statuses: Vec<StatusCode> =
            statuses.map(|cell| cell.parse().unwrap_or_else(|_| panic!("{line}"))).collect();
        assert_eq!(statuses.len(), actors, "{line}");
        Some(Self { route, of: cells[1].to_owned(), statuses })
    }
}

impl Page {
    /// Every line of the table.
    pub(crate) fn rows(&self) -> Vec<Row> {
        self.text.lines().filter_map(|line| Row::of_line(line, self.actors.len())).collect()
    }

    /// Fails unless the table's header names the columns.
    pub(crate) fn has_header(&self) {
        let header = format!("| route | of | {} |", self.actors.join(" | "));
        assert!(self.text.lines().any(|line| line == header), "{header}");
    }

    /// Fails unless every one of `routes` has a line, and every line a route.
    pub(crate) fn covers(&self, routes: &BTreeSet<String>) {
        let rows: BTreeSet<String> = self.rows().into_iter().map(|row| row.route).collect();
        let missing: Vec<_> = routes.difference(&rows).collect();
        let stale: Vec<_> = rows.difference(routes).collect();
        assert!(
            missing.is_empty() && stale.is_empty(),
            "the table lacks {missing:#?}\nand has rows for routes that are gone: {stale:#?}"
        );
    }
}

/// `METHOD path` of every route that is described.
pub(crate) fn routes(description: &OpenApi) -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    for (path, item) in &description.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        for (method, operation) in methods {
            if operation.is_some() {
                routes.insert(format!("{method} {path}"));
            }
        }
    }
    routes
}

#[test]
fn the_header_names_the_columns() {
    HUB.has_header();
}

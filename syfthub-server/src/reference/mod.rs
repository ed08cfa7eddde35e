//! The reference pages in `docs/reference`, written from the code: `syfthub-server reference PAGE` prints one.

mod errors;
mod metrics;
mod routes;
mod settings;

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Page {
    /// Every route: who may call it and what it does
    Routes,
    /// Every route of a space, for its owner and for callers
    SpaceRoutes,
    /// Every route of an aggregator by itself
    AggregatorRoutes,
    /// Every setting: its variable, flag and default
    Settings,
    /// Every status and code that a client may meet, and what to do about it
    Errors,
    /// Every series at `/metrics`
    Metrics,
}

impl Page {
    /// The page in Markdown.
    pub fn markdown(self) -> String {
        match self {
            Self::Routes => routes::hub(),
            Self::SpaceRoutes => routes::space(),
            Self::AggregatorRoutes => routes::aggregator(),
            Self::Settings => settings::page(&crate::config::command()),
            Self::Errors => errors::page(),
            Self::Metrics => metrics::page(),
        }
    }
}

/// What has an OpenAPI description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Described {
    /// The hub with its aggregator and its ledger
    Hub,
    /// The admin API of a space
    Space,
}

impl Described {
    /// The description as JSON.
    ///
    /// # Panics
    /// When a schema cannot be written as JSON, which is a mistake in its declaration.
    pub fn openapi(self) -> String {
        match self {
            Self::Hub => crate::openapi(),
            Self::Space => crate::space::admin_description()
                .to_pretty_json()
                .expect("the description is plain data"),
        }
    }
}

/// Text inside a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod source {
    //! What the code itself says, for tests that hold a page to it.

    use std::path::Path;

    /// The text of every file of this crate's source besides tests, up to the tests within it.
    pub(super) fn files() -> Vec<String> {
        let mut files = Vec::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        files
    }

    fn collect(folder: &Path, files: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "tests" && name != "reference" {
                    collect(&path, files);
                }
            } else if path.extension().is_some_and(|ending| ending == "rs")
                && !name.contains("test")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push(text.split("#[cfg(test)]\nmod").next().unwrap_or_default().to_owned());
            }
        }
    }

    /// The first text literal after each `call` in the source, where one follows within the same statement and is a
    /// single word.
    pub(super) fn words(call: &str) -> Vec<String> {
        let mut found = Vec::new();
        for file in files() {
            for rest in file.split(call).skip(1) {
                let statement = rest.split(';').next().unwrap_or_default();
                let literal = statement.split('"').nth(1).unwrap_or_default();
                if literal.contains(|c: char| c != '_' && !c.is_ascii_alphabetic())
                    || literal.is_empty()
                {
                    continue;
                }
                found.push(literal.to_owned());
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

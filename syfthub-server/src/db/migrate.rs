//! The numbered files in `migrations/`, run by refinery. A file that was released is never edited; a new one is added.

use refinery::{Migration, Runner};

use super::StoreError;

/// Which tables a database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// The hub's, on both engines.
    Hub,
    /// A space's, on SQLite.
    Space,
}

/// Name and text of each file of a folder, in order.
type Files = &'static [(&'static str, &'static str)];

macro_rules! files {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../migrations/", $folder, "/", $name, ".sql")))),*]
    };
}

/// The hub's files, in a folder for each engine: the same steps on both.
macro_rules! hub_files {
    ($folder:literal) => {
        files!($folder:
            "V1__users_and_sessions",
            "V2__endpoints",
            "V3__audit",
            "V4__organizations",
            "V5__stars_and_search",
            "V6__health_and_jobs",
            "V7__tokens",
            "V8__mail_and_accounting",
        )
    };
}

const HUB_SQLITE: Files = hub_files!("sqlite/hub");
const HUB_POSTGRES: Files = hub_files!("postgres/hub");
const SPACE_SQLITE: Files = files!("sqlite/space": "V1__space");

impl Schema {
    pub(super) fn on_sqlite(self) -> Result<Runner, StoreError> {
        match self {
            Self::Hub => runner(HUB_SQLITE),
            Self::Space => runner(SPACE_SQLITE),
        }
    }

    pub(super) fn on_postgres(self) -> Result<Runner, StoreError> {
        match self {
            Self::Hub => runner(HUB_POSTGRES),
            Self::Space => Err(StoreError::Migration(
                "a space keeps its data in SQLite: use `sqlite:PATH`".to_owned(),
            )),
        }
    }
}

fn runner(files: Files) -> Result<Runner, StoreError> {
    let migrations: Result<Vec<_>, _> =
        files.iter().map(|(name, text)| Migration::unapplied(name, text)).collect();
    Ok(Runner::new(&migrations.map_err(|error| failed(&error))?))
}

pub(super) fn failed(error: &refinery::Error) -> StoreError {
    StoreError::Migration(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_in_the_folders_is_run() {
        for (folder, files) in [
            ("sqlite/hub", HUB_SQLITE),
            ("postgres/hub", HUB_POSTGRES),
            ("sqlite/space", SPACE_SQLITE),
        ] {
            let path =
                std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
            let mut present: Vec<String> = std::fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| !name.starts_with('.'))
                .collect();
            present.sort();
            let listed: Vec<String> = files.iter().map(|(name, _)| format!("{name}.sql")).collect();
            assert_eq!(present, listed, "{folder}");
        }
    }
}

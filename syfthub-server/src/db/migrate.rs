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
            "V9__error_reports",
            "V10__tunnels",
            "V11__ledger",
        )
    };
}

const HUB_SQLITE: Files = hub_files!("sqlite/hub");
const HUB_POSTGRES: Files = hub_files!("postgres/hub");
const SPACE_SQLITE: Files = files!("sqlite/space":
    "V1__space",
    "V2__tenants_and_accounts",
    "V3__policies",
    "V4__ingestion",
    "V5__provisioners",
    "V6__marketplaces",
    "V7__charges_in_turn",
);

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
    use crate::db::{DatabaseUrl, Db, DbOptions, params};

    /// Of `V10__tunnels.sql`, 10.
    fn number(name: &str) -> u32 {
        let (number, _) = name.trim_start_matches('V').split_once("__").unwrap();
        number.parse().unwrap()
    }

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
            present.sort_by_key(|name| number(name));
            let listed: Vec<String> = files.iter().map(|(name, _)| format!("{name}.sql")).collect();
            assert_eq!(present, listed, "{folder}");
        }
    }

    const BEFORE_ORGANIZATIONS: &str = "
        INSERT INTO users (username, email, full_name, password_hash, role, is_active, created_at, updated_at)
            VALUES ('ada', 'ada@acme.org', 'Ada', '', 'user', TRUE, 1, 1);
        INSERT INTO endpoints (user_id, slug, name, description, type, visibility, is_active, version, readme, tags,
                contributors, policies, connect, search_text, created_at, updated_at)
            VALUES (1, 'on', '', '', 'model', 'public', TRUE, '0.1.0', '', '[]', '[1]', '[]', '[]', '', 2, 3),
                (1, 'off', '', '', 'model', 'public', FALSE, '0.1.0', '', '[]', '[1]', '[]', '[]', '', 2, 3),
                (1, 'gone', '', '', 'model', 'public', TRUE, '0.1.0', '', '[]', '[1]', '[]', '[]', '', 2, 3);
        DELETE FROM endpoints WHERE slug = 'gone';";

    /// SQLite alone: there the table is made anew.
    #[tokio::test]
    async fn endpoints_from_before_organizations_stay_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.db");
        let mut old = rusqlite::Connection::open(&path).unwrap();
        let before = Schema::Hub.on_sqlite().unwrap().set_target(refinery::Target::Version(3));
        before.run(&mut old).unwrap();
        old.execute_batch(BEFORE_ORGANIZATIONS).unwrap();
        drop(old);
        let url = DatabaseUrl::file(path);
        let db = Db::open(&url, Schema::Hub, DbOptions::default()).await.unwrap();
        let work = db.write(|tx| {
            Box::pin(async move {
                let next = "INSERT INTO endpoints (user_id, slug, name, description, type, visibility, version, readme, \
                     tags, contributors, policies, connect, search_text, created_at, updated_at) VALUES \
                     (1, 'next', '', '', 'model', 'public', '', '', '[]', '[]', '[]', '[]', '', 2, 3)";
                tx.execute(next, params![]).await?;
                let all = "SELECT id, slug, is_active, is_disabled FROM endpoints ORDER BY id";
                let rows = tx.query(all, params![]).await?;
                rows.iter()
                    .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
                    .collect()
            })
        });
        let rows: Result<Vec<(i64, String, bool, bool)>, StoreError> = work.await;
        let expected = [(1, "on", true, false), (2, "off", false, true), (4, "next", true, false)]
            .map(|(id, slug, on, off)| (id, slug.to_owned(), on, off));
        assert_eq!(
            rows.unwrap(),
            expected,
            "and the number of a deleted one is not given out again"
        );
    }
}

//! The full-text index of each engine: how a query is written for it, and the statements that differ.
//!
//! Both hold the same words, made by `words`, and neither interprets them. They answer which endpoints have some words;
//! what that is worth, `rank` decides.

use crate::db::EngineKind;
use crate::registry::store::record::{columns, no_role};

/// Where a word is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the name, the slug and the tags.
    Head,
    /// There, in the description and in the readme.
    Anywhere,
}

/// What one engine does in its own way. Lists of values are JSON text.
pub(super) struct Engine {
    /// Takes the number, the type's word, the words of the head and those of the rest, with spaces between.
    pub(super) put: &'static str,
    /// Takes the number.
    pub(super) remove: &'static str,
    /// Takes a query of [`Engine::query`] and how many numbers to answer at most.
    pub(super) matching_head: &'static str,
    /// As `matching_head`.
    pub(super) matching_anywhere: &'static str,
    /// Takes the word and the forms it is found by.
    pub(super) add_forms: &'static str,
    /// Takes forms; answers the words they may come from.
    pub(super) words_of_forms: &'static str,
    /// Takes numbers; answers what `rank` looks at, of those that may be found.
    pub(super) described: &'static str,
    /// Takes numbers; answers the records.
    pub(super) records: &'static str,
    /// Takes the last number seen; answers the next public endpoints that the index lacks.
    pub(super) lacking: &'static str,
    write: fn(&[String], &[Vec<String>], Place) -> String,
}

impl Engine {
    /// The engine that a transaction runs on.
    pub(super) fn of(kind: EngineKind) -> &'static Self {
        match kind {
            EngineKind::Sqlite => &SQLITE,
            EngineKind::Postgres => &POSTGRES,
        }
    }

    /// The query for endpoints of one of the `kinds` that have, of each group, one word at least in `place`.
    pub(super) fn query(&self, kinds: &[String], groups: &[Vec<String>], place: Place) -> String {
        (self.write)(kinds, groups, place)
    }
}

/// The columns of a description and whom they belong to, for endpoints that may be found.
macro_rules! described {
    ($numbers:literal) => {
        concat!(
            "SELECT e.id, e.name, e.slug, e.tags, COALESCE(u.username, o.slug), e.description, e.stars_count, \
             e.updated_at, e.type \
             FROM ", $numbers, " JOIN endpoints e ON e.id = n.value \
             LEFT JOIN users u ON u.id = e.user_id LEFT JOIN organizations o ON o.id = e.organization_id \
             WHERE e.visibility = 'public' AND e.is_active AND COALESCE(u.is_active, o.is_active)"
        )
    };
}

const SQLITE: Engine = Engine {
    put: "INSERT INTO endpoint_words (rowid, kind, head, body) VALUES ($1, $2, $3, $4)",
    remove: "DELETE FROM endpoint_words WHERE rowid = $1",
    matching_head: MATCHING,
    matching_anywhere: MATCHING,
    add_forms: "INSERT INTO name_forms (form, word) SELECT n.value, $1 FROM json_each($2) n WHERE TRUE ON CONFLICT DO NOTHING",
    words_of_forms: "SELECT DISTINCT f.word FROM json_each($1) n JOIN name_forms f ON f.form = n.value LIMIT 64",
    described: described!("json_each($1) n CROSS"),
    records: concat!(columns!(no_role!()), "WHERE e.id IN (SELECT value FROM json_each($1))"),
    lacking: "SELECT e.id, e.name, e.slug, e.type, e.tags, e.description, e.readme FROM endpoints e \
        WHERE e.id > $1 AND e.visibility = 'public' \
        AND NOT EXISTS (SELECT 1 FROM endpoint_words_docsize d WHERE d.id = e.id) ORDER BY e.id LIMIT 200",
    write: |kinds, groups, place| {
        let column = match place {
            Place::Head => "head",
            Place::Anywhere => "{head body}",
        };
        let words = groups.iter().map(|group| format!("({})", joined(group, '"', " OR ")));
        let kinds = joined(kinds, '"', " OR ");
        format!("kind : ({kinds}) AND {column} : ({})", words.collect::<Vec<_>>().join(" AND "))
    },
};

/// The newest first, which is the order of the index: the rest is not looked at.
const MATCHING: &str =
    "SELECT rowid FROM endpoint_words WHERE endpoint_words MATCH $1 ORDER BY rowid DESC LIMIT $2";

const POSTGRES: Engine = Engine {
    put: "INSERT INTO endpoint_words (endpoint_id, head, anywhere) VALUES ($1, \
        array_to_tsvector(array_remove(string_to_array('/' || CAST($2 AS TEXT) || ' ' || CAST($3 AS TEXT), ' '), '')), \
        array_to_tsvector(array_remove(string_to_array('/' || CAST($2 AS TEXT) || ' ' || CAST($3 AS TEXT) || ' ' || CAST($4 AS TEXT), ' '), '')))",
    remove: "DELETE FROM endpoint_words WHERE endpoint_id = $1",
    matching_head: "SELECT endpoint_id FROM endpoint_words WHERE head @@ CAST(CAST($1 AS TEXT) AS tsquery) LIMIT $2",
    matching_anywhere: "SELECT endpoint_id FROM endpoint_words WHERE anywhere @@ CAST(CAST($1 AS TEXT) AS tsquery) LIMIT $2",
    add_forms: "INSERT INTO name_forms (form, word) SELECT n.value, $1 \
        FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS n (value) ON CONFLICT DO NOTHING",
    words_of_forms: "SELECT DISTINCT f.word FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON)) AS n (value) \
        JOIN name_forms f ON f.form = n.value LIMIT 64",
    described: described!(
        "(SELECT CAST(value AS BIGINT) AS value FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON))) n"
    ),
    records: concat!(
        columns!(no_role!()),
        "WHERE e.id IN (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON)))"
    ),
    lacking: "SELECT e.id, e.name, e.slug, e.type, e.tags, e.description, e.readme FROM endpoints e \
        LEFT JOIN endpoint_words w ON w.endpoint_id = e.id \
        WHERE e.id > $1 AND e.visibility = 'public' AND w.endpoint_id IS NULL ORDER BY e.id LIMIT 200",
    write: |kinds, groups, _| {
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("/{kind}")).collect();
        let all = std::iter::once(&kinds).chain(groups);
        let written: Vec<String> =
            all.map(|group| format!("({})", joined(group, '\'', " | "))).collect();
        written.join(" & ")
    },
};

/// The words, each in quotes. They hold letters and digits alone (the types a slash), so nothing in them ends the quote.
fn joined(words: &[String], quote: char, between: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{quote}{word}{quote}")).collect();
    quoted.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_asks_for_a_word_of_each_group() {
        let kinds = ["model".to_owned(), "agent".to_owned()];
        let groups = vec![vec!["field".to_owned(), "fields".to_owned()], vec!["note".to_owned()]];
        assert_eq!(
            SQLITE.query(&kinds, &groups, Place::Head),
            r#"kind : ("model" OR "agent") AND head : (("field" OR "fields") AND ("note"))"#
        );
        assert_eq!(
            POSTGRES.query(&kinds, &groups, Place::Anywhere),
            "('/model' | '/agent') & ('field' | 'fields') & ('note')"
        );
    }
}

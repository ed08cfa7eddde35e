//! All SQL of the search that both engines share; what they do differently is in `engine`.

use std::collections::BTreeSet;

use syfthub_core::model::EndpointType;
use syfthub_core::{EndpointId, OwnerId, Timestamp};

use super::engine::{Engine, Place};
use super::rank::Text;
use crate::db::{Row, StoreError, Tx, params};
use crate::registry::store::Record;
use crate::registry::store::record::{from_row, owner_id};

/// What the index holds of one endpoint.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) id: EndpointId,
    pub(super) kind: EndpointType,
    /// Words of the name, the slug and the tags.
    pub(super) head: BTreeSet<String>,
    /// Words of the description and the readme.
    pub(super) body: BTreeSet<String>,
}

/// An endpoint as `rank` looks at it.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) id: EndpointId,
    pub(super) kind: EndpointType,
    pub(super) text: Text,
    pub(super) stars: i64,
    pub(super) updated_at: Timestamp,
}

/// The columns that a document is made of.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) id: EndpointId,
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) kind: EndpointType,
    pub(super) tags: Vec<String>,
    pub(super) description: String,
    pub(super) readme: String,
}

fn engine(tx: &Tx) -> &'static Engine {
    Engine::of(tx.engine())
}

/// The word that stands for a type in the index.
fn kind_word(kind: EndpointType) -> String {
    kind.as_str().replace('_', "")
}

/// Adds a document; there is none of its number.
pub(super) async fn put(tx: &mut Tx, document: &Document) -> Result<(), StoreError> {
    let spaced =
        |words: &BTreeSet<String>| words.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let values = params![
        document.id,
        kind_word(document.kind),
        spaced(&document.head),
        spaced(&document.body)
    ];
    tx.execute(engine(tx).put, values).await.map(drop)
}

/// Removes the document with this number, if there is one.
pub(super) async fn remove(tx: &mut Tx, id: EndpointId) -> Result<(), StoreError> {
    tx.execute(engine(tx).remove, params![id]).await.map(drop)
}

const ADD_WORD: &str = "INSERT INTO name_words (word) VALUES ($1) ON CONFLICT DO NOTHING";

/// Adds `word` to the vocabulary, with the forms it is found by, unless it is there.
pub(super) async fn add_word(tx: &mut Tx, word: &str, forms: &[String]) -> Result<(), StoreError> {
    if tx.execute(ADD_WORD, params![word]).await? == 1 {
        tx.execute(engine(tx).add_forms, params![word, json(forms)]).await?;
    }
    Ok(())
}

/// Endpoints of these `kinds` that have, of each group, one word at least in `place`: `most` of them.
pub(super) async fn matching(
    tx: &mut Tx,
    kinds: &[EndpointType],
    groups: &[Vec<String>],
    place: Place,
    most: usize,
) -> Result<Vec<i64>, StoreError> {
    let engine = engine(tx);
    let kinds: Vec<String> = kinds.iter().map(|kind| kind_word(*kind)).collect();
    let sql = match place {
        Place::Head => engine.matching_head,
        Place::Anywhere => engine.matching_anywhere,
    };
    numbers(&tx.query(sql, params![engine.query(&kinds, groups, place), count(most)]).await?)
}

const OWNERS: &str = "SELECT user_id, organization_id FROM names WHERE name >= $1 AND name < $2 \
     AND (user_id IS NOT NULL OR organization_id IS NOT NULL) ORDER BY name LIMIT $3";

/// Users and organizations with a name, now or once, that begins with `start`: the first `most` by name.
pub(super) async fn owners(
    tx: &mut Tx,
    start: &str,
    most: usize,
) -> Result<Vec<OwnerId>, StoreError> {
    let rows = tx.query(OWNERS, params![start, after(start), count(most)]).await?;
    rows.iter().map(|row| owner_id(row.get(0)?, row.get(1)?)).collect()
}

const OF_USER: &str = "SELECT e.id FROM endpoints e WHERE e.user_id = $1 AND e.visibility = 'public' AND e.is_active \
     ORDER BY e.updated_at DESC, e.id DESC LIMIT $2";
const OF_ORGANIZATION: &str = "SELECT e.id FROM endpoints e WHERE e.organization_id = $1 AND e.visibility = 'public' \
     AND e.is_active ORDER BY e.updated_at DESC, e.id DESC LIMIT $2";

/// The latest public endpoints of the owner: `most` of them.
pub(super) async fn of_owner(
    tx: &mut Tx,
    owner: OwnerId,
    most: usize,
) -> Result<Vec<i64>, StoreError> {
    let (sql, id) = match owner {
        OwnerId::User(id) => (OF_USER, id.0),
        OwnerId::Organization(id) => (OF_ORGANIZATION, id.0),
    };
    numbers(&tx.query(sql, params![id, count(most)]).await?)
}

const STARRED: &str = "SELECT e.id FROM endpoints e WHERE e.visibility = 'public' AND e.is_active \
     ORDER BY e.stars_count DESC, e.updated_at DESC, e.id DESC LIMIT $1";

/// The public endpoints with the most stars: `most` of them.
pub(super) async fn starred(tx: &mut Tx, most: usize) -> Result<Vec<i64>, StoreError> {
    numbers(&tx.query(STARRED, params![count(most)]).await?)
}

const BEGINNING: &str = "SELECT word FROM name_words WHERE word > $1 AND word < $2 ORDER BY length(word), word LIMIT $3";

/// Words of the vocabulary that begin with `start` and go on: the `most` shortest.
pub(super) async fn beginning(
    tx: &mut Tx,
    start: &str,
    most: usize,
) -> Result<Vec<String>, StoreError> {
    let rows = tx.query(BEGINNING, params![start, after(start), count(most)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Words of the vocabulary that have one of the `forms`.
pub(super) async fn words_of(tx: &mut Tx, forms: &[String]) -> Result<Vec<String>, StoreError> {
    let rows = tx.query(engine(tx).words_of_forms, params![json(forms)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Those of `ids` that may be found, as `rank` looks at them.
pub(super) async fn described(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Described>, StoreError> {
    tx.query(engine(tx).described, params![json(ids)]).await?.iter().map(to_described).collect()
}

fn to_described(row: &Row) -> Result<Described, StoreError> {
    let text = |index| row.get::<String>(index);
    let (name, slug, owner, description) = (text(1)?, text(2)?, text(4)?, text(5)?);
    Ok(Described {
        id: row.get(0)?,
        kind: row.get(8)?,
        text: Text::new(&name, &slug, &tags(row, 3)?, &owner, &description),
        stars: row.get(6)?,
        updated_at: row.get(7)?,
    })
}

/// The endpoints with these numbers, in any order.
pub(super) async fn records(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Record>, StoreError> {
    tx.query(engine(tx).records, params![json(ids)]).await?.iter().map(from_row).collect()
}

/// The next public endpoints after `after` that the index lacks.
pub(super) async fn lacking(tx: &mut Tx, after: EndpointId) -> Result<Vec<Source>, StoreError> {
    tx.query(engine(tx).lacking, params![after]).await?.iter().map(to_source).collect()
}

fn to_source(row: &Row) -> Result<Source, StoreError> {
    Ok(Source {
        id: row.get(0)?,
        name: row.get(1)?,
        slug: row.get(2)?,
        kind: row.get(3)?,
        tags: tags(row, 4)?,
        description: row.get(5)?,
        readme: row.get(6)?,
    })
}

fn tags(row: &Row, index: usize) -> Result<Vec<String>, StoreError> {
    let text: String = row.get(index)?;
    let wrong = StoreError::Column { index, expected: "a JSON list of texts", found: "other text" };
    serde_json::from_str(&text).map_err(|_| wrong)
}

fn numbers(rows: &[Row]) -> Result<Vec<i64>, StoreError> {
    rows.iter().map(|row| row.get(0)).collect()
}

fn json<T: serde::Serialize>(values: &[T]) -> String {
    serde_json::to_string(values).expect("lists of numbers and texts become JSON")
}

/// What comes after every text that begins with `start`.
fn after(start: &str) -> String {
    format!("{start}\u{10ffff}")
}

fn count(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}

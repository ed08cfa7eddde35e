//! Publishing a whole catalogue at once (contract hub 7.1): what is in it exists afterwards, what is not is gone, and what
//! was there before keeps its number, its stars and its date.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use syfthub_core::wire::endpoint::{Endpoint, EndpointDraft};
use syfthub_core::wire::sync::{SyncIssue, SyncResponse};
use syfthub_core::{EndpointId, OwnerId, Slug, UserId};

use super::endpoints::{contributors, drafted};
use super::refusal::Refusal;
use super::store::{self, Owner, Record, Slice};
use super::{connect, search};
use crate::db::Tx;
use crate::hub::Hub;
use crate::identity::{Caller, Origin, users};

/// A draft and the slug it is published under.
type Placed = (Slug, EndpointDraft);

/// Makes the caller's own endpoints those of `catalogue`. Endpoints of organizations stay as they are.
pub(crate) async fn sync(
    hub: &Hub,
    caller: Caller,
    catalogue: Vec<EndpointDraft>,
    origin: Origin,
) -> Result<SyncResponse, Refusal> {
    let placed = placed(catalogue, caller.user.domain.as_deref()).map_err(Refusal::Catalogue)?;
    let write = hub.db.write(move |tx| {
        Box::pin(async move { Work::begin(tx, &caller, &origin).await?.publish(placed).await })
    });
    let response = write.await.map_err(Refusal::of_sync)?;
    hub.registry.forget_pages();
    Ok(response)
}

/// The drafts with their slugs: those they ask for, or else those made from their names, each used once. Which slugs the
/// caller has already does not matter; an endpoint of the same slug is the same endpoint.
fn placed(drafts: Vec<EndpointDraft>, domain: Option<&str>) -> Result<Vec<Placed>, Vec<SyncIssue>> {
    let mut issues = Vec::new();
    let mut taken = HashSet::new();
    for (index, slug) in
        drafts.iter().enumerate().filter_map(|(n, one)| Some((n, one.slug.clone()?)))
    {
        if !taken.insert(slug) {
            issues.push(issue(index, "slug", "another endpoint of the catalogue has this slug"));
        }
    }
    let mut placed = Vec::with_capacity(drafts.len());
    for (index, mut draft) in drafts.into_iter().enumerate() {
        match connect::stored(std::mem::take(&mut draft.connect), domain) {
            Ok(stored) => draft.connect = stored,
            Err(found) => issues.extend(found.iter().map(|one| issue(index, "connect", &one.msg))),
        }
        let slug = draft.slug.take().or_else(|| {
            let suffix = suffix_of(&draft.name);
            Slug::candidates(&draft.name, &suffix).find(|slug| taken.insert(slug.clone()))
        });
        match slug {
            Some(slug) => placed.push((slug, draft)),
            None => issues.push(issue(index, "name", "no slug is left for this name")),
        }
    }
    if issues.is_empty() { Ok(placed) } else { Err(issues) }
}

/// A suffix for names that give no slug. The same name has the same one, so that its endpoint is recognised next time.
fn suffix_of(name: &str) -> String {
    let [a, b, c, ..]: [u8; 32] = Sha256::digest(name).into();
    format!("{a:02x}{b:02x}{c:02x}")
}

fn issue(index: usize, field: &str, error: &str) -> SyncIssue {
    let index = i64::try_from(index).unwrap_or(i64::MAX);
    SyncIssue { index, field: field.to_owned(), error: error.to_owned() }
}

/// A catalogue on its way into the database.
struct Work<'t> {
    tx: &'t mut Tx,
    origin: &'t Origin,
    owner: Owner,
    user: UserId,
    /// What the caller published before, by slug, and is not seen in the catalogue yet.
    before: HashMap<String, Record>,
    /// Numbers of new endpoints and of changed ones.
    created: Vec<EndpointId>,
    updated: Vec<EndpointId>,
}

impl<'t> Work<'t> {
    /// Holds the caller's endpoints against changes by others, and reads them.
    async fn begin(tx: &'t mut Tx, caller: &Caller, origin: &'t Origin) -> Result<Self, Refusal> {
        let user = caller.id();
        users::lock(tx, user).await?;
        store::lock_owned(tx, user).await?;
        let all = Slice { skip: 0, limit: i64::MAX };
        let before = store::list_owned(tx, user, None, None, all).await?;
        let before =
            before.into_iter().map(|record| (record.endpoint.slug.clone(), record)).collect();
        let owner = Owner::of_caller(caller);
        Ok(Self { tx, origin, owner, user, before, created: Vec::new(), updated: Vec::new() })
    }

    async fn publish(mut self, catalogue: Vec<Placed>) -> Result<SyncResponse, Refusal> {
        let deleted = self.before.len();
        let mut published = Vec::with_capacity(catalogue.len());
        for (slug, draft) in catalogue {
            published.push(self.put(&slug, draft).await?);
        }
        let removed: Vec<EndpointId> =
            self.before.values().map(|record| record.endpoint.id).collect();
        for id in &removed {
            store::delete(self.tx, *id).await?;
        }
        let touched =
            |one: &&Endpoint| self.created.contains(&one.id) || self.updated.contains(&one.id);
        let touched: Vec<&Endpoint> = published.iter().filter(touched).collect();
        search::update(self.tx, &touched).await?;
        let detail = json!({
            "created": self.created, "updated": self.updated, "removed": removed, "synced": published.len(),
        });
        self.note(detail).await?;
        let synced = count(published.len());
        let shown = |endpoint| connect::shown(Record { endpoint, owner: self.owner.clone() });
        let endpoints = published.into_iter().map(shown).collect();
        Ok(SyncResponse { synced, deleted: count(deleted), endpoints })
    }

    async fn note(&mut self, detail: Value) -> Result<(), Refusal> {
        let subject = format!("user:{}", self.user);
        Ok(self.origin.note(self.tx, self.user, "endpoint.sync", subject, detail).await?)
    }

    /// Has the caller's endpoint called `slug` be what `draft` describes.
    async fn put(&mut self, slug: &Slug, mut draft: EndpointDraft) -> Result<Endpoint, Refusal> {
        draft.contributors = contributors(self.tx, &draft.contributors, self.user).await?;
        let mut wanted = drafted(draft, &self.owner, self.origin.at);
        slug.as_str().clone_into(&mut wanted.slug);
        if let Some(before) = self.before.remove(slug.as_str()) {
            return self.change(before.endpoint, wanted).await;
        }
        let owner = OwnerId::User(self.user);
        if let Some(id) = store::insert(self.tx, owner, slug, &wanted).await? {
            self.created.push(id);
            return Ok(Endpoint { id, ..wanted });
        }
        // Somebody published it since the list was read.
        let since = store::find_owned(self.tx, self.user, slug.as_str()).await?;
        let id = since.ok_or(Refusal::SlugTaken)?.endpoint.id;
        store::lock(self.tx, id).await?;
        let since = store::find(self.tx, id, None).await?.ok_or(Refusal::SlugTaken)?;
        self.change(since.endpoint, wanted).await
    }

    /// Gives an endpoint the content of `wanted`; it stays the same endpoint.
    async fn change(&mut self, before: Endpoint, wanted: Endpoint) -> Result<Endpoint, Refusal> {
        let mut after = Endpoint {
            id: before.id,
            is_active: before.is_active,
            stars_count: before.stars_count,
            created_at: before.created_at,
            updated_at: before.updated_at,
            ..wanted
        };
        if after != before {
            after.updated_at = self.origin.at;
            store::update(self.tx, &after).await?;
            if after.kind != before.kind {
                store::set_type(self.tx, after.id, after.kind).await?;
            }
            self.updated.push(after.id);
        }
        Ok(after)
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use syfthub_core::model::EndpointType;

    use super::*;

    fn draft(name: &str, slug: Option<&str>) -> EndpointDraft {
        let slug = slug.map(|slug| Slug::parse(slug).unwrap());
        EndpointDraft { slug, ..EndpointDraft::new(name, EndpointType::Model) }
    }

    fn slugs(drafts: Vec<EndpointDraft>) -> Vec<String> {
        placed(drafts, None).unwrap().iter().map(|(slug, _)| slug.to_string()).collect()
    }

    #[test]
    fn names_give_way_to_slugs_that_are_asked_for_wherever_they_stand() {
        let catalogue = vec![
            draft("Notes", None),
            draft("Notes", None),
            draft("x", Some("notes-1")),
            draft("api", None),
        ];
        assert_eq!(slugs(catalogue), ["notes", "notes-2", "notes-1", "api-1"]);
    }

    #[test]
    fn a_name_without_letters_gets_the_same_slug_every_time() {
        let catalogue = || vec![draft("日本語", None), draft("東京", None)];
        assert_eq!(slugs(catalogue()), slugs(catalogue()));
        assert_eq!(slugs(catalogue()).into_iter().collect::<HashSet<_>>().len(), 2);
    }

    #[test]
    fn every_problem_is_named_with_its_place() {
        let mut elsewhere = draft("z", Some("other"));
        elsewhere.connect = vec![
            serde_json::from_value(json!({"type": "http", "config": {"url": "http://evil.org"}}))
                .unwrap(),
        ];
        let catalogue = vec![
            draft("x", Some("notes")),
            draft("y", Some("notes")),
            elsewhere,
            draft("w", Some("notes")),
        ];
        let mut issues = placed(catalogue, None).unwrap_err();
        issues.sort_by_key(|issue| issue.index);
        let places: Vec<(i64, &str)> =
            issues.iter().map(|issue| (issue.index, issue.field.as_str())).collect();
        assert_eq!(places, [(1, "slug"), (2, "connect"), (3, "slug")]);
    }
}

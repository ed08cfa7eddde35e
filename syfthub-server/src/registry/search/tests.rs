//! What a search finds, on both engines, over HTTP.

use http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::db::testing::both_engines;
use crate::db::{Db, StoreError, params};
use crate::testing::TestHub;

const SEARCH: &str = "/api/v1/endpoints/search";

both_engines! { Hub =>
    every_field_is_found_and_the_name_comes_first,
    names_are_found_with_a_slip_or_by_their_beginning,
    a_search_follows_every_change_at_once,
    what_not_everybody_may_see_is_not_found,
    common_words_do_not_hide_what_has_all_of_them,
    what_the_index_lacks_is_added_at_start,
    any_text_may_be_searched_for,
    a_score_belongs_to_the_endpoint_it_stands_by,
    the_public_list_is_searched_for_every_word,
}

async fn search(hub: &TestHub, query: &str) -> Value {
    let answer = hub.post(SEARCH, "", json!({ "query": query })).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {:?}", answer.body);
    answer.body
}

async fn found(hub: &TestHub, query: &str) -> Vec<String> {
    let answer = search(hub, query).await;
    let results = answer["results"].as_array().unwrap().clone();
    assert_eq!(answer["total"], results.len());
    results.iter().map(|one| one["slug"].as_str().unwrap().to_owned()).collect()
}

fn endpoint(name: &str, description: &str, readme: &str, tags: &[&str]) -> Value {
    json!({"name": name, "type": "model", "description": description, "readme": readme, "tags": tags})
}

async fn every_field_is_found_and_the_name_comes_first(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let (ada, river) = (hub.register("ada").await, hub.register("river").await);
    for (name, description, readme, tags) in [
        ("In the readme", "", "# About\n\nWhat the `river` carries", &[][..]),
        ("In a description", "along the river", "", &[]),
        ("In a tag", "", "", &["river"]),
        ("River", "", "", &[]),
        ("River of Stones", "", "", &[]),
        ("Elsewhere", "nothing", "nothing", &["nothing"]),
    ] {
        hub.publish(&ada.access, endpoint(name, description, readme, tags)).await;
    }
    hub.publish(&river.access, endpoint("Whatever", "", "", &[])).await;
    let order = found(&hub, "RIVER").await;
    assert_eq!(order[..2], ["river", "river-of-stones"]);
    assert_eq!(order[4..], ["in-a-description", "in-the-readme"]);
    let mut between = order[2..4].to_vec();
    between.sort();
    assert_eq!(between, ["in-a-tag", "whatever"]);
    assert_eq!(found(&hub, "ada/river").await[0], "river");
    let best = search(&hub, "river").await["results"][0].clone();
    assert_eq!((&best["relevance_score"], &best["owner_username"]), (&json!(1.0), &json!("ada")));
    assert!(best["id"].is_i64() && best.get("contributors").is_none());
}

async fn names_are_found_with_a_slip_or_by_their_beginning(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    for name in ["Weather of Berlin", "Photosynthesis", "Café Société", "Field-Notes", "東京の天気"]
    {
        hub.publish(&ada.access, endpoint(name, "", "", &[])).await;
    }
    for (query, expected) in [
        ("weather", "weather-of-berlin"),
        ("wether", "weather-of-berlin"),
        ("waether", "weather-of-berlin"),
        ("weathher berlni", "weather-of-berlin"),
        ("weat", "weather-of-berlin"),
        ("photosyntesis", "photosynthesis"),
        ("photo", "photosynthesis"),
        ("cafe societe", "caf-soci-t"),
        ("fieldnotes", "field-notes"),
        ("FIELD_NOTE", "field-notes"),
    ] {
        assert_eq!(found(&hub, query).await, [expected], "{query}");
    }
    assert_eq!(found(&hub, "天気").await.len(), 1);
    assert!(found(&hub, "zzzz").await.is_empty());
    let exact = search(&hub, "photosynthesis").await["results"][0]["relevance_score"].as_f64();
    let slipped = search(&hub, "photosyntesis").await["results"][0]["relevance_score"].as_f64();
    assert!(exact > slipped);
}

async fn a_search_follows_every_change_at_once(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    hub.publish(&ada.access, endpoint("Notes", "", "", &["old"])).await;
    let path = "/api/v1/endpoints/slug/notes";
    hub.patch(path, &ada.access, json!({"name": "Fresh", "tags": ["new"]})).await;
    for (query, expected) in [("fresh", 1), ("new", 1), ("old", 0), ("notes", 1)] {
        assert_eq!(found(&hub, query).await.len(), expected, "{query}");
    }
    hub.put("/api/v1/users/me", &ada.access, json!({"username": "countess"})).await;
    assert_eq!((found(&hub, "countess").await.len(), found(&hub, "ada").await.len()), (1, 0));
    hub.patch(path, &ada.access, json!({"visibility": "private"})).await;
    assert!(found(&hub, "fresh").await.is_empty());
    hub.patch(path, &ada.access, json!({"visibility": "public"})).await;
    assert_eq!(found(&hub, "fresh").await.len(), 1);
    hub.delete(path, &ada.access).await;
    assert!(found(&hub, "fresh").await.is_empty());
    let catalogue = json!({"endpoints": [{"name": "Catalogued", "type": "model"}]});
    hub.post("/api/v1/endpoints/sync", &ada.access, catalogue).await;
    assert_eq!(found(&hub, "catalogued").await.len(), 1);
    hub.post("/api/v1/endpoints/sync", &ada.access, json!({"endpoints": []})).await;
    assert!(found(&hub, "catalogued").await.is_empty());
}

async fn what_not_everybody_may_see_is_not_found(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    for visibility in ["public", "internal", "private"] {
        let mut body = endpoint(&format!("Secret {visibility}"), "", "", &[]);
        body["visibility"] = json!(visibility);
        hub.publish(&ada.access, body).await;
    }
    let other = hub.publish(&bob.access, endpoint("Secret of Bob", "", "", &[])).await;
    assert_eq!(found(&hub, "secret").await.len(), 2);
    hub.force("UPDATE endpoints SET is_down = TRUE WHERE id = $1", other["id"].as_i64().unwrap())
        .await;
    assert_eq!(found(&hub, "secret").await, ["secret-public"]);
    hub.deactivate(ada.id).await;
    assert!(found(&hub, "secret").await.is_empty());
    assert!(found(&hub, "ada").await.is_empty());
    hub.force("DELETE FROM users WHERE id = $1", bob.id).await;
    assert!(found(&hub, "secret").await.is_empty());
}

async fn common_words_do_not_hide_what_has_all_of_them(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    hub.publish(&ada.access, endpoint("Common Words", "", "", &[])).await;
    let starred = hub.publish(&ada.access, endpoint("Common One", "", "", &[])).await;
    hub.post(&format!("/api/v1/endpoints/{}/star", starred["id"]), &ada.access, json!(null)).await;
    let catalogue = |stem: &'static str| {
        let items = (0..260).map(move |n| json!({"name": format!("{stem} {n}"), "type": "model"}));
        json!({"endpoints": items.collect::<Vec<Value>>()})
    };
    for stem in ["Common", "Words"] {
        let user = hub.register(&format!("of-{}", stem.to_lowercase())).await;
        let stored = hub.post("/api/v1/endpoints/sync", &user.access, catalogue(stem)).await;
        assert_eq!(stored.status, StatusCode::OK);
    }
    assert_eq!(found(&hub, "common words").await[0], "common-words");
    assert_eq!(found(&hub, "common one").await[0], "common-one");
    let filled = hub.post(SEARCH, "", json!({"query": "common", "top_k": 50})).await.body;
    assert_eq!(filled["total"], 50);
    let popular: Vec<&Value> =
        filled["results"].as_array().unwrap().iter().map(|one| &one["slug"]).collect();
    assert!(popular.contains(&&json!("common-one")), "what has stars is looked at");
}

async fn what_the_index_lacks_is_added_at_start(db: Db) {
    let hub = TestHub::on(db.clone(), |_| {}).await;
    let ada = hub.register("ada").await;
    let mut last = 0;
    for n in 0..3 {
        let body = endpoint(&format!("Lacking {n}"), "", "", &[]);
        last = hub.publish(&ada.access, body).await["id"].as_i64().unwrap();
    }
    for table in ["DELETE FROM endpoint_words", "DELETE FROM name_words", "DELETE FROM name_forms"]
    {
        let write = db.write(move |tx| Box::pin(async move { tx.execute(table, params![]).await }));
        write.await.map_err(|error: StoreError| error).unwrap();
    }
    assert!(found(&hub, "lacking").await.is_empty());
    let again = TestHub::on(db, |_| {}).await;
    assert_eq!(found(&again, "lackign").await.len(), 3);
    assert_eq!(search(&again, "lacking 2").await["results"][0]["id"], last);
}

async fn any_text_may_be_searched_for(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    hub.publish(&ada.access, endpoint("Notes AND more", "near field", "", &[])).await;
    let long = "note ".repeat(200);
    for hostile in [
        "\"",
        "'",
        "\"notes",
        "notes*",
        "NEAR(notes field, 2)",
        "head : notes",
        "-notes",
        "notes OR",
        "NOT notes",
        "^notes",
        "{head body} : x",
        "notes'; DROP TABLE endpoints; --",
        "a & b | !c <-> d:*A",
        "\\",
        "%",
        "_",
        "\0",
        "no\0tes",
        "🦀",
        "🦀notes🦀",
        "\u{202e}notes",
        "ﷺ",
        "İ",
        "   ",
        "$1",
        "?1",
        &long,
    ] {
        search(&hub, hostile).await;
    }
    for query in ["\"notes", "notes'; --", "🦀notes🦀", "no\0tes notes"] {
        assert_eq!(found(&hub, query).await, ["notes-and-more"], "{query}");
    }
    for body in [
        json!({"query": ""}),
        json!({"query": "x".repeat(1001)}),
        json!({}),
        json!({"query": "x", "top_k": 0}),
    ] {
        let refused = hub.post(SEARCH, "", body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

async fn a_score_belongs_to_the_endpoint_it_stands_by(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    for n in 0..12 {
        let name = format!("Notes{}", " more".repeat(n));
        let mut body = endpoint(&name, "", "", &[]);
        body["visibility"] = json!(if n % 3 == 1 { "private" } else { "public" });
        body["type"] = json!(if n % 3 == 2 { "agent" } else { "model" });
        hub.publish(&ada.access, body).await;
    }
    let asked = json!({"query": "notes", "type": "model"});
    let results = hub.post(SEARCH, "", asked).await.body["results"].clone();
    let results = results.as_array().unwrap();
    assert_eq!(results.len(), 4);
    for one in results {
        let words = one["name"].as_str().unwrap().split(' ').count();
        let expected = 0.85 + 0.15 / f64::from(u32::try_from(words).unwrap());
        let score = one["relevance_score"].as_f64().unwrap();
        assert!((score - expected).abs() < 1e-9, "{one}");
    }
    assert!(results.is_sorted_by_key(|one| std::cmp::Reverse(
        one["relevance_score"].as_f64().map(f64::to_bits)
    )));
}

async fn the_public_list_is_searched_for_every_word(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    hub.publish(&ada.access, endpoint("Field Notes", "rivers", "only here", &["plants"])).await;
    hub.publish(&ada.access, endpoint("Field", "", "", &[])).await;
    let many = (0..150).map(|n| json!({"name": format!("Paged {n}"), "type": "model"}));
    let bob = hub.register("bob").await;
    let catalogue = json!({"endpoints": many.collect::<Vec<Value>>()});
    hub.post("/api/v1/endpoints/sync", &bob.access, catalogue).await;
    let list = |query: &'static str| {
        let hub = &hub;
        async move {
            hub.get(&format!("/api/v1/endpoints/public?{query}"), "")
                .await
                .body
                .as_array()
                .unwrap()
                .clone()
        }
    };
    for (query, expected) in [
        ("search=field", 2),
        ("search=field%20river", 1),
        ("search=field%20plants%20ada", 1),
        ("search=field%20here", 0),
        ("search=field&endpoint_type=agent", 0),
        ("search=%20", 10),
        ("search=%21%21", 0),
    ] {
        assert_eq!(list(query).await.len(), expected, "{query}");
    }
    let mut all = Vec::new();
    for query in
        ["search=paged&limit=60", "search=paged&limit=60&skip=60", "search=paged&limit=60&skip=120"]
    {
        all.extend(
            list(query).await.into_iter().map(|one| one["slug"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(all.len(), 150);
    assert_eq!(all.into_iter().collect::<std::collections::HashSet<_>>().len(), 150);
    let long = hub.get(&format!("/api/v1/endpoints/public?search={}", "x".repeat(201)), "").await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// Nothing that can be written into a search box makes it fail, and every score is a share.
#[test]
fn any_query_is_answered_with_shares() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let hub = runtime.block_on(TestHub::start());
    let ada = runtime.block_on(hub.register("ada"));
    runtime.block_on(
        hub.publish(&ada.access, endpoint("Field Notes", "What grows", "near the river", &["a"])),
    );
    let query = prop_oneof![
        ".{1,60}",
        r#"["'():*^{}\-+|&!<> a-z]{1,40}"#,
        "(field|notes|rivr|a|the| ){1,9}"
    ];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(96));
    let outcome = runner.run(&query, |query| {
        let answer = runtime.block_on(hub.post(SEARCH, "", json!({ "query": query })));
        prop_assert_eq!(answer.status, StatusCode::OK);
        prop_assert_eq!(answer.body["query"].as_str(), Some(query.as_str()));
        for one in answer.body["results"].as_array().unwrap() {
            let score = one["relevance_score"].as_f64().unwrap();
            prop_assert!(score > 0.0 && score <= 1.0);
        }
        Ok(())
    });
    outcome.unwrap();
}

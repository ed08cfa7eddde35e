//! A collection of a Weaviate server that somebody else runs and fills; it is only searched.
//!
//! `server` speaks with it over HTTP; `query` writes its GraphQL; `score` makes its scores comparable.

mod query;
mod score;
mod server;

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::filter::{Filter, Group, Junction};
use syfthub_core::{Invalid, Secret};
use url::Url;

use super::{Dataset, DatasetType, Found, OpenError, Search, SearchError, Wanted};
use crate::space::ingest::Ingestion;
use crate::space::kind::{BadConfiguration, TypeInfo, schema};
use query::Mode;
use server::{Server, WeaviateError};

const NAME: &str = "remote_weaviate";

/// Objects that are asked for at most, when a filter that Weaviate does not understand in full left too few.
const MOST: usize = 1000;

/// How many times more are asked for each time.
const MORE: usize = 4;

/// The type `remote_weaviate`.
pub(super) struct RemoteWeaviate;

impl DatasetType for RemoteWeaviate {
    fn info(&self) -> TypeInfo {
        TypeInfo {
            name: NAME,
            description: "A collection of a Weaviate server elsewhere, searched as it is. An object found by its meaning scores \
                the cosine between it and the question, at least 0; one found by words or by both, as `search_mode` says.",
            config_schema: schema(&["http_url", "collection_name"], properties()),
            icon: "🕸️",
            enabled: true,
        }
    }

    fn connection_fields(&self) -> &'static [&'static str] {
        &["http_url", "grpc_url", "api_key", "collection_name"]
    }

    fn settle(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Map<String, Value>, BadConfiguration> {
        let Settings { .. } = self.info().read(configuration)?;
        let mut settled = configuration.clone();
        settled.remove("grpc_url");
        Ok(settled)
    }

    fn open<'a>(
        &'a self,
        wanted: Wanted<'a>,
    ) -> BoxFuture<'a, Result<Arc<dyn Dataset>, OpenError>> {
        async move {
            let settings: Settings = self.info().read(wanted.configuration)?;
            let server = Server::new(
                &settings.url,
                settings.api_key,
                &settings.headers,
                settings.collection,
            )?;
            Ok(Arc::new(Objects { server, shown: settings.shown }) as Arc<dyn Dataset>)
        }
        .boxed()
    }
}

fn properties() -> Value {
    json!({
        "http_url": {"type": "string", "format": "uri", "title": "URL", "minLength": 1, "maxLength": 2000,
            "description": "Where the server's HTTP API is, without /v1."},
        "grpc_url": {"type": "string", "title": "gRPC URL", "deprecated": true,
            "description": "Taken for the sake of existing clients; the HTTP API is enough."},
        "api_key": {"type": "string", "title": "API key", "writeOnly": true, "default": "", "maxLength": 10_000,
            "description": "Sent as a bearer token, when there is one; stored encrypted."},
        "collection_name": {"type": "string", "title": "Collection", "minLength": 1, "maxLength": 256,
            "description": "As the server names it; it begins with an upper-case letter."},
        "headers": {"type": "object", "title": "Headers", "writeOnly": true, "default": {},
            "description": "Sent with every request, such as the keys that the server's vectorizer needs; stored encrypted."},
        "search_mode": {"type": "string", "enum": Mode::WORDS, "title": "Search", "default": Mode::Auto.as_str(),
            "description": "near_text: by meaning. bm25: by words, where the score s becomes s / (s + 3). hybrid: by both, with \
                the server's own fused score. auto: by meaning where the collection has a vectorizer, else by words."},
        "default_similarity_threshold": {"type": "number", "title": "Least score", "default": DEFAULT_THRESHOLD,
            "minimum": 0, "maximum": 1, "description": "Counts when a question asks for 0."},
        "content_property": {"type": "string", "title": "Content", "default": "", "maxLength": 256,
            "description": "The property that is the text of a result; without it, all properties as JSON."},
        "metadata_properties": {"type": "array", "title": "Metadata", "default": [], "maxItems": 100,
            "description": "The properties that results show beside their text; none means all.",
            "items": {"type": "string"}},
        "filters": {"type": ["object", "null"], "title": "Filter", "default": null,
            "description": "What an object has to be to be found at all: a condition {type, property, op, value} or a group \
                {type, op, operands}."},
    })
}

const DEFAULT_THRESHOLD: f64 = 0.5;

struct Settings {
    url: Url,
    api_key: Secret,
    headers: Vec<(String, String)>,
    collection: String,
    shown: Shown,
}

/// What of the collection is found, and how it is shown.
struct Shown {
    mode: Mode,
    threshold: f64,
    content: Option<String>,
    metadata: Vec<String>,
    filter: Option<Filter>,
}

impl Input for Settings {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let url = fields.text("http_url", 1, 2000)?;
        let url = Url::parse(url.trim()).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.query().is_none()
                && url.fragment().is_none()
        });
        let Some(url) = url else {
            let refusal = Invalid::value("expected an http or https URL without a query");
            return fields.refuse("http_url", refusal);
        };
        let api_key = fields.text_or("api_key", 0, 10_000, "").map(Secret::from)?;
        if api_key.expose().chars().any(char::is_control) {
            return fields.refuse("api_key", Invalid::value("a key is one line of text"));
        }
        let collection = fields.text("collection_name", 1, 256)?;
        if !query::is_collection(&collection) {
            let reason = "expected letters, digits and _, an upper-case letter first";
            return fields.refuse("collection_name", Invalid::value(reason));
        }
        let headers = headers(&mut fields)?;
        let shown = Shown::read(&mut fields)?;
        Some(Self { url, api_key, headers, collection, shown })
    }
}

impl Shown {
    fn read(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let mode = fields.text_or("search_mode", 1, 20, Mode::Auto.as_str())?;
        let Some(mode) = Mode::parse(&mode) else {
            return fields.refuse("search_mode", Invalid::not_one_of(&Mode::WORDS));
        };
        let threshold = fields.real("default_similarity_threshold", 0.0, 1.0, DEFAULT_THRESHOLD);
        let content = fields.text_or("content_property", 0, 256, "")?;
        let content = Some(content).filter(|name| !name.is_empty());
        let metadata: Vec<String> = fields.list("metadata_properties", 100)?;
        let odd = |name: &String| !query::is_property(name);
        if content.as_ref().is_some_and(odd) {
            return fields.refuse("content_property", Invalid::value(query::PROPERTY_RULE));
        }
        if metadata.iter().any(odd) {
            return fields.refuse("metadata_properties", Invalid::value(query::PROPERTY_RULE));
        }
        let filter = match fields.raw("filters") {
            None | Some(Value::Null) => None,
            Some(_) => Some(fields.required("filters")?),
        };
        Some(Self { mode, threshold: threshold?, content, metadata, filter })
    }

    /// The question's own filter and the dataset's.
    fn joined(&self, asked: Option<Filter>) -> Option<Filter> {
        match (self.filter.clone(), asked) {
            (Some(own), Some(asked)) => {
                Some(Filter::Group(Group { op: Junction::And, operands: vec![own, asked] }))
            }
            (own, asked) => own.or(asked),
        }
    }
}

/// An object of texts; a name or value that no header can have is refused.
fn headers(fields: &mut Fields<'_, '_, '_>) -> Option<Vec<(String, String)>> {
    let all: Map<String, Value> = fields.or("headers", Map::new())?;
    let one = |(name, value): (&String, &Value)| {
        let value = value.as_str()?;
        http::HeaderName::try_from(name).ok()?;
        http::HeaderValue::try_from(value).ok()?;
        Some((name.clone(), value.to_owned()))
    };
    let read: Option<Vec<_>> = all.iter().map(one).collect();
    read.or_else(|| {
        fields.refuse("headers", Invalid::value("expected names of headers with texts"))
    })
}

/// The dataset.
struct Objects {
    server: Server,
    shown: Shown,
}

impl Objects {
    async fn find(&self, search: Search) -> Result<Vec<Found>, WeaviateError> {
        if search.question.trim().is_empty() {
            return Ok(Vec::new());
        }
        let collection = self.server.collection().await?;
        let filter = self.shown.joined(search.filters);
        let mode = self.shown.mode.settled(&collection);
        let threshold =
            if search.threshold > 0.0 { search.threshold } else { self.shown.threshold };
        let mut asked = search.limit.min(MOST);
        loop {
            let text = query::write(&collection, mode, &search.question, asked, filter.as_ref());
            let objects = self.server.ask(&collection.name, &text).await?;
            let read = objects.len();
            let mut found: Vec<Found> = objects
                .into_iter()
                .filter_map(|object| self.found(object, mode))
                .filter(|(found, properties)| {
                    found.score >= threshold
                        && filter.as_ref().is_none_or(|filter| filter.accepts(properties))
                })
                .map(|(found, _)| found)
                .collect();
            if found.len() >= search.limit || read < asked || asked >= MOST {
                found.truncate(search.limit);
                return Ok(found);
            }
            asked = (asked * MORE).min(MOST);
        }
    }

    /// An object as a result, and its properties.
    fn found(&self, object: Value, mode: Mode) -> Option<(Found, Map<String, Value>)> {
        let Value::Object(mut properties) = object else { return None };
        let told = properties.remove("_additional")?;
        let Shown { content, metadata, .. } = &self.shown;
        let text = match content.as_ref().and_then(|name| properties.get(name)) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None if content.is_some() => String::new(),
            Some(other) => other.to_string(),
            None => serde_json::to_string(&properties).ok()?,
        };
        let shown = properties.iter().filter(|(name, value)| {
            Some(*name) != content.as_ref()
                && !value.is_null()
                && (metadata.is_empty() || metadata.contains(name))
        });
        let found = Found {
            id: told["id"].as_str()?.to_owned(),
            text,
            score: score::of(&told, mode),
            metadata: shown.map(|(name, value)| (name.clone(), value.clone())).collect(),
        };
        Some((found, properties))
    }
}

impl Dataset for Objects {
    fn engine(&self) -> &'static str {
        NAME
    }

    fn search(&self, search: Search) -> BoxFuture<'_, Result<Vec<Found>, SearchError>> {
        async move { self.find(search).await.map_err(|error| SearchError(error.into())) }.boxed()
    }

    fn ingestion(&self) -> Option<&Ingestion> {
        None
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), SearchError>> {
        async move { self.server.check().await.map_err(|error| SearchError(error.into())) }.boxed()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

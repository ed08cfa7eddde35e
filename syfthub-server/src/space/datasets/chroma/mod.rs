//! Files of this machine as vectors in a Chroma server: one that the space runs itself, or one that somebody else runs.
//!
//! `server` speaks with it; `store` is what ingestion writes into; `search` finds. A dataset has a collection of its own,
//! named after its id, so that no two datasets ever share one, whatever their owners call them.

mod search;
mod server;
mod store;

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::{Invalid, Secret};
use url::Url;

use super::sources::{self, Sources};
use super::{Dataset, DatasetType, OpenError, Wanted};
use crate::space::embed::{self, Provider, Questions};
use crate::space::ingest::{Ingestion, Selection};
use crate::space::kind::{BadConfiguration, TypeInfo, joined, schema};
use search::Passages;
use server::{Address, Server, Tenancy};
use store::Collection;

const NAME: &str = "chroma";

const PROVISIONED: &str = "provisioned";
const REMOTE: &str = "remote";

/// The type `chroma`.
pub(super) struct Chroma;

impl DatasetType for Chroma {
    fn info(&self) -> TypeInfo {
        let mut embedding = embed::schema();
        embedding["description"] =
            "What makes vectors of texts: Chroma keeps vectors and makes none by itself.".into();
        let properties = joined([
            sources::properties(),
            json!({"embedding": embedding}),
            connection(),
            sources::without_effect(),
        ]);
        TypeInfo {
            name: NAME,
            description: "Files and folders of this machine as vectors in a Chroma server, which the space runs itself or \
                reaches. A passage is scored by its meaning: 0 where texts about different things are, 0.7 where a question \
                and its answer are, at most 1.",
            config_schema: schema(&["filePaths", "embedding"], properties),
            icon: "🎨",
            enabled: true,
        }
    }

    fn connection_fields(&self) -> &'static [&'static str] {
        &["url", "tenant", "database", "auth_token"]
    }

    fn is_provisioned(&self, configuration: &Map<String, Value>) -> bool {
        configuration.get("mode").is_none_or(|mode| mode == PROVISIONED)
    }

    fn settle(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Map<String, Value>, BadConfiguration> {
        let settings: Settings = self.info().read(configuration)?;
        let mut settled = settings.sources.settled()?;
        settled.insert("embedding".to_owned(), settings.embedding.settled());
        settled.extend(settings.connection.settled());
        Ok(settled)
    }

    fn selection(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Option<Selection>, BadConfiguration> {
        let Settings { sources, .. } = self.info().read(configuration)?;
        Ok(Some(sources.selection()))
    }

    fn open<'a>(
        &'a self,
        wanted: Wanted<'a>,
    ) -> BoxFuture<'a, Result<Arc<dyn Dataset>, OpenError>> {
        async move {
            let settings: Settings = self.info().read(wanted.configuration)?;
            let Connection { url, tenancy, token } = settings.connection;
            let address = match url {
                Some(url) => Address::Remote(url),
                None => Address::Provisioned(wanted.provisioners.get(NAME).cloned()),
            };
            let server = Server::new(address, tenancy, token, wanted.id)?;
            let embedder = settings.embedding.open().await?;
            let collection = Arc::new(Collection::new(server, embedder.identity()));
            let store = Arc::new(store::Store::new(Arc::clone(&collection), embedder.clone()));
            let selection = settings.sources.selection();
            let around = wanted.around.clone();
            let ingestion =
                Ingestion::open(wanted.id, wanted.name, selection, store, around).await?;
            let questions = Questions::new(embedder);
            Ok(Arc::new(Passages { collection, questions, ingestion }) as Arc<dyn Dataset>)
        }
        .boxed()
    }
}

/// The schema of what says which server it is.
fn connection() -> Value {
    json!({
        "mode": {"type": "string", "enum": [PROVISIONED, REMOTE], "title": "Server", "default": PROVISIONED,
            "description": "provisioned: the space runs a server of its own; remote: the one at the URL."},
        "url": {"type": "string", "format": "uri", "title": "URL", "default": "", "maxLength": 2000,
            "description": "Where a remote server is."},
        "tenant": {"type": "string", "title": "Chroma tenant", "default": DEFAULT_TENANT, "minLength": 1, "maxLength": 200},
        "database": {"type": "string", "title": "Chroma database", "default": DEFAULT_DATABASE, "minLength": 1, "maxLength": 200},
        "auth_token": {"type": "string", "title": "Token", "writeOnly": true, "default": "", "maxLength": 10_000,
            "description": "Sent to a remote server with every request, when there is one; stored encrypted."},
    })
}

const DEFAULT_TENANT: &str = "default_tenant";
const DEFAULT_DATABASE: &str = "default_database";

struct Settings {
    sources: Sources,
    embedding: Provider,
    connection: Connection,
}

impl Input for Settings {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let sources = Sources::read(&mut fields);
        let embedding: Option<Provider> = fields.required("embedding");
        let connection = Connection::read(&mut fields);
        Some(Self { sources: sources?, embedding: embedding?, connection: connection? })
    }
}

struct Connection {
    /// None for the server that the space runs.
    url: Option<Url>,
    tenancy: Tenancy,
    token: Secret,
}

impl Connection {
    fn read(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let mode = fields.text_or("mode", 1, 20, PROVISIONED)?;
        if mode != PROVISIONED && mode != REMOTE {
            return fields.refuse("mode", Invalid::not_one_of(&[PROVISIONED, REMOTE]));
        }
        let url = fields.text_or("url", 0, 2000, "")?;
        let url = if mode == REMOTE {
            let parsed = Url::parse(url.trim()).ok().filter(|url| {
                matches!(url.scheme(), "http" | "https")
                    && url.query().is_none()
                    && url.fragment().is_none()
            });
            let Some(url) = parsed else {
                let refusal = Invalid::value("expected an http or https URL without a query");
                return fields.refuse("url", refusal);
            };
            Some(url)
        } else {
            None
        };
        let tenant = fields.text_or("tenant", 1, 200, DEFAULT_TENANT);
        let database = fields.text_or("database", 1, 200, DEFAULT_DATABASE);
        let token = fields.text_or("auth_token", 0, 10_000, "").map(Secret::from)?;
        if token.expose().chars().any(char::is_control) {
            return fields.refuse("auth_token", Invalid::value("a token is one line of text"));
        }
        let tenancy = Tenancy { tenant: tenant?, database: database? };
        Some(Self { url, tenancy, token })
    }

    fn settled(&self) -> Map<String, Value> {
        let settled = json!({
            "mode": if self.url.is_some() { REMOTE } else { PROVISIONED },
            "url": self.url.as_ref().map_or("", Url::as_str),
            "tenant": self.tenancy.tenant,
            "database": self.tenancy.database,
            "auth_token": self.token.expose(),
        });
        settled.as_object().cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(value: &Value) -> Result<Map<String, Value>, String> {
        Chroma.settle(value.as_object().unwrap()).map_err(|error| error.0)
    }

    fn remote(folder: &std::path::Path) -> Value {
        json!({
            "filePaths": [folder], "embedding": {"provider": "openai", "model": "m"},
            "mode": "remote", "url": "http://127.0.0.1:8000", "auth_token": "t", "collectionName": "old",
        })
    }

    #[test]
    fn a_configuration_is_written_out_in_full_and_its_secrets_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let full = settled(&remote(folder.path())).unwrap();
        assert_eq!(settled(&Value::Object(full.clone())).unwrap(), full);
        assert_eq!(
            (&full["tenant"], &full["url"]),
            (&json!("default_tenant"), &json!("http://127.0.0.1:8000/"))
        );
        assert!(
            !full.contains_key("collectionName"),
            "the name of a collection is not the owner's to choose"
        );
        let (shown, secrets) = Chroma.info().split(full.clone());
        assert!(!Value::Object(shown).to_string().contains("auth_token"));
        assert_eq!(secrets["auth_token"], "t");
        assert!(!Chroma.is_provisioned(&full));
        assert!(Chroma.is_provisioned(&Map::new()));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |name: &str, value: Value| {
            let mut configuration = remote(folder.path());
            configuration[name] = value;
            settled(&configuration).unwrap_err()
        };
        assert!(refused("mode", json!("magic")).starts_with("configuration.mode: "));
        assert!(refused("url", json!("ftp://x")).starts_with("configuration.url: "));
        assert!(refused("auth_token", json!("a\nb")).starts_with("configuration.auth_token: "));
        assert!(refused("embedding", Value::Null).starts_with("configuration.embedding"));
    }
}

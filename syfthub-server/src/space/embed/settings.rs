//! The part of a dataset's configuration that says how its texts are embedded, for every type that keeps vectors.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::{Invalid, Secret};
use url::Url;

use super::{Embedder, openai};
use crate::space::kind::BadConfiguration;

/// The property beside `embedding` that holds the server's key: a secret of the dataset, so it stands on the top level.
pub(crate) const API_KEY: &str = "embedding_api_key";

const DEFAULT_BASE: &str = "https://api.openai.com/v1";
const MOST_DIMENSIONS: i64 = 8192;

/// Where vectors come from.
#[derive(Debug, Clone)]
pub(crate) enum Provider {
    /// A server with the OpenAI embeddings API.
    OpenAi(OpenAi),
}

/// A server and its model.
#[derive(Debug, Clone)]
pub(crate) struct OpenAi {
    /// Where the API is, up to and including its version, without a slash at its end.
    pub(super) base_url: String,
    pub(super) api_key: Secret,
    pub(super) model: String,
    /// What the server is asked for; its own choice when absent.
    pub(super) dimensions: Option<i64>,
    pub(super) prefixes: Prefixes,
}

/// What stands before a text; some models were trained with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prefixes {
    pub(super) question: String,
    pub(super) passage: String,
}

/// The schema's properties `embedding` and `embedding_api_key`, shown from place `order` on.
pub(crate) fn properties(order: u32) -> [(&'static str, Value); 2] {
    let embedding = json!({
        "type": "object", "title": "Embeddings", "x-order": order,
        "description": "With a provider, passages are also found by what they mean; without one, by their words alone. \
            Another model embeds everything anew.",
        "required": ["provider"],
        "properties": {
            "provider": {"type": "string", "enum": ["openai"], "title": "Provider", "x-order": 1,
                "description": "openai: any server with the OpenAI embeddings API."},
            "model": {"type": "string", "minLength": 1, "maxLength": 200, "title": "Model", "x-order": 2},
            "base_url": {"type": "string", "format": "uri", "title": "Base URL", "default": DEFAULT_BASE, "x-order": 3,
                "description": "Where the API is, up to and including its version."},
            "dimensions": {"type": "integer", "minimum": 1, "maximum": MOST_DIMENSIONS, "title": "Dimensions", "x-order": 4,
                "description": "Asked of the server when set; its own choice otherwise."},
            "question_prefix": {"type": "string", "maxLength": 500, "default": "", "title": "Before a question", "x-order": 6,
                "description": "Some models were trained with words such as \"query: \" before each question."},
            "passage_prefix": {"type": "string", "maxLength": 500, "default": "", "title": "Before a passage", "x-order": 7},
        },
        "additionalProperties": false,
    });
    let key = json!({
        "type": "string", "title": "API key of the embedding server", "writeOnly": true, "default": "",
        "description": "Sent as a bearer token; stored encrypted.", "x-order": order + 1,
    });
    [("embedding", embedding), (API_KEY, key)]
}

/// Reads both properties of a dataset's configuration: `Some(None)` when nothing is embedded, `None` when refused.
pub(crate) fn provider(fields: &mut Fields<'_, '_, '_>) -> Option<Option<Provider>> {
    let key = fields.text_or(API_KEY, 0, 10_000, "").map(Secret::from)?;
    if key.expose().chars().any(char::is_control) {
        return fields.refuse(API_KEY, Invalid::value("a key is one line of text"));
    }
    if matches!(fields.raw("embedding"), None | Some(Value::Null)) {
        return Some(None);
    }
    let mut provider: Provider = fields.required("embedding")?;
    match &mut provider {
        Provider::OpenAi(server) => server.api_key = key,
    }
    Some(Some(provider))
}

/// Both properties written out in full, as they are stored.
pub(crate) fn settled(provider: Option<&Provider>) -> Map<String, Value> {
    let mut written = Map::new();
    match provider {
        None => {}
        Some(Provider::OpenAi(server)) => {
            let mut embedding = json!({
                "provider": "openai",
                "model": server.model,
                "base_url": server.base_url,
                "question_prefix": server.prefixes.question,
                "passage_prefix": server.prefixes.passage,
            });
            if let Some(dimensions) = server.dimensions {
                embedding["dimensions"] = dimensions.into();
            }
            written.insert("embedding".to_owned(), embedding);
            written.insert(API_KEY.to_owned(), server.api_key.expose().into());
        }
    }
    written
}

impl Provider {
    /// Makes the embedder. Nothing is asked of it yet.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Embedder>, BadConfiguration> {
        match self {
            Self::OpenAi(server) => Ok(Arc::new(openai::Server::open(server)?)),
        }
    }
}

impl Input for Provider {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        match fields.required::<String>("provider")?.as_str() {
            "openai" => openai(fields).map(Self::OpenAi),
            _ => fields.refuse("provider", Invalid::not_one_of(&["openai"])),
        }
    }
}

fn openai(mut fields: Fields<'_, '_, '_>) -> Option<OpenAi> {
    let model = fields.text("model", 1, 200);
    let base_url = fields.text_or("base_url", 1, 2000, DEFAULT_BASE)?;
    let base_url = base_url.trim().trim_end_matches('/').to_owned();
    if !is_base(&base_url) {
        let refusal = Invalid::value("expected an http or https URL without a query");
        return fields.refuse("base_url", refusal);
    }
    let dimensions = match fields.raw("dimensions") {
        None | Some(Value::Null) => None,
        Some(_) => Some(fields.number("dimensions", 1, MOST_DIMENSIONS, 1)?),
    };
    let prefixes = prefixes(&mut fields);
    fields.only(&[
        "provider",
        "model",
        "base_url",
        "dimensions",
        "question_prefix",
        "passage_prefix",
    ]);
    Some(OpenAi {
        base_url,
        api_key: Secret::new(""),
        model: model?,
        dimensions,
        prefixes: prefixes?,
    })
}

fn prefixes(fields: &mut Fields<'_, '_, '_>) -> Option<Prefixes> {
    let question = fields.text_or("question_prefix", 0, 500, "");
    let passage = fields.text_or("passage_prefix", 0, 500, "");
    Some(Prefixes { question: question?, passage: passage? })
}

fn is_base(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.query().is_none()
            && url.fragment().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::kind::{TypeInfo, read};

    struct Part(Option<Provider>);

    impl Input for Part {
        fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
            provider(&mut Fields::of(value, place)?).map(Self)
        }
    }

    fn part(value: &Value) -> Result<Option<Provider>, String> {
        read::<Part>(value.as_object().unwrap()).map(|part| part.0).map_err(|error| error.0)
    }

    #[test]
    fn a_provider_is_written_out_in_full_and_read_back() {
        let asked =
            json!({"embedding": {"provider": "openai", "model": "m"}, "embedding_api_key": "sk"});
        let full = settled(part(&asked).unwrap().as_ref());
        assert_eq!(full["embedding"]["base_url"], DEFAULT_BASE);
        assert_eq!(settled(part(&Value::Object(full.clone())).unwrap().as_ref()), full);
        assert!(part(&json!({})).unwrap().is_none());
    }

    #[test]
    fn the_key_is_a_secret_of_the_dataset() {
        let info = TypeInfo {
            name: "x",
            description: "",
            config_schema: json!({"properties": Map::from_iter(properties(1).map(|(k, v)| (k.to_owned(), v)))}),
            icon: "",
            enabled: true,
        };
        let asked =
            json!({"embedding": {"provider": "openai", "model": "m"}, "embedding_api_key": "sk-1"});
        let (shown, secrets) = info.split(settled(part(&asked).unwrap().as_ref()));
        assert!(!serde_json::to_string(&shown).unwrap().contains("sk-1"));
        assert_eq!(secrets[API_KEY], "sk-1");
        let printed = format!("{:?}", part(&asked).unwrap());
        assert!(!printed.contains("sk-1"), "{printed}");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let refused = |embedding: Value| part(&json!({ "embedding": embedding })).unwrap_err();
        let place = |text: String| text.split(": ").next().unwrap().to_owned();
        assert_eq!(
            place(refused(json!({"provider": "magic"}))),
            "configuration.embedding.provider"
        );
        assert_eq!(place(refused(json!({"provider": "openai"}))), "configuration.embedding.model");
        let odd = json!({"provider": "openai", "model": "m", "base_url": "ftp://x"});
        assert_eq!(place(refused(odd)), "configuration.embedding.base_url");
        let odd = json!({"provider": "openai", "model": "m", "api_key": "in the wrong place"});
        assert_eq!(place(refused(odd)), "configuration.embedding.api_key");
        let odd = part(&json!({"embedding_api_key": "a\nb"})).unwrap_err();
        assert_eq!(place(odd), "configuration.embedding_api_key");
    }
}

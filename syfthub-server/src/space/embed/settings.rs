//! The part of a dataset's configuration that says how its texts are embedded, for every type that keeps vectors.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::{Invalid, Secret};
use url::Url;

use super::{Embedder, local, openai};
use crate::space::kind::BadConfiguration;

const DEFAULT_BASE: &str = "https://api.openai.com/v1";
const PROVIDERS: [&str; 2] = ["openai", "local"];
const MOST_DIMENSIONS: i64 = 8192;

/// Where vectors come from.
#[derive(Debug, Clone)]
pub(crate) enum Provider {
    /// A server with the OpenAI embeddings API.
    OpenAi(OpenAi),
    /// A model in a directory of this machine.
    Local(Local),
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

/// A model of this machine.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    /// Where its files are.
    pub(super) directory: PathBuf,
    pub(super) prefixes: Prefixes,
}

/// What stands before a text; some models were trained with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prefixes {
    pub(super) question: String,
    pub(super) passage: String,
}

/// The schema of the property `embedding` of a dataset's configuration.
pub(crate) fn schema() -> Value {
    json!({
        "type": "object", "title": "Embeddings",
        "description": "With a provider, passages are also found by what they mean; without one, by their words alone. \
            Another model embeds everything anew.",
        "required": ["provider"],
        "properties": {
            "provider": {"type": "string", "enum": PROVIDERS, "title": "Provider", "x-order": 1,
                "description": "openai: any server with the OpenAI embeddings API; it needs a model. local: a model of the \
                    BERT family in a directory of this machine; nothing leaves the machine."},
            "model": {"type": "string", "minLength": 1, "maxLength": 200, "title": "Model", "x-order": 2},
            "base_url": {"type": "string", "format": "uri", "title": "Base URL", "default": DEFAULT_BASE, "x-order": 3,
                "description": "Where the API is, up to and including its version."},
            "api_key": {"type": "string", "title": "API key", "writeOnly": true, "default": "", "x-order": 4,
                "description": "Sent as a bearer token; stored encrypted."},
            "dimensions": {"type": "integer", "minimum": 1, "maximum": MOST_DIMENSIONS, "title": "Dimensions", "x-order": 5,
                "description": "Asked of the server when set; its own choice otherwise."},
            "directory": {"type": "string", "title": "Directory", "maxLength": 4096, "x-order": 6,
                "description": "Absolute path of config.json, tokenizer.json and model.safetensors, for the provider local."},
            "question_prefix": {"type": "string", "maxLength": 500, "default": "", "title": "Before a question", "x-order": 7,
                "description": "Some models were trained with words such as \"query: \" before each question."},
            "passage_prefix": {"type": "string", "maxLength": 500, "default": "", "title": "Before a passage", "x-order": 8},
        },
        "additionalProperties": false,
    })
}

/// Reads the property `embedding` of a dataset's configuration, secrets included: `Some(None)` when nothing is embedded,
/// `None` when refused.
#[expect(
    clippy::option_option,
    reason = "refused, absent and there, as every field of a configuration"
)]
pub(crate) fn provider(fields: &mut Fields<'_, '_, '_>) -> Option<Option<Provider>> {
    match fields.raw("embedding") {
        None | Some(Value::Null) => Some(None),
        Some(_) => fields.required("embedding").map(Some),
    }
}

impl Provider {
    /// The property written out in full, as it is stored.
    pub(crate) fn settled(&self) -> Value {
        match self {
            Self::OpenAi(server) => {
                let mut embedding = json!({
                    "provider": "openai",
                    "model": server.model,
                    "base_url": server.base_url,
                    "api_key": server.api_key.expose(),
                    "question_prefix": server.prefixes.question,
                    "passage_prefix": server.prefixes.passage,
                });
                if let Some(dimensions) = server.dimensions {
                    embedding["dimensions"] = dimensions.into();
                }
                embedding
            }
            Self::Local(model) => json!({
                "provider": "local",
                "directory": model.directory,
                "question_prefix": model.prefixes.question,
                "passage_prefix": model.prefixes.passage,
            }),
        }
    }

    /// Makes the embedder. A server is not asked yet; a local model is loaded.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Embedder>, BadConfiguration> {
        match self {
            Self::OpenAi(server) => Ok(Arc::new(openai::Server::open(server)?)),
            Self::Local(model) => Ok(Arc::new(local::Model::open(model).await?)),
        }
    }
}

impl Input for Provider {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        match fields.required::<String>("provider")?.as_str() {
            "openai" => openai(fields).map(Self::OpenAi),
            "local" => local(fields).map(Self::Local),
            _ => fields.refuse("provider", Invalid::not_one_of(&PROVIDERS)),
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
    let api_key = fields.text_or("api_key", 0, 10_000, "").map(Secret::from)?;
    if api_key.expose().chars().any(char::is_control) {
        return fields.refuse("api_key", Invalid::value("a key is one line of text"));
    }
    let dimensions = match fields.raw("dimensions") {
        None | Some(Value::Null) => None,
        Some(_) => Some(fields.number("dimensions", 1, MOST_DIMENSIONS, 1)?),
    };
    let prefixes = prefixes(&mut fields);
    let known = [
        "provider",
        "model",
        "base_url",
        "api_key",
        "dimensions",
        "question_prefix",
        "passage_prefix",
    ];
    fields.only(&known);
    Some(OpenAi { base_url, api_key, model: model?, dimensions, prefixes: prefixes? })
}

fn local(mut fields: Fields<'_, '_, '_>) -> Option<Local> {
    let directory = PathBuf::from(fields.text("directory", 1, 4096)?);
    if !directory.is_absolute() {
        return fields.refuse("directory", Invalid::value("expected an absolute path"));
    }
    let prefixes = prefixes(&mut fields);
    fields.only(&["provider", "directory", "question_prefix", "passage_prefix"]);
    Some(Local { directory, prefixes: prefixes? })
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
        let asked = json!({"embedding": {"provider": "openai", "model": "m", "api_key": "sk"}});
        let full = part(&asked).unwrap().unwrap().settled();
        assert_eq!(full["base_url"], DEFAULT_BASE);
        assert_eq!(part(&json!({"embedding": full})).unwrap().unwrap().settled(), full);
        assert!(
            part(&json!({})).unwrap().is_none()
                && part(&json!({"embedding": null})).unwrap().is_none()
        );
    }

    #[test]
    fn the_key_is_a_secret_of_the_dataset() {
        let info = TypeInfo {
            name: "x",
            description: "",
            config_schema: json!({"properties": {"embedding": schema()}}),
            icon: "",
            enabled: true,
        };
        let asked = json!({"embedding": {"provider": "openai", "model": "m", "api_key": "sk-1"}});
        let provider = part(&asked).unwrap().unwrap();
        assert!(!format!("{provider:?}").contains("sk-1"));
        let settled = json!({"embedding": provider.settled()});
        let (shown, secrets) = info.split(settled.as_object().unwrap().clone());
        assert!(!serde_json::to_string(&shown).unwrap().contains("sk-1"));
        assert_eq!(secrets["embedding.api_key"], "sk-1");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let refused = |embedding: Value| {
            let text = part(&json!({ "embedding": embedding })).unwrap_err();
            text.split(": ").next().unwrap().to_owned()
        };
        assert_eq!(refused(json!({"provider": "magic"})), "configuration.embedding.provider");
        assert_eq!(refused(json!({"provider": "openai"})), "configuration.embedding.model");
        let odd = json!({"provider": "openai", "model": "m", "base_url": "ftp://x"});
        assert_eq!(refused(odd), "configuration.embedding.base_url");
        let odd = json!({"provider": "openai", "model": "m", "api_key": "a\nb"});
        assert_eq!(refused(odd), "configuration.embedding.api_key");
        let odd = json!({"provider": "local", "directory": "models/minilm"});
        assert_eq!(refused(odd), "configuration.embedding.directory");
        let odd = json!({"provider": "local", "directory": "/m", "base_url": "http://x"});
        assert_eq!(refused(odd), "configuration.embedding.base_url");
    }
}

//! Settings as people give them: `--set KEY=VALUE` and `--config FILE`, read by the schema of the type.
//!
//! A secret never stands in an argument, where other users of the machine and the shell's history would see it.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value};

use crate::args::Given;
use crate::failure::Misuse;
use crate::prompt;
use crate::suggest::did_you_mean;

/// The settings that the arguments give, for a type with this schema.
pub(super) async fn given(given: Given, schema: &Value) -> anyhow::Result<Map<String, Value>> {
    let schema = schema.clone();
    tokio::task::spawn_blocking(move || read(&given, &schema)).await?
}

/// The same. Blocks.
fn read(given: &Given, schema: &Value) -> anyhow::Result<Map<String, Value>> {
    let mut settings = match &given.config {
        Some(path) => whole(path)?,
        None => Map::new(),
    };
    for name in settings.keys() {
        known(name, schema)?;
    }
    for assignment in &given.set {
        let (key, value) = assignment
            .split_once('=')
            .ok_or_else(|| Misuse(format!("--set {assignment}: KEY=VALUE is expected")))?;
        set(&mut settings, key, value, schema)?;
    }
    Ok(settings)
}

fn whole(path: &Path) -> anyhow::Result<Map<String, Value>> {
    let name = format!("--config {}", path.display());
    let is_toml = path.extension().is_some_and(|extension| extension == "toml");
    let text = if path.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    let text = text.with_context(|| format!("{name} cannot be read"))?;
    let read: Result<Value, String> = if is_toml {
        toml::from_str(&text).map_err(|error| error.to_string())
    } else {
        serde_json::from_str(&text).map_err(|error| error.to_string())
    };
    match read {
        Ok(Value::Object(settings)) => Ok(settings),
        Ok(_) => Err(Misuse(format!("{name}: an object with settings is expected")).into()),
        Err(reason) => Err(Misuse(format!("{name}: {}", reason.trim_end())).into()),
    }
}

/// Puts one value in its place; dots in the key lead into objects.
fn set(
    settings: &mut Map<String, Value>,
    key: &str,
    given: &str,
    schema: &Value,
) -> anyhow::Result<()> {
    let mut place = settings;
    let mut schema = schema;
    let mut parts = key.split('.').peekable();
    while let Some(part) = parts.next() {
        schema = known(part, schema)?;
        if parts.peek().is_none() {
            place.insert(part.to_owned(), value(key, given, schema)?);
            break;
        }
        let inner = place.entry(part).or_insert_with(|| Value::Object(Map::new()));
        place = inner
            .as_object_mut()
            .ok_or_else(|| Misuse(format!("--set {key}: {part} is not an object")))?;
    }
    Ok(())
}

/// The schema of a setting. Where the schema lists its settings, others are refused.
fn known<'a>(name: &str, schema: &'a Value) -> anyhow::Result<&'a Value> {
    let Some(properties) = schema["properties"].as_object() else { return Ok(&Value::Null) };
    if let Some(schema) = properties.get(name) {
        return Ok(schema);
    }
    if schema["additionalProperties"].as_bool() == Some(true)
        || schema["additionalProperties"].is_object()
    {
        return Ok(&Value::Null);
    }
    let meant = did_you_mean(name, properties.keys().map(String::as_str));
    let all: Vec<&str> = properties.keys().map(String::as_str).collect();
    let listed = if meant.is_empty() && !all.is_empty() {
        format!("; there are {}", all.join(", "))
    } else {
        String::new()
    };
    Err(Misuse(format!("there is no setting `{name}`{meant}{listed}")).into())
}

fn value(key: &str, given: &str, schema: &Value) -> anyhow::Result<Value> {
    let is_secret = schema["writeOnly"] == true;
    let text = match given {
        "-" => prompt::line().context("standard input cannot be read")?,
        given => match (given.strip_prefix('@'), given.strip_prefix("env:")) {
            (Some(literal), _) if literal.starts_with('@') && !is_secret => literal.to_owned(),
            (Some(path), _) => {
                let text = fs::read_to_string(path)
                    .with_context(|| format!("--set {key}=@{path} cannot be read"))?;
                text.trim_end_matches(['\r', '\n']).to_owned()
            }
            (None, Some(name)) => from_environment(key, name)?,
            (None, None) if is_secret => {
                let refusal = format!(
                    "--set {key}: a secret is no argument; give it as {key}=@FILE, {key}=- or {key}=env:NAME"
                );
                return Err(Misuse(refusal).into());
            }
            (None, None) => given.to_owned(),
        },
    };
    typed(key, text, schema)
}

fn from_environment(key: &str, name: &str) -> anyhow::Result<String> {
    let found = std::env::var_os(name).map(OsString::into_string);
    match found {
        Some(Ok(text)) => Ok(text),
        Some(Err(_)) => Err(Misuse(format!("--set {key}=env:{name}: it is not text")).into()),
        None => Err(Misuse(format!("--set {key}=env:{name}: there is no such variable")).into()),
    }
}

/// The text as the schema's type: text stays text, a list may be separated by commas, everything else is JSON.
fn typed(key: &str, text: String, schema: &Value) -> anyhow::Result<Value> {
    let kind = schema["type"].as_str();
    if kind == Some("string") {
        return Ok(Value::String(text));
    }
    match (serde_json::from_str::<Value>(&text), kind) {
        (Ok(value), Some("array")) if !value.is_array() && !value.is_null() => {
            Ok(vec![value].into())
        }
        (Ok(value), _) => Ok(value),
        (Err(_), Some("array")) => {
            Ok(text.split(',').map(|item| Value::from(item.trim())).collect())
        }
        (Err(_), None) => Ok(Value::String(text)),
        (Err(_), Some(kind)) => {
            Err(Misuse(format!("--set {key}={text}: expected JSON of the type {kind}")).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({"properties": {
            "collectionName": {"type": "string"},
            "api_key": {"type": "string", "writeOnly": true},
            "chunkSize": {"type": "integer"},
            "types": {"type": "array", "items": {"type": "string"}},
            "embedding": {"type": "object", "properties": {
                "model": {"type": "string"}, "api_key": {"type": "string", "writeOnly": true},
            }},
        }})
    }

    fn settings(set: &[&str]) -> anyhow::Result<Value> {
        let set = set.iter().map(|text| (*text).to_owned()).collect();
        read(&Given { set, config: None }, &schema()).map(Value::Object)
    }

    fn refusal(set: &str) -> String {
        settings(&[set]).unwrap_err().to_string()
    }

    #[test]
    fn values_are_read_by_the_type_of_their_setting() {
        let read = settings(&[
            "collectionName=7",
            "chunkSize=800",
            "types=.md, .txt",
            "embedding.model=small",
        ]);
        assert_eq!(
            read.unwrap(),
            json!({
                "collectionName": "7", "chunkSize": 800, "types": [".md", ".txt"],
                "embedding": {"model": "small"},
            })
        );
        assert_eq!(settings(&["types=[\".md\"]"]).unwrap(), json!({"types": [".md"]}));
        assert_eq!(settings(&["types=.md"]).unwrap(), json!({"types": [".md"]}));
        assert_eq!(
            settings(&["collectionName=@@home"]).unwrap(),
            json!({"collectionName": "@home"})
        );
    }

    #[test]
    fn a_secret_in_an_argument_is_refused_and_from_a_file_taken() {
        for place in ["api_key=hunter2", "embedding.api_key=hunter2"] {
            let text = refusal(place);
            assert!(
                text.contains("a secret is no argument") && !text.contains("hunter2"),
                "{text}"
            );
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "hunter2\n").unwrap();
        let given = format!("embedding.api_key=@{}", file.path().display());
        assert_eq!(settings(&[&given]).unwrap(), json!({"embedding": {"api_key": "hunter2"}}));
    }

    #[test]
    fn a_mistyped_setting_is_refused_with_what_was_meant() {
        assert_eq!(
            refusal("chunksize=1"),
            "there is no setting `chunksize`; did you mean `chunkSize`?"
        );
        assert!(refusal("embedding.modle=x").contains("did you mean `model`?"));
        assert!(refusal("nonsense=x").contains("; there are collectionName, api_key"));
        assert!(refusal("chunkSize=many").contains("expected JSON of the type integer"));
        assert!(refusal("chunkSize").contains("KEY=VALUE is expected"));
        assert!(refusal("api_key=env:SYFTHUB_NO_SUCH_VARIABLE").contains("no such variable"));
    }

    #[test]
    fn a_file_gives_all_settings_and_an_argument_overrules_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        fs::write(&path, "collectionName = \"a\"\nchunkSize = 300\n").unwrap();
        let given = Given { set: vec!["chunkSize=400".to_owned()], config: Some(path.clone()) };
        let read = |given: &Given| read(given, &schema()).map(Value::Object);
        assert_eq!(read(&given).unwrap(), json!({"collectionName": "a", "chunkSize": 400}));
        fs::write(&path, "chunkSizes = 300\n").unwrap();
        assert!(read(&given).unwrap_err().to_string().contains("did you mean `chunkSize`?"));
    }
}

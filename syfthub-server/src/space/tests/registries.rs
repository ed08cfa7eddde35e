//! What every type of every registry keeps to, so that any client can draw its form and no setting is lost in silence.

use serde_json::{Map, Value};

use super::super::kind::TypeInfo;
use super::super::{datasets, models};

/// What JSON Schema 2020-12 calls its words, as far as configurations use them, and ours.
const WORDS: [&str; 20] = [
    "type",
    "title",
    "description",
    "default",
    "enum",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "items",
    "properties",
    "required",
    "additionalProperties",
    "writeOnly",
    "deprecated",
    "x-order",
];

/// Parts of names under which secrets go.
const SECRETIVE: [&str; 4] = ["key", "token", "password", "secret"];

fn types() -> Vec<TypeInfo> {
    let datasets = datasets::TYPES.iter().map(|kind| kind.info());
    datasets.chain(models::TYPES.iter().map(|kind| kind.info())).collect()
}

/// Whether `value` is what `schema` describes.
fn fits(value: &Value, schema: &Value) -> bool {
    let is = |name: &str| match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{other} is no type of JSON Schema"),
    };
    let of_type = match &schema["type"] {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().any(|name| is(name.as_str().unwrap())),
        _ => true,
    };
    let within = |least: &str, most: &str, size: Option<f64>| {
        size.is_none_or(|size| {
            schema[least].as_f64().is_none_or(|least| size >= least)
                && schema[most].as_f64().is_none_or(|most| size <= most)
        })
    };
    #[expect(clippy::cast_precision_loss, reason = "a default is short")]
    let length = |length: usize| length as f64;
    of_type
        && schema["enum"].as_array().is_none_or(|known| known.contains(value))
        && within("minimum", "maximum", value.as_f64())
        && within("minLength", "maxLength", value.as_str().map(|text| length(text.chars().count())))
        && within("minItems", "maxItems", value.as_array().map(|items| length(items.len())))
        && value.as_array().into_iter().flatten().all(|item| fits(item, &schema["items"]))
        && value
            .as_object()
            .into_iter()
            .flatten()
            .all(|(name, value)| fits(value, &schema["properties"][name]))
}

/// Calls `look` with every object schema inside `schema`, itself first.
fn objects(schema: &Value, look: &mut impl FnMut(&Map<String, Value>)) {
    if let Some(properties) = schema["properties"].as_object() {
        look(schema.as_object().unwrap());
        properties.values().for_each(|property| objects(property, look));
    }
    if schema["items"].is_object() {
        objects(&schema["items"], look);
    }
}

#[test]
fn every_schema_is_of_2020_12_and_uses_its_words() {
    for TypeInfo { name, description, config_schema, .. } in types() {
        assert!(!description.is_empty(), "{name}");
        assert_eq!(
            config_schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{name}"
        );
        assert_eq!(config_schema["type"], "object", "{name}");
        objects(&config_schema, &mut |object| {
            let properties = object["properties"].as_object().unwrap();
            for (property, schema) in properties {
                let words = schema.as_object().unwrap();
                for word in words.keys() {
                    assert!(WORDS.contains(&word.as_str()), "{name}.{property}: {word}");
                }
                assert!(words.contains_key("type"), "{name}.{property} has a type");
            }
            for required in object.get("required").and_then(Value::as_array).into_iter().flatten() {
                assert!(properties.contains_key(required.as_str().unwrap()), "{name}: {required}");
            }
        });
    }
}

#[test]
fn every_setting_has_a_title_and_a_place_of_its_own() {
    for TypeInfo { name, config_schema, .. } in types() {
        let properties = config_schema["properties"].as_object().unwrap();
        let mut places: Vec<u64> = Vec::new();
        for (property, schema) in properties {
            assert!(schema["title"].is_string(), "{name}.{property} has a title");
            places.push(
                schema["x-order"]
                    .as_u64()
                    .unwrap_or_else(|| panic!("{name}.{property} has a place")),
            );
        }
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), properties.len(), "{name}: every place is taken once");
    }
}

#[test]
fn every_default_fits_its_own_schema_and_what_may_be_left_out_has_one() {
    for TypeInfo { name, config_schema, .. } in types() {
        let required = config_schema["required"].as_array().cloned().unwrap_or_default();
        for (property, schema) in config_schema["properties"].as_object().unwrap() {
            let default = schema.get("default");
            assert!(
                default.is_none_or(|default| fits(default, schema)),
                "{name}.{property}: {default:?}"
            );
            let optional =
                !required.contains(&Value::from(property.as_str())) && schema["deprecated"] != true;
            assert!(
                !optional || default.is_some() || schema["type"] == "object",
                "{name}.{property} has a default"
            );
        }
    }
}

#[test]
fn whatever_is_called_a_secret_is_one() {
    for info in types() {
        objects(&info.config_schema, &mut |object| {
            for (property, schema) in object["properties"].as_object().unwrap() {
                let secretive = property.split('_').any(|part| SECRETIVE.contains(&part));
                let sealed = schema["writeOnly"] == true;
                assert!(!secretive || sealed, "{}.{property} is a secret", info.name);
            }
        });
    }
}

#[test]
fn an_unknown_setting_is_refused_by_its_name() {
    let strange: Map<String, Value> =
        [("no_such_setting".to_owned(), Value::Null)].into_iter().collect();
    let refused = |said: String, name: &str| {
        assert!(
            said.starts_with("configuration.no_such_setting: there is no such setting"),
            "{name}: {said}"
        );
    };
    for kind in datasets::TYPES {
        refused(kind.settle(&strange).unwrap_err().0, kind.info().name);
    }
    for kind in models::TYPES {
        refused(kind.open(&strange).err().unwrap().0, kind.info().name);
    }
}

#[test]
fn types_are_listed_by_name_once() {
    let sorted =
        |names: Vec<&str>| assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
    sorted(datasets::TYPES.iter().map(|kind| kind.info().name).collect());
    sorted(models::TYPES.iter().map(|kind| kind.info().name).collect());
}

#[test]
fn a_connection_is_described_by_settings_that_exist() {
    for kind in datasets::TYPES {
        let info = kind.info();
        for field in kind.connection_fields() {
            assert!(info.config_schema["properties"][field].is_object(), "{}.{field}", info.name);
        }
    }
}

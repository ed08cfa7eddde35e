use proptest::prelude::*;

use super::*;

fn info() -> TypeInfo {
    let properties = json!({
        "url": {"type": "string"},
        "headers": {"type": "object", "writeOnly": true},
        "embedding": {
            "type": "object",
            "properties": {"model": {"type": "string"}, "api_key": {"type": "string", "writeOnly": true}},
            "additionalProperties": false,
        },
        "oldName": {"type": "string", "deprecated": true},
    });
    TypeInfo {
        name: "t",
        description: "",
        config_schema: schema(&["url"], properties),
        icon: "",
        enabled: true,
    }
}

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("{value} is no object") };
    object
}

#[derive(Debug)]
struct Anything;

impl syfthub_core::input::Input for Anything {
    fn read(_: &Value, _: &mut syfthub_core::input::Place<'_>) -> Option<Self> {
        Some(Self)
    }
}

fn refusal(configuration: Value) -> String {
    info().read::<Anything>(&object(configuration)).unwrap_err().0
}

#[test]
fn secrets_leave_a_configuration_and_return_to_their_places() {
    let whole = object(json!({
        "url": "u", "headers": {"X-Key": "k"}, "embedding": {"model": "m", "api_key": "sk"},
    }));
    let (mut shown, secrets) = info().split(whole.clone());
    assert_eq!(Value::Object(shown.clone()), json!({"url": "u", "embedding": {"model": "m"}}));
    assert_eq!(secrets.keys().collect::<Vec<_>>(), ["headers", "embedding.api_key"]);
    for (place, secret) in secrets {
        put(&mut shown, &place, secret);
    }
    assert_eq!(shown, whole);
}

#[test]
fn an_empty_secret_is_none() {
    let (shown, secrets) =
        info().split(object(json!({"headers": {}, "embedding": {"api_key": ""}})));
    assert!(secrets.is_empty());
    assert_eq!(Value::Object(shown), json!({"embedding": {}}));
}

#[test]
fn an_unknown_property_is_refused_with_the_one_that_was_meant() {
    assert_eq!(
        refusal(json!({"ulr": "u"})),
        "configuration.ulr: there is no such setting; did you mean url?"
    );
    assert_eq!(
        refusal(json!({"embedding": {"apiKey": "k"}})),
        "configuration.embedding.apiKey: there is no such setting; did you mean api_key?"
    );
    assert_eq!(
        refusal(json!({"colour": 1})),
        "configuration.colour: there is no such setting; there are url, headers, embedding"
    );
    assert!(info().read::<Anything>(&object(json!({"oldName": "x"}))).is_ok());
}

proptest! {
    #[test]
    fn a_secret_of_any_text_comes_back_as_it_was(text in "\\PC{1,40}") {
        let whole = object(json!({"embedding": {"api_key": text}}));
        let (mut shown, secrets) = info().split(whole.clone());
        prop_assert!(!serde_json::to_string(&shown).unwrap().contains("api_key"));
        put(&mut shown, "embedding.api_key", secrets["embedding.api_key"].clone());
        prop_assert_eq!(shown, whole);
    }
}

//! The secrets in a part's configuration: sealed before they are stored, and masked in answers.
//!
//! A schema marks them as `writeOnly`, at any depth. Stored, each is known by its place, such as `embedding.api_key`.

use serde_json::{Map, Value, json};
use syfthub_core::Secret;

use crate::seal::{Unsealable, Vault};
use crate::space::kind::{BadConfiguration, TypeInfo, put};

/// Stands for a stored secret in answers.
const MASK: &str = "********";

type Configuration = Map<String, Value>;

/// Seals the secrets of `configuration`, which its type marks, for the part `whose`. What remains may be shown.
pub(super) fn seal(
    vault: &Vault,
    whose: &str,
    kind: &TypeInfo,
    configuration: Configuration,
) -> (Configuration, Configuration) {
    let (configuration, found) = kind.split(configuration);
    let sealed = found.into_iter().map(|(place, secret)| {
        let seal = |text: &str| vault.seal(&purpose(whose, &place), &Secret::new(text));
        let sealed = match &secret {
            Value::String(text) => Value::String(seal(text)),
            other => json!({"json": seal(&other.to_string())}),
        };
        (place, sealed)
    });
    let sealed = sealed.collect();
    (configuration, sealed)
}

/// The configuration with its secrets, as the type wants it.
pub(super) fn open(
    vault: &Vault,
    whose: &str,
    configuration: &Configuration,
    secrets: &Configuration,
) -> Result<Configuration, Unsealable> {
    let mut full = configuration.clone();
    for (place, sealed) in secrets {
        let open = |sealed: &Value| {
            vault.open(&purpose(whose, place), sealed.as_str().unwrap_or_default())
        };
        let secret = match sealed.get("json") {
            Some(sealed) => {
                serde_json::from_str(open(sealed)?.expose()).map_err(|_| Unsealable::Changed)?
            }
            None => Value::String(open(sealed)?.expose().to_owned()),
        };
        put(&mut full, place, secret);
    }
    Ok(full)
}

/// The configuration as it may be shown: a mask in the place of each secret.
pub(super) fn masked(configuration: &Configuration, secrets: &Configuration) -> Configuration {
    let mut shown = configuration.clone();
    for place in secrets.keys() {
        put(&mut shown, place, MASK.into());
    }
    shown
}

/// `patch` laid over `known` (which has its secrets), property by property: `null` takes one away, and a mask stands for
/// the secret that is there already.
pub(super) fn merged(
    kind: &TypeInfo,
    known: &Configuration,
    patch: Configuration,
) -> Result<Configuration, BadConfiguration> {
    let (_, secrets) = kind.split(known.clone());
    let mut whole = known.clone();
    for (name, value) in patch {
        if value.is_null() {
            whole.remove(&name);
        } else {
            whole.insert(name, value);
        }
    }
    for (place, secret) in secrets {
        if at(&whole, &place).is_some_and(|value| value == MASK) {
            put(&mut whole, &place, secret);
        }
    }
    refuse_masks(kind, &whole)?;
    Ok(whole)
}

/// A mask where a secret is wanted came out of an answer: nobody chose it as a secret.
pub(super) fn refuse_masks(
    kind: &TypeInfo,
    configuration: &Configuration,
) -> Result<(), BadConfiguration> {
    let (_, found) = kind.split(configuration.clone());
    match found.into_iter().find(|(_, secret)| secret == MASK) {
        None => Ok(()),
        Some((place, _)) => Err(BadConfiguration(format!(
            "configuration.{place}: this is the mask that stands for a secret; write the secret itself"
        ))),
    }
}

fn at<'c>(configuration: &'c Configuration, place: &str) -> Option<&'c Value> {
    let mut names = place.split('.');
    let first = configuration.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}

fn purpose(whose: &str, place: &str) -> String {
    format!("{whose}:{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind() -> TypeInfo {
        let config_schema = json!({"properties": {
            "model": {"type": "string"},
            "api_key": {"type": "string", "writeOnly": true},
            "headers": {"type": "object", "writeOnly": true},
            "embedding": {"type": "object", "properties": {
                "base_url": {"type": "string"}, "api_key": {"type": "string", "writeOnly": true},
            }},
        }});
        TypeInfo { name: "t", description: "", config_schema, icon: "", enabled: true }
    }

    fn object(value: Value) -> Configuration {
        let Value::Object(object) = value else { panic!("{value} is no object") };
        object
    }

    fn whole() -> Configuration {
        object(json!({"model": "m", "api_key": "sk-1", "headers": {"X-A": "sk-2"},
            "embedding": {"base_url": "http://e", "api_key": "sk-3"}}))
    }

    #[test]
    fn secrets_are_found_at_any_depth_and_come_back_as_they_were() {
        let vault = Vault::new(&[7; crate::seal::KEY_BYTES]);
        let (shown, secrets) = seal(&vault, "dataset:1", &kind(), whole());
        assert_eq!(
            Value::Object(shown.clone()),
            json!({"model": "m", "embedding": {"base_url": "http://e"}})
        );
        let stored = serde_json::to_string(&secrets).unwrap();
        assert!(!stored.contains("sk-"), "{stored}");
        assert_eq!(open(&vault, "dataset:1", &shown, &secrets).unwrap(), whole());
        assert!(open(&vault, "dataset:2", &shown, &secrets).is_err());
        let masked = masked(&shown, &secrets);
        assert_eq!(
            Value::Object(masked.clone()),
            json!({"model": "m", "api_key": MASK, "headers": MASK,
            "embedding": {"base_url": "http://e", "api_key": MASK}})
        );
        let sent_back = merged(&kind(), &whole(), masked).unwrap();
        assert_eq!(sent_back, whole(), "what was read can be sent back");
    }

    #[test]
    fn an_edit_replaces_removes_and_keeps() {
        let edit = |patch| merged(&kind(), &whole(), object(patch));
        let edited =
            edit(json!({"model": "n", "headers": null, "embedding": {"api_key": MASK}})).unwrap();
        assert_eq!(
            Value::Object(edited),
            json!({"model": "n", "api_key": "sk-1", "embedding": {"api_key": "sk-3"}})
        );
        assert_eq!(edit(json!({"api_key": "sk-9"})).unwrap()["api_key"], "sk-9");
    }

    #[test]
    fn a_mask_is_no_secret() {
        let refused = refuse_masks(&kind(), &object(json!({"embedding": {"api_key": MASK}})));
        assert!(refused.unwrap_err().0.starts_with("configuration.embedding.api_key: "));
        assert!(refuse_masks(&kind(), &whole()).is_ok());
    }
}

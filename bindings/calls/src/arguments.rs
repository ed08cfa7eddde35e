//! The arguments of an operation out of a JSON object, and what is wrong with them by its place.
//!
//! What has no meaning is refused at every depth. The types themselves ignore it, because answers hold some of them too,
//! and a newer hub may say more than we know.

use serde::de::DeserializeOwned;
use serde_ignored::Path;
use serde_json::Deserializer;
use serde_path_to_error::Track;

use crate::camel::{self, camel};
use crate::failure::Argument;
use crate::operation::Spelling;

const WRONG_TYPE: &str = "invalid type: ";
const NO_WORD: &str = "invalid type: expected a string";
const MISSING: &str = "missing field ";
const TWICE: &str = "duplicate field ";
const UNKNOWN: &str = "unknown field ";

/// Reads the JSON object that a language hands over; no text is no arguments.
pub(crate) fn read<A: DeserializeOwned>(text: &str, spelling: Spelling) -> Result<A, Argument> {
    let mut json = Deserializer::from_str(if text.is_empty() { "{}" } else { text });
    let mut unknown = None;
    let mut note = |path: Path<'_>| {
        unknown.get_or_insert_with(|| written(&path));
    };
    let watched = serde_ignored::Deserializer::new(&mut json, &mut note);
    let mut track = Track::new();
    let followed = serde_path_to_error::Deserializer::new(watched, &mut track);
    let read = match spelling {
        Spelling::Snake => A::deserialize(followed),
        Spelling::Camel => A::deserialize(camel::reader(followed)),
    };
    if let Some(path) = unknown {
        let name = path.rsplit('.').next().unwrap_or(&path);
        let message = format!("{UNKNOWN}`{name}`");
        return Err(Argument { field: outside(&path), message, of_type: true });
    }
    read.map_err(|error| refused(&track.path().to_string(), &error.to_string(), spelling))
}

/// What `told`, a message of serde about the value at `path`, says of an argument.
fn refused(path: &str, told: &str, spelling: Spelling) -> Argument {
    // The place in the JSON text that the binding wrote says nothing to its user.
    let message = told.rsplit_once(" at line ").map_or(told, |(text, _)| text);
    // What is read is JSON, so that this is said of something where the word for a variant was to be.
    let message = if message == "expected value" { NO_WORD } else { message };
    let starts_with = |start: &&str| message.starts_with(start);
    let message = match spelling {
        Spelling::Camel if [MISSING, TWICE, UNKNOWN].iter().any(starts_with) => respelled(message),
        _ => message.to_owned(),
    };
    let mut path = if path == "." { String::new() } else { path.to_owned() };
    if let Some(name) = beside(&message) {
        path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    }
    let of_type = [WRONG_TYPE, MISSING, TWICE, UNKNOWN].iter().any(starts_with);
    Argument { field: outside(&path), message: without_value(message), of_type }
}

/// The field that a message is about when its path ends at what the field belongs to.
fn beside(message: &str) -> Option<&str> {
    let name = message.strip_prefix(MISSING).or_else(|| message.strip_prefix(TWICE))?;
    name.strip_prefix('`')?.split('`').next()
}

/// The message of serde with the names that it puts in backticks in camelCase.
fn respelled(message: &str) -> String {
    let parts = message.split('`').enumerate();
    let parts = parts.map(|(place, part)| if place % 2 == 1 { camel(part) } else { part.into() });
    parts.collect::<Vec<_>>().join("`")
}

/// The message without the value that is of another type: it may be a password.
fn without_value(message: String) -> String {
    let told = message.strip_prefix(WRONG_TYPE).and_then(|told| told.rsplit_once(", expected "));
    let Some((found, expected)) = told else { return message };
    let kind = found.split(['`', '"']).next().unwrap_or_default().trim();
    format!("{WRONG_TYPE}{kind}, expected {expected}")
}

/// A body is one parameter here and the call's own arguments in both languages.
fn outside(path: &str) -> String {
    path.strip_prefix("body.").unwrap_or(path).to_owned()
}

/// The place of something ignored, written as the places of errors are.
fn written(path: &Path<'_>) -> String {
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", written(parent)),
        Path::Map { parent, key } => match written(parent) {
            parent if parent.is_empty() => key.clone(),
            parent => format!("{parent}.{key}"),
        },
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => written(parent),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use syfthub_client::wire::endpoint::EndpointDraft;
    use syfthub_client::wire::ledger::{DepositDraft, GrantDraft};
    use syfthub_client::wire::user::AccountPatch;
    use syfthub_client::{Patch, Price, UserId};

    use super::{DeserializeOwned, Spelling};
    use crate::failure::Argument;

    fn read<A: DeserializeOwned>(text: &str) -> Result<A, Argument> {
        super::read(text, Spelling::Snake)
    }

    #[derive(Debug, serde::Deserialize)]
    struct Publishing {
        body: EndpointDraft,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Changing {
        #[expect(dead_code, reason = "it is only read")]
        user: UserId,
        body: AccountPatch,
    }

    fn wrong<A: DeserializeOwned + std::fmt::Debug>(arguments: &Value) -> (String, String, bool) {
        let refused = read::<A>(&arguments.to_string()).unwrap_err();
        (refused.field, refused.message, refused.of_type)
    }

    fn of_draft(draft: &Value) -> (String, String, bool) {
        wrong::<Publishing>(&json!({"body": draft}))
    }

    #[test]
    fn what_fits_is_read_with_its_defaults() {
        let draft = json!({"name": "Notes", "type": "model", "connect": [{"type": "https"}]});
        let read: Publishing = read(&json!({"body": draft}).to_string()).unwrap();
        assert_eq!((read.body.name.as_str(), read.body.connect[0].enabled), ("Notes", true));
    }

    #[test]
    fn no_text_is_no_arguments() {
        let missing = read::<Publishing>("").unwrap_err();
        assert_eq!((missing.field.as_str(), missing.of_type), ("body", true));
    }

    #[test]
    fn another_type_is_told_by_its_place() {
        for (draft, field) in [
            (json!({"name": 5, "type": "model"}), "name"),
            (json!({"name": "n", "type": "model", "tags": "a"}), "tags"),
            (json!({"name": "n", "type": "model", "tags": ["a", 1]}), "tags[1]"),
            (json!({"name": "n", "type": "model", "connect": [{"type": 7}]}), "connect[0].type"),
            (json!({"name": "n", "type": "model", "connect": [5]}), "connect[0]"),
            (
                json!({"name": "n", "type": "model", "policies": [{"type": "a", "config": 1}]}),
                "policies[0].config",
            ),
            (json!({"name": "n", "type": "model", "organization_id": "7"}), "organization_id"),
            (json!({"name": "n", "type": 7}), "type"),
            (json!({"name": "n", "type": {}}), "type"),
            (json!(5), "body"),
        ] {
            let (told, message, of_type) = of_draft(&draft);
            assert_eq!((told.as_str(), of_type), (field, true), "{draft}: {message}");
            assert!(!message.contains(" line "), "{message}");
        }
    }

    #[test]
    fn what_is_missing_is_told_where_it_is_missing() {
        assert_eq!(of_draft(&json!({"name": "n"})).0, "type");
        let (field, message, of_type) =
            of_draft(&json!({"name": "n", "type": "model", "connect": [{"enabled": true}]}));
        assert_eq!((field.as_str(), of_type), ("connect[0].type", true));
        assert_eq!(message, "missing field `type`");
    }

    #[test]
    fn what_has_no_meaning_is_refused_at_every_depth() {
        for (draft, field) in [
            (json!({"name": "n", "type": "model", "nmae": 1}), "nmae"),
            (
                json!({"name": "n", "type": "model", "connect": [{"type": "https", "on": 1}]}),
                "connect[0].on",
            ),
        ] {
            let (told, message, of_type) = of_draft(&draft);
            assert_eq!((told.as_str(), of_type), (field, true), "{message}");
            assert!(message.starts_with("unknown field"), "{message}");
        }
        assert_eq!(wrong::<Publishing>(&json!({"boddy": 1})).0, "boddy");
    }

    #[test]
    fn places_and_names_are_spelled_as_the_arguments_are() {
        let camel =
            |arguments: Value| super::read::<Changing>(&arguments.to_string(), Spelling::Camel);
        let read = camel(json!({"user": 7, "body": {"avatarUrl": null}})).unwrap();
        assert_eq!(read.body.profile.avatar_url, Patch::Clear);
        for (body, field) in [
            (json!({"avatarUrl": 5}), "avatarUrl"),
            (json!({"avatar_urls": 5}), "avatar_urls"),
            (json!({"isActive": "yes"}), "isActive"),
        ] {
            assert_eq!(camel(json!({"user": 7, "body": body})).unwrap_err().field, field);
        }
        let robot = json!({"body": {"name": "n", "type": "data-source"}}).to_string();
        let refused = super::read::<Publishing>(&robot, Spelling::Camel).unwrap_err();
        assert!(refused.message.contains("`data_source`"), "{}", refused.message);
        let nobody = super::read::<DepositDraft>("{\"amount\": 1}", Spelling::Camel).unwrap_err();
        assert_eq!(nobody.field, "recipientEmail");
    }

    #[test]
    fn keys_of_data_are_no_fields() {
        let config = json!({"anything": {"at": ["all"]}});
        let draft =
            json!({"name": "n", "type": "model", "connect": [{"type": "x", "config": config}]});
        assert!(read::<Publishing>(&json!({"body": draft}).to_string()).is_ok());
    }

    #[test]
    fn a_wrong_value_is_told_apart_from_a_wrong_type() {
        for (draft, field) in [
            (json!({"name": "n", "type": "robot"}), "type"),
            (json!({"name": "n", "type": "model", "slug": "A B"}), "slug"),
            (json!({"name": "n", "type": "model", "version": "1"}), "version"),
            (json!({"name": "n", "type": "model", "tags": ["ok", "NOT ok"]}), "tags[1]"),
        ] {
            let (told, message, of_type) = of_draft(&draft);
            assert_eq!((told.as_str(), of_type), (field, false), "{message}");
        }
    }

    #[test]
    fn a_body_within_a_body_is_one_body() {
        let patch = json!({"user": 7, "body": {"role": "admin", "bio": null, "full_name": "Ada"}});
        let read: Changing = read(&patch.to_string()).unwrap();
        assert_eq!(read.body.profile.bio, Patch::Clear);
        assert_eq!(read.body.to_body(), json!({"full_name": "Ada", "bio": null, "role": "admin"}));
        assert_eq!(wrong::<Changing>(&json!({"user": 7, "body": {"bio": 5}})).0, "bio");
        assert_eq!(wrong::<Changing>(&json!({"user": 7, "body": {"bios": "x"}})).0, "bios");
    }

    #[test]
    fn what_is_of_another_type_is_not_repeated() {
        let told = |arguments: &str| read::<Vec<String>>(arguments).unwrap_err().message;
        assert_eq!(told("[12345678]"), "invalid type: integer, expected a string");
        assert_eq!(told("\"hunter2, expected `x`\""), "invalid type: string, expected a sequence");
        assert_eq!(told("[2.5]"), "invalid type: floating point, expected a string");
        assert_eq!(told("[null]"), "invalid type: null, expected a string");
    }

    #[test]
    fn money_is_read_as_it_is_meant() {
        let read_price = |text: &str| read::<Price>(text).map(|price| price.0.to_string());
        assert_eq!(read_price("2.5").unwrap(), "2.5");
        assert_eq!(read_price("3").unwrap(), "3");
        for text in ["-1", "0.0000001", "1e9"] {
            assert!(!read_price(text).unwrap_err().of_type, "{text}");
        }
        assert!(read_price("\"2.5\"").unwrap_err().of_type);
    }

    #[test]
    fn a_payee_is_named_once() {
        let grant = |body: Value| read::<GrantDraft>(&body.to_string());
        assert!(grant(json!({"recipient_username": "bob", "cap": 2})).is_ok());
        let missing = grant(json!({"cap": 2})).unwrap_err();
        assert_eq!((missing.field.as_str(), missing.of_type), ("recipient_email", true));
        let both = json!({"recipient_username": "bob", "recipient_email": "a@b.org"});
        assert!(!grant(both).unwrap_err().of_type);
        let deposit = json!({"recipient_username": "bob", "amount": "much"}).to_string();
        assert_eq!(read::<DepositDraft>(&deposit).unwrap_err().field, "amount");
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(text in ".*", spelled in any::<bool>()) {
            let spelling = if spelled { Spelling::Camel } else { Spelling::Snake };
            let _ = super::read::<Publishing>(&text, spelling);
        }

        #[test]
        fn a_slip_in_any_item_is_told_with_its_number(count in 1_usize..40, slip in 0_usize..40, kind in 0..3) {
            let slip = slip % count;
            let mut connect = vec![json!({"type": "https"}); count];
            let (item, field, of_type) = match kind {
                0 => (json!({"type": 7}), "type", true),
                1 => (json!({}), "type", true),
                _ => (json!({"type": "https", "on": true}), "on", true),
            };
            connect[slip] = item;
            let told = of_draft(&json!({"name": "n", "type": "model", "connect": connect}));
            prop_assert_eq!((told.0, told.2), (format!("connect[{slip}].{field}"), of_type));
        }

        #[test]
        fn what_is_of_another_type_is_never_repeated(secret in 1_000_000_u64..) {
            let patch = json!({"user": 7, "body": {"accounting_password": secret}});
            let (field, message, of_type) = wrong::<Changing>(&patch);
            prop_assert_eq!((field.as_str(), of_type), ("accounting_password", true));
            prop_assert!(!message.contains(&secret.to_string()));
        }
    }
}

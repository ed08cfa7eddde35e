//! `syfthub space types`: what datasets, models and policies there can be, and their settings.

use serde_json::{Value, json};
use syfthub_client::space::parts::TypeInfo;

use super::{Scene, show};
use crate::args::{TypeKind, TypesArgs};
use crate::failure::{Missing, advise};
use crate::suggest::did_you_mean;
use crate::table::Table;

const KINDS: [(TypeKind, &str); 3] =
    [(TypeKind::Dataset, "dataset"), (TypeKind::Model, "model"), (TypeKind::Policy, "policy")];

/// Shows all types, those of one kind, or one.
pub(super) async fn run(scene: &Scene<'_>, args: TypesArgs) -> anyhow::Result<()> {
    let mut found = Vec::new();
    for (kind, noun) in
        KINDS.into_iter().filter(|(kind, _)| args.kind.is_none_or(|one| one == *kind))
    {
        found.push((noun, of_kind(scene, kind).await?));
    }
    match (&args.name, found.first()) {
        (Some(name), Some((noun, types))) => one(scene, pick(types, noun, name)?),
        _ => all(scene, &found),
    }
}

async fn of_kind(
    scene: &Scene<'_>,
    kind: TypeKind,
) -> Result<Vec<TypeInfo>, syfthub_client::Error> {
    match kind {
        TypeKind::Dataset => scene.space.datasets().types().await,
        TypeKind::Model => scene.space.models().types().await,
        TypeKind::Policy => scene.space.policies().types().await,
    }
}

/// The type called `name`, or a refusal that says what may have been meant.
pub(super) fn pick<'a>(
    types: &'a [TypeInfo],
    noun: &str,
    name: &str,
) -> anyhow::Result<&'a TypeInfo> {
    types.iter().find(|info| info.name == name).ok_or_else(|| {
        let meant = did_you_mean(name, types.iter().map(|info| info.name.as_str()));
        let missing = Missing(format!("there is no {noun} type `{name}`{meant}"));
        advise(missing.into(), format!("syfthub space types {noun}"))
    })
}

fn all(scene: &Scene<'_>, found: &[(&str, Vec<TypeInfo>)]) -> anyhow::Result<()> {
    let printer = scene.printer();
    if printer.is_json() {
        let kinds = found.iter().map(|(noun, types)| ((*noun).to_owned(), json!(types)));
        return Ok(printer.success(json!({ "types": Value::Object(kinds.collect()) }))?);
    }
    let mut table = Table::new(&["KIND", "TYPE", "USABLE", "DESCRIPTION"]);
    for (noun, types) in found {
        for info in types {
            let usable = if info.enabled { "yes" } else { "no" };
            table.row([
                (*noun).to_owned(),
                info.name.clone(),
                usable.to_owned(),
                info.description.clone(),
            ]);
        }
    }
    printer.table(&table)?;
    Ok(())
}

fn one(scene: &Scene<'_>, info: &TypeInfo) -> anyhow::Result<()> {
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "type", info);
    }
    printer.line(format_args!("{}: {}", info.name, info.description))?;
    if !info.enabled {
        printer.line("It cannot be used here.")?;
    }
    let mut table = Table::new(&["SETTING", "TYPE", "DEFAULT", "DESCRIPTION"]);
    for (name, schema) in properties(&info.config_schema) {
        let required = info.config_schema["required"].as_array().into_iter().flatten();
        let is_required = required.into_iter().any(|one| *one == **name);
        let default = match &schema["default"] {
            Value::Null if is_required => "required".to_owned(),
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        table.row([name.clone(), type_of(schema), default, described(schema)]);
    }
    if printer.width().is_some() {
        printer.line("")?;
    }
    printer.table(&table)?;
    Ok(())
}

/// The settings in the order that the schema gives them.
fn properties(schema: &Value) -> Vec<(&String, &Value)> {
    let mut listed: Vec<_> = schema["properties"].as_object().into_iter().flatten().collect();
    listed.sort_by_key(|(_, schema)| schema["x-order"].as_i64().unwrap_or(i64::MAX));
    listed
}

fn type_of(schema: &Value) -> String {
    if schema["writeOnly"] == true {
        return "secret".to_owned();
    }
    let words = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let words: Vec<&str> = words.collect();
    if words.is_empty() {
        schema["type"].as_str().unwrap_or("any").to_owned()
    } else {
        words.join(" or ")
    }
}

fn described(schema: &Value) -> String {
    let texts =
        [&schema["title"], &schema["description"]].map(|text| text.as_str().unwrap_or_default());
    texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(". ")
}

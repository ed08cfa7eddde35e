//! `syfthub space dataset …` and `syfthub space model …`

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::{Map, Value, json};
use syfthub_client::ErrorKind;
use syfthub_client::space::parts::{NewPart, Part, PartPatch, Parts, TypeInfo, Users};

use super::{Scene, configuration, show, types};
use crate::args::{PartAdd, PartCommand, PartEdit, PartRemoval};
use crate::failure::{Misuse, advise};
use crate::table::Table;

/// Datasets or models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Dataset,
    Model,
}

impl Kind {
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Model => "model",
        }
    }

    fn default_type(self) -> &'static str {
        match self {
            Self::Dataset => "local_file",
            Self::Model => "extractive",
        }
    }

    pub(super) fn of<'a>(self, scene: &'a Scene<'_>) -> Parts<'a> {
        match self {
            Self::Dataset => scene.space.datasets(),
            Self::Model => scene.space.models(),
        }
    }
}

/// Runs one of the commands.
pub(super) async fn run(scene: &Scene<'_>, kind: Kind, command: PartCommand) -> anyhow::Result<()> {
    match command {
        PartCommand::Add(args) => add(scene, kind, args).await,
        PartCommand::Ls => ls(scene, kind).await,
        PartCommand::Show { name } => show_one(scene, kind, &name).await,
        PartCommand::Edit(args) => edit(scene, kind, args).await,
        PartCommand::Rm(args) => rm(scene, kind, args).await,
    }
}

async fn add(scene: &Scene<'_>, kind: Kind, args: PartAdd) -> anyhow::Result<()> {
    let known = kind.of(scene).types().await?;
    let dtype = args.dtype.unwrap_or_else(|| kind.default_type().to_owned());
    let info = types::pick(&known, kind.noun(), &dtype)?;
    let mut settings = configuration::given(args.given, &info.config_schema).await?;
    if !args.path.is_empty() {
        settings.extend(paths(info, args.path).await?);
    }
    if settings.is_empty() && kind == Kind::Dataset && dtype == "local_file" {
        let refusal = "which files? Name a folder with --path".to_owned();
        return Err(Misuse(refusal).into());
    }
    if args.dry_run {
        return preview(scene, kind, &dtype, &settings).await;
    }
    let new = NewPart::new(args.name, dtype, settings)
        .described(args.summary.unwrap_or_default(), args.tags.join(","));
    let made = kind.of(scene).add(&new).await.map_err(|error| {
        let is_refused = error.kind() == ErrorKind::Refused;
        let hint = format!("syfthub space types {} {}", kind.noun(), new.dtype);
        if is_refused { advise(error.into(), hint) } else { error.into() }
    })?;
    if scene.printer().is_json() {
        return show::json(scene.printer(), kind.noun(), &made);
    }
    let noun = kind.noun();
    scene.printer().line(format_args!("Added the {noun} {} ({}).", made.name, made.dtype))?;
    match kind {
        Kind::Dataset => scene.printer().say(format_args!(
            "Watch it being read:  syfthub space ingest {0}\nLet others ask it:    syfthub space endpoint add {0} --dataset {0}",
            made.name
        )),
        Kind::Model => scene.printer().say(format_args!(
            "Let it answer:  syfthub space endpoint add {0} --model {0}",
            made.name
        )),
    }
    Ok(())
}

/// Shows which files a dataset would share.
async fn preview(
    scene: &Scene<'_>,
    kind: Kind,
    dtype: &str,
    settings: &Map<String, Value>,
) -> anyhow::Result<()> {
    if kind != Kind::Dataset {
        return Err(Misuse("--dry-run: only a dataset shares files".to_owned()).into());
    }
    let mut preview = scene.space.ingestion().preview(dtype, settings).await?;
    preview.first.sort_by(|a, b| a.file_name.cmp(&b.file_name));
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, "preview", &preview);
    }
    let mut table = Table::new(&["TYPE", "FILES", "BYTES"]);
    for (extension, share) in &preview.types {
        table.row([extension.clone(), share.files.to_string(), share.bytes.to_string()]);
    }
    printer.table(&table)?;
    for file in &preview.first {
        printer.say(format_args!("  {}", file.file_name));
    }
    let more = preview.files.saturating_sub(preview.first.len() as u64);
    if more > 0 {
        printer.say(format_args!("  and {more} more"));
    }
    let (files, bytes) = (show::count(preview.files, "file"), preview.bytes);
    printer.say(format_args!("{files}, {bytes} bytes would be shared; nothing was added"));
    Ok(())
}

/// Files and folders as the setting that takes them, with their whole paths.
async fn paths(info: &TypeInfo, given: Vec<PathBuf>) -> anyhow::Result<Map<String, Value>> {
    if info.config_schema["properties"].get("filePaths").is_none() {
        let refusal = format!("--path: the type {} reads no files", info.name);
        return Err(advise(
            Misuse(refusal).into(),
            format!("syfthub space types dataset {}", info.name),
        ));
    }
    let mut listed = Vec::new();
    for path in given {
        let whole = tokio::fs::canonicalize(&path)
            .await
            .with_context(|| format!("--path {}", path.display()))?;
        let whole = whole.to_str().with_context(|| format!("{} is not text", path.display()))?;
        listed.push(json!({"path": whole, "description": ""}));
    }
    Ok(Map::from_iter([("filePaths".to_owned(), Value::Array(listed))]))
}

async fn ls(scene: &Scene<'_>, kind: Kind) -> anyhow::Result<()> {
    let parts = kind.of(scene).list().await?;
    let printer = scene.printer();
    if printer.is_json() {
        return show::json(printer, &format!("{}s", kind.noun()), &parts);
    }
    let mut table = Table::new(&["NAME", "TYPE", "ENDPOINTS", "SUMMARY"]);
    for part in &parts {
        table.row([part.name.clone(), part.dtype.clone(), users(part), part.summary.clone()]);
    }
    printer.table(&table)?;
    if parts.is_empty() {
        let noun = kind.noun();
        printer.say(format_args!("no {noun} yet; add one with `syfthub space {noun} add`"));
    }
    Ok(())
}

fn users(part: &Part) -> String {
    let slugs: Vec<&str> = part.connected_endpoints.iter().map(|one| one.slug.as_str()).collect();
    slugs.join(", ")
}

async fn show_one(scene: &Scene<'_>, kind: Kind, name: &str) -> anyhow::Result<()> {
    let part = kind.of(scene).get(name).await?;
    let health = kind.of(scene).health(name).await.ok();
    let printer = scene.printer();
    if printer.is_json() {
        let health =
            health.map(|health| json!({"status": health.word(), "message": health.message}));
        return Ok(printer.success(json!({ kind.noun(): part, "health": health }))?);
    }
    printer.line(format_args!("{} ({})", part.name, part.dtype))?;
    show::field(printer, "summary", &part.summary)?;
    show::field(printer, "tags", &part.tags)?;
    show::field(printer, "endpoints", users(&part))?;
    if let Some(health) = health {
        let why = match health.message.as_str() {
            "" => String::new(),
            message if message == health.word() => String::new(),
            message => format!(" ({message})"),
        };
        show::field(printer, "health", format_args!("{}{why}", health.word()))?;
    }
    show::field(printer, "made", show::moment(part.created_at))?;
    show::field(printer, "changed", show::moment(part.updated_at))?;
    show::settings(printer, &part.configuration)?;
    Ok(())
}

async fn edit(scene: &Scene<'_>, kind: Kind, args: PartEdit) -> anyhow::Result<()> {
    let parts = kind.of(scene);
    let settings = if args.given.set.is_empty() && args.given.config.is_none() {
        None
    } else {
        let dtype = parts.get(&args.name).await?.dtype;
        let known = parts.types().await?;
        let info = types::pick(&known, kind.noun(), &dtype)?;
        Some(configuration::given(args.given, &info.config_schema).await?)
    };
    let patch = PartPatch {
        name: args.rename,
        summary: args.summary,
        tags: (!args.tags.is_empty()).then(|| args.tags.join(",")),
        configuration: settings,
    };
    if patch == PartPatch::default() {
        return Err(Misuse("nothing is named that should change".to_owned()).into());
    }
    let changed = parts.edit(&args.name, &patch).await?;
    if scene.printer().is_json() {
        return show::json(scene.printer(), kind.noun(), &changed);
    }
    scene.printer().line(format_args!("Changed the {} {}.", kind.noun(), changed.name))?;
    Ok(())
}

async fn rm(scene: &Scene<'_>, kind: Kind, args: PartRemoval) -> anyhow::Result<()> {
    let PartRemoval { name, force, confirmed } = args;
    let noun = kind.noun();
    let with = if force { ", and the endpoints that use it" } else { "" };
    scene.confirm(format!("Remove the {noun} {name}{with}?"), confirmed.yes).await?;
    let users = if force { Users::Remove } else { Users::Keep };
    let notice = kind.of(scene).remove(&name, users).await.map_err(|error| {
        let in_use = error.kind() == ErrorKind::Conflict;
        let error = anyhow::Error::new(error);
        if in_use {
            advise(error, format!("syfthub space {noun} rm {name} --force, which removes them too"))
        } else {
            error
        }
    })?;
    if scene.printer().is_json() {
        return show::json(scene.printer(), "message", &notice.message);
    }
    scene.printer().line(format_args!("Removed the {noun} {name}."))?;
    Ok(())
}

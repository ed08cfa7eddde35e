//! `syfthub space init`: the folder of a space, and what is in it at first.
//!
//! What is set up goes through the same admin API as later: for a moment the space runs here, on ports that nobody knows.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};
use syfthub_client::ErrorKind;
use syfthub_client::space::Space as Client;
use syfthub_client::space::endpoints::NewEndpoint;
use syfthub_client::space::marketplaces::HubAccount;
use syfthub_client::space::parts::NewPart;
use syfthub_core::{Secret, Slug};
use syfthub_server::space::{self, Space};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{configuration, find, node, types};
use crate::args::{Given, InitArgs, Target};
use crate::context::Context;
use crate::failure::{Misuse, advise};
use crate::prompt;

/// The type that answers without a network or weights.
const MODEL: &str = "extractive";

/// What to set up.
struct Plan {
    folders: Vec<PathBuf>,
    /// `None` for no model.
    model: Option<String>,
    given: Given,
    account: Option<Account>,
    public_url: Option<Url>,
}

struct Account {
    hub: Url,
    username: String,
    password: Secret,
}

/// What was set up.
#[derive(Default)]
struct Done {
    datasets: Vec<String>,
    model: Option<String>,
    endpoints: Vec<String>,
    hub: Option<String>,
}

/// Asks what is not said, and sets the space up.
pub(super) async fn run(context: &Context, target: &Target, args: InitArgs) -> anyhow::Result<()> {
    let dir = find::state_dir(context, target)?;
    let (hub, place) = (context.hub.clone(), dir.clone());
    let plan = tokio::task::spawn_blocking(move || {
        if let Some(other) = find::running(&place)? {
            let refusal =
                anyhow::anyhow!("a space runs on {} (process {})", place.display(), other.pid);
            return Err(advise(refusal, "syfthub space dataset add"));
        }
        plan(args, hub)
    })
    .await??;
    let shutdown = CancellationToken::new();
    let mut config = node::settings(&dir)?;
    (config.listen, config.admin_listen, config.public_url) = (node::FREE, node::FREE, None);
    let (questions, admin) = space::bind(&config).await.map_err(node::in_flags)?;
    let opened = Space::open(config, shutdown.clone()).await.map_err(node::in_flags)?;
    let running = opened.serve(questions, Some(admin)).await.map_err(node::in_flags)?;
    let target = Target { state: Some(dir.clone()), admin_url: None, key_file: None, tenant: None };
    let done = match find::space(context, &target).await {
        Ok(found) => set_up(&found.client, plan).await,
        Err(error) => Err(error),
    };
    shutdown.cancel();
    running.stopped().await;
    tell(context, &dir, &done?)
}

/// What the flags say, and at a terminal the answers to what they leave open. Blocks.
fn plan(args: InitArgs, default_hub: Url) -> anyhow::Result<Plan> {
    let asks = !args.yes && prompt::can_ask();
    let mut folders = args.data;
    if folders.is_empty() && asks {
        let folder = prompt::ask("Folder of documents (empty for none)", "")?;
        folders.extend((!folder.is_empty()).then(|| PathBuf::from(folder)));
    }
    let folders = folders.iter().map(|path| folder(path)).collect::<anyhow::Result<_>>()?;
    let model = match args.model {
        Some(model) => model,
        None if asks => prompt::ask("Model that answers, or none", MODEL)?,
        None => MODEL.to_owned(),
    };
    let username = match args.username {
        None if asks => prompt::ask(&format!("Account at {default_hub} (empty for no hub)"), "")?,
        username => username.unwrap_or_default(),
    };
    let account = if username.is_empty() {
        None
    } else {
        let password = prompt::password("Password")?;
        Some(Account { hub: default_hub, username, password })
    };
    let public_url = match args.public_url {
        None if asks && account.is_some() => {
            let url = prompt::ask("Where callers will reach it (empty to find out)", "")?;
            let parsed = (!url.is_empty()).then(|| url.parse()).transpose();
            parsed.map_err(|_| {
                Misuse(format!("{url}: an address such as https://space.example.org is expected"))
            })?
        }
        url => url,
    };
    let model = (model != "none").then_some(model);
    Ok(Plan { folders, model, given: args.given, account, public_url })
}

fn folder(path: &Path) -> anyhow::Result<PathBuf> {
    let name = || format!("--data {}", path.display());
    let whole = path.canonicalize().with_context(name)?;
    if !whole.is_dir() {
        anyhow::bail!("{}: a folder is expected", name());
    }
    Ok(whole)
}

async fn set_up(space: &Client, plan: Plan) -> anyhow::Result<Done> {
    let mut done = Done::default();
    if let Some(dtype) = &plan.model {
        add_model(space, dtype, plan.given, &mut done).await?;
    }
    for folder in &plan.folders {
        add_folder(space, folder, &mut done)
            .await
            .with_context(|| format!("--data {}", folder.display()))?;
    }
    if let Some(Account { hub, username, password }) = plan.account {
        let known = HubAccount::new(username, password);
        let connected = space.marketplaces().connect(Some(&hub), &known).await?;
        done.hub = Some(connected.url);
    }
    if let Some(url) = &plan.public_url {
        space.settings().set_public_url(url).await?;
    }
    Ok(done)
}

/// The model and an endpoint that answers by it; what is there from an earlier run stays.
async fn add_model(
    space: &Client,
    dtype: &str,
    given: Given,
    done: &mut Done,
) -> anyhow::Result<()> {
    let known = space.models().types().await?;
    let info = types::pick(&known, "model", dtype)?;
    let settings = configuration::given(given, &info.config_schema).await?;
    let model = match space.models().get(dtype).await {
        Ok(model) => model,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            space.models().add(&NewPart::new(dtype, dtype, settings)).await?
        }
        Err(error) => return Err(error.into()),
    };
    done.model = Some(model.name.clone());
    if model.connected_endpoints.is_empty() {
        let mut new = NewEndpoint::new(model.name.clone(), "");
        (new.model_id, new.response_type) = (Some(model.id), "summary".to_owned());
        done.endpoints.push(add_endpoint(space, new).await?);
    }
    Ok(())
}

/// The dataset of a folder and an endpoint that gives its documents; what is there from an earlier run stays.
async fn add_folder(space: &Client, folder: &Path, done: &mut Done) -> anyhow::Result<()> {
    let path = folder.to_str().context("the path is not text")?;
    let name = folder.file_name().map_or("folder", |name| name.to_str().unwrap_or("folder"));
    let all = space.datasets().list().await?;
    let reads =
        |paths: &Value| paths.as_array().into_iter().flatten().any(|one| one["path"] == path);
    if let Some(known) =
        all.iter().find(|one| one.configuration.get("filePaths").is_some_and(reads))
    {
        done.datasets.push(known.name.clone());
        return Ok(());
    }
    let free = |slug: &Slug| all.iter().all(|one| one.name != slug.as_str());
    let slug =
        Slug::candidates(name, "folder").find(free).context("too many folders are called so")?;
    let settings = json!({"filePaths": [{"path": path, "description": ""}]});
    let settings = settings.as_object().cloned().unwrap_or_default();
    let made = space.datasets().add(&NewPart::new(slug.as_str(), "local_file", settings)).await?;
    done.datasets.push(made.name.clone());
    let mut new = NewEndpoint::new(name, "");
    (new.dataset_id, new.response_type) = (Some(made.id), "raw".to_owned());
    new.summary = format!("Documents of the folder {name}");
    done.endpoints.push(add_endpoint(space, new).await?);
    Ok(())
}

/// Makes an endpoint under the first address that is free.
async fn add_endpoint(space: &Client, mut new: NewEndpoint) -> anyhow::Result<String> {
    for slug in Slug::candidates(&new.name, "endpoint") {
        new.slug = slug.to_string();
        match space.endpoints().add(&new).await {
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            outcome => return Ok(outcome?.slug),
        }
    }
    anyhow::bail!("too many endpoints are called {}", new.name)
}

fn tell(context: &Context, dir: &Path, done: &Done) -> anyhow::Result<()> {
    let printer = &context.printer;
    if printer.is_json() {
        return Ok(printer.success(json!({
            "state": dir, "datasets": done.datasets, "model": done.model, "endpoints": done.endpoints,
            "marketplace": done.hub,
        }))?);
    }
    printer.line(format_args!("The space in {} is set up.", dir.display()))?;
    for dataset in &done.datasets {
        printer.line(format_args!("  dataset   {dataset}"))?;
    }
    if let Some(model) = &done.model {
        printer.line(format_args!("  model     {model}"))?;
    }
    for endpoint in &done.endpoints {
        printer.line(format_args!("  endpoint  {endpoint}"))?;
    }
    if let Some(hub) = &done.hub {
        printer.line(format_args!("  hub       {hub}"))?;
    }
    printer.line("\nNext:")?;
    printer.line("  syfthub space run")?;
    if let Some(dataset) = done.datasets.first() {
        printer.line(format_args!("  syfthub space ingest {dataset}"))?;
        printer.line(format_args!("  syfthub space search {dataset} \"…\""))?;
    }
    if done.hub.is_none() {
        printer.line("  syfthub space connect -u USER")?;
    }
    if let Some(endpoint) = done.endpoints.last() {
        printer.line(format_args!("  syfthub space publish {endpoint}"))?;
    }
    Ok(())
}

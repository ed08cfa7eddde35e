//! The server binary. Standard output carries one line, the URL; everything else goes to standard error.

use std::io::Write as _;
use std::process::ExitCode;

use syfthub_server::config::{
    self, AggregatorConfig, Command, DatabaseSettings, HubConfig, KeysCommand, SpaceConfig,
};
use syfthub_server::db::{Db, Schema};
use syfthub_server::{Running, StartError, aggregator, hub, memory, space, telemetry};
use tokio_util::sync::CancellationToken;

/// Exit code of a mistake in the arguments or settings.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    if space::is_parse_worker() {
        return space::parse_worker_main();
    }
    memory::give_back_what_is_free();
    run()
}

#[tokio::main]
async fn run() -> ExitCode {
    let (arguments, ignored) = match config::read(std::env::args_os()) {
        Ok(read) => read,
        Err(usage) if usage.is_help => return print(&usage.text),
        Err(usage) => return complain(usage.text.trim_end(), USAGE),
    };
    telemetry::log(&arguments.log);
    for name in ignored {
        tracing::warn!(name, "this setting has no effect here");
    }
    let done = match arguments.command {
        Command::Hub(config) => Box::pin(serve_hub(*config)).await,
        Command::Space(config) => serve_space(*config).await,
        Command::Aggregator(config) => serve_aggregator(*config).await,
        Command::Migrate(database) => migrate(&database).await,
        Command::Keys(command) => keys(&command).await,
        Command::Openapi { of } => return print(&of.openapi()),
        Command::Reference { page } => return print(&page.markdown()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ StartError::Setting { .. }) => complain(&error.to_string(), USAGE),
        Err(error) => complain(&error.to_string(), 1),
    }
}

async fn serve_hub(config: HubConfig) -> Result<(), StartError> {
    let shutdown = on_signal();
    let listener = hub::bind(&config).await?;
    serve_until_stopped(hub::start(config, listener, shutdown).await?).await;
    Ok(())
}

async fn serve_space(config: SpaceConfig) -> Result<(), StartError> {
    let shutdown = on_signal();
    let (listener, admin) = space::bind(&config).await?;
    serve_until_stopped(space::start(config, listener, Some(admin), shutdown).await?).await;
    Ok(())
}

async fn serve_aggregator(config: AggregatorConfig) -> Result<(), StartError> {
    let shutdown = on_signal();
    let listener = aggregator::bind(&config).await?;
    serve_until_stopped(aggregator::start(config, listener, shutdown).await?).await;
    Ok(())
}

async fn migrate(database: &DatabaseSettings) -> Result<(), StartError> {
    Db::open(&database.url, Schema::Hub, database.options()).await?.close().await;
    Ok(())
}

async fn keys(command: &KeysCommand) -> Result<(), StartError> {
    print(&syfthub_server::keys_command::run(command).await?);
    Ok(())
}

/// Says where the server listens, and waits until it has stopped.
async fn serve_until_stopped(running: Running) {
    tracing::info!(url = %running.url(), "ready");
    print(&format!("http://{}", running.address()));
    running.stopped().await;
}

/// Cancelled by Ctrl-C or SIGTERM; a second signal ends the process as usual.
fn on_signal() -> CancellationToken {
    let shutdown = CancellationToken::new();
    let token = shutdown.clone();
    tokio::spawn(async move {
        signalled().await;
        tracing::info!("stopping");
        token.cancel();
    });
    shutdown
}

#[cfg(unix)]
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("the runtime handles signals");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => (),
        _ = terminate.recv() => (),
    }
}

#[cfg(not(unix))]
async fn signalled() {
    // An error means that no such signal can arrive.
    tokio::signal::ctrl_c().await.ok();
}

/// Writes to standard output; a reader that has gone away is no reason to stop.
fn print(text: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()).ok();
    ExitCode::SUCCESS
}

fn complain(text: &str, code: u8) -> ExitCode {
    writeln!(std::io::stderr(), "syfthub-server: {text}").ok();
    ExitCode::from(code)
}

//! A bar on standard error while documents are indexed.

use indicatif::{ProgressBar, ProgressStyle};
use syfthub_server::space::Progress;
use tokio::sync::watch;

use crate::printer::Printer;

/// Waits until everything is indexed. A person who watches sees a bar, and in the end what could not be read.
pub(super) async fn wait(mut progress: watch::Receiver<Progress>, printer: &Printer) {
    let bar = if printer.is_watched() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    let style = "indexing {wide_bar} {pos}/{len} {prefix} {msg:30!}";
    bar.set_style(ProgressStyle::with_template(style).expect("the template is well-formed"));
    loop {
        let is_ready = show(&bar, &progress.borrow_and_update());
        // An error means that the space has stopped, and then nothing is waited for.
        if is_ready || progress.changed().await.is_err() {
            break;
        }
    }
    bar.finish_and_clear();
    let progress = progress.borrow();
    for dataset in progress.datasets.values() {
        let name = &dataset.name;
        if let Some(error) = &dataset.error {
            printer.say(format_args!("warning: {name}: {error}"));
        }
        if dataset.failed > 0 {
            printer
                .say(format_args!("warning: {name}: {} files could not be read", dataset.failed));
        }
    }
}

fn show(bar: &ProgressBar, progress: &Progress) -> bool {
    bar.set_length(progress.total());
    bar.set_position(progress.done() + progress.failed());
    let pace = progress.files_per_second();
    bar.set_prefix(if pace > 0.0 { format!("{pace:.0}/s") } else { String::new() });
    bar.set_message(progress.current().unwrap_or_default().to_owned());
    progress.is_ready()
}

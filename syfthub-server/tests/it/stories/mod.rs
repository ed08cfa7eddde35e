//! One story in three languages: a program each in Rust, Python and TypeScript registers, founds an organization,
//! publishes, stars, browses, proves who it is, asks, pays and takes its accounts home, all against one stack. Each prints
//! what it saw, a line for every step, and all three have to have seen the same.

mod stage;
mod story;

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use crate::cluster::Database;
use crate::third_party;
use stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_languages_tell_one_story_on_sqlite() {
    let home = tempfile::tempdir().expect("there is room for tests");
    let stage = Stage::set(home.path(), &[]).await;
    tell(&stage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_languages_tell_one_story_on_postgresql() {
    let Some(database) = Database::create().await else { return };
    let home = tempfile::tempdir().expect("there is room for tests");
    let stage = Stage::set(home.path(), &[("DATABASE_URL", &database.url())]).await;
    tell(&stage).await;
}

/// Has every language that is there tell the story, each as another user.
async fn tell(stage: &Stage) {
    let told = story::tell(stage.hub(), "rosa").await.expect("the story goes as it must");
    insta::assert_snapshot!("story", told);
    if let Some(python) = third_party::path("SYFTHUB_TEST_OUR_PYTHON") {
        assert_eq!(run(&python, &["story.py", &stage.hub().at(""), "petra"]).await, told);
    }
    if let Some(package) = third_party::path("SYFTHUB_TEST_OUR_NODE") {
        let package = package.to_str().expect("the package's folder has a plain name");
        let arguments = ["story.mjs", package, &stage.hub().at(""), "nora"];
        assert_eq!(run(Path::new("node"), &arguments).await, told);
    }
}

/// What a program of this folder printed.
async fn run(interpreter: &Path, arguments: &[&str]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/stories");
    let output = Command::new(interpreter)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("the interpreter runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
    String::from_utf8(output.stdout).expect("the program prints text")
}

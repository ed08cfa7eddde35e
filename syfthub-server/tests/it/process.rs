//! Servers as processes of their own.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use eventsource_stream::{Event, Eventsource as _};
use futures_util::{Stream, StreamExt as _};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Instant, sleep};

/// The password of every user the tests make.
pub(crate) const PASSWORD: &str = "a-Long-passw0rd";

/// `syfthub-server hub` on a free port; killed when dropped.
pub(crate) struct HubProcess {
    child: Child,
    stdout: BufReader<ChildStdout>,
    door: Door,
}

/// Where a hub is asked: at its own address, or at that of a proxy before it.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    url: String,
    http: reqwest::Client,
}

impl Deref for HubProcess {
    type Target = Door;

    fn deref(&self) -> &Door {
        &self.door
    }
}

impl HubProcess {
    /// Starts it with everything it keeps below `home`, under additional `settings`, and waits until it says where it listens.
    pub(crate) async fn start(home: &Path, settings: &[(&str, &str)]) -> Self {
        let mut child = Self::command(home, settings).spawn().expect("the program exists");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut url = String::new();
        stdout.read_line(&mut url).await.expect("the line is text");
        assert!(
            url.ends_with('\n'),
            "it ended: {}",
            std::fs::read_to_string(home.join("hub.log")).unwrap_or_default()
        );
        Self { child, stdout, door: Door::new(url.trim_end()) }
    }

    /// Starts it under settings with which it must not run; what it says about that.
    pub(crate) async fn refused(home: &Path, settings: &[(&str, &str)]) -> String {
        let status = Self::command(home, settings).status().await.expect("the program exists");
        assert!(!status.success(), "{settings:?}");
        std::fs::read_to_string(home.join("hub.log")).expect("it has said something")
    }

    fn command(home: &Path, settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_syfthub-server"));
        command
            .arg("hub")
            .env_clear() // nothing of the developer's own
            .env("SYFTHUB_LISTEN", "127.0.0.1:0")
            .env("DATABASE_URL", format!("sqlite:{}", home.join("hub.db").display()))
            .env("SECRET_KEY", "only-tests-know-this-secret-of-48-letters-or-more")
            .env("RSA_KEYS_DIRECTORY", home.join("keys"))
            .env("SYFTHUB_LIMIT_REGISTRATION", "off") // all of a test's users come from one address
            .envs(settings.iter().copied())
            .current_dir(home)
            .stdout(Stdio::piped())
            .stderr(
                std::fs::File::create(home.join("hub.log")).expect("the test's folder is writable"),
            )
            .kill_on_drop(true);
        command
    }

    /// Ends it the way a crash does: no handler runs, nothing is flushed.
    pub(crate) fn kill(&self) {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(
            std::process::Command::new("kill")
                .args(["-KILL", &pid])
                .status()
                .expect("kill exists")
                .success()
        );
    }

    /// Asks it to stop and waits until it has; its exit status and what else it printed to standard output.
    pub(crate) async fn stop(mut self) -> (ExitStatus, String) {
        let pid = self.child.id().expect("it runs").to_string();
        let asked = std::process::Command::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.expect("kill exists").success());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).await.expect("the output is text");
        (self.child.wait().await.expect("it can be waited for"), rest)
    }
}

impl Door {
    /// The door at `url`.
    pub(crate) fn new(url: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build();
        Self { url: url.to_owned(), http: http.expect("a client without special wishes") }
    }

    /// Where a path of this hub is.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Its HTTP client.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Asks it as a user, which must succeed.
    pub(crate) async fn get(&self, path: &str, token: &str) -> Value {
        let request = self.http.get(self.at(path)).bearer_auth(token);
        let answer = request.send().await.expect("the hub is up");
        let answer = answer.error_for_status().expect("it is not refused");
        answer.json().await.expect("a JSON body")
    }

    /// Registers a user; the access token when that was acknowledged.
    pub(crate) async fn register(&self, username: &str) -> reqwest::Result<String> {
        let body = json!({
            "username": username, "email": format!("{username}@example.org"), "full_name": username, "password": PASSWORD,
        });
        let answer = self
            .http
            .post(self.at("/api/v1/auth/register"))
            .json(&body)
            .send()
            .await?
            .error_for_status()?;
        Ok(text(&answer.json().await?, "access_token"))
    }

    /// Signs a user in; the access token.
    pub(crate) async fn login(&self, username: &str) -> reqwest::Result<String> {
        let form = [("username", username), ("password", PASSWORD)];
        let answer = self
            .http
            .post(self.at("/api/v1/auth/login"))
            .form(&form)
            .send()
            .await?
            .error_for_status()?;
        Ok(text(&answer.json().await?, "access_token"))
    }
}

fn text(body: &Value, key: &str) -> String {
    body[key].as_str().unwrap_or_else(|| panic!("no text {key:?} in {body}")).to_owned()
}

/// `syfthub-server space` on free ports; killed when dropped.
pub(crate) struct SpaceProcess {
    child: Child,
    home: PathBuf,
    http: reqwest::Client,
}

impl SpaceProcess {
    /// Starts it with everything it keeps below `home`, and waits until it is ready.
    pub(crate) async fn start(home: &Path) -> Self {
        Self::with(home, &[("SPACE_TUNNEL", "off")], &[]).await
    }

    /// Starts it under additional `settings`, by a command that `before` begins, and waits until it is ready.
    pub(crate) async fn with(home: &Path, settings: &[(&str, &str)], before: &[&str]) -> Self {
        let mut space = Self::spawn(home, settings, before);
        let output = space.child.stdout.take().expect("it is piped");
        let ready = BufReader::new(output).lines().next_line().await.expect("the line is text");
        let log = || std::fs::read_to_string(home.join("space.log")).unwrap_or_default();
        assert!(ready.is_some(), "it ended: {}", log());
        space
    }

    /// Starts it and waits for nothing.
    pub(crate) fn spawn(home: &Path, settings: &[(&str, &str)], before: &[&str]) -> Self {
        let program = [env!("CARGO_BIN_EXE_syfthub-server"), "space"];
        let mut words = before.iter().chain(&program);
        let child = Command::new(words.next().expect("there is a program"))
            .args(words)
            .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
            .env_clear()
            .env("SPACE_STATE_DIR", home.join("space"))
            .envs(settings.iter().copied())
            .current_dir(home)
            .stdout(Stdio::piped())
            .stderr(
                std::fs::File::create(home.join("space.log"))
                    .expect("the test's folder is writable"),
            )
            .kill_on_drop(true)
            .spawn()
            .expect("the program exists");
        let http = reqwest::Client::builder().no_proxy().build();
        let http = http.expect("a client without special wishes");
        Self { child, home: home.to_owned(), http }
    }

    /// Ends it the way a crash does, and waits until it is gone.
    pub(crate) async fn kill_and_wait(mut self) {
        self.child.kill().await.expect("it ran until now");
    }

    fn key(&self) -> String {
        let key = std::fs::read_to_string(self.home.join("space/admin.key"));
        key.unwrap_or_default().trim().to_owned()
    }

    fn at(&self, path: &str) -> String {
        admin_url(&self.home) + path
    }

    /// What an endpoint answers its owner; nothing when the space does not answer at all.
    pub(crate) async fn try_ask(&self, endpoint: &str, question: &Value) -> Option<Value> {
        let url = self.at(&format!("endpoints/{endpoint}/query"));
        let request = self.http.post(url).bearer_auth(self.key()).json(question);
        let answer = request.send().await.ok()?;
        let status = answer.status();
        let body = answer.text().await.ok()?;
        assert!(status.is_success(), "{status}: {body}");
        Some(serde_json::from_str(&body).expect("a JSON body"))
    }

    /// Asks it for something as its owner, which must succeed.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(self.at(path)).bearer_auth(self.key()).send().await;
        let answer = answer.expect("the space is up").error_for_status();
        answer.expect("it is not refused").json().await.expect("a JSON body")
    }

    /// The payloads of a stream of events.
    pub(crate) async fn follow(&self, path: &str) -> impl Stream<Item = Value> + Unpin + use<> {
        let answer = self.http.get(self.at(path)).bearer_auth(self.key()).send().await;
        let answer = answer.expect("the space is up").error_for_status();
        let events = answer.expect("it is not refused").bytes_stream().eventsource();
        let payload =
            |event: Result<Event, _>| async { serde_json::from_str(&event.ok()?.data).ok() };
        Box::pin(events.filter_map(payload))
    }

    /// Tells it something as its owner, which must succeed.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        self.post_for(None, path, body).await
    }

    /// Tells it something for a tenant, or for the only one there is; it must succeed.
    pub(crate) async fn post_for(&self, tenant: Option<&str>, path: &str, body: &Value) -> Value {
        let request = self.http.post(self.at(path)).json(body);
        let answer = self.for_tenant(tenant, request).send().await.expect("the space is up");
        let (status, body) = (answer.status(), answer.text().await.expect("a text"));
        assert!(status.is_success(), "{path}: {status}: {body}");
        serde_json::from_str(&body).expect("a JSON body")
    }

    /// Waits until every file of the tenant's dataset is searchable.
    pub(crate) async fn until_ingested(&self, tenant: Option<&str>, dataset: &str) {
        let url = self.at(&format!("ingestion/datasets/{dataset}/status"));
        let begun = Instant::now();
        loop {
            let answer = self.for_tenant(tenant, self.http.get(&url)).send().await;
            let counts = answer.expect("the space is up").json().await;
            let counts: Value = counts.expect("a JSON body");
            if counts["completed"].as_u64() > Some(0) && counts["completed"] == counts["total_jobs"]
            {
                return;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "{counts}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn for_tenant(&self, tenant: Option<&str>, request: RequestBuilder) -> RequestBuilder {
        let request = request.bearer_auth(self.key());
        match tenant {
            Some(tenant) => request.header("x-tenant-name", tenant),
            None => request,
        }
    }
}

/// What the addresses of the admin API of the space below `home` begin with, as it says itself; nobody listens there when
/// it does not say.
pub(crate) fn admin_url(home: &Path) -> String {
    format!("{}/api/v1/", running(home, "admin_url"))
}

/// Where the space below `home` takes questions, without a slash at its end.
pub(crate) fn query_url(home: &Path) -> String {
    running(home, "url")
}

fn running(home: &Path, key: &str) -> String {
    let running = std::fs::read(home.join("space/running.json")).unwrap_or_default();
    let running: Value = serde_json::from_slice(&running).unwrap_or_default();
    running[key].as_str().unwrap_or("http://127.0.0.1:9/").trim_end_matches('/').to_owned()
}

//! Servers as processes of their own.

use std::ops::Deref;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

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
    _child: Child,
    admin: String,
    key: String,
    http: reqwest::Client,
}

impl SpaceProcess {
    /// Starts it with everything it keeps below `home`, and waits until it is ready.
    pub(crate) async fn start(home: &Path) -> Self {
        Self::with(home, &[("SPACE_TUNNEL", "off")], &[]).await
    }

    /// Starts it under additional `settings`, by a command that `before` begins.
    pub(crate) async fn with(home: &Path, settings: &[(&str, &str)], before: &[&str]) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let admin = free.local_addr().expect("it is bound").to_string();
        drop(free);
        let program = [env!("CARGO_BIN_EXE_syfthub-server"), "space"];
        let mut words = before.iter().chain(&program);
        let mut child = Command::new(words.next().expect("there is a program"))
            .args(words)
            .args(["--listen", "127.0.0.1:0", "--admin-listen", &admin])
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
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let ready = lines.next_line().await.expect("the line is text");
        let log = || std::fs::read_to_string(home.join("space.log")).unwrap_or_default();
        assert!(ready.is_some(), "it ended: {}", log());
        let key = std::fs::read_to_string(home.join("space/admin.key")).expect("the space made it");
        let http = reqwest::Client::builder().no_proxy().build();
        let http = http.expect("a client without special wishes");
        Self { _child: child, admin, key: key.trim().to_owned(), http }
    }

    /// Tells it something as its owner, which must succeed.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("http://{}/api/v1/{path}", self.admin);
        let request = self.http.post(url).bearer_auth(&self.key).json(body);
        let answer = request.send().await.expect("the space is up");
        let (status, body) = (answer.status(), answer.text().await.expect("a text"));
        assert!(status.is_success(), "{path}: {status}: {body}");
        serde_json::from_str(&body).expect("a JSON body")
    }
}

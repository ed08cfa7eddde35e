//! Two hubs behind nginx, with PostgreSQL and Redis between them: the setup of `deploy/`, as processes on free ports.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio_postgres::NoTls;

use crate::nginx::{self, Process};
use crate::process::{Door, HubProcess};
use crate::third_party;

/// The setup. Everything ends with this value.
pub(crate) struct Cluster {
    hubs: [Option<HubProcess>; 2],
    front: Door,
    settings: Vec<(String, String)>,
    home: tempfile::TempDir,
    // Dropped in this order, after the hubs.
    _nginx: Process,
    _redis: Redis,
    _database: Database,
}

impl Cluster {
    /// Starts it where the programs are; the test has nothing to do when they are not.
    pub(crate) async fn start() -> Option<Self> {
        Self::with(&[]).await
    }

    /// Starts it with hubs under additional `settings`.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Option<Self> {
        let nginx = third_party::path("SYFTHUB_TEST_NGINX")?;
        let (redis, database) = (Redis::start()?, Database::create().await?);
        let home = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let own = [
            ("DATABASE_URL", database.url()),
            ("REDIS_URL", redis.url()),
            ("RSA_KEYS_DIRECTORY", home.path().join("keys").display().to_string()),
            ("SYFTHUB_PUBLIC_URL", url.clone()),
            ("SYFTHUB_TRUSTED_PROXIES", "127.0.0.2".to_owned()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        let more = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings: Vec<_> = own.into_iter().chain(more).collect();
        let hubs = [hub(home.path(), 0, &settings).await, hub(home.path(), 1, &settings).await];
        let addresses = hubs.each_ref().map(|hub| hub.at("").replace("http://", ""));
        let nginx = nginx::run(&nginx, home.path(), &nginx::plain(port, &addresses));
        let front = Door::new(&url);
        until_it_answers(front.http(), &front.at("/healthz")).await;
        let hubs = hubs.map(Some);
        Some(Self {
            hubs,
            front,
            settings,
            home,
            _nginx: nginx,
            _redis: redis,
            _database: database,
        })
    }

    /// The hub as clients see it: nginx, which asks either instance.
    pub(crate) fn front(&self) -> &Door {
        &self.front
    }

    /// Instance 0 or 1.
    pub(crate) fn hub(&self, n: usize) -> &HubProcess {
        self.hubs[n].as_ref().expect("it runs")
    }

    /// Ends an instance as a crash does.
    pub(crate) fn kill(&mut self, n: usize) {
        self.hubs[n].take().expect("it runs").kill();
    }

    /// Starts one more instance at an address that nginx does not know.
    pub(crate) async fn one_more(&self) -> HubProcess {
        hub(self.home.path(), 2, &self.settings).await
    }

    /// The settings of each instance.
    pub(crate) fn settings(&self) -> &[(String, String)] {
        &self.settings
    }
}

async fn hub(home: &Path, n: usize, settings: &[(String, String)]) -> HubProcess {
    let home = home.join(format!("hub-{n}"));
    std::fs::create_dir_all(&home).expect("the test's folder is writable");
    let listen = format!("127.0.0.1:{}", free_port());
    let own =
        [("SYFTHUB_LISTEN", listen.clone()), ("SYFTHUB_INSTANCE_URL", format!("http://{listen}"))];
    let settings = settings.iter().map(|(name, value)| (&**name, &**value));
    let settings: Vec<_> =
        own.iter().map(|(name, value)| (*name, &**value)).chain(settings).collect();
    HubProcess::start(&home, &settings).await
}

/// A port that was free a moment ago, from below those that systems hand out by themselves: no other test gets it before
/// the program that it is for.
pub(crate) fn free_port() -> u16 {
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    std::iter::repeat_with(|| rand::random_range(20_000..32_000))
        .find(is_free)
        .expect("loopback has a free port")
}

/// Waits until somebody answers at `url`.
pub(crate) async fn until_it_answers(http: &reqwest::Client, url: &str) {
    let ask = async {
        while http.get(url).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ask).await.expect("nginx answers");
}

/// A Redis server on a free port.
struct Redis {
    port: u16,
    _process: Process,
    _home: tempfile::TempDir,
}

impl Redis {
    fn start() -> Option<Self> {
        let program = third_party::path("SYFTHUB_TEST_REDIS")?;
        let home = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let mut child = Command::new(program)
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""])
            .current_dir(home.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program exists");
        let mut said = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let is_ready = |line: String| line.to_lowercase().contains("ready to accept connections");
        assert!(said.any(|line| line.is_ok_and(is_ready)), "Redis does not start");
        // What it says later must not fill the pipe.
        std::thread::spawn(move || said.for_each(drop));
        Some(Self { port, _process: Process(child), _home: home })
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

/// A database of its own on the tests' PostgreSQL.
pub(crate) struct Database {
    server: tokio_postgres::Config,
    name: String,
}

impl Database {
    /// Creates it on the server that `SYFTHUB_TEST_POSTGRES_URL` names.
    pub(crate) async fn create() -> Option<Self> {
        let url = third_party::path("SYFTHUB_TEST_POSTGRES_URL")?;
        let server: tokio_postgres::Config =
            url.to_str().and_then(|url| url.parse().ok()).expect("a PostgreSQL URL");
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        on(&server, &format!("CREATE DATABASE {name}")).await;
        Some(Self { server, name })
    }

    /// Where it is, for a hub.
    pub(crate) fn url(&self) -> String {
        let user = self.server.get_user().unwrap_or("postgres");
        let password = self.server.get_password().unwrap_or_default();
        let password = String::from_utf8_lossy(password);
        let port = self.server.get_ports().first().unwrap_or(&5432);
        let address = SocketAddr::from(([127, 0, 0, 1], *port));
        format!("postgres://{user}:{password}@{address}/{}", self.name)
    }
}

async fn on(server: &tokio_postgres::Config, sql: &str) {
    let (client, connection) = server.connect(NoTls).await.expect("the server is up");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect(sql);
    drop(client);
    connection.await.expect("it ends by itself").ok();
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // Not on this thread: it may belong to a runtime.
        let drop = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            runtime.expect("a runtime").block_on(on(&server, &sql));
        };
        std::thread::spawn(drop).join().ok();
    }
}

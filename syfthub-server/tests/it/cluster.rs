//! Two hubs behind nginx, with PostgreSQL and Redis between them: the setup of `deploy/`, as processes on free ports.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio_postgres::NoTls;

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
        let nginx = start_nginx(&nginx, home.path(), port, &addresses);
        let front = Door::new(&url);
        until_it_answers(&front).await;
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
    let settings: Vec<_> = settings.iter().map(|(name, value)| (&**name, &**value)).collect();
    HubProcess::start(&home, &settings).await
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("it is bound").port()
}

/// A process that ends with this value.
pub(crate) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // nginx's workers end with their master when that is asked to, and not when it is killed.
        let pid = self.0.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().ok();
        self.0.wait().ok();
    }
}

/// The folder with what people deploy.
pub(crate) fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

/// Starts nginx with the configuration of `deploy/`, but for names, addresses and certificates.
fn start_nginx(program: &Path, home: &Path, port: u16, hubs: &[String; 2]) -> Process {
    let site = std::fs::read_to_string(deploy().join("nginx/syfthub.conf")).expect("it is there");
    let (before_tls, tls) = site.split_once("server {\n    listen 443").expect("two servers");
    let (upstream, _) = before_tls.split_once("server {\n    listen 80").expect("two servers");
    let (_, names) = tls.split_once(";\n").expect("a line");
    let names: Vec<&str> = names.lines().filter(|line| !line.contains("ssl_")).collect();
    let site = format!("{upstream}server {{\n    listen 127.0.0.1:{port};\n{}", names.join("\n"));
    // Asks from another address than the tests, which are therefore strangers to the hubs.
    let site =
        site.replace("    include syfthub", "    proxy_bind 127.0.0.2;\n    include syfthub");
    let site = site.replace("hub-1:8080", &hubs[0]).replace("hub-2:8080", &hubs[1]);
    run_nginx(program, home, &site)
}

/// Starts nginx with `site` in its http block.
pub(crate) fn run_nginx(program: &Path, home: &Path, site: &str) -> Process {
    write_nginx(home, site);
    let child = nginx(program, home).spawn().expect("the program exists");
    Process(child)
}

/// What `nginx -t` says about `site`, and whether it is content.
pub(crate) fn test_nginx(program: &Path, home: &Path, site: &str) -> (bool, String) {
    write_nginx(home, site);
    let output = nginx(program, home).arg("-t").stderr(Stdio::piped()).output();
    let output = output.expect("the program exists");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn nginx(program: &Path, home: &Path) -> Command {
    let log = std::fs::File::create(home.join("nginx.log")).expect("the folder is writable");
    let mut command = Command::new(program);
    command.arg("-p").arg(home).args(["-c", "nginx.conf", "-e", "stderr"]).stderr(log);
    command
}

fn write_nginx(home: &Path, site: &str) {
    let is_root = std::fs::metadata(home).expect("it is there").uid() == 0;
    // Its workers otherwise give up the right to read the test's folder.
    let user = if is_root { "user root;" } else { "" };
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths = paths.map(|name| format!("{name}_temp_path {name};\n")).concat();
    let main = format!(
        "daemon off;\n{user}\npid nginx.pid;\nworker_processes 2;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}\n{site}\n}}\n"
    );
    std::fs::write(home.join("nginx.conf"), main).expect("the folder is writable");
    let proxy = deploy().join("nginx/syfthub-proxy.conf");
    std::fs::copy(proxy, home.join("syfthub-proxy.conf")).expect("the folder is writable");
}

async fn until_it_answers(door: &Door) {
    let ask = async {
        while door.http().get(door.at("/healthz")).send().await.is_err() {
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

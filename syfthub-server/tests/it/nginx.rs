//! The real nginx with the configuration of `deploy/`.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A process that ends with this value.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        // nginx's workers end with their master when that is asked to, and not when it is killed.
        let pid = self.0.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().ok();
        self.0.wait().ok();
    }
}

/// A file of what people deploy.
pub(crate) fn deployed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(deployed(name)).expect("it is there")
}

/// The site of `deploy/` for two hubs, without TLS on `port`.
pub(crate) fn plain(port: u16, hubs: &[String; 2]) -> String {
    let site = text("nginx/syfthub.conf");
    let (before_tls, tls) = site.split_once("server {\n    listen 443").expect("two servers");
    let (upstream, _) = before_tls.split_once("server {\n    listen 80").expect("two servers");
    let (_, names) = tls.split_once(";\n").expect("a line");
    let names: Vec<&str> = names.lines().filter(|line| !line.contains("ssl_")).collect();
    let site = format!("{upstream}server {{\n    listen 127.0.0.1:{port};\n{}", names.join("\n"));
    for_tests(&site, hubs)
}

/// The site of `deploy/` as it is, but for addresses and the certificate, which is in `folder`.
pub(crate) fn with_tls(ports: [u16; 2], folder: &Path, hubs: &[String; 2]) -> String {
    let [http, https] = ports;
    let site = text("nginx/syfthub.conf")
        .replace("listen 80;", &format!("listen 127.0.0.1:{http};"))
        .replace("listen 443 ", &format!("listen 127.0.0.1:{https} "))
        .replace("/etc/nginx/tls", &folder.display().to_string());
    for_tests(&site, hubs)
}

/// The site of `deploy/` for an aggregator by itself, but for addresses and the certificate, which is in `folder`.
pub(crate) fn of_aggregator(port: u16, folder: &Path, aggregator: &str) -> String {
    text("nginx/syfthub-aggregator.conf")
        .replace("listen 443 ", &format!("listen 127.0.0.1:{port} "))
        .replace("/etc/nginx/tls/aggregator", &folder.join("hub").display().to_string())
        .replace("    location / {", "    proxy_bind 127.0.0.2;\n    location / {")
        .replace("aggregator:8001", aggregator)
}

fn for_tests(site: &str, hubs: &[String; 2]) -> String {
    // nginx asks from another address than the tests, which are therefore strangers to the hubs.
    site.replace("    include syfthub", "    proxy_bind 127.0.0.2;\n    include syfthub")
        .replace("hub-1:8080", &hubs[0])
        .replace("hub-2:8080", &hubs[1])
}

/// Runs nginx with `site` in its http block.
pub(crate) fn run(program: &Path, home: &Path, site: &str) -> Process {
    write(home, site);
    Process(command(program, home).spawn().expect("the program exists"))
}

/// What `nginx -t` says about `site`, and whether it is content.
pub(crate) fn check(program: &Path, home: &Path, site: &str) -> (bool, String) {
    write(home, site);
    let output = command(program, home).arg("-t").stderr(Stdio::piped()).output();
    let output = output.expect("the program exists");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn command(program: &Path, home: &Path) -> Command {
    let log = std::fs::File::create(home.join("nginx.log")).expect("the folder is writable");
    let mut command = Command::new(program);
    command.arg("-p").arg(home).args(["-c", "nginx.conf", "-e", "stderr"]).stderr(log);
    command
}

fn write(home: &Path, site: &str) {
    let is_root = std::fs::metadata(home).expect("it is there").uid() == 0;
    // Its workers otherwise give up the right to read the test's folder.
    let user = if is_root { "user root;" } else { "" };
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths = paths.map(|name| format!("{name}_temp_path {name};\n")).concat();
    let main = format!(
        "daemon off;\n{user}\npid nginx.pid;\nworker_processes 2;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}\n{site}\n}}\n"
    );
    std::fs::write(home.join("nginx.conf"), main).expect("the folder is writable");
    std::fs::write(home.join("syfthub-proxy.conf"), text("nginx/syfthub-proxy.conf"))
        .expect("the folder is writable");
}

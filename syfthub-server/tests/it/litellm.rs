//! A LiteLLM proxy as a process of its own: somebody else's server with the OpenAI API.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::{Child, Command};

/// What the proxy asks its callers for.
pub(crate) const KEY: &str = "sk-only-tests-know-this";

/// A running LiteLLM proxy; killed when dropped.
pub(crate) struct Proxy {
    child: Child,
    pub(crate) addr: SocketAddr,
}

impl Proxy {
    /// Starts it with one model, `name`, which LiteLLM reaches by `parameters`.
    pub(crate) async fn start(program: &Path, home: &Path, name: &str, parameters: &Value) -> Self {
        let config = home.join("litellm.json"); // YAML reads JSON
        let model = json!({"model_name": name, "litellm_params": parameters});
        let text =
            json!({"model_list": [model], "general_settings": {"master_key": KEY}}).to_string();
        std::fs::write(&config, text).expect("the test's folder is writable");
        let free = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let addr = free.local_addr().expect("it is bound");
        drop(free);
        let child = Command::new(program)
            .arg("--config")
            .arg(&config)
            .args(["--host", "127.0.0.1", "--port", &addr.port().to_string()])
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True") // looks nothing up on the internet
            .env("LITELLM_TELEMETRY", "False")
            .env_remove("DATABASE_URL")
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(
                std::fs::File::create(home.join("litellm.log"))
                    .expect("the test's folder is writable"),
            )
            .kill_on_drop(true)
            .spawn()
            .expect("the program exists");
        let mut proxy = Self { child, addr };
        proxy.knows(name, home).await;
        proxy
    }

    /// Waits until it knows its model: then it is ready, and it is ours.
    async fn knows(&mut self, name: &str, home: &Path) {
        let http =
            reqwest::Client::builder().no_proxy().build().expect("a client without special wishes");
        let mut pause = tokio::time::interval(Duration::from_millis(200));
        loop {
            pause.tick().await;
            let ended = self.child.try_wait().expect("it is our child");
            let log = || std::fs::read_to_string(home.join("litellm.log")).unwrap_or_default();
            assert!(ended.is_none(), "it ended: {}", log());
            let request = http.get(format!("http://{}/v1/models", self.addr)).bearer_auth(KEY);
            let Ok(answer) = request.send().await else { continue };
            if answer.text().await.is_ok_and(|text| text.contains(name)) {
                return;
            }
        }
    }
}

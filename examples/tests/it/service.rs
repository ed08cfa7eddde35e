//! A service that verifies the tokens of its callers.

use std::process::{Child, Command, Stdio};

use reqwest::header::WWW_AUTHENTICATE;
use serde_json::Value;
use syfthub_client::Client;

use crate::stack::{Stack, first_line};

/// A running service of the stack's user; killed when dropped.
pub(crate) struct Service {
    child: Child,
    address: String,
}

impl Service {
    /// Starts it with the hub's address, its owner's name and an address to listen on; it prints the one it got.
    pub(crate) fn start(mut program: Command, stack: &Stack) -> Self {
        let mut child = program
            .args([stack.text("hub"), stack.text("username"), "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.get_program().display()));
        let address = first_line(&mut child).trim().to_owned();
        Self { child, address }
    }

    /// It lets in whose token counts and nobody else, also when the hub is gone.
    pub(crate) async fn lets_in_whose_token_counts(self, stack: Stack) {
        let (good, user) = token(&stack).await;
        let http = reqwest::Client::builder().no_proxy().build().expect("its settings fit");
        let call = async |token: Option<&str>| {
            let request = http.get(&self.address);
            let request = match token {
                Some(token) => request.bearer_auth(token),
                None => request,
            };
            request.send().await.expect("the service answers")
        };
        for bad in [None, Some("no token"), Some(&good[..good.len() - 8])] {
            let answer = call(bad).await;
            assert_eq!(answer.status(), 401, "{bad:?}");
            let asked = answer.headers()[WWW_AUTHENTICATE].to_str().expect("text");
            assert!(asked.starts_with("Bearer"), "{bad:?}: {asked}");
        }
        let answer = call(Some(&good)).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.json::<Value>().await.expect("JSON")["caller"], user);
        drop(stack);
        assert_eq!(call(Some(&good)).await.status(), 200, "the hub's keys are known");
        assert_eq!(call(Some("no token")).await.status(), 401);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A token for the services of the stack's user, and the number of the user who has it, as text.
async fn token(stack: &Stack) -> (String, String) {
    let client = Client::builder(stack.text("hub")).build().expect("a URL");
    let user = client.auth().login(stack.text("username"), stack.text("password")).await;
    let user = user.expect("the stack told its password");
    let owner = stack.text("username").parse().expect("a name");
    let token = client.tokens().satellite(&owner).await.expect("a token for oneself");
    (token.expose().to_owned(), user.id.to_string())
}

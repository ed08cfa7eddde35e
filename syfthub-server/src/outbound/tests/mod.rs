//! The guard driven through real calls.

mod corpus;

use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::*;

/// Tries the call in full, as a capability would.
async fn call(outbound: &Outbound, url: &str) -> Result<u16, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let client = outbound.client_for(&url).map_err(|error| error.to_string())?;
    let sent = client.post(url).timeout(Duration::from_secs(5)).body("{}").send().await;
    sent.map(|response| response.status().as_u16()).map_err(|error| format!("{error:?}"))
}

#[tokio::test]
async fn no_spelling_of_a_private_address_is_ever_connected_to() {
    let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = canary.local_addr().unwrap().port();
    let outbound = Outbound::new(vec![]).unwrap();
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "127.0.0.1.",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "8.8.8.8:x@127.0.0.1",
        "user@127.0.0.1",
        "8.8.8.8%40127.0.0.1@127.0.0.1",
        "169.254.169.254",
    ];
    for host in hosts {
        for scheme in ["http", "https", "ftp", "file"] {
            let url = format!("{scheme}://{host}:{port}/x");
            assert!(call(&outbound, &url).await.is_err(), "{url}");
        }
    }
    assert!(call(&outbound, &format!("http:\\\\127.0.0.1:{port}\\")).await.is_err());
    assert!(call(&outbound, &format!("\thttp://127.0.0.\n1:{port}")).await.is_err());
    // The first connection that the canary sees is this one.
    let probe = TcpStream::connect(canary.local_addr().unwrap()).await.unwrap();
    let (_, peer) = canary.accept().await.unwrap();
    assert_eq!(peer, probe.local_addr().unwrap());
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_not_followed() {
    let canary = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}/", canary.local_addr().unwrap());
    let redirecting = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", redirecting.local_addr().unwrap());
    let router = axum::Router::new()
        .fallback(move || async move { axum::response::Redirect::temporary(&target) });
    tokio::spawn(async move { axum::serve(redirecting, router).await });
    let outbound = Outbound::new(vec!["127.0.0.0/8".parse().unwrap()]).unwrap();
    assert_eq!(call(&outbound, &url).await, Ok(307));
    let probe = TcpStream::connect(canary.local_addr().unwrap()).await.unwrap();
    let (_, peer) = canary.accept().await.unwrap();
    assert_eq!(peer, probe.local_addr().unwrap());
}

#[tokio::test]
async fn an_allowed_host_is_reached_by_its_name() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, axum::Router::new()).await });
    let open = Outbound::new(vec!["localhost".parse().unwrap()]).unwrap();
    assert_eq!(call(&open, &url).await, Ok(404));
}

//! A proxy that does nothing but pass on: what any proxy on hyper can reach at best.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::Context;
use http::{Request, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http1 as client;
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use crate::stack::first_line;

/// The proxy as a process of its own.
pub(crate) struct Relay {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Relay {
    /// Starts this program again as a proxy to `upstream`.
    pub(super) fn start(upstream: SocketAddr) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--relay", &upstream.to_string()])
            .env_clear() // a setting in the environment counts as an argument
            .stdout(Stdio::piped())
            .spawn()?;
        let address = first_line(&mut child)?.trim().parse()?;
        Ok(Self { child, address })
    }

    /// The proxy's main function.
    pub(crate) async fn serve(upstream: SocketAddr) -> anyhow::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        crate::say(&listener.local_addr()?.to_string())?;
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(pass_on(stream, upstream));
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers the requests of one connection over one connection to `upstream`.
async fn pass_on(stream: TcpStream, upstream: SocketAddr) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let onward = TcpStream::connect(upstream).await.context("connect upstream")?;
    onward.set_nodelay(true)?;
    let (sender, connection) = client::handshake(TokioIo::new(onward)).await?;
    tokio::spawn(connection);
    let sender = Arc::new(Mutex::new(sender));
    let service = service_fn(move |mut request: Request<Incoming>| {
        let sender = Arc::clone(&sender);
        async move {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            *request.uri_mut() = path.parse::<Uri>().unwrap_or_default();
            let mut sender = sender.lock().await;
            sender.ready().await?;
            sender.send_request(request).await
        }
    });
    Ok(server::Builder::new().serve_connection(TokioIo::new(stream), service).await?)
}

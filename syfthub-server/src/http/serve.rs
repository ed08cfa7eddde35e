//! Listening: connections, their time-outs, and how they end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Uri;
use http::uri::PathAndQuery;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service as _;

use super::patience::Patience;
use crate::StartError;
use crate::config::HttpSettings;

/// Streams that one HTTP/2 connection may have open.
const STREAMS: u32 = 200;

/// How often an idle HTTP/2 connection is asked whether anyone is there.
const PING: Duration = Duration::from_secs(30);

/// What every HTTP/2 connection begins with (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long accepting rests when the system has no more file descriptors.
const REST: Duration = Duration::from_millis(100);

/// Binds the address that the setting `name` gives.
pub(crate) async fn bind(
    name: &'static str,
    address: SocketAddr,
) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "the port is in use by another program; choose another, or 0 for a free one"
            }
            io::ErrorKind::AddrNotAvailable => {
                "no such address on this machine; expected one of its own, or 0.0.0.0"
            }
            io::ErrorKind::PermissionDenied => {
                "ports below 1024 need privileges; choose a higher one"
            }
            _ => return StartError::setting(name, format!("cannot listen on {address}: {error}")),
        };
        StartError::setting(name, format!("cannot listen on {address}: {reason}"))
    })
}

/// Serves until `shutdown`, then lets what is running finish for the grace period, and cuts off the rest.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    settings: HttpSettings,
    shutdown: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(settings.max_connections));
    let connections = TaskTracker::new();
    let cut = CancellationToken::new();
    let ends = Ends { shutdown: shutdown.clone(), cut: cut.clone() };
    loop {
        let accept = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = accept => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        let times = Times { header: settings.header_timeout, write: settings.write_timeout };
        let (router, ends) = (router.clone(), ends.clone());
        // Made where it is awaited: a future that is moved into another takes its room twice, for every connection.
        connections.spawn(async move {
            connection(stream, peer, router, times, ends).await;
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(settings.shutdown_grace, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "cut off what did not finish in time");
        cut.cancel();
        connections.wait().await;
    }
}

/// How long a client may keep a connection waiting.
#[derive(Clone, Copy)]
struct Times {
    header: Duration,
    write: Duration,
}

#[derive(Clone)]
struct Ends {
    /// Finish the running requests, take no more.
    shutdown: CancellationToken,
    /// Close at once.
    cut: CancellationToken,
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, times: Times, ends: Ends) {
    // Without it small answers wait for the client's acknowledgement; a socket that refuses is about to fail anyway.
    stream.set_nodelay(true).ok();
    let begun = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let begun = Arc::clone(&begun);
        move |request: http::Request<Incoming>| {
            begun.store(true, Ordering::Relaxed);
            let mut request = request.map(Body::new);
            normalise(request.uri_mut());
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request)
        }
    });
    // Hyper's own timer starts once it knows the protocol; until then a silent client would be kept for ever.
    let mut silence = std::pin::pin!(tokio::time::sleep(times.header));
    let protocol = tokio::select! {
        protocol = protocol(&stream) => protocol,
        () = &mut silence => return,
        () = ends.shutdown.cancelled() => return,
        () = ends.cut.cancelled() => return,
    };
    let Ok(protocol) = protocol else { return };
    let builder = builder(protocol, times);
    let stream = TokioIo::new(Patience::new(stream, times.write));
    let mut connection = std::pin::pin!(builder.serve_connection_with_upgrades(stream, service));
    let (mut listening, mut open) = (true, true);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(error, %peer, "a connection broke off");
                }
                return;
            }
            () = &mut silence, if listening => {
                if !begun.load(Ordering::Relaxed) {
                    return;
                }
                listening = false;
            }
            () = ends.shutdown.cancelled(), if open => {
                connection.as_mut().graceful_shutdown();
                open = false;
            }
            () = ends.cut.cancelled() => return,
        }
    }
}

/// What a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Http1,
    Http2,
    /// Too little was sent to tell.
    Unknown,
}

impl Protocol {
    /// What begins with `start`.
    fn of(start: &[u8]) -> Self {
        match PREFACE.strip_prefix(start) {
            Some([]) => Self::Http2,
            Some(_) => Self::Unknown,
            None => Self::Http1,
        }
    }
}

/// Looks at what a client sends first, and leaves it where it is. Hyper finds out too, but by reading the first bytes by
/// themselves, after which every connection keeps a buffer of twice the size.
async fn protocol(stream: &TcpStream) -> io::Result<Protocol> {
    let mut start = [0; PREFACE.len()];
    let length = stream.peek(&mut start).await?;
    Ok(Protocol::of(&start[..length]))
}

fn builder(protocol: Protocol, times: Times) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(times.header);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .max_concurrent_streams(STREAMS);
    match protocol {
        Protocol::Http1 => builder.http1_only(),
        Protocol::Http2 => builder.http2_only(),
        Protocol::Unknown => builder,
    }
}

/// Makes `/path/` the same as `/path`, without a redirect: clients of both spellings exist (contract hub 1.1).
fn normalise(uri: &mut Uri) {
    let path = uri.path();
    if path.len() < 2 || !path.ends_with('/') {
        return;
    }
    let path = &path[..path.len() - 1];
    let whole = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    if let Ok(rewritten) = PathAndQuery::try_from(whole) {
        let mut parts = std::mem::take(uri).into_parts();
        parts.path_and_query = Some(rewritten);
        *uri = Uri::from_parts(parts).expect("only the path has changed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_protocol_unless_they_are_too_few() {
        for (start, protocol) in [
            (b"GET / HTTP/1.1\r\n".as_slice(), Protocol::Http1),
            (b"P", Protocol::Unknown),
            (b"PO", Protocol::Http1),
            (&PREFACE[..23], Protocol::Unknown),
            (PREFACE, Protocol::Http2),
            (b"PRI * HTTP/1.1\r\nhost: a", Protocol::Http1),
            (b"", Protocol::Unknown),
        ] {
            assert_eq!(Protocol::of(start), protocol, "{start:?}");
        }
    }

    #[test]
    fn a_trailing_slash_makes_no_difference() {
        for (written, meant) in [
            ("/api/v1/users/", "/api/v1/users"),
            ("/api/v1/users/?skip=1", "/api/v1/users?skip=1"),
            ("/api/v1/users", "/api/v1/users"),
            ("/", "/"),
            ("http://hub.example/api/", "http://hub.example/api"),
        ] {
            let mut uri: Uri = written.parse().unwrap();
            normalise(&mut uri);
            assert_eq!(uri.to_string(), meant);
        }
    }
}

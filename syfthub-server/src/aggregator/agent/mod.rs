//! A conversation with one endpoint over a WebSocket (contract aggregator 1.17).
//!
//! The endpoint is asked with everything said so far, and its answer passed on as it is written; then it is the caller's
//! turn. The call of the space lives inside the session: whoever closes the socket or cancels ends it.
//!
//! Reading order: `start` (the first frame), `line` (frames both ways), `session` (who says what when).

mod line;
mod session;
mod start;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::Response;
use http::StatusCode;

use super::asked::Admitted;
use super::refusal::{Refusal, RefusalBody};
use super::{Aggregator, HubSide};
use crate::http::{ApiError, CorrelationId};
use crate::telemetry::TraceParent;
use line::Line;
use session::Session;
use start::{NoStart, Start};

/// Opens a conversation with one endpoint, over a WebSocket.
#[utoipa::path(get, path = "/api/v1/agent/session", tag = "aggregator", responses(
    (status = 101, description = "The connection is a WebSocket now; its first frame is `session.start`"),
    (status = 401, description = "Questions without a hub token are not answered here", body = RefusalBody),
    (status = 426, description = "The request asks for no WebSocket", body = RefusalBody),
    (status = 429, description = "Too many answers for this caller are under way", body = RefusalBody),
    (status = 503, description = "Too many answers are under way", body = RefusalBody),
))]
pub(super) async fn open(
    State(aggregator): State<Aggregator>,
    correlation: CorrelationId,
    parent: TraceParent,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    admitted: Admitted,
) -> Result<Response, Refusal> {
    let upgrade = upgrade.map_err(|_rejection| {
        ApiError::plain(StatusCode::UPGRADE_REQUIRED, "This is for WebSockets alone")
    })?;
    let largest = aggregator.settings.limits.max_body_bytes;
    let upgrade = upgrade.max_message_size(largest).max_frame_size(largest);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let caller = Caller { admitted, correlation, parent };
        serve(aggregator, caller, socket).await;
    }))
}

/// Who is at the other end.
struct Caller {
    admitted: Admitted,
    correlation: CorrelationId,
    parent: TraceParent,
}

async fn serve(aggregator: Aggregator, caller: Caller, socket: WebSocket) {
    let mut line = Line::new(socket, aggregator.settings.sessions.agent_idle_timeout);
    let patience = aggregator.settings.sessions.agent_start_timeout;
    let start = match tokio::time::timeout(patience, line.first()).await {
        Ok(Some(frame)) => Start::read(&frame),
        Ok(None) => return,
        Err(_elapsed) => Err(NoStart::TooLate),
    };
    let start = match start {
        Ok(start) => located(&aggregator, &caller, start).await,
        Err(refused) => Err(refused),
    };
    match start {
        Ok(start) => Session::new(aggregator, caller, line, start).run().await,
        Err(refused) => line.refuse(&refused).await,
    }
}

/// The start with the endpoint's address, as the hub tells it.
async fn located(
    aggregator: &Aggregator,
    caller: &Caller,
    mut start: Start,
) -> Result<Start, NoStart> {
    if matches!(aggregator.hub, HubSide::Nowhere) {
        return Err(NoStart::Invalid("this aggregator knows no hub, so no endpoints".to_owned()));
    }
    let known = &caller.admitted.known;
    let found = aggregator.hub.address(known, &start.owner, &start.slug).await;
    let Some(url) = found else {
        let path = format!("{}/{}", start.owner, start.slug);
        return Err(NoStart::Invalid(format!("no endpoint {path} that could be asked")));
    };
    start.url = url;
    Ok(start)
}

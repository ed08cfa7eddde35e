//! The frame that begins a session.

use serde_json::{Map, Value};
use syfthub_core::Secret;
use syfthub_core::input::{self, Fields, Input, Issue, Place};
use syfthub_core::wire::chat::{ChatRequest, EndpointRef};
use syfthub_core::wire::space::Message;

/// The most turns that a session may begin with.
const TURNS: usize = 200;

/// What a session begins with.
pub(super) struct Start {
    pub(super) prompt: String,
    pub(super) owner: String,
    pub(super) slug: String,
    /// Where the endpoint is; empty until it was looked up.
    pub(super) url: String,
    satellite_token: Secret,
    transaction_token: Option<Secret>,
    config: Config,
    turns: Vec<Message>,
}

#[derive(Default)]
struct Config {
    max_tokens: Option<i64>,
    temperature: Option<f64>,
    system_prompt: Option<String>,
}

/// Why no session begins.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoStart {
    /// Nothing was said in time.
    #[error("no session.start in time")]
    TooLate,
    /// The first frame is something else.
    #[error("the first frame must be a session.start")]
    NotAStart,
    /// It does not say what it should.
    #[error("{0}")]
    Invalid(String),
}

impl NoStart {
    /// The word for programs (contract aggregator 1.17).
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::TooLate => "SESSION_START_TIMEOUT",
            Self::NotAStart => "INVALID_MESSAGE",
            Self::Invalid(_) => "INVALID_PAYLOAD",
        }
    }
}

impl Start {
    /// Reads the first frame.
    ///
    /// # Errors
    /// When it does not begin a session.
    pub(super) fn read(frame: &str) -> Result<Self, NoStart> {
        let frame: Value = serde_json::from_str(frame).map_err(|_| NoStart::NotAStart)?;
        if frame["type"] != "session.start" {
            return Err(NoStart::NotAStart);
        }
        input::parse(&frame["payload"], "payload").map_err(|issues| NoStart::Invalid(told(&issues)))
    }

    /// What was said before the prompt, the endpoint's instructions first.
    pub(super) fn history(&mut self) -> Vec<Message> {
        let system = self.config.system_prompt.take().map(|text| Message::new("system", text));
        system.into_iter().chain(std::mem::take(&mut self.turns)).collect()
    }

    /// The request that the endpoint is called by; the conversation is not in it.
    pub(super) fn request(&self) -> ChatRequest {
        let model = EndpointRef {
            url: self.url.clone(),
            slug: self.slug.clone(),
            owner_username: Some(self.owner.clone()),
            ..EndpointRef::default()
        };
        let mut request = ChatRequest::new(String::new(), model);
        let tokens = &mut request.endpoint_tokens;
        tokens.insert(self.owner.clone(), self.satellite_token.expose().to_owned());
        if let Some(token) = &self.transaction_token {
            request.transaction_tokens.insert(self.owner.clone(), token.expose().to_owned());
        }
        request.max_tokens = self.config.max_tokens.unwrap_or(request.max_tokens);
        request.temperature = self.config.temperature.unwrap_or(request.temperature);
        request
    }
}

fn told(issues: &[Issue]) -> String {
    let names = issues.iter().map(|issue| serde_json::to_value(issue).unwrap_or_default());
    let names = names.map(|issue| {
        let place = issue["loc"].as_array().map(Vec::as_slice).unwrap_or_default();
        let place =
            place.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
        let said = issue["msg"].as_str().unwrap_or_default().to_owned();
        format!("{}: {said}", place.collect::<Vec<_>>().join("."))
    });
    names.collect::<Vec<_>>().join("; ")
}

impl Input for Start {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let prompt = fields.text("prompt", 1, usize::MAX);
        let endpoint: Option<Endpoint> = fields.required("endpoint");
        let satellite_token: Option<Secret> = fields.required("satellite_token");
        let transaction_token = fields.optional("transaction_token");
        let config = fields.optional("config").unwrap_or_default();
        let turns = fields.list("messages", TURNS);
        let Endpoint { owner, slug } = endpoint?;
        Some(Self {
            prompt: prompt?,
            owner,
            slug,
            url: String::new(),
            satellite_token: satellite_token?,
            transaction_token,
            config,
            turns: turns?,
        })
    }
}

struct Endpoint {
    owner: String,
    slug: String,
}

impl Input for Endpoint {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let (owner, slug) = (fields.text("owner", 1, 100), fields.text("slug", 1, 100));
        Some(Self { owner: owner?, slug: slug? })
    }
}

impl Input for Config {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let given = Map::read(value, place)?;
        let mut fields = Fields::of(value, place)?;
        let max_tokens = fields.number("max_tokens", 1, i64::MAX, 1)?;
        let temperature = fields.real("temperature", 0.0, 2.0, 0.0)?;
        let is_given = |key: &str| given.get(key).is_some_and(|value| !value.is_null());
        Some(Self {
            max_tokens: is_given("max_tokens").then_some(max_tokens),
            temperature: is_given("temperature").then_some(temperature),
            system_prompt: fields.optional("system_prompt"),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn payload() -> Value {
        json!({
            "prompt": "Why?", "endpoint": {"owner": "ada", "slug": "oracle"}, "satellite_token": "t",
            "config": {"system_prompt": "Be brief.", "temperature": 0.1, "metadata": {"a": 1}},
            "messages": [{"role": "user", "content": "Hello"}], "peer_token": "p", "peer_channel": "c",
        })
    }

    fn read(payload: &Value) -> Result<Start, NoStart> {
        Start::read(&json!({"type": "session.start", "payload": payload}).to_string())
    }

    #[test]
    fn a_start_says_whom_to_ask_what_and_how() {
        let mut start = read(&payload()).ok().unwrap();
        let history = start.history();
        let roles: Vec<_> = history.iter().map(|turn| turn.role.as_str()).collect();
        assert_eq!(roles, ["system", "user"]);
        let request = start.request();
        assert_eq!(request.model.path(), "ada/oracle");
        assert_eq!((request.max_tokens, request.temperature), (1024, 0.1));
        assert_eq!(request.endpoint_tokens["ada"], "t");
        assert!(request.transaction_tokens.is_empty());
    }

    #[test]
    fn what_is_missing_is_named() {
        for (field, wrong) in [
            ("prompt", json!("")),
            ("endpoint", json!({"owner": "ada"})),
            ("satellite_token", Value::Null),
            ("messages", json!([{"role": "boss", "content": "x"}])),
            ("config", json!({"temperature": 3})),
        ] {
            let mut payload = payload();
            payload[field] = wrong;
            let Err(refused) = read(&payload) else { panic!("{field}") };
            assert_eq!(refused.code(), "INVALID_PAYLOAD");
            assert!(refused.to_string().contains(field), "{refused}");
        }
    }

    #[test]
    fn another_frame_is_no_start() {
        for frame in ["", "[]", "{}", r#"{"type":"ping"}"#, "not json"] {
            assert_eq!(Start::read(frame).err(), Some(NoStart::NotAStart), "{frame}");
        }
    }
}

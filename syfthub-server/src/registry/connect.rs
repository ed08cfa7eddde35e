//! The addresses of connections: kept below the owner's domain, shown on it (contract hub 6.2).

use serde_json::Value;
use syfthub_core::Invalid;
use syfthub_core::input::{Issue, Part};
use syfthub_core::wire::endpoint::{Connection, Endpoint};

use super::store::Record;
use crate::identity::domain::Domain;

/// The endpoint as it is shown: with each `config.url` on its owner's domain, when there is one.
pub(crate) fn shown(record: Record) -> Endpoint {
    let mut endpoint = record.endpoint;
    if let Some(domain) = parsed(record.owner.domain.as_deref()) {
        for connection in &mut endpoint.connect {
            let path = connection.config.get("url").and_then(Value::as_str).unwrap_or_default();
            let address = domain.address(&connection.kind, path);
            connection.config.insert("url".to_owned(), Value::String(address));
        }
    }
    endpoint
}

/// The connections as they are stored. An absolute address must lie on the owner's domain and loses it, so that it
/// follows the domain when that changes.
pub(crate) fn stored(
    mut connections: Vec<Connection>,
    domain: Option<&str>,
) -> Result<Vec<Connection>, Vec<Issue>> {
    let domain = parsed(domain);
    let mut issues = Vec::new();
    for (index, connection) in connections.iter_mut().enumerate() {
        let Some(Value::String(url)) = connection.config.get_mut("url") else { continue };
        if !is_absolute(url) {
            continue;
        }
        match domain.as_ref().and_then(|domain| domain.path_of(url)) {
            Some(path) => *url = path.to_owned(),
            None => issues.push(elsewhere(index, url)),
        }
    }
    if issues.is_empty() { Ok(connections) } else { Err(issues) }
}

fn parsed(domain: Option<&str>) -> Option<Domain> {
    domain.and_then(|text| Domain::parse(text).ok())
}

fn is_absolute(url: &str) -> bool {
    let scheme = url.trim_start().split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| !scheme.contains(['/', '?', '#']))
}

fn elsewhere(index: usize, url: &str) -> Issue {
    let field = |name: &str| Part::Field(name.to_owned());
    let reason = "a connection's url is a path below your domain; set the domain in your profile";
    Issue {
        kind: "value_error",
        loc: vec![
            field("body"),
            field("connect"),
            Part::Index(index),
            field("config"),
            field("url"),
        ],
        msg: Invalid::value(reason).message.into_owned(),
        input: Value::String(url.chars().take(200).collect()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn connection(kind: &str, config: &Value) -> Connection {
        serde_json::from_value(json!({"type": kind, "config": config})).unwrap()
    }

    fn url_of(connection: &Connection) -> &str {
        connection.config["url"].as_str().unwrap()
    }

    #[test]
    fn an_absolute_address_on_the_owners_domain_is_stored_as_its_path() {
        let sent =
            vec![connection("http", &json!({"url": "https://node.acme.org/v1/chat", "x": 1}))];
        let kept = stored(sent, Some("https://node.acme.org/")).unwrap();
        assert_eq!(kept[0].config, *json!({"url": "v1/chat", "x": 1}).as_object().unwrap());
    }

    #[test]
    fn an_absolute_address_elsewhere_is_refused_at_its_place() {
        let sent = vec![
            connection("http", &json!({"url": "/fine"})),
            connection("ws", &json!({"url": " WSS://evil.org/x"})),
        ];
        for domain in [None, Some("node.acme.org"), Some("tunneling:ada")] {
            let issues = stored(sent.clone(), domain).unwrap_err();
            let place = serde_json::to_value(&issues[0].loc).unwrap();
            assert_eq!((issues.len(), place), (1, json!(["body", "connect", 1, "config", "url"])));
        }
    }

    #[test]
    fn other_settings_of_a_connection_stay_as_they_are() {
        let sent = vec![
            connection("https", &json!({"path": "/api/v1/endpoints/x/query"})),
            connection("db", &json!({"url": 7})),
        ];
        assert_eq!(stored(sent.clone(), None).unwrap(), sent);
    }

    #[test]
    fn what_was_stored_is_shown_on_the_domain() {
        let kept = stored(
            vec![connection("http", &json!({"url": "http://a.org:81/b/c"}))],
            Some("http://a.org:81"),
        )
        .unwrap();
        let domain = Domain::parse("http://a.org:81").unwrap();
        assert_eq!(domain.address("http", url_of(&kept[0])), "http://a.org:81/b/c");
    }
}

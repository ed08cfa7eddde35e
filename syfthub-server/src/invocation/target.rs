//! Where an endpoint is served (contract hub 6.3).

use serde_json::Value;
use syfthub_core::wire::endpoint::Connection;
use url::Url;

use super::refusal::Refusal;
use crate::identity::domain::Domain;

/// The address that answers questions to the endpoint `slug`, which its owner serves below `domain`.
pub(super) fn address(
    domain: Option<&str>,
    connect: &[Connection],
    slug: &str,
) -> Result<Url, Refusal> {
    let domain = domain.ok_or(Refusal::NoDomain)?;
    let connection = chosen(connect).ok_or(Refusal::NoConnection)?;
    let domain = Domain::parse(domain).map_err(|_| Refusal::BadDomain)?;
    if matches!(domain, Domain::Tunnel(_)) {
        return Err(Refusal::Tunnel);
    }
    let shown = domain.address(&connection.kind, suffix(connection));
    let mut url = Url::parse(&shown).map_err(|_| Refusal::BadDomain)?;
    let scheme = match url.scheme() {
        "ws" | "http" => "http",
        _ => "https",
    };
    url.set_scheme(scheme).map_err(|()| Refusal::BadDomain)?;
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/');
    if !asks_a_space(path) {
        let path = format!("{path}/api/v1/endpoints/{slug}/query");
        url.set_path(&path);
    }
    Ok(url)
}

/// The first connection that is switched on; when none is, the first.
fn chosen(connect: &[Connection]) -> Option<&Connection> {
    connect.iter().find(|connection| connection.enabled).or_else(|| connect.first())
}

/// What the connection adds to the domain: its `config.url`, else its `config.path`.
fn suffix(connection: &Connection) -> &str {
    let text = |key: &str| {
        let value = connection.config.get(key).and_then(Value::as_str);
        value.map(str::trim).filter(|text| !text.is_empty())
    };
    text("url").or_else(|| text("path")).unwrap_or_default()
}

/// Whether `path` ends as the address of a space's endpoint does, under whatever slug the space knows it by. Spaces
/// publish their connections so.
fn asks_a_space(path: &str) -> bool {
    let mut segments = path.rsplit('/');
    let mut next = || segments.next().unwrap_or_default();
    let (query, slug) = (next(), next());
    query == "query" && !slug.is_empty() && (next(), next(), next()) == ("endpoints", "v1", "api")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(domain: &str, connect: &Value) -> Result<String, String> {
        let connect: Vec<Connection> = serde_json::from_value(connect.clone()).unwrap();
        let domain = Some(domain).filter(|domain| !domain.is_empty());
        let url = address(domain, &connect, "field-notes");
        url.map(String::from).map_err(|refusal| format!("{refusal:?}"))
    }

    #[test]
    fn the_question_goes_below_the_owners_domain() {
        let plain = json!([{"type": "https"}]);
        for (domain, expected) in [
            ("node.acme.org", "https://node.acme.org/api/v1/endpoints/field-notes/query"),
            ("http://10.0.0.5:9000/", "http://10.0.0.5:9000/api/v1/endpoints/field-notes/query"),
            ("https://a.org/base/", "https://a.org/base/api/v1/endpoints/field-notes/query"),
        ] {
            assert_eq!(at(domain, &plain).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_path_that_is_a_whole_address_already_is_not_made_longer() {
        let path = "/api/v1/endpoints/other-slug/query";
        for config in
            [json!({"path": path}), json!({"url": path}), json!({"path": format!("{path}/")})]
        {
            let connect = json!([{"type": "https", "config": config}]);
            let expected = format!(
                "https://a.org{}",
                config.as_object().unwrap().values().next().unwrap().as_str().unwrap()
            );
            assert_eq!(at("a.org", &connect), Ok(expected));
        }
        let connect = json!([{"type": "https", "config": {"path": "base/query"}}]);
        assert_eq!(
            at("a.org", &connect).as_deref(),
            Ok("https://a.org/base/query/api/v1/endpoints/field-notes/query")
        );
    }

    #[test]
    fn the_first_connection_that_is_on_is_taken_and_its_url_wins_over_its_path() {
        let connect = json!([
            {"type": "http", "enabled": false, "config": {"url": "off"}},
            {"type": "http", "config": {"url": "on/", "path": "ignored"}},
        ]);
        let expected = "https://a.org/on/api/v1/endpoints/field-notes/query";
        assert_eq!(at("a.org", &connect).as_deref(), Ok(expected));
        let all_off =
            json!([{"type": "http", "enabled": false, "config": {"url": "", "path": "off"}}]);
        let expected = "https://a.org/off/api/v1/endpoints/field-notes/query";
        assert_eq!(at("a.org", &all_off).as_deref(), Ok(expected));
    }

    #[test]
    fn web_socket_connections_are_asked_over_http() {
        let connect = json!([{"type": "ws"}]);
        assert!(at("a.org", &connect).unwrap().starts_with("http://a.org/"));
        assert!(at("https://a.org", &connect).unwrap().starts_with("https://a.org/"));
    }

    #[test]
    fn what_cannot_be_called_is_refused_by_its_reason() {
        let plain = json!([{"type": "https"}]);
        assert_eq!(at("", &plain), Err("NoDomain".to_owned()));
        assert_eq!(at("a.org", &json!([])), Err("NoConnection".to_owned()));
        assert_eq!(at("tunneling:ada", &plain), Err("Tunnel".to_owned()));
        assert_eq!(at("8.8.8.8:x@127.0.0.1", &plain), Err("BadDomain".to_owned()));
    }

    #[test]
    fn no_path_leads_to_another_host() {
        for path in [
            "//evil.org/x",
            "\\\\evil.org",
            "@evil.org",
            ":8080/x",
            "../../x",
            "https://evil.org",
            "?x#y",
            "/\t/evil.org",
        ] {
            let connect = json!([{"type": "https", "config": {"path": path}}]);
            let url = Url::parse(&at("https://a.org", &connect).unwrap()).unwrap();
            assert_eq!(
                (url.host_str(), url.port(), url.username()),
                (Some("a.org"), None, ""),
                "{path}"
            );
        }
    }
}

//! The domain a user serves endpoints from, and the addresses of connections under it.

use url::Url;

const MAX_CHARS: usize = 500;
const TUNNEL: &str = "tunneling:";

/// Whether a domain was written with `https`, with `http`, or as a bare host, which is taken for `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// `https://` or `wss://`.
    Tls,
    /// `http://` or `ws://`.
    Plain,
    /// A bare host.
    Unsaid,
}

/// Where an owner's services are reached (contract hub 6.2): an origin with an optional path, or a tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Domain {
    /// `scheme://host[:port][/path]`; a bare host means https.
    Origin {
        /// What the user said about TLS.
        transport: Transport,
        /// Host, port and path without the closing slash.
        place: String,
    },
    /// `tunneling:<username>`, passed on as it is.
    Tunnel(String),
}

impl Domain {
    /// Reads what a user wrote; the error is the reason, for a `value_error`.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.chars().count() > MAX_CHARS {
            return Err("domain has more than 500 characters");
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err("domain contains white space, control characters or backslashes");
        }
        if let Some(name) = text.strip_prefix(TUNNEL) {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            let good = !name.is_empty() && name.chars().all(plain);
            return if good {
                Ok(Self::Tunnel(text.to_owned()))
            } else {
                Err("tunneling: needs a username")
            };
        }
        Self::parse_origin(text)
    }

    fn parse_origin(text: &str) -> Result<Self, &'static str> {
        let (transport, rest) = match text.split_once("://") {
            None => (Transport::Unsaid, text),
            Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
                "https" | "wss" => (Transport::Tls, rest),
                "http" | "ws" => (Transport::Plain, rest),
                _ => {
                    return Err("domain must be a host, an http(s) origin or tunneling:<username>");
                }
            },
        };
        if rest.contains(['?', '#']) {
            return Err("domain must not have a query or a fragment");
        }
        let authority = rest.split('/').next().unwrap_or_default();
        if authority.contains(['@', '%']) {
            return Err("domain must not contain user information");
        }
        let scheme = scheme("https", transport);
        let url =
            Url::parse(&format!("{scheme}://{rest}")).map_err(|_| "domain is not a valid host")?;
        let host = url.host_str().filter(|host| !host.is_empty() && !rest.starts_with('/'));
        let host = host.filter(|host| has_whole_labels(host) && !authority.ends_with(':'));
        let host = host.ok_or("domain is not a valid host")?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let path = url.path().trim_end_matches('/');
        Ok(Self::Origin { transport, place: format!("{host}{port}{path}") })
    }

    /// The domain that a sign of life from `url` announces: the origin of an http address, or a tunnel (contract hub 7.3).
    /// The error is the reason, for a `value_error`.
    pub(crate) fn announced(url: &str) -> Result<String, &'static str> {
        const EXPECTED: &str = "url must be http(s)://host[:port] or tunneling:<name>";
        let is_name_char = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        if let Some(name) = url.strip_prefix(TUNNEL) {
            let good = (1..=50).contains(&name.len()) && name.chars().all(is_name_char);
            return if good { Ok(url.to_owned()) } else { Err(EXPECTED) };
        }
        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let scheme = scheme.filter(|scheme| matches!(scheme.as_str(), "http" | "https"));
        let scheme = scheme.ok_or(EXPECTED)?;
        match Self::parse(url)? {
            Self::Origin { place, .. } => Ok(format!("{scheme}://{}", authority(&place))),
            Self::Tunnel(_) => Err(EXPECTED),
        }
    }

    /// Whether the domain that is stored as `text` is at `origin`, perhaps below a path of it.
    pub(crate) fn is_at(text: &str, origin: &str) -> bool {
        match Self::parse(text) {
            Ok(Self::Tunnel(name)) => name == origin,
            Ok(domain @ Self::Origin { .. }) => {
                let address = domain.address("https", "");
                let (scheme, place) = address.split_once("://").unwrap_or_default();
                origin == format!("{scheme}://{}", authority(place))
            }
            Err(_) => false,
        }
    }

    /// The address of a connection of `kind` whose stored `config.url` is `path`.
    pub(crate) fn address(&self, kind: &str, path: &str) -> String {
        match self {
            Self::Tunnel(name) => name.clone(),
            Self::Origin { transport, place } => {
                let scheme = scheme(kind, *transport);
                match path.trim_start_matches('/') {
                    "" => format!("{scheme}://{place}"),
                    path => format!("{scheme}://{place}/{path}"),
                }
            }
        }
    }

    /// The part of an absolute `address` below this domain; `None` when it leads elsewhere.
    pub(crate) fn path_of<'a>(&self, address: &'a str) -> Option<&'a str> {
        let Self::Origin { transport, place } = self else { return None };
        let (scheme, rest) = address.split_once("://")?;
        let agrees = match transport {
            Transport::Plain => matches!(scheme, "http" | "ws"),
            Transport::Tls => matches!(scheme, "https" | "wss"),
            Transport::Unsaid => matches!(scheme, "https" | "wss" | "ws"),
        };
        let below = rest.strip_prefix(place.as_str()).filter(|_| agrees)?;
        (below.is_empty() || below.starts_with('/')).then(|| below.trim_start_matches('/'))
    }
}

/// Host and port of `place`, which may have a path.
fn authority(place: &str) -> &str {
    place.split('/').next().unwrap_or_default()
}

/// Whether no label of the name is empty; a dot at its end makes it absolute.
fn has_whole_labels(host: &str) -> bool {
    host.strip_suffix('.').unwrap_or(host).split('.').all(|label| !label.is_empty())
}

/// The scheme of a connection type (contract hub 6.2): the web socket types have their own, everything else is HTTP.
fn scheme(kind: &str, transport: Transport) -> &'static str {
    let is = |name: &str| kind.eq_ignore_ascii_case(name);
    match (is("ws"), is("wss") || is("websocket"), transport) {
        (true, _, Transport::Plain | Transport::Unsaid) | (_, true, Transport::Plain) => "ws",
        (true, ..) | (_, true, _) => "wss",
        (false, false, Transport::Plain) => "http",
        (false, false, _) => "https",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_scheme_is_honoured_and_a_bare_host_means_https() {
        let address =
            |domain: &str, kind: &str| Domain::parse(domain).unwrap().address(kind, "/chat");
        assert_eq!(address("node.acme.org", "rest_api"), "https://node.acme.org/chat");
        assert_eq!(address("http://10.0.0.5:9000/", "http"), "http://10.0.0.5:9000/chat");
        assert_eq!(
            address("https://node.acme.org/base/", "HTTPS"),
            "https://node.acme.org/base/chat"
        );
        assert_eq!(address("localhost:8000", "anything"), "https://localhost:8000/chat");
    }

    #[test]
    fn web_socket_types_keep_their_own_schemes() {
        let address = |domain: &str, kind: &str| Domain::parse(domain).unwrap().address(kind, "");
        assert_eq!(address("node.acme.org", "ws"), "ws://node.acme.org");
        assert_eq!(address("node.acme.org", "websocket"), "wss://node.acme.org");
        assert_eq!(address("http://node.acme.org", "wss"), "ws://node.acme.org");
        assert_eq!(address("https://node.acme.org", "ws"), "wss://node.acme.org");
    }

    #[test]
    fn a_tunnel_is_passed_on_as_it_is() {
        assert_eq!(
            Domain::parse("tunneling:ada").unwrap().address("http", "/chat"),
            "tunneling:ada"
        );
    }

    #[test]
    fn what_a_url_parser_could_read_two_ways_is_refused() {
        for bad in [
            "",
            " ",
            "https://",
            "https:///etc",
            "8.8.8.8:x@127.0.0.1:9443",
            "user@node.acme.org",
            "https://@node.acme.org",
            "node.acme.org?x=1",
            "node.acme.org#x",
            "node.acme.org\\@evil.org",
            "node.acme.org\tx",
            "node\u{0}.org",
            "node acme.org",
            "ftp://node.acme.org",
            "javascript:alert(1)",
            "tunneling:",
            "tunneling:a/b",
            "ex%61mple.org",
            "http:",
            "http://http://node.acme.org",
            "node.acme.org:",
            "node..acme.org",
            ".",
            &format!("https://{}.org", "a".repeat(500)),
        ] {
            assert!(Domain::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_announced_address_is_cut_to_its_origin() {
        for (url, origin) in [
            ("https://node.acme.org", "https://node.acme.org"),
            ("HTTP://Node.acme.org:9000/base/", "http://node.acme.org:9000"),
            ("https://node.acme.org:443/", "https://node.acme.org"),
            ("tunneling:ada-1_x", "tunneling:ada-1_x"),
        ] {
            assert_eq!(Domain::announced(url).as_deref(), Ok(origin));
        }
        for bad in [
            "node.acme.org",
            "ws://a.org",
            "https://u@a.org",
            "https://a.org?x",
            "tunneling:",
            "tunneling:a.b",
        ] {
            assert!(Domain::announced(bad).is_err(), "{bad}");
        }
        assert!(Domain::announced(&format!("tunneling:{}", "a".repeat(51))).is_err());
    }

    #[test]
    fn a_domain_is_at_its_origin_whatever_its_path() {
        for (domain, origin, expected) in [
            ("https://a.org/base", "https://a.org", true),
            ("a.org", "https://a.org", true),
            ("wss://a.org/", "https://a.org", true),
            ("http://a.org", "https://a.org", false),
            ("https://a.org:81", "https://a.org", false),
            ("tunneling:ada", "tunneling:ada", true),
            ("tunneling:ada", "https://a.org", false),
        ] {
            assert_eq!(Domain::is_at(domain, origin), expected, "{domain} {origin}");
        }
    }

    #[test]
    fn an_absolute_address_counts_only_below_the_domain() {
        let domain = Domain::parse("https://node.acme.org/base").unwrap();
        assert_eq!(domain.path_of("https://node.acme.org/base/chat"), Some("chat"));
        assert_eq!(domain.path_of("https://node.acme.org/base"), Some(""));
        assert_eq!(domain.path_of("https://node.acme.org/basement"), None);
        assert_eq!(domain.path_of("http://node.acme.org/base/chat"), None);
        assert_eq!(domain.path_of("https://node.acme.org.evil.org/base"), None);
    }

    proptest! {
        #[test]
        fn every_accepted_origin_gives_addresses_on_the_host_it_names(
            text in "(https?://)?[a-z0-9@:/?#%.\\\\ -]{1,40}",
            path in "[a-z/]{0,10}",
        ) {
            if let Ok(domain) = Domain::parse(&text) {
                let address = Url::parse(&domain.address("http", &path)).unwrap();
                prop_assert!(address.username().is_empty() && address.password().is_none());
                prop_assert!(address.query().is_none() && address.fragment().is_none());
                prop_assert!(address.host_str().is_some());
            }
        }
    }
}

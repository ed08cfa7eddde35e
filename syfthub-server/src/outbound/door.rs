//! The way from the hub to spaces behind its own tunnels.

use url::{Position, Url};

/// Leads from the public address of tunnels to this process's listener.
#[derive(Debug)]
pub(super) struct Door {
    /// Scheme, host and port of the hub's public address.
    origin: String,
    /// What the path of a tunnelled space's address begins with.
    path: String,
    /// Where this process listens, without a path.
    own: Url,
    client: reqwest::Client,
}

impl Door {
    /// A door for addresses below `prefix`, which ends in `/s/`.
    pub(super) fn new(prefix: &str, own: &Url) -> Result<Self, reqwest::Error> {
        let public = Url::parse(prefix).ok();
        let part = |part: fn(&Url) -> String| public.as_ref().map(part).unwrap_or_default();
        Ok(Self {
            origin: part(origin),
            path: part(|url| url.path().to_owned()),
            own: own.clone(),
            client: syfthub_client::node::http_client().no_proxy().build()?,
        })
    }

    /// The client and the address for `url`, if a tunnelled space is there. The parser has resolved dots in the path, so that
    /// nothing else of the hub is below the prefix.
    pub(super) fn through(&self, url: &Url) -> Option<(&reqwest::Client, Url)> {
        let is_plain = url.username().is_empty() && url.password().is_none();
        let rest = url.path().strip_prefix(&self.path).filter(|_| is_plain)?;
        if rest.is_empty() || origin(url) != self.origin {
            return None;
        }
        let mut own = self.own.clone();
        own.set_path(&format!("/s/{rest}"));
        own.set_query(url.query());
        Some((&self.client, own))
    }
}

/// Scheme, host and port, the port only where it is not the scheme's own.
fn origin(url: &Url) -> String {
    url[..Position::BeforePath].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(url: &str) -> Option<String> {
        let own = "http://127.0.0.1:8080".parse().unwrap();
        let door = Door::new("https://hub.example.org/base/s/", &own).unwrap();
        door.through(&url.parse().unwrap()).map(|(_, url)| url.to_string())
    }

    #[test]
    fn a_tunnelled_space_is_reached_at_the_hubs_own_listener() {
        assert_eq!(
            through("https://hub.example.org/base/s/ada/api/v1/endpoints/x/query?a=1").as_deref(),
            Some("http://127.0.0.1:8080/s/ada/api/v1/endpoints/x/query?a=1")
        );
        assert_eq!(
            through("https://HUB.example.org:443/base/s/ada").as_deref(),
            Some("http://127.0.0.1:8080/s/ada")
        );
    }

    #[test]
    fn nothing_else_inside_is_reached() {
        for url in [
            "https://hub.example.org/base/api/v1/users/me",
            "https://hub.example.org/base/s/../api/v1/users/me",
            "https://hub.example.org/base/s/%2e%2e/api/v1/users/me",
            "https://hub.example.org/base/s/",
            "https://hub.example.org/s/ada",
            "http://hub.example.org/base/s/ada",
            "https://hub.example.org:8443/base/s/ada",
            "https://ada@hub.example.org/base/s/ada",
            "https://other.example.org/base/s/ada",
        ] {
            assert_eq!(through(url), None, "{url}");
        }
    }
}

//! Asking for one address, through the guard that keeps to public ones and to what the operator opened.

use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::header::{
    CONTENT_TYPE, ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
};
use reqwest::{Response, StatusCode};
use url::Url;

use super::address;
use super::mirror::{Kept, Page};
use crate::outbound::Outbound;
use crate::space::parse::EXTENSIONS;

/// How long one page may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// Bytes of one page.
const LARGEST: usize = 32 << 20;

/// Redirects of one address, all on its own site.
const REDIRECTS: usize = 5;

/// What became of a request.
pub(super) enum Fetched {
    /// A page, or a document of another kind that can be read.
    Page(Page),
    /// What may be a sitemap.
    Xml(Vec<u8>),
    /// The copy is still right.
    Unchanged,
    /// There is nothing, or nothing that can be read.
    Nothing,
    /// Nobody knows at the moment.
    Unknown(String),
}

/// Asks for addresses.
pub(super) struct Fetcher {
    outbound: Outbound,
}

impl Fetcher {
    pub(super) fn new(outbound: Outbound) -> Self {
        Self { outbound }
    }

    /// Asks for `url`, of which there may be a copy, and follows redirects within its site.
    pub(super) async fn get(&self, url: &Url, copy: Option<&Kept>) -> Fetched {
        let mut at = url.clone();
        for _ in 0..=REDIRECTS {
            let asked = tokio::time::timeout(DEADLINE, self.ask(&at, copy)).await;
            match asked.unwrap_or_else(|_| Err("it took too long".to_owned())) {
                Err(reason) => return Fetched::Unknown(reason),
                Ok(Answer::Elsewhere(next)) if is_same_site(&next, url) => at = next,
                Ok(Answer::Elsewhere(_)) => return Fetched::Nothing,
                Ok(Answer::Here(fetched)) => return fetched,
            }
        }
        Fetched::Nothing
    }

    /// The text at an address, of `most` bytes at most: `Ok(None)` when there is none.
    pub(super) async fn text(&self, url: &Url, most: usize) -> Result<Option<String>, String> {
        let read = async {
            let response = self.send(url, None).await?;
            match response.status() {
                status if status.is_success() => {
                    let (body, _) = body(response, most).await?;
                    Ok(Some(String::from_utf8_lossy(&body).into_owned()))
                }
                status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                    Err(format!("HTTP {}", status.as_u16()))
                }
                _ => Ok(None),
            }
        };
        tokio::time::timeout(DEADLINE, read)
            .await
            .unwrap_or_else(|_| Err("it took too long".to_owned()))
    }

    async fn send(&self, url: &Url, copy: Option<&Kept>) -> Result<Response, String> {
        let client = self.outbound.client_for(url).map_err(|refused| refused.to_string())?;
        let mut request = client.get(url.clone());
        let etag = copy.and_then(|copy| copy.etag.as_ref());
        let modified = copy.and_then(|copy| copy.last_modified.as_ref());
        for (name, value) in [(IF_NONE_MATCH, etag), (IF_MODIFIED_SINCE, modified)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        request.send().await.map_err(|error| match Outbound::reason(&error) {
            Some(refused) => refused.to_string(),
            None => "it cannot be reached".to_owned(),
        })
    }

    async fn ask(&self, url: &Url, copy: Option<&Kept>) -> Result<Answer, String> {
        let response = self.send(url, copy).await?;
        let status = response.status();
        match status {
            StatusCode::NOT_MODIFIED if copy.is_some() => Ok(Answer::Here(Fetched::Unchanged)),
            status if status.is_redirection() => {
                let to = header(response.headers(), LOCATION.as_str());
                let next = to.and_then(|to| url.join(&to).ok()).and_then(|to| address(to.as_str()));
                Ok(next.map_or(Answer::Here(Fetched::Nothing), Answer::Elsewhere))
            }
            status if status.is_success() => read(url, response).await.map(Answer::Here),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
                Err(format!("HTTP {}", status.as_u16()))
            }
            status if status.is_client_error() => Ok(Answer::Here(Fetched::Nothing)),
            status => Err(format!("HTTP {}", status.as_u16())),
        }
    }
}

enum Answer {
    Here(Fetched),
    Elsewhere(Url),
}

/// Whether both are one site: the same host, with or without `www.`.
fn is_same_site(one: &Url, other: &Url) -> bool {
    let host = |url: &Url| {
        let host = url.host_str().unwrap_or_default().to_owned();
        host.strip_prefix("www.").map_or(host.clone(), str::to_owned)
    };
    host(one) == host(other)
}

async fn read(url: &Url, response: Response) -> Result<Fetched, String> {
    let headers = response.headers().clone();
    let kind = header(&headers, CONTENT_TYPE.as_str()).unwrap_or_default().to_ascii_lowercase();
    let (kind, parameters) = kind.split_once(';').unwrap_or((&kind, ""));
    let kind = kind.trim();
    let is_xml =
        matches!(kind, "application/xml" | "text/xml" | "application/gzip" | "application/x-gzip");
    let extension = extension(kind, url);
    if !is_xml && extension.is_none() {
        return Ok(Fetched::Nothing);
    }
    let (body, is_whole) = body(response, LARGEST).await?;
    if !is_whole {
        return Err("it is too large".to_owned());
    }
    let Some(extension) = extension.filter(|_| !is_xml) else { return Ok(Fetched::Xml(body)) };
    Ok(Fetched::Page(Page {
        extension,
        body: if kind.starts_with("text/") { recoded(body, parameters) } else { body },
        etag: header(&headers, ETAG.as_str()),
        last_modified: header(&headers, LAST_MODIFIED.as_str()),
    }))
}

/// Text as UTF-8, when its server said that it is something else: a file has no headers.
fn recoded(body: Vec<u8>, parameters: &str) -> Vec<u8> {
    let charset = parameters.split(';').find_map(|part| part.trim().strip_prefix("charset="));
    let charset = charset.map(|name| name.trim_matches(['"', '\'']));
    match charset.and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes())) {
        Some(encoding) if encoding != encoding_rs::UTF_8 => {
            encoding.decode(&body).0.into_owned().into()
        }
        _ => body,
    }
}

/// The extension of a kind of document that can be read; a server that names no kind leaves it to the address.
fn extension(kind: &str, url: &Url) -> Option<&'static str> {
    let wanted = match kind {
        "text/html" | "application/xhtml+xml" => ".html",
        "text/plain" => ".txt",
        "text/markdown" | "text/x-markdown" => ".md",
        "text/csv" => ".csv",
        "application/json" => ".json",
        "application/pdf" => ".pdf",
        "application/epub+zip" => ".epub",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => ".docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        "" | "application/octet-stream" => {
            let path = url.path().to_ascii_lowercase();
            return EXTENSIONS.iter().find(|extension| path.ends_with(**extension)).copied();
        }
        _ => return None,
    };
    EXTENSIONS.iter().find(|extension| **extension == wanted).copied()
}

/// The first `most` bytes, and whether that is all.
async fn body(response: Response, most: usize) -> Result<(Vec<u8>, bool), String> {
    let mut body = Vec::new();
    let mut parts = response.bytes_stream();
    while let Some(part) = parts.next().await {
        body.extend_from_slice(&part.map_err(|_| "it broke off".to_owned())?);
        if body.len() > most {
            body.truncate(most);
            return Ok((body, false));
        }
    }
    Ok((body, true))
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

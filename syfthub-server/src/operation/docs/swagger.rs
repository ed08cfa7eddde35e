//! Swagger UI: a page of ours, and the parts it names, from the archive that the build carries.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

use super::archive;

/// Scripts, styles and data from this server alone. Swagger UI sets styles of its own on elements, and its style sheet
/// carries its symbols as `data:`.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page.
pub(super) const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>SyftHub API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<noscript>This page needs scripts; <a href="/redoc">the same without</a>.</noscript>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"#;

/// Starts Swagger UI on our description; without the badge for which it would ask a validator of its makers.
const START: &str = r##"SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
});
"##;

/// How long a browser may keep a part, in seconds; a new version of this server has new ones.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// What the page needs from the archive: name and type.
const PARTS: [(&str, &str); 2] = [
    ("swagger-ui.css", "text/css; charset=utf-8"),
    ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
];

/// The parts as gzip files, in the order of [`PARTS`].
static FILES: LazyLock<[Bytes; 2]> = LazyLock::new(|| {
    PARTS.map(|(name, _)| {
        let file = archive::gzip(SWAGGER_UI_VENDORED, &format!("/dist/{name}"));
        file.expect("the archive that was built in holds it").into()
    })
});

/// The part called `name`.
pub(super) fn file(name: &str) -> Option<Response> {
    if name == "start.js" {
        let script = HeaderValue::from_static("text/javascript; charset=utf-8");
        let headers = [(header::CONTENT_TYPE, script), (header::CACHE_CONTROL, KEPT)];
        return Some((headers, START).into_response());
    }
    let index = PARTS.iter().position(|(part, _)| *part == name)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(PARTS[index].1)),
        (header::CONTENT_ENCODING, HeaderValue::from_static("gzip")),
        (header::CACHE_CONTROL, KEPT),
    ];
    Some((headers, FILES[index].clone()).into_response())
}

#[cfg(test)]
mod tests {
    use scraper::{Html, Selector};

    #[test]
    fn every_part_that_the_page_names_is_served_by_this_server() {
        let page = Html::parse_document(super::PAGE);
        let mut parts = 0;
        for element in page.select(&Selector::parse("[src], [href]").expect("a selector")) {
            let address = element.attr("src").or(element.attr("href")).unwrap_or_default();
            if !matches!(address, "data:," | "/redoc") {
                let name = address.strip_prefix("/docs/").expect("a part of this page");
                assert!(super::file(name).is_some(), "{address}");
                parts += 1;
            }
        }
        assert_eq!(parts, 3);
        assert!(super::file("swagger-ui-es-bundle.js").is_none(), "nothing else is served");
    }
}

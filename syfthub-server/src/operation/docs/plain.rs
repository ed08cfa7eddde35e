//! The page at `/redoc`: every route of the OpenAPI description, in one HTML document that loads nothing else.

use utoipa::openapi::path::{Operation, Parameter, PathItem};
use utoipa::openapi::{OpenApi, RefOr, Required};

use crate::content::escaped;

/// The page has a style of its own and nothing more.
pub(super) const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    h2{margin-top:2.5rem;text-transform:capitalize}section{border-top:1px solid #8884;padding:.75rem 0}\
    h3{font:600 1rem ui-monospace,monospace;margin:0}b{display:inline-block;min-width:4.5rem}\
    p,ul{margin:.25rem 0}code{font-family:ui-monospace,monospace}:root{color-scheme:light dark}";

/// The page for `description`.
pub(super) fn page(description: &OpenApi) -> String {
    let title = escaped(&description.info.title);
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style>\
         <h1>{title} {}</h1><p>For programs: <a href=\"/openapi.json\">openapi.json</a></p>",
        escaped(&description.info.version)
    );
    let mut group = "";
    for (path, item) in &description.paths.paths {
        for (method, operation) in operations(item) {
            let tag = operation.tags.iter().flatten().next().map_or("other", String::as_str);
            if tag != group {
                group = tag;
                page.extend(["<h2>", &escaped(tag), "</h2>"]);
            }
            page += &section(method, path, operation);
        }
    }
    page
}

fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let methods = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn section(method: &str, path: &str, operation: &Operation) -> String {
    let about = operation.summary.iter().chain(&operation.description);
    let about: Vec<String> = about.map(|text| format!("<p>{}</p>", escaped(text))).collect();
    let parameters: Vec<String> = operation.parameters.iter().flatten().map(parameter).collect();
    let statuses = operation.responses.responses.keys();
    let statuses: Vec<String> = statuses
        .map(|status| format!("<li>answers <code>{}</code></li>", escaped(status)))
        .collect();
    let (about, parameters, statuses) = (about.concat(), parameters.concat(), statuses.concat());
    let path = escaped(path);
    format!(
        "<section><h3><b>{method}</b>{path}</h3>{about}<ul>{parameters}{statuses}</ul></section>"
    )
}

fn parameter(parameter: &RefOr<Parameter>) -> String {
    // Ours are all written in place.
    let RefOr::T(parameter) = parameter else { return String::new() };
    let required = if parameter.required == Required::True { ", required" } else { "" };
    let about = escaped(parameter.description.as_deref().unwrap_or_default());
    format!("<li><code>{}</code>{required} {about}</li>", escaped(&parameter.name))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_names_every_route_and_loads_nothing() {
        let description = crate::router::description();
        let page = super::page(&description);
        for path in description.paths.paths.keys() {
            assert!(page.contains(path), "{path}");
        }
        for loader in ["<script", "src=", "@import", "url(", "<link"] {
            assert!(!page.contains(loader), "{loader}");
        }
    }
}

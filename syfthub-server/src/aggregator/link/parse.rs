//! What a link asks: `ada/notes|https://example.org/page!Why?` (contract aggregator 1.16).

/// Where a link looks for documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// An endpoint.
    Endpoint {
        /// Whose.
        owner: String,
        /// Which.
        slug: String,
    },
    /// A page of the web, which an endpoint reads.
    Page(String),
}

/// The question of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) places: Vec<Place>,
    pub(super) prompt: String,
}

/// A link that asks nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoLink {
    /// There is no `!`.
    #[error("expected owner/endpoint!question, with several endpoints as a/b|c/d!question")]
    NoPrompt,
    /// Nothing stands after it.
    #[error("the question after the ! is missing")]
    EmptyPrompt,
    /// Something before it is neither an endpoint nor a page.
    #[error("{0:?} is neither an endpoint such as ada/notes nor a page of the web")]
    NoPlace(String),
}

impl Link {
    /// Reads the `q` of a link: everything up to the first `!` says where, the rest is the question.
    pub(super) fn parse(text: &str) -> Result<Self, NoLink> {
        let (places, prompt) = text.split_once('!').ok_or(NoLink::NoPrompt)?;
        let prompt = prompt.trim();
        if prompt.is_empty() {
            return Err(NoLink::EmptyPrompt);
        }
        let places = places.split('|').map(str::trim).filter(|place| !place.is_empty());
        let places = places.map(Place::parse).collect::<Result<_, _>>()?;
        Ok(Self { places, prompt: prompt.to_owned() })
    }
}

impl Place {
    fn parse(text: &str) -> Result<Self, NoLink> {
        if text.starts_with("http://") || text.starts_with("https://") {
            return Ok(Self::Page(text.to_owned()));
        }
        let first = text.split('/').next().unwrap_or_default();
        if first.contains('.') {
            return Ok(Self::Page(format!("https://{text}")));
        }
        match text.split_once('/') {
            Some((owner, slug)) if !owner.is_empty() && is_slug(slug) => {
                Ok(Self::Endpoint { owner: owner.to_owned(), slug: slug.to_owned() })
            }
            _ => Err(NoLink::NoPlace(text.chars().take(100).collect())),
        }
    }
}

fn is_slug(text: &str) -> bool {
    !text.is_empty() && !text.contains('/')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn endpoint(owner: &str, slug: &str) -> Place {
        Place::Endpoint { owner: owner.to_owned(), slug: slug.to_owned() }
    }

    #[test]
    fn a_link_names_places_and_a_question() {
        let link = Link::parse("ada/notes | bob/maps|example.org/a?b=c|http://x.org/!Why! Really?")
            .unwrap();
        let pages =
            ["https://example.org/a?b=c", "http://x.org/"].map(|page| Place::Page(page.to_owned()));
        let [one, two] = pages;
        assert_eq!(link.places, [endpoint("ada", "notes"), endpoint("bob", "maps"), one, two]);
        assert_eq!(link.prompt, "Why! Really?");
    }

    #[test]
    fn a_link_may_name_no_place() {
        assert_eq!(Link::parse("!Why?").unwrap().places, []);
    }

    #[test]
    fn what_asks_nothing_is_refused() {
        assert_eq!(Link::parse("ada/notes"), Err(NoLink::NoPrompt));
        assert_eq!(Link::parse("ada/notes! "), Err(NoLink::EmptyPrompt));
        for wrong in ["ada", "ada/", "/notes", "ada/notes/more"] {
            let refused = Link::parse(&format!("{wrong}!Why?"));
            assert_eq!(refused, Err(NoLink::NoPlace(wrong.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn every_text_is_a_link_or_is_refused(text in r"[ -~é]{0,60}") {
            if let Ok(link) = Link::parse(&text) {
                prop_assert!(!link.prompt.is_empty());
            }
        }
    }
}

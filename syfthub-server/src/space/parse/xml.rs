//! XML as a flat series of tags and texts. Nothing recurses, and no entity is ever replaced by more than one character.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// What comes next in a document.
pub(super) enum Node<'a> {
    /// A tag opens; an empty element opens and closes.
    Open(&'a str, Tag<'a>),
    /// A tag closes.
    Close(&'a str),
    /// Text between tags.
    Text(&'a str),
}

/// The attributes of an opening tag.
pub(super) struct Tag<'a>(&'a BytesStart<'a>);

impl Tag<'_> {
    /// The value of an attribute, whatever its namespace.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let found = self
            .0
            .attributes()
            .with_checks(false)
            .filter_map(Result::ok)
            .find(|attribute| attribute.key.local_name().as_ref() == name.as_bytes())?;
        let value = String::from_utf8_lossy(&found.value).into_owned();
        Some(quick_xml::escape::unescape(&value).map_or(value.clone(), Cow::into_owned))
    }
}

/// Tells `visit` of everything in reading order; names come without their namespace. An error says what is wrong.
pub(super) fn read(text: &str, mut visit: impl FnMut(Node<'_>)) -> Result<(), String> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => visit(Node::Open(&local(tag.name().as_ref()), Tag(&tag))),
            Ok(Event::End(tag)) => visit(Node::Close(&local(tag.name().as_ref()))),
            Ok(Event::Text(text)) => visit(Node::Text(&String::from_utf8_lossy(&text))),
            Ok(Event::CData(text)) => visit(Node::Text(&String::from_utf8_lossy(&text))),
            Ok(Event::GeneralRef(reference)) => {
                if let Some(c) = character(&reference) {
                    visit(Node::Text(c.encode_utf8(&mut [0; 4])));
                }
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
}

fn local(name: &[u8]) -> String {
    let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    String::from_utf8_lossy(local).into_owned()
}

/// What `&…;` stands for: a number or one of the five names of XML itself. Entities that a document defines are left out.
fn character(reference: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return Some(c);
    }
    match &**reference {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        b"nbsp" => Some(' '),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> String {
        let mut flat = String::new();
        read(text, |node| match node {
            Node::Open(name, tag) => {
                flat.extend(["<", name, " ", &tag.attribute("val").unwrap_or_default(), ">"]);
            }
            Node::Close(name) => flat.extend(["</", name, ">"]),
            Node::Text(text) => flat += text,
        })
        .unwrap();
        flat
    }

    #[test]
    fn names_lose_their_namespace_and_references_become_characters() {
        assert_eq!(
            flat(
                "<?xml version=\"1.0\"?><w:p><w:s w:val=\"a&amp;b\"/>x &lt; &#228;<![CDATA[<y>]]></w:p>"
            ),
            "<p ><s a&b></s>x < ä<y></p>"
        );
    }

    #[test]
    fn entities_of_the_documents_own_are_not_expanded() {
        let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><l>&b;&b;</l>";
        assert_eq!(flat(laughs), "<l ></l>");
    }

    #[test]
    fn broken_and_very_deep_documents_end() {
        assert!(read("<a><b></a>", |_| ()).is_err());
        let deep = format!("{}x{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert!(read(&deep, |_| ()).is_ok());
    }
}

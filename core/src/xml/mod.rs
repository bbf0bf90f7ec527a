//! A small, strict reader of XML (XML 1.0 with namespaces), for the few documents that still come so:
//! the metadata and the answers of a federation service.
//!
//! It reads elements, attributes, text, CDATA, comments, the XML declaration, the five entities and
//! numeric references, in UTF-8. A document type is refused, and with it every entity of a document's
//! own: nothing expands. So is every processing instruction. Depth, size and numbers have limits, and
//! no code is recursive.
//!
//! A signed element must not be written anew: [`Element::source`] is what stands in the document, byte
//! for byte, and [`Element::standalone`] is the same where it can stand by itself.

mod chars;
mod cursor;
mod element;
mod read;

use std::fmt;

pub use self::chars::escape;
pub use self::element::Element;
use self::read::Reader;

/// The longest document that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// How deep elements may be nested.
pub const MAX_DEPTH: usize = 100;
/// How many elements there may be.
pub const MAX_ELEMENTS: usize = 20_000;
/// How many attributes an element may have.
pub const MAX_ATTRIBUTES: usize = 64;
/// How many namespace declarations may be in force at one place.
pub const MAX_DECLARATIONS: usize = 256;

/// The namespace of the prefix `xml`.
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of the prefix `xmlns`.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// Why a document is not read, and where. It holds no text of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    why: &'static str,
    at: usize,
}

impl Fault {
    /// What is wrong.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.why
    }

    /// The byte at which reading ended.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.why, self.at)
    }
}

impl std::error::Error for Fault {}

/// A document that was read. It borrows the text; what is not asked for is not copied.
pub struct Document<'a> {
    text: &'a str,
    /// In the order of their start tags.
    nodes: Vec<Node<'a>>,
    namespaces: Vec<String>,
}

/// An element, as the reader left it.
struct Node<'a> {
    parent: Option<usize>,
    /// The node after the last one within.
    after: usize,
    name: &'a str,
    namespace: Option<usize>,
    attributes: Vec<Attribute<'a>>,
    /// Its own namespace declarations: a prefix, empty for the default, and what it stands for.
    declared: Vec<(&'a str, Option<usize>)>,
    chunks: Vec<Chunk<'a>>,
    /// Where it begins, where the name in its start tag ends, and where it ends, in bytes.
    start: usize,
    name_end: usize,
    end: usize,
    /// The outermost node on whose declarations a name within depends.
    depends_on: usize,
}

struct Attribute<'a> {
    name: &'a str,
    namespace: Option<usize>,
    raw: &'a str,
}

enum Chunk<'a> {
    Text(&'a str),
    Cdata(&'a str),
}

impl Chunk<'_> {
    fn len(&self) -> usize {
        match self {
            Chunk::Text(raw) | Chunk::Cdata(raw) => raw.len(),
        }
    }
}

impl<'a> Document<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    ///
    /// ```
    /// use entrada_core::xml::Document;
    ///
    /// let document = Document::parse(br#"<a xmlns="urn:x"><b>1 &lt; 2</b></a>"#)?;
    /// assert_eq!(document.root().child("urn:x", "b").unwrap().text(), "1 < 2");
    /// assert!(Document::parse(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").is_err());
    /// # Ok::<(), entrada_core::xml::Fault>(())
    /// ```
    pub fn parse(bytes: &'a [u8]) -> Result<Document<'a>, Fault> {
        if bytes.len() > MAX_BYTES {
            return Err(Fault { why: "it is too long", at: MAX_BYTES });
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| Fault { why: "it is not UTF-8", at: error.valid_up_to() })?;
        Reader::new(text).document()
    }

    /// The outermost element.
    #[must_use]
    pub fn root(&self) -> Element<'_, 'a> {
        Element::new(self, 0)
    }
}

impl fmt::Debug for Document<'_> {
    /// Without its text, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} elements in {} bytes)", self.nodes.len(), self.text.len())
    }
}

#[cfg(test)]
mod tests;

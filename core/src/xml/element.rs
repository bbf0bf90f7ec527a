//! Elements, as they are looked at.

use std::borrow::Cow;
use std::fmt;
use std::iter;
use std::ops::Range;

use super::chars::{Place, escape, walk};
use super::{Chunk, Document, Node};

/// An element of a document.
#[derive(Clone, Copy)]
pub struct Element<'d, 'a> {
    document: &'d Document<'a>,
    index: usize,
}

impl<'d, 'a> Element<'d, 'a> {
    pub(super) fn new(document: &'d Document<'a>, index: usize) -> Element<'d, 'a> {
        Element { document, index }
    }

    fn node(&self) -> &'d Node<'a> {
        &self.document.nodes[self.index]
    }

    fn namespace_of(&self, index: Option<usize>) -> Option<&'d str> {
        self.document.namespaces.get(index?).map(String::as_str)
    }

    /// Its name, without a prefix.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.node().name
    }

    /// The namespace of its name, if it is in one.
    #[must_use]
    pub fn namespace(&self) -> Option<&'d str> {
        self.namespace_of(self.node().namespace)
    }

    /// Whether it has this name in this namespace.
    #[must_use]
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.name() == name && self.namespace() == Some(namespace)
    }

    /// The value of an attribute, by its namespace, if it is in one, and name.
    #[must_use]
    pub fn attribute(&self, namespace: Option<&str>, name: &str) -> Option<String> {
        let found = self.node().attributes.iter().find(|attribute| {
            attribute.name == name && self.namespace_of(attribute.namespace) == namespace
        })?;
        let mut value = String::with_capacity(found.raw.len());
        walk(found.raw, Place::Attribute, |c| value.push(c)).ok().map(|()| value)
    }

    /// The text that stands in it, without that of the elements within.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.node().chunks.iter().map(Chunk::len).sum());
        for chunk in &self.node().chunks {
            let (raw, place) = match chunk {
                Chunk::Text(raw) => (raw, Place::Text),
                Chunk::Cdata(raw) => (raw, Place::Cdata),
            };
            // The reader has seen to it that this does not fail.
            _ = walk(raw, place, |c| text.push(c));
        }
        text
    }

    /// The elements directly within, in order.
    pub fn children(&self) -> impl Iterator<Item = Element<'d, 'a>> + use<'d, 'a> {
        let (document, end) = (self.document, self.node().after);
        let next = move |index: &usize| document.nodes.get(*index).map(|node| node.after);
        iter::successors(Some(self.index + 1), next)
            .take_while(move |index| *index < end)
            .map(move |index| Element { document, index })
    }

    /// The first child of this name.
    #[must_use]
    pub fn child(&self, namespace: &str, name: &str) -> Option<Element<'d, 'a>> {
        self.children().find(|child| child.is(namespace, name))
    }

    /// The elements within, at any depth, in the order of their start tags.
    pub fn descendants(&self) -> impl Iterator<Item = Element<'d, 'a>> + use<'d, 'a> {
        let document = self.document;
        (self.index + 1..self.node().after).map(move |index| Element { document, index })
    }

    /// The element around it.
    #[must_use]
    pub fn parent(&self) -> Option<Element<'d, 'a>> {
        self.node().parent.map(|index| Element { document: self.document, index })
    }

    /// Where it stands in the document, in bytes, with its tags.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.node().start..self.node().end
    }

    /// What stands in the document, byte for byte, with its tags.
    #[must_use]
    pub fn source(&self) -> &'a str {
        &self.document.text[self.range()]
    }

    /// The element as a document of its own.
    ///
    /// That is [`Element::source`] as it is, if all its names depend on its own namespace declarations
    /// alone: so it is with every assertion that was signed before it was put into an answer. Else the
    /// declarations of the elements around, as far as they are in force, are put into its start tag,
    /// after its name, and not one byte more is changed. They were in force there too, so a signature
    /// that was made in the document holds, whichever rule of canonicalization it names.
    #[must_use]
    pub fn standalone(&self) -> Cow<'a, str> {
        let node = self.node();
        if node.depends_on >= self.index {
            return Cow::Borrowed(self.source());
        }
        let mut text = String::with_capacity(node.end - node.start + 256);
        text.push_str(&self.document.text[node.start..node.name_end]);
        let mut seen: Vec<&str> = node.declared.iter().map(|(prefix, _)| *prefix).collect();
        for around in iter::successors(self.parent(), Element::parent) {
            for &(prefix, namespace) in &around.node().declared {
                if seen.contains(&prefix) {
                    continue;
                }
                seen.push(prefix);
                if let Some(uri) = self.namespace_of(namespace).and_then(escape) {
                    let colon = if prefix.is_empty() { "" } else { ":" };
                    text.extend([" xmlns", colon, prefix, "=\"", &uri, "\""]);
                }
            }
        }
        text.push_str(&self.document.text[node.name_end..node.end]);
        Cow::Owned(text)
    }
}

impl fmt::Debug for Element<'_, '_> {
    /// Its name alone: what it holds may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({})", self.name())
    }
}

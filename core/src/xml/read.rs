//! The reader: one loop over the text, with a list of the elements that are open.

use super::chars::{Place, decode, is_blank, walk};
use super::cursor::{Cursor, Name, Read};
use super::{
    Attribute, Chunk, Document, MAX_ATTRIBUTES, MAX_DECLARATIONS, MAX_DEPTH, MAX_ELEMENTS, Node, XML, XMLNS,
};

pub(super) struct Reader<'a> {
    cursor: Cursor<'a>,
    nodes: Vec<Node<'a>>,
    namespaces: Vec<String>,
    open: Vec<Open<'a>>,
    bindings: Vec<Binding<'a>>,
}

/// An element whose end tag is to come.
struct Open<'a> {
    index: usize,
    /// Its name with its prefix.
    name: &'a str,
    /// How many declarations were in force before it.
    bindings: usize,
}

struct Binding<'a> {
    prefix: &'a str,
    namespace: Option<usize>,
    by: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Reader<'a> {
        Reader {
            cursor: Cursor::new(text),
            nodes: Vec::new(),
            namespaces: vec![XML.to_owned()],
            open: Vec::new(),
            bindings: vec![Binding { prefix: "xml", namespace: Some(0), by: usize::MAX }],
        }
    }

    pub(super) fn document(mut self) -> Read<Document<'a>> {
        self.cursor.declaration()?;
        loop {
            let rest = self.cursor.rest();
            if rest.is_empty() {
                break;
            } else if rest.starts_with("<!--") {
                self.cursor.comment()?;
            } else if rest.starts_with("<![CDATA[") {
                self.cdata()?;
            } else if rest.starts_with("<!") {
                return self.cursor.fault("it has a document type, or another declaration");
            } else if rest.starts_with("<?") {
                return self.cursor.fault("it has a processing instruction");
            } else if rest.starts_with("</") {
                self.end_tag()?;
            } else if rest.starts_with('<') {
                self.start_tag()?;
            } else {
                self.characters()?;
            }
        }
        if self.nodes.is_empty() || !self.open.is_empty() {
            return self.cursor.fault("it ends too early");
        }
        Ok(Document { text: self.cursor.text, nodes: self.nodes, namespaces: self.namespaces })
    }

    fn cdata(&mut self) -> Read<()> {
        self.cursor.at += "<![CDATA[".len();
        let raw = self.cursor.until("]]>")?;
        self.chunk(raw, Place::Cdata)
    }

    fn characters(&mut self) -> Read<()> {
        let rest = self.cursor.rest();
        let raw = rest.split('<').next().unwrap_or_default();
        self.cursor.at += raw.len();
        self.chunk(raw, Place::Text)
    }

    fn chunk(&mut self, raw: &'a str, place: Place) -> Read<()> {
        if let Err(why) = walk(raw, place, |_| ()) {
            return self.cursor.fault(why);
        }
        match self.open.last() {
            Some(open) => self.nodes[open.index].chunks.push(match place {
                Place::Cdata => Chunk::Cdata(raw),
                _ => Chunk::Text(raw),
            }),
            None if place == Place::Text && raw.chars().all(is_blank) => {}
            None => return self.cursor.fault("text stands outside of the root element"),
        }
        Ok(())
    }

    fn start_tag(&mut self) -> Read<()> {
        if self.open.is_empty() && !self.nodes.is_empty() {
            return self.cursor.fault("it has two root elements");
        }
        if self.open.len() >= MAX_DEPTH {
            return self.cursor.fault("it is nested too deeply");
        }
        if self.nodes.len() >= MAX_ELEMENTS {
            return self.cursor.fault("it has too many elements");
        }
        let start = self.cursor.at;
        self.cursor.at += 1;
        let name = self.cursor.name()?;
        let name_end = self.cursor.at;
        let mut attributes = Vec::new();
        let empty = loop {
            let blank = self.cursor.blanks();
            if self.cursor.take(">") {
                break false;
            }
            if self.cursor.take("/>") {
                break true;
            }
            if !blank || attributes.len() >= MAX_ATTRIBUTES {
                return self.cursor.fault("a start tag is malformed, or has too many attributes");
            }
            attributes.push(self.cursor.attribute()?);
        };
        let index = self.nodes.len();
        self.nodes.push(Node {
            parent: self.open.last().map(|open| open.index),
            after: index + 1,
            name: name.local,
            namespace: None,
            attributes: Vec::new(),
            declared: Vec::new(),
            chunks: Vec::new(),
            start,
            name_end,
            end: self.cursor.at,
            depends_on: usize::MAX,
        });
        self.open.push(Open { index, name: name.whole, bindings: self.bindings.len() });
        self.resolve(index, name, &attributes)?;
        if empty { self.close() } else { Ok(()) }
    }

    /// Declares what the element declares, and finds the namespaces of its names.
    fn resolve(&mut self, index: usize, name: Name<'a>, found: &[(Name<'a>, &'a str)]) -> Read<()> {
        let declares = |name: &Name<'_>| name.whole == "xmlns" || name.prefix == "xmlns";
        for (name, raw) in found.iter().filter(|(name, _)| declares(name)) {
            let prefix = if name.whole == "xmlns" { "" } else { name.local };
            self.declare(index, prefix, raw)?;
        }
        self.nodes[index].namespace = self.namespace(index, name.prefix)?;
        let mut attributes: Vec<Attribute<'a>> = Vec::with_capacity(found.len());
        for (name, raw) in found.iter().filter(|(name, _)| !declares(name)) {
            let namespace = match name.prefix {
                "" => None,
                prefix => self.namespace(index, prefix)?,
            };
            if attributes.iter().any(|known| known.name == name.local && known.namespace == namespace) {
                return self.cursor.fault("an attribute stands there twice");
            }
            attributes.push(Attribute { name: name.local, namespace, raw });
        }
        self.nodes[index].attributes = attributes;
        Ok(())
    }

    fn declare(&mut self, by: usize, prefix: &'a str, raw: &str) -> Read<()> {
        let uri = match decode(raw, Place::Attribute) {
            Ok(uri) => uri,
            Err(why) => return self.cursor.fault(why),
        };
        let legal = match prefix {
            "xml" => uri == XML,
            "xmlns" => false,
            _ => uri != XML && uri != XMLNS && (prefix.is_empty() || !uri.is_empty()),
        };
        let twice = self.nodes[by].declared.iter().any(|(known, _)| *known == prefix);
        if !legal || twice || self.bindings.len() >= MAX_DECLARATIONS {
            return self.cursor.fault("a namespace declaration is not legal, or there are too many");
        }
        if prefix == "xml" {
            return Ok(());
        }
        let namespace = (!uri.is_empty()).then(|| self.intern(uri));
        self.nodes[by].declared.push((prefix, namespace));
        self.bindings.push(Binding { prefix, namespace, by });
        Ok(())
    }

    /// The number of a namespace. Of those in force, the same ones have the same number.
    fn intern(&mut self, uri: String) -> usize {
        let known = self.bindings.iter().filter_map(|binding| binding.namespace);
        match known.into_iter().find(|index| self.namespaces[*index] == uri) {
            Some(index) => index,
            None => {
                self.namespaces.push(uri);
                self.namespaces.len() - 1
            }
        }
    }

    fn namespace(&mut self, index: usize, prefix: &str) -> Read<Option<usize>> {
        match self.bindings.iter().rev().find(|binding| binding.prefix == prefix) {
            Some(binding) => {
                let node = &mut self.nodes[index];
                // That there is no default namespace is so without a declaration too.
                if binding.namespace.is_some() {
                    node.depends_on = node.depends_on.min(binding.by);
                }
                Ok(binding.namespace)
            }
            None if prefix.is_empty() => Ok(None),
            None => self.cursor.fault("a prefix is not declared"),
        }
    }

    fn end_tag(&mut self) -> Read<()> {
        self.cursor.at += "</".len();
        let name = self.cursor.name()?;
        self.cursor.blanks();
        if !self.cursor.take(">") || self.open.last().is_none_or(|open| open.name != name.whole) {
            return self.cursor.fault("an end tag does not match");
        }
        self.close()
    }

    fn close(&mut self) -> Read<()> {
        let Some(open) = self.open.pop() else { return self.cursor.fault("an end tag does not match") };
        self.bindings.truncate(open.bindings);
        let after = self.nodes.len();
        let node = &mut self.nodes[open.index];
        node.after = after;
        node.end = self.cursor.at;
        let depends_on = node.depends_on;
        if let Some(around) = self.open.last() {
            let around = &mut self.nodes[around.index];
            around.depends_on = around.depends_on.min(depends_on);
        }
        Ok(())
    }
}

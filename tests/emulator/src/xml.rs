//! Reading XML, as much of it as SOAP messages have: elements, attributes, namespaces, text. No
//! document type, so no entities but the five of XML itself.

/// More levels than any message has.
const DEPTH: usize = 32;

/// An element, its name resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) children: Vec<Element>,
    /// All the text directly in it.
    text: String,
}

impl Element {
    /// The one child of this name.
    pub(crate) fn child(&self, namespace: &str, name: &str) -> Option<&Element> {
        let mut found = self.children.iter().filter(|c| c.namespace == namespace && c.name == name);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The element at the end of this path of children.
    pub(crate) fn at(&self, path: &[(&str, &str)]) -> Option<&Element> {
        path.iter().try_fold(self, |element, (namespace, name)| element.child(namespace, name))
    }

    /// The text in it, without white space around.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// The text in it, as it is.
    pub(crate) fn exact(&self) -> &str {
        &self.text
    }
}

/// The root element of a document; nothing, if it is not well-formed or has a document type.
pub(crate) fn parse(document: &str) -> Option<Element> {
    let mut reader = Reader { rest: document.trim_start_matches('\u{feff}') };
    reader.skip()?;
    let root = reader.element(&[], 0)?;
    reader.skip()?;
    reader.rest.is_empty().then_some(root)
}

/// Prefixes and what they stand for; the last one counts.
type Scope = Vec<(String, String)>;

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn eat(&mut self, token: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(token)?;
        Some(())
    }

    /// What comes before the token, which is passed.
    fn until(&mut self, token: &str) -> Option<&'a str> {
        let (before, after) = self.rest.split_once(token)?;
        self.rest = after;
        Some(before)
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn name(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || "_-.:".contains(c)))?;
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }

    /// White space, comments and processing instructions.
    fn skip(&mut self) -> Option<()> {
        loop {
            self.space();
            if self.eat("<!--").is_some() {
                self.until("-->")?;
            } else if self.eat("<?").is_some() {
                self.until("?>")?;
            } else {
                return Some(());
            }
        }
    }

    fn element(&mut self, outer: &[(String, String)], depth: usize) -> Option<Element> {
        if depth > DEPTH {
            return None;
        }
        self.eat("<")?;
        let full = self.name()?;
        let mut scope: Scope = outer.to_vec();
        let empty = loop {
            self.space();
            if self.eat("/>").is_some() {
                break true;
            }
            if self.eat(">").is_some() {
                break false;
            }
            let name = self.name()?;
            self.space();
            self.eat("=")?;
            self.space();
            let quote = if self.rest.starts_with('"') { "\"" } else { "'" };
            self.eat(quote)?;
            let value = unescape(self.until(quote)?)?;
            match name.split_once(':') {
                Some(("xmlns", prefix)) => scope.push((prefix.to_owned(), value)),
                None if name == "xmlns" => scope.push((String::new(), value)),
                _ => {}
            }
        };
        let (prefix, name) = full.split_once(':').unwrap_or(("", full));
        let known = scope.iter().rev().find(|(known, _)| known == prefix).map(|(_, value)| value.clone());
        // The prefix of a name has to be declared; its absence need not be.
        let namespace = if prefix.is_empty() { known.unwrap_or_default() } else { known? };
        let mut element = Element { namespace, name: name.to_owned(), ..Element::default() };
        if !empty {
            self.contents(&mut element, full, &scope, depth)?;
        }
        Some(element)
    }

    fn contents(&mut self, element: &mut Element, full: &str, scope: &Scope, depth: usize) -> Option<()> {
        loop {
            let at = self.rest.find('<')?;
            let (text, rest) = self.rest.split_at(at);
            element.text.push_str(&unescape(text)?);
            self.rest = rest;
            if self.eat("</").is_some() {
                if self.name()? != full {
                    return None;
                }
                self.space();
                return self.eat(">");
            }
            if self.eat("<!--").is_some() {
                self.until("-->")?;
            } else if self.eat("<![CDATA[").is_some() {
                element.text.push_str(self.until("]]>")?);
            } else {
                element.children.push(self.element(scope, depth + 1)?);
            }
        }
    }
}

/// The text with its references replaced; nothing, if one is unknown.
fn unescape(text: &str) -> Option<String> {
    let mut parts = text.split('&');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (name, after) = part.split_once(';')?;
        match name {
            "amp" => out.push('&'),
            "lt" => out.push('<'),
            "gt" => out.push('>'),
            "quot" => out.push('"'),
            "apos" => out.push('\''),
            other => {
                let digits = other.strip_prefix('#')?;
                let number = match digits.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => digits.parse().ok()?,
                };
                out.push(char::from_u32(number).filter(|c| *c >= ' ' || "\t\r\n".contains(*c))?);
            }
        }
        out.push_str(after);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_resolved_and_texts_read() {
        let text = "\u{feff}<?xml version='1.0'?><!-- x --><a:r xmlns:a=\"urn:a\" xmlns='urn:d' i=\"&lt;\">\
                    <b xmlns:a='urn:b'><a:c> &amp;&#x41;&#66;<![CDATA[<&]]><!-- y --> </a:c></b><e/></a:r>\n";
        let root = parse(text).unwrap();
        assert_eq!((root.namespace.as_str(), root.name.as_str()), ("urn:a", "r"));
        let inner = root.at(&[("urn:d", "b"), ("urn:b", "c")]).unwrap();
        assert_eq!((inner.text(), inner.exact()), ("&AB<&", " &AB<& "));
        assert!(root.child("urn:d", "e").is_some() && root.child("", "e").is_none());
    }

    #[test]
    fn what_is_not_well_formed_is_nothing() {
        let deep = "<a>".repeat(100);
        for text in [
            "",
            "x",
            "<a",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "<a b/>",
            "<a b='></a>",
            "<p:a/>",
            "<a>&x;</a>",
            "<a>&#0;</a>",
            "<a>&</a>",
            "<!DOCTYPE a><a/>",
            "<a><!DOCTYPE b></a>",
            "<a><![CDATA[</a>",
            &deep,
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        let twice = parse("<a><b/><b/></a>").unwrap();
        assert!(twice.child("", "b").is_none(), "which of them is meant is not clear");
    }
}

//! Documents in XML.

use entrada_core::xml::{Document, Element, MAX_DEPTH, MAX_ELEMENTS};

/// What an element means, without where it stands.
fn meaning(element: Element<'_, '_>) -> Vec<(String, Option<String>, Option<String>, String)> {
    let attribute = |e: Element<'_, '_>| {
        ["urn:1", "urn:2", "urn:3", "urn:q", "u", "v"]
            .iter()
            .find_map(|uri| e.attribute(Some(uri), "x").map(|x| format!("{uri} {x}")))
    };
    std::iter::once(element)
        .chain(element.descendants())
        .map(|e| (e.name().to_owned(), e.namespace().map(str::to_owned), attribute(e), e.text()))
        .collect()
}

fn depth(element: Element<'_, '_>) -> usize {
    std::iter::successors(Some(element), Element::parent).count()
}

/// Any document: what is read stands in it as it was read, each part within its whole, and can stand by
/// itself; what is cut short is not read.
pub fn xml_document(bytes: &[u8]) {
    let document = match Document::parse(bytes) {
        Ok(document) => document,
        Err(fault) => {
            assert!(fault.at() <= bytes.len() && !fault.why().is_empty());
            return;
        }
    };
    let text = std::str::from_utf8(bytes).expect("only UTF-8 is read");
    let mut elements = 0;
    for element in std::iter::once(document.root()).chain(document.root().descendants()) {
        elements += 1;
        let range = element.range();
        assert_eq!(text.get(range.clone()), Some(element.source()));
        assert!(element.source().starts_with('<') && element.source().ends_with('>'));
        assert!(depth(element) <= MAX_DEPTH);
        for child in element.children() {
            let inner = child.range();
            assert!(range.start < inner.start && inner.end < range.end);
            assert_eq!(child.parent().map(|parent| parent.range()), Some(range.clone()));
        }
        let alone = element.standalone();
        let again = Document::parse(alone.as_bytes()).expect("it can stand by itself");
        assert_eq!(meaning(again.root()), meaning(element));
    }
    assert!(elements <= MAX_ELEMENTS);
    let end = document.root().range().end;
    for cut in [end - 1, end / 2] {
        assert!(text.get(..cut).is_none_or(|cut| Document::parse(cut.as_bytes()).is_err()));
    }
}

//! The reader of XML against documents of every kind: well made, broken, and made of noise.

use entrada_core::xml::{Document, escape};
use proptest::collection::vec;
use proptest::prelude::*;

fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

/// Pieces that a reader has to look at twice.
const PIECES: [&str; 40] = [
    "<",
    ">",
    "/",
    "</",
    "/>",
    "<a>",
    "</a>",
    "<a ",
    "<p:b",
    " xmlns='u'",
    " xmlns=''",
    " xmlns:p='v'",
    " p:x='1'",
    " x=\"2\"",
    "=",
    "'",
    "\"",
    "&",
    ";",
    "&lt;",
    "&#65;",
    "&#x0;",
    "&b;",
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a [",
    "<?",
    "?>",
    "<?xml version='1.0'?>",
    "text",
    " ",
    "\r\n",
    "\u{feff}",
    "é",
    "\u{1}",
    ":",
    "]",
];

fn noise() -> impl Strategy<Value = String> {
    vec(
        prop_oneof![4 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned), 1 => any::<String>()],
        0..40,
    )
    .prop_map(|pieces| pieces.concat())
}

/// A tree that is well made: names, prefixes that are declared somewhere around, texts.
#[derive(Clone, Debug)]
struct Tree {
    name: &'static str,
    declares: Option<(&'static str, &'static str)>,
    attribute: Option<String>,
    text: String,
    children: Vec<Tree>,
}

fn tree() -> impl Strategy<Value = Tree> {
    let names = proptest::sample::select(&["a", "b", "p:a", "q:b"][..]);
    let uris = proptest::sample::select(&["urn:1", "urn:2", "urn:3"][..]);
    let prefixes = proptest::sample::select(&["", ":p", ":q"][..]);
    let declares = proptest::option::of((prefixes, uris));
    let leaf = (names, declares, proptest::option::of("\\PC{0,8}"), "[ -~\r\n\té€]{0,12}").prop_map(
        |(name, declares, attribute, text)| Tree { name, declares, attribute, text, children: vec![] },
    );
    leaf.clone().prop_recursive(5, 40, 5, move |inner| {
        (leaf.clone(), vec(inner, 0..5)).prop_map(|(leaf, children)| Tree { children, ..leaf })
    })
}

/// Writes it; what no prefix stands for around is declared at the root.
fn write(tree: &Tree, outermost: bool) -> String {
    let mut text = format!("<{}", tree.name);
    let root: &[(&str, &str)] = if outermost { &[(":p", "urn:p"), (":q", "urn:q")] } else { &[] };
    let own = tree.declares.iter().filter(|(prefix, _)| !root.iter().any(|(known, _)| known == prefix));
    for (prefix, uri) in own.chain(root) {
        text.push_str(&format!(" xmlns{prefix}='{uri}'"));
    }
    if let Some(value) = &tree.attribute {
        text.push_str(&format!(" q:x=\"{}\"", escape(value).unwrap_or_default()));
    }
    let children: String = tree.children.iter().map(|child| write(child, false)).collect();
    text + &format!(">{}{children}</{}>", escape(&tree.text).unwrap_or_default(), tree.name)
}

fn looked_at(text: &str) {
    entrada_tests::fuzz::xml_document(text.as_bytes());
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn noise_does_no_harm(text in noise(), bytes in vec(any::<u8>(), 0..200)) {
        looked_at(&text);
        looked_at(&format!("<a>{text}</a>"));
        entrada_tests::fuzz::xml_document(&bytes);
    }

    #[test]
    fn what_was_escaped_is_read_as_it_was(text in any::<String>()) {
        let illegal = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}');
        let Some(escaped) = escape(&text) else {
            prop_assert!(text.chars().any(illegal));
            return Ok(());
        };
        prop_assert!(!text.chars().any(illegal));
        let whole = format!("<a b='{escaped}' c=\"{escaped}\">{escaped}</a>");
        let document = Document::parse(whole.as_bytes()).unwrap();
        prop_assert_eq!(document.root().text(), &text[..]);
        prop_assert_eq!(document.root().attribute(None, "b"), Some(text.clone()));
        prop_assert_eq!(document.root().attribute(None, "c"), Some(text));
    }

    #[test]
    fn a_tree_is_read_as_it_was_written(tree in tree()) {
        let text = write(&tree, true);
        let document = Document::parse(text.as_bytes()).unwrap();
        looked_at(&text);
        let mut expected = vec![&tree];
        let mut texts = Vec::new();
        while let Some(next) = expected.pop() {
            texts.push((next.name.rsplit(':').next().unwrap().to_owned(), next.text.clone()));
            expected.extend(next.children.iter().rev());
        }
        let elements = std::iter::once(document.root()).chain(document.root().descendants());
        let read: Vec<_> = elements.map(|element| (element.name().to_owned(), element.text())).collect();
        prop_assert_eq!(read, texts);
    }

    #[test]
    fn a_document_cut_short_is_refused(tree in tree(), at in any::<prop::sample::Index>()) {
        let text = write(&tree, true);
        let at = at.index(text.len());
        if let Some(cut) = text.get(..at) {
            prop_assert!(Document::parse(cut.as_bytes()).is_err());
        }
    }
}

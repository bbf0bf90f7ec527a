use super::*;

fn why(text: &str) -> &'static str {
    Document::parse(text.as_bytes()).map_or_else(|fault| fault.why(), |_| "nothing")
}

#[test]
fn what_is_read() {
    let text = "\u{feff}<?xml version=\"1.0\" encoding='UTF-8'?>\r\n<!-- a < b --><a:root xmlns:a = 'urn:a' \
                a:x=\"1&#x20;2\" x='&apos;\t&quot;'>1 <b xmlns=\"urn:b\">&lt;&#65;</b><![CDATA[<&]]>\r\n<c/></a:root > ";
    let document = Document::parse(text.as_bytes()).unwrap();
    let root = document.root();
    assert!(root.is("urn:a", "root"));
    assert_eq!(root.attribute(Some("urn:a"), "x").as_deref(), Some("1 2"));
    assert_eq!(root.attribute(None, "x").as_deref(), Some("' \""));
    assert_eq!(root.text(), "1 <&\n");
    let names: Vec<_> = root.children().map(|child| (child.name(), child.namespace())).collect();
    assert_eq!(names, [("b", Some("urn:b")), ("c", None)]);
    assert_eq!(root.child("urn:b", "b").unwrap().text(), "<A");
    assert_eq!(root.descendants().count(), 2);
    assert_eq!(root.source(), &text[root.range()]);
    assert!(root.source().starts_with("<a:root ") && root.source().ends_with("</a:root >"));
    let shown = format!("{document:?} {root:?}");
    assert_eq!(shown, format!("Document(3 elements in {} bytes) Element(root)", text.len()));
}

#[test]
fn what_is_refused() {
    for (text, reason) in [
        ("", "early"),
        ("<a>", "early"),
        ("<a/><b/>", "two root"),
        ("<a></b>", "does not match"),
        ("</a>", "does not match"),
        ("x<a/>", "outside"),
        ("<a/>x", "outside"),
        ("<![CDATA[x]]><a/>", "outside"),
        ("<!DOCTYPE a><a/>", "document type"),
        ("<a><!ENTITY b 'c'></a>", "document type"),
        ("<a><?php x?></a>", "processing instruction"),
        ("<?xml-stylesheet href='x'?><a/>", "processing instruction"),
        (" <?xml version='1.0'?><a/>", "processing instruction"),
        ("<?xml version='1.0' encoding='utf-16'?><a/>", "another encoding"),
        ("<?xml version='1.1'?><a/>", "declaration"),
        ("<?xml encoding='utf-8'?><a/>", "another encoding"),
        ("<?xml ?><a/>", "no version"),
        ("<a>&b;</a>", "something unknown"),
        ("<a>&#0;</a>", "something unknown"),
        ("<a>&#xD800;</a>", "something unknown"),
        ("<a>&#+65;</a>", "something unknown"),
        ("<a>&#x;</a>", "something unknown"),
        ("<a>& b</a>", "no end"),
        ("<a>\u{1}</a>", "not legal"),
        ("<a>]]></a>", "CDATA"),
        ("<a b='<'/>", "holds a <"),
        ("<a b=c/>", "quotes"),
        ("<a b/>", "no value"),
        ("<a b='1'c='2'/>", "malformed"),
        ("<a b='1' b='2'/>", "twice"),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "twice"),
        ("<a xmlns:p='u' xmlns:p='v'/>", "namespace declaration"),
        ("<a xmlns:p=''/>", "namespace declaration"),
        ("<a xmlns:xmlns='u'/>", "namespace declaration"),
        ("<a xmlns:xml='u'/>", "namespace declaration"),
        ("<p:a/>", "prefix"),
        ("<a p:b='1'/>", "prefix"),
        ("<a><b xmlns:p='u'/><p:c/></a>", "prefix"),
        ("<a:b:c xmlns:a='u'/>", "name"),
        ("<:a/>", "name"),
        ("<1/>", "name"),
        ("< a/>", "name"),
        ("<a><!-- -- --></a>", "comment"),
        ("<a><!-- </a>", "early"),
    ] {
        assert!(why(text).contains(reason), "{text}: {}", why(text));
    }
    assert_eq!(Document::parse(b"<a>\xff</a>").unwrap_err(), Fault { why: "it is not UTF-8", at: 3 });
}

#[test]
fn what_has_limits() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert_eq!(why(&nested(MAX_DEPTH)), "nothing");
    assert!(why(&nested(MAX_DEPTH + 1)).contains("deeply"));
    assert!(why(&"<a>".repeat(300_000)).contains("deeply"));
    assert!(why(&format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS))).contains("too many elements"));
    let attributes = |count: usize| (0..count).map(|i| format!(" a{i}=''")).collect::<String>();
    assert_eq!(why(&format!("<a{}/>", attributes(MAX_ATTRIBUTES))), "nothing");
    assert!(why(&format!("<a{}/>", attributes(MAX_ATTRIBUTES + 1))).contains("too many attributes"));
    let declaring = |level: usize| (0..40).map(|i| format!(" xmlns:p{level}-{i}='u'")).collect::<String>();
    let many: String = (0..8).map(|level| format!("<a{}>", declaring(level))).collect();
    assert!(why(&(many + &"</a>".repeat(8))).contains("too many"));
    assert!(why(&format!("<a>{}</a>", " ".repeat(MAX_BYTES))).contains("too long"));
}

#[test]
fn an_element_is_taken_out_as_it_stands() {
    let own = "<s:A xmlns:s='urn:s' x=\"1\"><s:B>&#13;\r\n</s:B ><C/></s:A>";
    let text = format!("<r:R xmlns:r='urn:r' xmlns:t='urn:t'>\n{own}\n</r:R>");
    let document = Document::parse(text.as_bytes()).unwrap();
    let taken = document.root().children().next().unwrap();
    assert_eq!(taken.source(), own);
    assert_eq!(taken.standalone(), own, "it needs nothing of what is around it");
}

#[test]
fn what_is_declared_around_it_goes_with_it_where_it_is_needed() {
    let inner = "<s:A><B xmlns='urn:b' r:c='1'/></s:A>";
    let text = format!(
        "<R xmlns='urn:d' xmlns:s='urn:far' xmlns:r='urn:&quot;r'><M xmlns:s='urn:s' xmlns=''>{inner}</M></R>"
    );
    let document = Document::parse(text.as_bytes()).unwrap();
    let taken = document.root().descendants().find(|element| element.name() == "A").unwrap();
    assert_eq!(taken.source(), inner);
    let alone = taken.standalone();
    assert_eq!(alone, "<s:A xmlns:s=\"urn:s\" xmlns:r=\"urn:&quot;r\"><B xmlns='urn:b' r:c='1'/></s:A>");
    let again = Document::parse(alone.as_bytes()).unwrap();
    let names = |element: Element<'_, '_>| {
        let all = std::iter::once(element).chain(element.descendants());
        all.map(|e| (e.name().to_owned(), e.namespace().map(str::to_owned))).collect::<Vec<_>>()
    };
    assert_eq!(names(again.root()), names(taken));
    let default = Document::parse(b"<R xmlns='urn:d'><A/></R>").unwrap();
    assert_eq!(default.root().children().next().unwrap().standalone(), "<A xmlns=\"urn:d\"/>");
}

#[test]
fn what_is_escaped_is_read_as_it_was() {
    for text in ["a<b>&\"'c", "]]>", "\r\n\t ", "é€😀", "&amp;", ""] {
        let escaped = escape(text).unwrap();
        let whole = format!("<a b='{escaped}' c=\"{escaped}\">{escaped}</a>");
        let document = Document::parse(whole.as_bytes()).unwrap();
        assert_eq!(document.root().text(), text);
        for name in ["b", "c"] {
            assert_eq!(document.root().attribute(None, name).as_deref(), Some(text), "{whole}");
        }
    }
    for text in ["\0", "\u{b}", "\u{ffff}", "a\u{1b}[0m"] {
        assert_eq!(escape(text), None, "{text:?}");
    }
}

//! What a person reads of a page of HTML that came where a document should have come.

/// Elements whose content is for browsers.
const UNSEEN: [&str; 4] = ["style", "script", "svg", "template"];

/// Elements that go on within a word.
const INLINE: [&str; 9] = ["a", "b", "i", "em", "strong", "span", "code", "u", "wbr"];

/// The text of a page, without markup, styles and scripts. However the page is written, some text comes of it.
pub(super) fn text(page: &str) -> String {
    let (mut text, mut rest) = (String::new(), page);
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let Some((tag, after)) = after.split_once('>') else { return unescaped(&text) };
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        if !INLINE.contains(&name.as_str()) {
            text.push(' ');
        }
        rest = match UNSEEN.contains(&name.as_str()) && !tag.starts_with('/') && !tag.ends_with('/') {
            true => after_end(after, &name),
            false => after,
        };
    }
    text.push_str(rest);
    unescaped(&text)
}

/// What follows the end tag of this element; nothing, where it has none.
fn after_end<'a>(text: &'a str, name: &str) -> &'a str {
    // Only ASCII changes its case here, so that the places stay the same.
    let end = text.to_ascii_lowercase().find(&format!("</{name}"));
    end.and_then(|end| text[end..].split_once('>')).map_or("", |(_, rest)| rest)
}

fn unescaped(text: &str) -> String {
    let known =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    known.into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read() {
        for (page, read) in [
            (
                "<!doctype html><TITLE>Not found</TITLE><p>It's <b>no</b>where &amp; gone",
                "Not found It's nowhere & gone",
            ),
            ("<style>p > a { }</style>x<SCRIPT>if (a < b) {}</Script >y<svg/>z", "x y z"),
            ("a<!-- <p>no</p> -->b<script>never ends", "ab"),
            ("no markup", "no markup"),
            ("a < b", "a"),
            ("", ""),
        ] {
            let words = text(page).split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(words, read, "{page}");
        }
    }
}

//! Reads the emulator's own pages: the first form, and what is said.

use entrada_core::effect::HttpResponse;

/// What a person sees.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) error: Option<String>,
    pub(super) done: bool,
    pub(super) form: Option<Form>,
}

#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) inputs: Vec<(String, String)>,
    pub(super) buttons: Vec<Button>,
}

#[derive(Debug)]
pub(super) struct Button {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) value: String,
}

impl Page {
    /// Nothing, if this is no text.
    pub(super) fn read(response: &HttpResponse) -> Option<Page> {
        let html = std::str::from_utf8(response.body().expose()).ok()?;
        let mut page = Page::default();
        let mut rest = html;
        while let Some((before, from)) = rest.split_once('<') {
            let (tag, after) = split_tag(from)?;
            let following = || unescape(after.split('<').next().unwrap_or_default());
            match tag_name(tag) {
                "title" => page.title = following(),
                "p" if attribute(tag, "id").as_deref() == Some("error") => page.error = Some(following()),
                "p" if attribute(tag, "id").as_deref() == Some("done") => {
                    page.done = true;
                    page.text = following();
                }
                "form" if page.form.is_none() => {
                    let action = attribute(tag, "action").unwrap_or_default();
                    page.form = Some(Form { action, ..Form::default() });
                }
                "input" => {
                    if let (Some(form), Some(name)) = (&mut page.form, attribute(tag, "name")) {
                        form.inputs.push((name, attribute(tag, "value").unwrap_or_default()));
                    }
                }
                "button" => {
                    let text = |name| attribute(tag, name).unwrap_or_default();
                    if let Some(form) = &mut page.form {
                        form.buttons.push(Button {
                            id: text("id"),
                            name: text("name"),
                            value: text("value"),
                        });
                    }
                }
                _ => {}
            }
            let _ = before;
            rest = after;
        }
        Some(page)
    }
}

/// The inside of a tag and what follows it. An angle bracket within quotes does not end it.
fn split_tag(from: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    for (at, c) in from.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return Some((&from[..at], &from[at + 1..])),
            _ => {}
        }
    }
    None
}

fn tag_name(tag: &str) -> &str {
    tag.split(|c: char| c.is_ascii_whitespace() || c == '/').next().unwrap_or_default()
}

/// The value of an attribute in double quotes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag.split_once(|c: char| c.is_ascii_whitespace())?.1;
    loop {
        let (key, after) = rest.split_once('=')?;
        let (value, after) = after.strip_prefix('"')?.split_once('"')?;
        if key.trim().rsplit(|c: char| c.is_ascii_whitespace()).next() == Some(name) {
            return Some(unescape(value));
        }
        rest = after;
    }
}

fn unescape(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html;

    #[test]
    fn what_is_written_is_read() {
        let nasty = "\"><script>&amp;'=";
        let fields = format!(
            "{}{}{}",
            html::hidden("ctx", nasty),
            html::field("username", "Name", "text", nasty, "username"),
            html::button("signin", "Go")
        );
        let markup = format!("{}{}", html::alert(Some(nasty)), html::form("https://x/?a=1&b=2", &fields));
        let page = Page::read(&html::page(200, nasty, &markup)).unwrap();
        assert_eq!(page.title, nasty);
        assert_eq!(page.error.as_deref(), Some(nasty));
        let form = page.form.unwrap();
        assert_eq!(form.action, "https://x/?a=1&b=2");
        assert_eq!(form.inputs, [("ctx".into(), nasty.into()), ("username".into(), nasty.into())]);
        assert_eq!(form.buttons[0].id, "signin");
    }

    #[test]
    fn pages_of_others_do_no_harm() {
        for text in ["", "<", "<p", "<form action=x", "<input name=\"a", "plain"] {
            let _ = Page::read(&html::page(200, "", text));
            let mut response = html::page(200, "", "");
            *response.body_mut() = text.as_bytes().to_vec().into();
            let _ = Page::read(&response);
        }
    }
}

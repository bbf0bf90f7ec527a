//! The pages people see. They work without scripts and load nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entrada_core::effect::HttpResponse;
use sha2::{Digest, Sha256};

use crate::reply;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem;\
color:#1b1b1b;background:#fff}h1{font-size:1.5rem}label{display:block;margin:1rem 0 .25rem}\
input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #5c5c5c}\
button{font:inherit;margin:1.5rem .5rem 0 0;padding:.5rem 1.25rem;border:1px solid #0b57a4;\
color:#fff;background:#0b57a4}button.plain{color:#1b1b1b;background:#fff;border-color:#5c5c5c}\
[role=alert]{padding:.75rem;border:1px solid #a4262c;color:#8b1b20}code{font-size:.875rem}";

/// Sends the form as soon as the page is there; the button is for browsers without scripts.
const SUBMIT: &str = "document.forms[0].submit()";

/// The text, safe inside an element or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A page of markup that is safe already.
pub(crate) fn page(status: u16, title: &str, markup: &str) -> HttpResponse {
    whole(status, title, markup, "")
}

fn whole(status: u16, title: &str, markup: &str, script: &str) -> HttpResponse {
    let title = escape(title);
    let tail = if script.is_empty() { String::new() } else { format!("<script>{script}</script>") };
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head>\n<body><main><h1>{title}</h1>\n{markup}\n</main>{tail}</body></html>\n"
    );
    let scripts = match script {
        "" => "'none'".to_owned(),
        script => format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script.as_bytes()))),
    };
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src {scripts}; frame-ancestors 'none'; base-uri 'none'"
    );
    let response = reply::body(status, "text/html; charset=utf-8", html);
    let response = reply::with(response, "content-security-policy", &policy);
    let response = reply::with(response, "referrer-policy", "no-referrer");
    reply::with(response, "x-content-type-options", "nosniff")
}

/// What went wrong, read out at once by screen readers.
pub(crate) fn alert(text: Option<&str>) -> String {
    text.map(|text| format!("<p role=\"alert\" id=\"error\">{}</p>", escape(text))).unwrap_or_default()
}

pub(crate) fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
}

/// A labelled field.
pub(crate) fn field(name: &str, label: &str, kind: &str, value: &str, completion: &str) -> String {
    format!(
        "<label for=\"{name}\">{}</label><input id=\"{name}\" name=\"{name}\" type=\"{kind}\" value=\"{}\" \
         autocomplete=\"{completion}\" autocapitalize=\"none\" spellcheck=\"false\">",
        escape(label),
        escape(value)
    )
}

/// A button that sends its own name as `action`. The first one of a form is what Enter presses.
pub(crate) fn button(id: &str, label: &str) -> String {
    let class = if matches!(id, "cancel" | "decline") { " class=\"plain\"" } else { "" };
    format!(
        "<button{class} type=\"submit\" id=\"{id}\" name=\"action\" value=\"{id}\">{}</button>",
        escape(label)
    )
}

pub(crate) fn form(action: &str, markup: &str) -> String {
    format!("<form method=\"post\" action=\"{}\">{markup}</form>", escape(action))
}

/// A page that sends these fields on by itself.
pub(crate) fn forward(action: &str, fields: &[(&str, String)]) -> HttpResponse {
    let inputs: String = fields.iter().map(|(name, value)| hidden(name, value)).collect();
    let button = "<button type=\"submit\" id=\"continue\">Continue</button>";
    let markup =
        format!("<p>You are being taken back to the app.</p>{}", form(action, &format!("{inputs}{button}")));
    whole(200, "Signed in", &markup, SUBMIT)
}

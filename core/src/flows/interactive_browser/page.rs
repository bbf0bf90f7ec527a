//! What the browser is shown at the end. Nothing of the request is repeated in it.

/// The page after a sign-in.
pub(super) fn signed_in(text: &str) -> Vec<u8> {
    response(200, &document("Signed in", &escape(text), "&#10003;", "#107c10"))
}

/// The page after a sign-in that failed. The program says why.
pub(super) fn not_signed_in() -> Vec<u8> {
    let text =
        "The sign-in did not succeed. The program that started it says why; you can close this window.";
    response(200, &document("Not signed in", text, "!", "#a4262c"))
}

/// The answer to a request that is not the sign-in's.
pub(super) fn turned_away(status: u16) -> Vec<u8> {
    response(status, "")
}

fn response(status: u16, body: &str) -> Vec<u8> {
    let reason = match status {
        200 => "OK",
        404 => "Not Found",
        405 => "Method Not Allowed",
        415 => "Unsupported Media Type",
        _ => "Bad Request",
    };
    format!(
        "HTTP/1.1 {status} {reason}\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Length: {}\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n\
         Cache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn document(title: &str, text: &str, mark: &str, colour: &str) -> String {
    format!(
        "<!doctype html>\n\
<html lang=\"en\">\n\
<meta charset=\"utf-8\">\n\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
<title>{title}</title>\n\
<style>\n\
  :root {{ color-scheme: light dark }}\n\
  body {{ font: 1.05rem/1.5 system-ui, sans-serif; min-height: 90vh; margin: 0; display: grid; place-items: center }}\n\
  main {{ max-width: 26rem; padding: 2rem; text-align: center }}\n\
  .mark {{ display: inline-grid; place-items: center; width: 3.5rem; height: 3.5rem; border-radius: 50%; background: {colour}; color: #fff; font-size: 1.8rem }}\n\
  h1 {{ font-size: 1.5rem; font-weight: 600; margin: 1rem 0 .5rem }}\n\
  small {{ opacity: .7 }}\n\
</style>\n\
<main>\n\
  <div class=\"mark\" aria-hidden=\"true\">{mark}</div>\n\
  <h1>{title}</h1>\n\
  <p>{text}</p>\n\
  <p><small>Do not share this page or its address with anybody.</small></p>\n\
</main>\n\
</html>\n"
    )
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
        safe
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_escapes() {
        for page in [signed_in("<b>&\"é\""), not_signed_in(), turned_away(404)] {
            let text = String::from_utf8(page).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())));
            assert!(!body.contains("<b>"));
        }
    }
}

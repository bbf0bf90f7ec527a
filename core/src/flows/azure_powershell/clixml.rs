//! Errors as Windows PowerShell writes them where nobody looks at a terminal: CLIXML ([MS-PSRP] section 2.2.5).
//!
//! [MS-PSRP]: https://learn.microsoft.com/openspecs/windows_protocols/ms-psrp/

/// What such output begins with.
const MARK: &str = "#< CLIXML";

const RECORD: &str = "<S S=\"Error\">";

/// The errors as text; what is no CLIXML stays as it is.
///
/// A record is a line of a terminal, broken where that ended: a blank before the break is kept, so that the lines are
/// put together as they are. Where in the script an error came up is left out.
pub(super) fn errors(stderr: &str) -> String {
    let Some((before, document)) = stderr.split_once(MARK) else { return stderr.to_owned() };
    let records = document.split(RECORD).skip(1);
    let lines = records.map(|record| unescaped(record.split_once("</S>").map_or(record, |(text, _)| text)));
    let is_place = |line: &String| line.starts_with("At line:") || line.trim_start().starts_with('+');
    let joined: String = lines.filter(|line| !is_place(line)).collect();
    format!("{before}{}", joined.trim())
}

/// The text of a record, without its line breaks.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        plain.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 6).filter(|_| rest[at..].get(6..7) == Some("_"));
        match code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            Some(c) => {
                plain.extend(Some(c).filter(|c| !matches!(c, '\r' | '\n')));
                rest = &rest[at + 7..];
            }
            None => {
                plain.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    plain.push_str(rest);
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    entities.into_iter().fold(plain, |text, (entity, c)| text.replace(entity, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_says() {
        let xml = |records: &[&str]| {
            let records: String = records.iter().map(|text| format!("<S S=\"Error\">{text}</S>")).collect();
            format!(
                "#< CLIXML\r\n<Objs Version=\"1.1.0.1\"><Obj S=\"progress\"><S>x</S></Obj>{records}</Objs>"
            )
        };
        for (stderr, said) in [
            (xml(&["Run Connect-AzAccount to login._x000D__x000A_"]), "Run Connect-AzAccount to login."),
            (
                xml(&["Run _x000D__x000A_", "Connect-AzAccount to lo_x000D__x000A_", "gin."]),
                "Run Connect-AzAccount to login.",
            ),
            (
                xml(&[
                    "no_x000D__x000A_",
                    "At line:1 char:1_x000D__x000A_",
                    "+ Get-AzAccessToken_x000D__x000A_",
                    "    + CategoryInfo : x",
                ]),
                "no",
            ),
            (xml(&["a &lt;b&gt; &amp;lt; _x005F_ _x00e9_ _xyz _x12 _x"]), "a <b> &lt; _ \u{e9} _xyz _x12 _x"),
            (xml(&["_x\u{e9}\u{e9}\u{e9}_"]), "_x\u{e9}\u{e9}\u{e9}_"),
            (xml(&[]), ""),
            ("pwsh: no\n#< CLIXML\n<S S=\"Error\">cut off".to_owned(), "pwsh: no\ncut off"),
            ("plain _x000A_ &amp; text".to_owned(), "plain _x000A_ &amp; text"),
        ] {
            assert_eq!(errors(&stderr), said, "{stderr}");
        }
    }
}

//! The Azure CLI's configuration files, as Python's `configparser` reads them. Of what that module
//! allows, this reads what the tool itself writes; anything else is not read at all.

use std::collections::BTreeMap;

/// Options by section and name. Names have no capital letters.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ini(BTreeMap<(String, String), String>);

impl Ini {
    /// Reads a file; nothing where it is not of the plain kind.
    pub(super) fn parse(bytes: &[u8]) -> Option<Ini> {
        let (mut options, mut section) = (BTreeMap::new(), None);
        for line in std::str::from_utf8(bytes).ok()?.lines() {
            let text = line.trim();
            if text.is_empty() || text.starts_with(['#', ';']) {
                continue;
            }
            // A line that is set in goes on with the one before it.
            if line.starts_with(char::is_whitespace) {
                return None;
            }
            if let Some(rest) = text.strip_prefix('[') {
                let name = rest.strip_suffix(']').filter(|name| !name.is_empty() && !name.contains(']'))?;
                // What stands there would count in every section.
                if name == "DEFAULT" {
                    return None;
                }
                section = Some(name.to_owned());
                continue;
            }
            let (name, value) = text.split_once(['=', ':'])?;
            let key = (section.clone()?, name.trim().to_lowercase());
            // Python refuses a file that says something twice, and fills in what stands after a `%`.
            if value.contains('%') || options.insert(key, value.trim().to_owned()).is_some() {
                return None;
            }
        }
        Some(Ini(options))
    }

    /// The value of an option, if it is set.
    pub(super) fn get(&self, section: &str, option: &str) -> Option<&str> {
        self.0.get(&(section.to_owned(), option.to_owned())).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tool_writes() {
        let ini = Ini::parse(
            b"# of people\n[cloud]\nname = AzureCloud\n\n[core]\r\nEncrypt_Token_Cache: false\r\n",
        )
        .unwrap();
        assert_eq!(ini.get("cloud", "name"), Some("AzureCloud"));
        assert_eq!(ini.get("core", "encrypt_token_cache"), Some("false"));
        assert_eq!(ini.get("core", "name"), None);
        assert_eq!(Ini::parse(b""), Some(Ini::default()));
    }

    #[test]
    fn what_may_mean_something_else_is_not_read() {
        for text in [
            "name = x",
            "[a]\nname",
            "[a]\nname = x\n  y",
            "[a]\nname = x\nNAME = y",
            "[DEFAULT]\nname = x",
            "[a\nname = x",
            "[]\nname = x",
            "[a]\nname = %(other)s",
            "\u{feff}[a]\nname = x",
        ] {
            assert_eq!(Ini::parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(Ini::parse(b"[a]\nname = \xff"), None);
    }
}

//! The process environment, taken once.

use std::ffi::{OsStr, OsString};

use entrada_core::environment::Environment;

use crate::zone::local_zone;

/// The environment variables of this process and its time zone, as they are now.
///
/// Bytes that are not UTF-8 are replaced: no variable that means anything to us holds any. On
/// Windows, where case does not matter in names, all names are in upper case.
#[must_use]
pub fn from_process() -> Environment {
    read(std::env::vars_os()).in_zone(local_zone())
}

fn read(variables: impl Iterator<Item = (OsString, OsString)>) -> Environment {
    let name = |name: &OsStr| {
        let name = name.to_string_lossy();
        if cfg!(windows) { name.to_uppercase() } else { name.into_owned() }
    };
    variables.map(|(key, value)| (name(&key), value.to_string_lossy().into_owned())).collect()
}

/// The variables that a child of this process has to be given to have those of this environment. What it inherits as it
/// is, is left alone: it may have bytes that were replaced here.
pub(crate) fn changed(environment: &Environment) -> Vec<(&str, &str)> {
    differing(environment, &read(std::env::vars_os()))
}

fn differing<'e>(environment: &'e Environment, own: &Environment) -> Vec<(&'e str, &'e str)> {
    let variables = environment.variables().iter();
    let changed = variables.filter(|(name, value)| own.variables().get(*name) != Some(*value));
    changed.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_come_over() {
        let environment = from_process();
        let path = std::env::var("PATH").unwrap_or_default();
        assert_eq!(environment.get("PATH").unwrap_or_default(), path.trim());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_utf_8_is_left_as_it_is() {
        use std::os::unix::ffi::OsStringExt;
        let bytes = |text: &[u8]| OsString::from_vec(text.to_vec());
        let variables = [
            (bytes(b"HOME"), bytes(b"/home/\xff")),
            (bytes(b"\xfe"), bytes(b"x")),
            (bytes(b"A"), bytes(b"a")),
            (bytes(b"B"), bytes(b"b")),
        ];
        let own = read(variables.into_iter());
        assert!(differing(&own, &own).is_empty());
        let other = own.clone().with("B", "c").with("C", "");
        assert_eq!(differing(&other, &own), [("B", "c"), ("C", "")]);
    }
}

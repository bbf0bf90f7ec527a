//! The process environment, taken once.

use entrada_core::environment::Environment;

use crate::zone::local_zone;

/// The environment variables of this process and its time zone, as they are now.
///
/// Bytes that are not UTF-8 are replaced: no variable that means anything to us holds any. On
/// Windows, where case does not matter in names, all names are in upper case.
#[must_use]
pub fn from_process() -> Environment {
    let name = |name: String| if cfg!(windows) { name.to_uppercase() } else { name };
    let variables = std::env::vars_os()
        .map(|(key, value)| (name(key.to_string_lossy().into_owned()), value.to_string_lossy().into_owned()));
    variables.collect::<Environment>().in_zone(local_zone())
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
}

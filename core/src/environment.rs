//! The process environment as a value.
//!
//! A driver reads it once; credentials are built from it. So a test can say what a machine looks
//! like, and no credential changes its mind because a variable did.

use std::collections::BTreeMap;
use std::fmt;

use crate::time::LocalZone;

/// The operating system, where it matters: for the places of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum System {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// Any other.
    Other,
}

impl Default for System {
    /// The system that this was built for.
    fn default() -> System {
        match () {
            () if cfg!(target_os = "linux") => System::Linux,
            () if cfg!(windows) => System::Windows,
            () => System::Other,
        }
    }
}

/// A snapshot of environment variables, of the local time zone and of the system.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    zone: LocalZone,
    system: System,
}

impl Environment {
    /// An environment with nothing set, in UTC.
    #[must_use]
    pub fn new() -> Environment {
        Environment::default()
    }

    /// The same with `name` set to `value`.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Environment {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The same in another time zone.
    #[must_use]
    pub fn in_zone(mut self, zone: LocalZone) -> Environment {
        self.zone = zone;
        self
    }

    /// The same on another system.
    #[must_use]
    pub fn on(mut self, system: System) -> Environment {
        self.system = system;
        self
    }

    /// The value of `name`, trimmed. A variable that is empty or blank counts as not set: that is
    /// how shells and container platforms unset one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The value of `name` exactly as set, for secrets, where a blank may be meant.
    #[must_use]
    pub fn get_exact(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    /// Every variable, also those that count as not set.
    #[must_use]
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The local time zone.
    #[must_use]
    pub fn zone(&self) -> LocalZone {
        self.zone
    }

    /// The operating system.
    #[must_use]
    pub fn system(&self) -> System {
        self.system
    }
}

impl fmt::Debug for Environment {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")?;
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Environment {
        Environment {
            variables: variables.into_iter().map(|(n, v)| (n.into(), v.into())).collect(),
            ..Environment::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_is_unset_and_debug_shows_names() {
        let environment = Environment::new().with("A", " ").with("B", " canary ");
        assert_eq!(environment.get("A"), None);
        assert_eq!(environment.get("B"), Some("canary"));
        assert_eq!(environment.get_exact("B"), Some(" canary "));
        assert_eq!(format!("{environment:?}"), r#"Environment{"A", "B"}"#);
    }
}

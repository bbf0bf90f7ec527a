//! Filters: those forms of OData that are in use.

use super::fault;
use crate::fault::Fault;

/// A condition on one property.
#[derive(Debug, PartialEq)]
pub(super) enum Filter {
    /// `displayName eq 'x'`.
    Equals(String, String),
    /// `startswith(displayName,'x')`.
    StartsWith(String, String),
    /// `servicePrincipalNames/any(c:c eq 'x')`.
    Any(String, String),
}

/// A literal: between apostrophes, those within it doubled.
fn literal(text: &str) -> Option<String> {
    let inner = text.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    let plain = inner.replace("''", "\u{0}");
    (!plain.contains('\'')).then(|| plain.replace('\u{0}', "'"))
}

impl Filter {
    pub(super) fn read(text: &str) -> Result<Filter, Fault> {
        Filter::parse(text.trim()).ok_or_else(|| {
            fault::bad(format!(
                "Invalid filter clause: There is an unterminated or unsupported part in '{text}'."
            ))
        })
    }

    fn parse(text: &str) -> Option<Filter> {
        let word = |text: &str| {
            let word = text.trim();
            word.chars()
                .all(|c| c.is_ascii_alphanumeric())
                .then(|| word.to_owned())
                .filter(|word| !word.is_empty())
        };
        if let Some(inner) = text.strip_prefix("startswith(").and_then(|rest| rest.strip_suffix(')')) {
            let (property, value) = inner.split_once(',')?;
            return Some(Filter::StartsWith(word(property)?, literal(value)?));
        }
        if let Some((property, rest)) = text.split_once("/any(") {
            let (variable, condition) = rest.strip_suffix(')')?.split_once(':')?;
            let (left, value) = condition.split_once(" eq ")?;
            return (left.trim() == variable.trim())
                .then_some(())
                .and_then(|()| Some(Filter::Any(word(property)?, literal(value)?)));
        }
        let (property, value) = text.split_once(" eq ")?;
        Some(Filter::Equals(word(property)?, literal(value)?))
    }

    /// Whether an object meets it; names are compared without regard to case.
    pub(super) fn admits(&self, object: &serde_json::Value) -> Result<bool, Fault> {
        let property = match self {
            Filter::Equals(name, _) | Filter::StartsWith(name, _) | Filter::Any(name, _) => name,
        };
        let found = object
            .get(property)
            .ok_or_else(|| fault::bad(format!("Invalid filter clause: no property '{property}'.")))?;
        let text = || found.as_str().unwrap_or_default().to_lowercase();
        Ok(match self {
            Filter::Equals(_, value) => text() == value.to_lowercase(),
            Filter::StartsWith(_, value) => text().starts_with(&value.to_lowercase()),
            Filter::Any(_, value) => found.as_array().is_some_and(|list| {
                list.iter().any(|item| item.as_str().is_some_and(|text| text.eq_ignore_ascii_case(value)))
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let equals = |value: &str| Ok(Filter::Equals("displayName".into(), value.into()));
        assert_eq!(Filter::read("displayName eq 'a b'"), equals("a b"));
        assert_eq!(Filter::read("displayName eq 'o''brien'"), equals("o'brien"));
        for bad in ["displayName eq 'o'brien'", "displayName eq a", "", "x", "a b eq 'c'", "not(x eq 'y')"] {
            assert!(Filter::read(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Filter::read("servicePrincipalNames/any(c:c eq 'x')"),
            Ok(Filter::Any("servicePrincipalNames".into(), "x".into()))
        );
        assert_eq!(
            Filter::read("startswith(displayName,'x')"),
            Ok(Filter::StartsWith("displayName".into(), "x".into()))
        );
    }
}

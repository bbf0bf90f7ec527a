//! Where a role holds.

use std::fmt;

use crate::arm::check_segment;
use crate::error::{Error, ErrorKind};
use crate::tenant::is_guid;

/// A scope within a subscription: the subscription, a resource group, or a resource such as a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(String);

impl Scope {
    /// The scope of this resource id: `/subscriptions/{guid}`, `…/resourceGroups/{name}`,
    /// `…/providers/{namespace}/{type}/{name}`.
    ///
    /// # Errors
    /// `Configuration`, saying what is wrong with it. It is checked before anything is made, so that nothing
    /// is left behind.
    pub fn new(text: &str) -> Result<Scope, Error> {
        let wrong = |what: &str| {
            Error::new(ErrorKind::Configuration, format!("a scope {what}")).with_remedy(
                "write it as /subscriptions/GUID, /subscriptions/GUID/resourceGroups/NAME or the full id of a resource",
            )
        };
        if text.trim() != text {
            return Err(wrong("has blanks around it"));
        }
        let Some(rest) = text.strip_prefix('/') else { return Err(wrong("does not begin with /")) };
        let steps: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
        for step in &steps {
            check_segment(step, "scope's name").map_err(|error| error.as_kind(ErrorKind::Configuration))?;
        }
        let is = |at: usize, word: &str| steps.get(at).is_some_and(|step| step.eq_ignore_ascii_case(word));
        if !is(0, "subscriptions") {
            return Err(wrong("is not within a subscription"));
        }
        if !steps.get(1).is_some_and(|id| is_guid(id)) {
            return Err(wrong("names its subscription by something else than its GUID"));
        }
        let shape = match steps.len() {
            2 => true,
            4 => is(2, "resourceGroups"),
            length if length >= 8 && length % 2 == 0 => is(2, "resourceGroups") && is(4, "providers"),
            length if length >= 6 && length % 2 == 0 => is(2, "providers"),
            _ => false,
        };
        if !shape {
            return Err(wrong(
                "is neither a subscription nor a resource group nor the full id of a resource",
            ));
        }
        Ok(Scope(format!("/{}", steps.join("/"))))
    }

    /// The scope as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its subscription.
    #[must_use]
    pub fn subscription(&self) -> &str {
        self.0.split('/').nth(2).unwrap_or_default()
    }

    /// The path of something that Azure's authorization keeps at this scope.
    pub(super) fn authorization(&self, more: &[&str]) -> Vec<String> {
        let own = self.0.split('/').skip(1);
        let steps = own.chain(["providers", "Microsoft.Authorization"]).chain(more.iter().copied());
        steps.map(str::to_owned).collect()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: &str = "/subscriptions/c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09";

    #[test]
    fn good_and_bad() {
        let group = format!("{S}/resourceGroups/ml-rg");
        let workspace = format!("{group}/providers/Microsoft.MachineLearningServices/workspaces/w");
        for good in [S, &format!("{S}/"), &group, &workspace] {
            assert_eq!(Scope::new(good).unwrap().as_str(), good.trim_end_matches('/'));
        }
        let deep = format!("{workspace}/extra");
        for bad in [
            "",
            "/",
            &S[1..],
            "/subscriptions/name",
            "/providers/Microsoft.Management/managementGroups/g",
            &format!("{S}/resourceGroups"),
            &format!("{S}/resourceGroups/a/../b"),
            &format!("{S}/resourceGroups/a?b"),
            &format!(" {S}"),
            &deep,
        ] {
            assert!(Scope::new(bad).is_err(), "{bad}");
        }
    }
}

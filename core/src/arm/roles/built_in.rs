//! The built-in roles that are offered by name.

use super::Role;

/// A built-in role that is offered by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// The GUID of its definition.
    pub id: &'static str,
    /// What it is for.
    pub what: &'static str,
}

const fn built_in(name: &'static str, id: &'static str, what: &'static str) -> BuiltIn {
    BuiltIn { name, id, what }
}

/// The built-in roles that matter to Azure Machine Learning, the least first. Others are found by name all
/// the same.
pub const BUILT_IN: [BuiltIn; 11] = [
    built_in("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", "open and list workspaces"),
    built_in("AzureML Metrics Writer (preview)", "635dd51f-9968-44d3-b7fb-6d9a6bd613ae", "write metrics"),
    built_in("AzureML Registry User", "1823dd4f-9b8c-4ab6-ab4e-7397a3684615", "use registries"),
    built_in("AzureML Compute Operator", "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815", "make and manage compute"),
    built_in("AzureML Data Scientist", "f6c7c914-8db3-469d-8ca1-694a8f32e121", "work in a workspace"),
    built_in(
        "Azure Machine Learning Workspace Connection Secrets Reader",
        "ea01e6af-a1c1-4350-9563-ad00f8c72ec5",
        "read the secrets of connections",
    ),
    built_in(
        "Azure AI Administrator",
        "b78c5d69-af96-48a3-bf8d-a8b4d589de94",
        "the workspace's own identity",
    ),
    built_in("Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c", "everything but giving roles"),
    built_in("Role Based Access Control Administrator", "f58310d9-a9f6-439a-9e8d-f62e7b41a168", "give roles"),
    built_in("User Access Administrator", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "give roles"),
    built_in(OWNER, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "everything, giving roles too"),
];

const OWNER: &str = "Owner";

/// What speaks against giving this role, if something does.
#[must_use]
pub fn warning(role: &Role) -> Option<&'static str> {
    let owner = BUILT_IN.iter().find(|known| known.name == OWNER)?;
    role.is(owner).then_some(
        "Owner may do everything, and may give roles to others; give the least role that will do: Reader opens a workspace, AzureML Data Scientist works in it, Contributor manages it",
    )
}

/// The names of the built-in roles, the one most like this first.
pub(super) fn nearest(wanted: &str) -> Vec<&'static str> {
    let mut names: Vec<_> = BUILT_IN.iter().map(|known| known.name).collect();
    // A stable sort: of those that are equally far the least role comes first.
    names.sort_by_cached_key(|name| distance(&name.to_lowercase(), &wanted.to_lowercase()));
    names
}

/// How many letters have to be changed, added or left out to come from one text to the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut corner = at;
        let mut left = at + 1;
        for (place, wanted) in other.iter().enumerate() {
            let above = row[place + 1];
            let changed = corner + usize::from(letter != *wanted);
            row[place] = left;
            corner = above;
            left = changed.min(above + 1).min(left + 1);
        }
        row[other.len()] = left;
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (one, other, far) in
            [("", "", 0), ("abc", "", 3), ("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2)]
        {
            assert_eq!(distance(one, other), far, "{one} {other}");
        }
    }

    #[test]
    fn what_was_meant_comes_first() {
        for (wanted, first) in [
            ("azureml data scientst", "AzureML Data Scientist"),
            ("ML Data Scientist", "AzureML Data Scientist"),
            ("contributer", "Contributor"),
            ("Readers", "Reader"),
            ("AzureML Compute", "AzureML Compute Operator"),
        ] {
            assert_eq!(nearest(wanted)[0], first, "{wanted}");
        }
        assert_eq!(nearest("").len(), BUILT_IN.len());
        assert_eq!(nearest(&"x".repeat(5000)).len(), BUILT_IN.len());
    }
}

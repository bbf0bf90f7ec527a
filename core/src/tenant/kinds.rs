//! The kinds of accounts and the names that stand for them, for tests.

use super::PERSONAL;

/// A directory of work accounts.
pub(crate) const WORK: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";

/// Whether accounts of a home sign in through a name, to an app that is none of Microsoft's developer tools.
pub(crate) const LETS_IN: [(&str, &str, bool); 6] = [
    (WORK, "organizations", true),
    (WORK, "common", true),
    (WORK, "consumers", false),
    (PERSONAL, "organizations", false),
    (PERSONAL, "common", true),
    (PERSONAL, "consumers", true),
];

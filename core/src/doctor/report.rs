//! What an examination comes to.

use super::Finding;
use crate::chain::{self, Member, Selection};
use crate::error::Error;

/// What came of every source, in the order of the default chain.
#[derive(Clone, Debug)]
pub struct Report {
    findings: Vec<Finding>,
    default: DefaultOutcome,
}

/// What the default chain comes to where the sources are as they were found.
#[derive(Clone, Debug)]
pub enum DefaultOutcome {
    /// It uses this source.
    Uses(&'static str),
    /// It stops at this source, which is broken, whatever works after it.
    StopsAt(&'static str),
    /// It asks a person, by this source, which is not asked in an examination.
    AsksAPerson(&'static str),
    /// It finds every source absent that it may use.
    FindsNothing,
    /// It cannot be built: `AZURE_TOKEN_CREDENTIALS` selects nothing that there is.
    Misconfigured(Error),
}

impl Report {
    pub(super) fn new(findings: Vec<Finding>, selection: &Result<Option<Selection>, Error>) -> Report {
        let default = match selection {
            Ok(selection) => default_of(&findings, *selection),
            Err(error) => DefaultOutcome::Misconfigured(error.clone()),
        };
        Report { findings, default }
    }

    /// The findings.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many seconds this machine's clock is ahead of another's, by the first answer with a `Date`.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<i64> {
        self.findings.iter().find_map(Finding::clock_ahead)
    }

    /// What the default chain comes to.
    #[must_use]
    pub fn default_chain(&self) -> &DefaultOutcome {
        &self.default
    }

    /// Whether there is a source that works.
    ///
    /// # Errors
    /// `Unavailable` where every source is absent, else the error of the first that is broken.
    pub fn verdict(&self) -> Result<(), Error> {
        if self.findings.iter().any(|finding| finding.granted().is_some()) {
            return Ok(());
        }
        let broken = self.findings.iter().find_map(|finding| {
            let error = finding.error().filter(|error| !error.is_unavailable())?;
            Some(error.clone().from_source(finding.source()))
        });
        Err(broken.unwrap_or_else(|| self.nothing()))
    }

    fn nothing(&self) -> Error {
        let attempts =
            self.findings.iter().filter_map(|finding| Some(finding.error()?.to_attempt(finding.source())));
        chain::nothing(&attempts.collect::<Vec<_>>())
    }
}

/// *Absent goes on, broken stops*, but a developer's tool never stops a chain of several.
fn default_of(findings: &[Finding], selection: Option<Selection>) -> DefaultOutcome {
    let several = !matches!(selection, Some(Selection::One(_)));
    let selected = |member: &Member| selection.is_none_or(|chosen| chosen.includes(*member));
    let members = findings.iter().filter_map(|finding| Some((finding.member().filter(selected)?, finding)));
    for (member, finding) in members {
        match finding.error() {
            None => return DefaultOutcome::Uses(finding.source()),
            Some(error) if error.is_unavailable() || (several && member.is_tool()) => {}
            Some(_) => return DefaultOutcome::StopsAt(finding.source()),
        }
    }
    match selection.is_some_and(Selection::is_the_browser) {
        true => DefaultOutcome::AsksAPerson(Member::InteractiveBrowser.name()),
        false => DefaultOutcome::FindsNothing,
    }
}

//! What the developer's tools have in common: how they are called, and what it means when they do not
//! answer.

mod asking;

use std::time::Duration;

use crate::aadsts::{self, Class};
use crate::effect::CommandFailure;
use crate::error::{Error, ErrorKind};
use crate::redact;
use crate::tenant::Tenant;

pub(super) use asking::{Asking, Reading};

/// A tool that holds somebody's session.
#[derive(Debug)]
pub(super) struct Tool {
    /// The name of the credential: `azure-cli`.
    pub(super) source: &'static str,
    /// Its name, in a sentence: "the Azure CLI".
    pub(super) name: &'static str,
    /// Its program.
    pub(super) program: &'static str,
    /// How to get it.
    pub(super) install: &'static str,
    /// How to sign in to it.
    pub(super) login: &'static str,
    /// What to run to see what it does.
    pub(super) look: &'static str,
    /// Variables that are set for it: no colours, no news.
    pub(super) variables: &'static [(&'static str, &'static str)],
}

/// What a traceback, or a message, of a tool says when the network is at fault.
const NETWORK: [&str; 7] = [
    "httpsconnectionpool",
    "httpconnectionpool",
    "connectionerror",
    "max retries exceeded",
    "no such host",
    "connection refused",
    "i/o timeout",
];

impl Tool {
    /// Fails for a text that may not stand on the tool's command line as a scope.
    pub(super) fn check_scope(&self, scope: &str) -> Result<(), Error> {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/');
        if scope.starts_with('-') || !scope.chars().all(legal) {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!("the scope has characters that are not passed to {}", self.name),
            )
            .with_remedy(format!("scopes for {} take letters, digits and - _ . : / only", self.name)));
        }
        Ok(())
    }

    /// The tool could not be run to its end.
    pub(super) fn not_run(&self, failure: CommandFailure, limit: Duration) -> Error {
        match failure {
            CommandFailure::NotFound => self.not_installed(),
            CommandFailure::TimedOut => Error::new(
                ErrorKind::Unavailable,
                format!("{} did not answer within {:.0} s", self.name, limit.as_secs_f64()),
            )
            .with_remedy(format!("run `{}` yourself to see what it does, or allow it more time", self.look))
            .nearly(),
            CommandFailure::Mismatch => Error::new(ErrorKind::Misuse, failure.to_string()),
            _ => Error::new(ErrorKind::Unavailable, format!("{} did not run: {failure}", self.name))
                .with_remedy(self.see_why())
                .nearly(),
        }
    }

    fn see_why(&self) -> String {
        format!("run `{}` yourself to see why", self.look)
    }

    pub(super) fn not_installed(&self) -> Error {
        Error::new(ErrorKind::Unavailable, format!("{} was not found on PATH", self.name))
            .with_remedy(format!("install it ({}) and run `{}`", self.install, self.login))
    }

    /// Whether a shell says, in the tool's place, that there is no such tool.
    pub(super) fn is_missing(&self, code: Option<i32>, lower: &str) -> bool {
        code == Some(127) || lower.starts_with(&format!("'{}' is not recognized", self.program))
    }

    /// The command that signs in to the tool in this tenant: `option` is what the tool calls it.
    pub(super) fn login_in(&self, option: &str, tenant: Option<&Tenant>) -> String {
        match tenant {
            Some(tenant) => format!("{} {option} {tenant}", self.login),
            None => self.login.to_owned(),
        }
    }

    /// Nobody is signed in; `login` is the command to do so.
    pub(super) fn signed_out(&self, login: &str) -> Error {
        Error::new(ErrorKind::Unavailable, format!("nobody is signed in to {}", self.name))
            .with_remedy(format!("run `{login}`"))
            .nearly()
    }

    /// The authority refused the tool, with these numbers; `login` is the command where a person has to sign
    /// in.
    pub(super) fn refused(&self, numbers: Vec<u64>, login: &str) -> Error {
        let known = aadsts::first_known(&numbers);
        let kind = match known.map(|entry| entry.class) {
            Some(Class::InteractionRequired) => ErrorKind::InteractionRequired,
            Some(Class::Transient) => ErrorKind::Service,
            _ => ErrorKind::Refused,
        };
        let cause = known.map_or("", |entry| entry.cause);
        let colon = if cause.is_empty() { "" } else { ": " };
        let error = Error::new(kind, format!("{} was refused a token{colon}{cause}", self.name));
        let error = error.with_aadsts(numbers);
        match kind {
            ErrorKind::InteractionRequired => error.with_remedy(format!("run `{login}`")),
            _ if error.own_remedy().is_some() => error,
            _ => error.with_remedy(self.see_why()),
        }
    }

    /// A failure of another kind than those that the tool's own file knows.
    pub(super) fn failed(&self, lower: &str) -> Error {
        if NETWORK.iter().any(|phrase| lower.contains(phrase)) {
            return Error::new(ErrorKind::Network, format!("{} could not reach the authority", self.name))
                .with_remedy("check the network and the proxy settings");
        }
        Error::new(ErrorKind::Refused, format!("{} failed to get a token", self.name))
            .with_remedy(self.see_why())
    }

    /// Fails where a token is told to be of another tenant than the one that was wanted. `login` signs in
    /// to that one.
    pub(super) fn same_tenant(
        &self,
        wanted: Option<&Tenant>,
        told: Option<&str>,
        login: &str,
    ) -> Result<(), Error> {
        match (wanted.filter(|wanted| wanted.is_guid()), told) {
            (Some(wanted), Some(told)) if !wanted.is(told) => {
                let what = format!(
                    "a token of tenant {wanted} was asked for, but {} gave one of another tenant",
                    self.name
                );
                Err(Error::new(ErrorKind::Configuration, what).with_remedy(format!("run `{login} {wanted}`")))
            }
            _ => Ok(()),
        }
    }

    /// What the tool printed is no token.
    pub(super) fn malformed(&self, what: &str, text: &str) -> Error {
        Error::new(ErrorKind::Malformed, format!("{} printed {what}", self.name))
            .with_remedy(format!("run `{}` yourself; an update of the tool may help", self.look))
            .with_detail(redact::clean(text, &[]))
    }
}

/// What the tool complains of: from the first line on that begins with `ERROR`, to the end of its paragraph or to a
/// traceback; where no line does, the last line of a traceback, else the first paragraph that is no warning. It is fit
/// to be read.
pub(super) fn complaint(stderr: &str) -> String {
    let lines: Vec<_> = stderr.lines().map(str::trim).collect();
    let traceback = |line: &&str| line.starts_with("Traceback");
    let error = lines.iter().position(|line| line.starts_with("ERROR"));
    let (start, end) = if error.is_none() && lines.iter().any(traceback) {
        let last = lines.iter().rposition(|line| !line.is_empty()).unwrap_or_default();
        (last, last + 1)
    } else {
        let from = &lines[error.unwrap_or_default()..];
        let skipped = from.iter().take_while(|line| line.is_empty() || line.starts_with("WARNING")).count();
        let start = error.unwrap_or_default() + skipped;
        let length = lines[start..].iter().take_while(|line| !line.is_empty() && !traceback(line)).count();
        (start, start + length)
    };
    // What is left out may be the beginning of a token that was folded.
    let masked = redact::mask(stderr, &[]);
    let shown: Vec<_> = masked.lines().skip(start).take(end - start).collect();
    redact::clean(&shown.join("\n"), &[])
}

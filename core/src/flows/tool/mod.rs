//! What the developer's tools have in common: how they are called, and what it means when they do not
//! answer.

mod asking;
mod complaint;
mod printed;

use std::time::Duration;

use crate::aadsts::{self, Class};
use crate::effect::CommandFailure;
use crate::error::{Error, ErrorKind};
use crate::redact;
use crate::tenant::Tenant;

pub(super) use asking::{Asking, Reading};
pub(super) use complaint::{complaint, is_warning, without_warnings};
pub(super) use printed::{documents, text};

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
    /// Variables that are set for it: no colours, no news.
    pub(super) variables: &'static [(&'static str, &'static str)],
}

/// What a traceback, or a message, of a tool says when the network is at fault.
const NETWORK: [&str; 18] = [
    // Python's.
    "httpsconnectionpool",
    "httpconnectionpool",
    "connectionerror",
    "max retries exceeded",
    // Go's.
    "no such host",
    "i/o timeout",
    "tls handshake",
    "context deadline exceeded",
    "proxyconnect",
    // .NET's.
    "name or service not known",
    "no such host is known",
    "resource temporarily unavailable (",
    "ssl connection could not be established",
    // The system's.
    "temporary failure in name resolution",
    "connection refused",
    "connection reset",
    "network is unreachable",
    "no route to host",
];

/// What a loader says that finds a program, and not what the program is linked with.
const LOADER: [&str; 3] = ["shared librar", "symbol lookup error", "cannot open shared object"];

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

    /// The tool could not be run to its end; `look` is the command that shows a person what it does.
    pub(super) fn not_run(&self, failure: CommandFailure, limit: Duration, look: &str) -> Error {
        match failure {
            CommandFailure::NotFound => self.not_installed(),
            CommandFailure::TimedOut => Error::new(
                ErrorKind::Unavailable,
                format!("{} did not answer within {:.0} s", self.name, limit.as_secs_f64()),
            )
            .with_remedy(format!(
                "run `{look}` yourself to see what it does, or allow it more time with `within`"
            ))
            .nearly(),
            CommandFailure::Mismatch => Error::new(ErrorKind::Misuse, failure.to_string()),
            _ => Error::new(ErrorKind::Unavailable, format!("{} did not run: {failure}", self.name)).nearly(),
        }
    }

    fn not_installed(&self) -> Error {
        Error::new(ErrorKind::Unavailable, format!("{} was not found on PATH", self.name))
            .with_remedy(format!("install it ({}) and run `{}`", self.install, self.login))
    }

    /// What it means where it was not the tool that ended so, but a shell that does not find it under any of these
    /// names, or what does not find the program that it is written for.
    ///
    /// The exit codes are those of a shell in every language: 127, or 9009 on Windows. Its sentences are in English
    /// alone.
    pub(super) fn not_begun(&self, programs: &[&str], code: Option<i32>, stderr: &str) -> Option<Error> {
        let lines = || stderr.lines().map(str::trim).filter(|line| !line.is_empty());
        let unknown = |line: &str, program: &&str| {
            let rest = line.strip_prefix('\'').and_then(|line| line.strip_prefix(program));
            rest.is_some_and(|rest| rest.starts_with("' is not recognized"))
        };
        if lines().any(|line| programs.iter().any(|program| unknown(line, program))) {
            return Some(self.not_installed());
        }
        matches!(code, Some(127 | 9009)).then_some(())?;
        let first = lines().next().unwrap_or_default();
        let is_loader = LOADER.iter().any(|phrase| first.to_ascii_lowercase().contains(phrase));
        let mut words = first.split_whitespace().map(|word| word.trim_matches(['"', '\'', ':', ',']));
        let named = words.any(|word| programs.contains(&word));
        if first.is_empty() || (named && !is_loader) {
            return Some(self.not_installed());
        }
        let what = format!("{} was found, but what it needs to run was not", self.name);
        let error = Error::new(ErrorKind::Unavailable, what)
            .with_remedy(format!("repair it, or install it again ({})", self.install));
        Some(error.with_detail(complaint(stderr)).nearly())
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
            _ => error,
        }
    }

    /// A failure of another kind than those that the tool's own file knows.
    pub(super) fn failed(&self, lower: &str) -> Error {
        if NETWORK.iter().any(|phrase| lower.contains(phrase)) {
            return Error::new(ErrorKind::Network, format!("{} could not reach the authority", self.name))
                .with_remedy("check the network and the proxy settings");
        }
        Error::new(ErrorKind::Refused, format!("{} failed to get a token", self.name))
    }

    /// Somebody has to sign in again, or to answer a second factor; `login` is the command to do so.
    pub(super) fn person_needed(&self, login: &str) -> Error {
        let what = format!("the session of {} has to be renewed", self.name);
        Error::new(ErrorKind::InteractionRequired, what).with_remedy(format!("run `{login}`"))
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
            .with_remedy(format!("an update of the tool may help ({})", self.install))
            .with_detail(redact::clean(text, &[]))
    }
}
